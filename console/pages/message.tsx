import { Badge, Group, Stack, Text } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { Problem } from '../api/client.ts';
import type { Reply } from '../api/client.ts';
import { useCaller, useChange, useRead } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { Copy } from '../parts/copy.tsx';
import { replyOf, toldOf } from '../parts/event-text.ts';
import { Facts } from '../parts/facts.tsx';
import { MailView } from '../parts/mail-view.tsx';
import { sizeText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { PageLink } from '../parts/page-link.tsx';
import { Panel } from '../parts/panel.tsx';
import { readMail } from '../parts/read-mail.ts';
import { State, toneOf } from '../parts/state.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { useLens } from '../shell/lens.ts';
import { useParam } from '../shell/location.ts';
import { mayCall, useMe, useWhyNot } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { Metadata } from './messages/metadata.tsx';
import { Reschedule } from './messages/reschedule.tsx';
import { SiteOf } from './messages/site-of.tsx';
import { Transcript } from './messages/transcript.tsx';
import { waiting, Why } from './messages/why.tsx';

type Message = Reply<'GET /messages/{id}'>;
type Event = Message['timeline'][number];

export function Page(): ReactElement {
  const id = useParam('id');
  const message = useRead('GET /messages/{id}', { path: { id } }, { everyMs: 4000 });
  const me = useMe();
  return (
    <>
      <PageHead
        title={message.subject === '' ? '(no subject)' : message.subject}
        text={`To ${message.to}`}
        back={{ to: 'messages', title: 'Messages' }}
      >
        {waiting.has(message.state) && (
          <Suspense fallback={null}>
            <Reschedule message={message} />
          </Suspense>
        )}
        <Cancel message={message} />
      </PageHead>
      <Stack gap="lg">
        {waiting.has(message.state) && <Why message={message} />}
        <Panel title="Facts">
          <MessageFacts message={message} />
        </Panel>
        <Suspense fallback={null}>
          <Metadata message={message} />
        </Suspense>
        <Panel title="What happened">
          <Timeline events={message.timeline} />
        </Panel>
        {message.attempts > 0 && mayCall(me, 'GET /messages/{id}/transcript') && (
          <Suspense fallback={null}>
            <Transcript id={id} />
          </Suspense>
        )}
        {mayCall(me, 'GET /messages/{id}/content') && (
          <Suspense fallback={<PageWait />}>
            <Content id={id} state={message.state} />
          </Suspense>
        )}
      </Stack>
    </>
  );
}

function Cancel({ message }: { readonly message: Message }): ReactElement {
  const cancel = useChange('POST /messages/{id}/cancel');
  const whyNot = useWhyNot();
  const isOver = waiting.has(message.state)
    ? null
    : `A message that is ${message.state} cannot be taken back.`;
  const run = async (): Promise<void> => {
    const text = `${message.to} will not get it. This cannot be undone.`;
    if (
      !(await confirm({ title: 'Take this message back?', text, action: 'Take it back', isDangerous: true }))
    )
      return;
    await act('The message was taken back', () => cancel.run({ path: { id: message.id } }));
  };
  return (
    <ActButton
      variant="default"
      why={whyNot('POST /messages/{id}/cancel') ?? isOver}
      loading={cancel.isRunning}
      onClick={() => void run()}
    >
      Take it back
    </ActButton>
  );
}

function MessageFacts({ message }: { readonly message: Message }): ReactElement {
  return (
    <Facts
      of={{
        State: <State name={message.state} />,
        Since: <Time at={message.stateAt} />,
        From: message.from,
        To: message.to,
        Subaccount: <SubaccountName id={message.subaccountId} />,
        Attempts: message.attempts,
        Site: <SiteOf message={message} isWaiting={waiting.has(message.state)} />,
        Door: message.door,
        Size: sizeText(message.sizeBytes),
        Tags:
          message.tags.length === 0 ? null : (
            <Group gap={6}>
              {message.tags.map((tag) => (
                <Badge key={tag} variant="default" tt="none" fw={500}>
                  {tag}
                </Badge>
              ))}
            </Group>
          ),
        Template:
          message.templateId === null ? null : (
            <PageLink to="template" params={{ id: message.templateId }}>
              <span className="mono">{message.templateSlug}</span>
            </PageLink>
          ),
        Submission: (
          <PageLink to="submission" params={{ id: message.submissionId }}>
            {message.submissionId}
          </PageLink>
        ),
        Message: <Copy value={message.id} name="the message's id" />,
      }}
    />
  );
}

function Timeline({ events }: { readonly events: readonly Event[] }): ReactElement {
  return (
    <ol className="timeline">
      {events.map((event) => {
        const [, word = event.kind] = event.kind.split('.');
        const told = toldOf(event.data);
        const reply = replyOf(event.data);
        return (
          <li key={event.seq} data-tone={toneOf(word)}>
            <Group gap="sm" align="baseline">
              <Text fw={600} size="sm">
                {word.replaceAll('_', ' ')}
              </Text>
              <Text size="xs" c="dimmed">
                <Time at={event.at} />
              </Text>
            </Group>
            {reply !== null && (
              <div className="mono" style={{ overflowWrap: 'anywhere' }}>
                {reply}
              </div>
            )}
            {told.length > 0 && (
              <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                {told.join(' · ')}
              </Text>
            )}
          </li>
        );
      })}
    </ol>
  );
}

/** What waits may be made of another version of its template when it leaves: it is read again then. */
function Content({ id, state }: Pick<Message, 'id' | 'state'>): ReactElement {
  const lens = useLens();
  const caller = useCaller();
  const { data } = useSuspenseQuery({
    queryKey: [lens, 'content', id, state],
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      try {
        return { mail: await readMail(await caller('GET /messages/{id}/content', { path: { id } }, signal)) };
      } catch (error) {
        if (!(error instanceof Problem) || error.status === 401) throw error;
        const why = error.status === 404 ? 'The content is not kept any more.' : `${error.message}.`;
        return { mail: null, why };
      }
    },
  });
  return (
    <Panel title="Content" isFlush>
      {data.mail === null ? (
        <Text c="dimmed" size="sm" px={20} pb={16}>
          {data.why}
        </Text>
      ) : (
        <MailView mail={data.mail} title="Content of the message" />
      )}
    </Panel>
  );
}
