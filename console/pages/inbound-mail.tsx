import { Anchor, Stack } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import type { Reply } from '../api/client.ts';
import { useCaller, useChange, useReadIf } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { Facts } from '../parts/facts.tsx';
import { Icon } from '../parts/icon.tsx';
import { sizeText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { State } from '../parts/state.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { useLens } from '../shell/lens.ts';
import { keepLens, useGoTo, useParam } from '../shell/location.ts';
import { mayCall, useMe, useWhyNot } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { Content } from './inbound/content.tsx';
import { Judgement } from './inbound/judgement.tsx';
import { addressOf } from './inbound/words.ts';

type Mail = Reply<'GET /inbound-mails/{id}'>;
type OfMail = { readonly mail: Mail };

/** Asked for again while something is to come. */
function useMail(id: string): Mail {
  const lens = useLens();
  const caller = useCaller();
  return useSuspenseQuery({
    queryKey: [lens, 'inbound-mail', id],
    queryFn: ({ signal }) => caller('GET /inbound-mails/{id}', { path: { id } }, signal),
    refetchInterval: ({ state: { data } }) =>
      data !== undefined && (data.state === 'waiting' || data.authentication === null) ? 3000 : false,
  }).data;
}

export function Page(): ReactElement {
  const mail = useMail(useParam('id'));
  const me = useMe();
  return (
    <>
      <PageHead
        title={mail.subject === '' ? '(no subject)' : mail.subject}
        text={`To ${mail.recipient}`}
        back={{ to: 'inbound-mails', title: 'Received mail' }}
      >
        <Delete mail={mail} />
        <Replay mail={mail} />
      </PageHead>
      <Stack gap="lg">
        <Panel title="Facts">
          <MailFacts mail={mail} />
        </Panel>
        <Panel title="Handing it over">
          <HandOver mail={mail} />
        </Panel>
        <Panel title="Who it is from">
          <Judgement of={mail.authentication} />
        </Panel>
        {mayCall(me, 'GET /inbound-mails/{id}/parsed') && (
          <Suspense fallback={<PageWait />}>
            <Content id={mail.id} />
          </Suspense>
        )}
      </Stack>
    </>
  );
}

function MailFacts({ mail }: OfMail): ReactElement {
  return (
    <Facts
      of={{
        From: mail.from === '' ? 'nobody' : mail.from,
        To: mail.recipient,
        'Envelope sender': mail.mailFrom === '' ? '<> (a bounce)' : mail.mailFrom,
        'Came from': (
          <span className="mono">
            {mail.remoteAddress}
            {mail.helo === '' ? '' : ` (${mail.helo})`}
          </span>
        ),
        Received: <Time at={mail.receivedAt} />,
        Size: sizeText(mail.sizeBytes),
        'Written by': mail.isAutomatic ? 'a machine or a list: do not answer it by a program' : null,
        Subaccount: <SubaccountName id={mail.subaccountId} />,
      }}
    />
  );
}

function HandOver({ mail }: OfMail): ReactElement {
  const id = mail.inboundRouteId;
  const route = useReadIf(true, 'GET /inbound-routes/{id}', { path: { id } });
  const answer = [mail.lastStatus === null ? '' : `status ${mail.lastStatus}`, mail.lastError]
    .filter((part, at, all) => part !== '' && all.indexOf(part) === at)
    .join(': ');
  return (
    <Facts
      of={{
        State: <State name={mail.state} />,
        Route:
          route === null ? (
            'is gone'
          ) : (
            <>
              <Anchor
                component={Link}
                to={pathTo('inbound-route', { id })}
                search={keepLens as never}
                size="sm"
              >
                {addressOf(route)}
              </Anchor>{' '}
              <span className="mono">{route.url}</span>
            </>
          ),
        Attempts: mail.attempts,
        'Last tried': mail.lastTriedAt === null ? 'not yet' : <Time at={mail.lastTriedAt} />,
        'Last answer': answer === '' ? null : answer,
        Ended: mail.finishedAt === null ? null : <Time at={mail.finishedAt} />,
        Again: mail.isReplay ? 'it was asked to be handed over once more' : null,
      }}
    />
  );
}

function Replay({ mail: { id, state } }: OfMail): ReactElement {
  const replay = useChange('POST /inbound-mails/{id}/replay');
  const whyNot = useWhyNot();
  const isWaiting = state === 'waiting' ? 'It waits to be handed over.' : null;
  const run = async (): Promise<void> => {
    const text = 'The program of its route gets it again, under the same id and marked as a replay.';
    const question = { title: 'Hand this mail over once more?', text, action: 'Hand it over' };
    if (!(await confirm(question))) return;
    await act('It is handed over once more', () => replay.run({ path: { id } }));
  };
  return (
    <ActButton
      why={whyNot('POST /inbound-mails/{id}/replay') ?? isWaiting}
      loading={replay.isRunning}
      leftSection={<Icon name="send" size={16} />}
      onClick={() => void run()}
    >
      Hand over again
    </ActButton>
  );
}

function Delete({ mail: { id, state } }: OfMail): ReactElement {
  const remove = useChange('DELETE /inbound-mails/{id}');
  const whyNot = useWhyNot();
  const goTo = useGoTo();
  const run = async (): Promise<void> => {
    const loss = state === 'waiting' ? ' It was not handed over yet, and will not be.' : '';
    const text = `It is gone for good, with its content.${loss}`;
    const question = { title: 'Delete this mail?', text, action: 'Delete it', isDangerous: true };
    if (!(await confirm(question))) return;
    if (await act('The mail was deleted', () => remove.run({ path: { id } }))) goTo('inbound-mails');
  };
  return (
    <ActButton
      color="red"
      variant="light"
      why={whyNot('DELETE /inbound-mails/{id}')}
      loading={remove.isRunning}
      onClick={() => void run()}
    >
      Delete
    </ActButton>
  );
}
