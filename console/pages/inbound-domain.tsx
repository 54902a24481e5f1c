import { Group, Stack, Text } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import type { Reply } from '../api/client.ts';
import { useChange, useRead } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { Copy } from '../parts/copy.tsx';
import { Facts } from '../parts/facts.tsx';
import { Icon } from '../parts/icon.tsx';
import { NewThing } from '../parts/new-thing.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { State } from '../parts/state.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { useGoTo, useParam } from '../shell/location.ts';
import { useWhyNot } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { CreateRoute } from './inbound/create-route.tsx';
import { RouteTable } from './inbound/route-table.tsx';

type OfDomain = { readonly domain: Reply<'GET /inbound-domains/{id}'> };

export function Page(): ReactElement {
  const id = useParam('id');
  const domain = useRead('GET /inbound-domains/{id}', { path: { id } }, { everyMs: 10_000 });
  return (
    <>
      <PageHead
        title={domain.name}
        text={<State name={domain.state} />}
        back={{ to: 'inbound-domains', title: 'Inbound domains' }}
      >
        <CheckNow domain={domain} />
        <NewThing call="POST /inbound-routes" label="New route" size="lg">
          {(close) => <CreateRoute domain={domain} onClose={close} />}
        </NewThing>
      </PageHead>
      <Stack gap="lg">
        <Panel title="Record">
          <Text size="sm" c="dimmed" mb="md">
            Publish this where the domain’s DNS is kept. The host is your own: it brings the mail here and
            says whose it is. It is looked for by itself, too, for as long as the domain is here.
          </Text>
          <Record domain={domain} />
        </Panel>
        <section aria-label="Routes">
          <Text component="h2" fw={600} mb="sm">
            Routes
          </Text>
          <Suspense fallback={<PageWait />}>
            <RouteTable domainId={id} />
          </Suspense>
        </section>
        <Ending domain={domain} />
      </Stack>
    </>
  );
}

/** What is wanted beside what was seen. */
function Record({ domain }: OfDomain): ReactElement {
  const { record, seen, explain, checkedAt } = domain;
  const isDone = domain.state === 'proven' && /^The MX is there\.$/.test(explain);
  return (
    <Facts
      of={{
        Type: <span className="mono">{record.type}</span>,
        Name: <Copy value={record.name} name="the name of the record" />,
        Priority: <span className="mono">{record.priority}</span>,
        Wanted: <Copy value={record.value} name="the value of the record" />,
        Seen:
          checkedAt === null ? (
            'not looked for yet'
          ) : seen === '' ? (
            'nothing'
          ) : (
            <span className="mono">{seen}</span>
          ),
        'To do': explain === '' || isDone ? null : explain,
        Checked: checkedAt === null ? null : <Time at={checkedAt} />,
        Subaccount: <SubaccountName id={domain.subaccountId} />,
        Made: <Time at={domain.createdAt} isDay />,
      }}
    />
  );
}

function CheckNow({ domain: { id } }: OfDomain): ReactElement {
  const check = useChange('POST /inbound-domains/{id}/check');
  const whyNot = useWhyNot();
  return (
    <ActButton
      variant="default"
      why={whyNot('POST /inbound-domains/{id}/check')}
      loading={check.isRunning}
      leftSection={<Icon name="search" size={16} />}
      onClick={() => void act('Checked: below stands what was seen', () => check.run({ path: { id } }))}
    >
      Check now
    </ActButton>
  );
}

function Ending({ domain: { id, name } }: OfDomain): ReactElement {
  const remove = useChange('DELETE /inbound-domains/{id}');
  const whyNot = useWhyNot();
  const goTo = useGoTo();
  const run = async (): Promise<void> => {
    const isSure = await confirm({
      title: `Delete ${name}?`,
      text: 'Its routes go with it, mail to it is refused, and mail that waits is handed over no more. What was received stays to be read.',
      action: 'Delete it',
      isDangerous: true,
      typed: name,
    });
    if (!isSure) return;
    if (await act(`${name} was deleted`, () => remove.run({ path: { id } }))) goTo('inbound-domains');
  };
  return (
    <Panel title="Ending it">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={560}>
          To stop the mail of one program only, pause its route: then mail is taken, and waits.
        </Text>
        <ActButton
          color="red"
          variant="light"
          why={whyNot('DELETE /inbound-domains/{id}')}
          onClick={() => void run()}
        >
          Delete
        </ActButton>
      </Group>
    </Panel>
  );
}
