import { Badge, Group, Stack, Text } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import type { Reply } from '../api/client.ts';
import { useChange, usePages, useRead } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { Copy } from '../parts/copy.tsx';
import { Empty } from '../parts/empty.tsx';
import { Facts } from '../parts/facts.tsx';
import { countText, sizeText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { PageLink } from '../parts/page-link.tsx';
import { Panel } from '../parts/panel.tsx';
import { State } from '../parts/state.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { useParam } from '../shell/location.ts';
import { useWhyNot } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { ValueName } from './figures/value-name.tsx';
import { MessagesTable } from './messages/table.tsx';

type Submission = Reply<'GET /submissions/{id}'>;
type Of = { readonly submission: Submission };

export function Page(): ReactElement {
  const id = useParam('id');
  const submission = useRead('GET /submissions/{id}', { path: { id } }, { everyMs: 4000 });
  return (
    <>
      <PageHead
        title={submission.subject === '' ? '(no subject)' : submission.subject}
        text={`Accepted together: ${countText(submission.copies)} ${submission.copies === 1 ? 'message' : 'messages'}`}
        back={{ to: 'submissions', title: 'Submissions' }}
      >
        <Cancel submission={submission} />
      </PageHead>
      <Stack gap="lg">
        <Panel title="Where its messages are">
          <Group gap="xl" role="status">
            {Object.entries(submission.states).map(([state, count]) => (
              <Group gap="xs" key={state}>
                <State name={state} />
                <b className="figure">{countText(count)}</b>
              </Group>
            ))}
          </Group>
        </Panel>
        <Panel title="Facts">
          <SubmissionFacts submission={submission} />
        </Panel>
        <Suspense fallback={<PageWait />}>
          <Messages id={id} />
        </Suspense>
      </Stack>
    </>
  );
}

const waiting = ['queued', 'held', 'deferred'] as const;

function waitingOf({ states }: Submission): number {
  return waiting.reduce((sum, state) => sum + (states[state] ?? 0), 0);
}

function Cancel({ submission }: Of): ReactElement {
  const cancel = useChange('POST /submissions/{id}/cancel');
  const whyNot = useWhyNot();
  const count = waitingOf(submission);
  const isOver = count > 0 ? null : 'None of its messages waits any more.';
  const run = async (): Promise<void> => {
    const question = {
      title: 'Cancel all that waits of it?',
      text: `${countText(count)} ${count === 1 ? 'recipient' : 'recipients'} will not get it. What was delivered stays. This cannot be undone.`,
      action: 'Cancel it',
      isDangerous: true,
    };
    if (!(await confirm(question))) return;
    await act('What waited of it was cancelled', () => cancel.run({ path: { id: submission.id } }));
  };
  return (
    <ActButton
      variant="default"
      c="var(--bad)"
      why={whyNot('POST /submissions/{id}/cancel') ?? isOver}
      loading={cancel.isRunning}
      onClick={() => void run()}
    >
      Cancel what waits
    </ActButton>
  );
}

function SubmissionFacts({ submission }: Of): ReactElement {
  const { from, subaccountId, door, sizeBytes, tags, metadata, campaign, templateId, sendAt, id } =
    submission;
  return (
    <Facts
      of={{
        From: from,
        Subaccount: <SubaccountName id={subaccountId} />,
        Leaves: sendAt === null ? 'at once' : <Time at={sendAt} />,
        Campaign:
          campaign === null ? null : (
            <PageLink to="submissions" search={{ campaign }}>
              {campaign}
            </PageLink>
          ),
        Template:
          templateId === null ? null : (
            <PageLink to="template" params={{ id: templateId }}>
              <ValueName dimension="template" value={templateId} />
            </PageLink>
          ),
        Door: door,
        Size: sizeText(sizeBytes),
        Tags:
          tags.length === 0 ? null : (
            <Group gap={6}>
              {tags.map((tag) => (
                <Badge key={tag} variant="default" tt="none" fw={500}>
                  {tag}
                </Badge>
              ))}
            </Group>
          ),
        Metadata:
          Object.keys(metadata).length === 0 ? null : (
            <code className="mono">{JSON.stringify(metadata)}</code>
          ),
        Submission: <Copy value={id} name="the submission's id" />,
      }}
    />
  );
}

function Messages({ id }: { readonly id: string }): ReactElement {
  const list = usePages('GET /messages', { query: { submission: id } }, { everyMs: 4000 });
  return (
    <section aria-label="Its messages">
      <Text component="h2" fw={600} mb="sm">
        Its messages
      </Text>
      {list.items.length === 0 && !list.hasMore ? (
        <Empty icon="mail" title="Its messages are not kept any more">
          How long they are is a setting of the account.
        </Empty>
      ) : (
        <MessagesTable list={list} />
      )}
    </section>
  );
}
