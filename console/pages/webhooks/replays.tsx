import { Group, Modal, NumberInput, Progress, Select, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactElement } from 'react';
import type { Item } from '../../api/client.ts';
import { useChange, useRead } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { act } from '../../parts/confirm.tsx';
import { useFields } from '../../parts/fields.ts';
import { countText } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { Time } from '../../parts/time.tsx';
import { useWhyNot } from '../../shell/me.ts';
import type { Webhook } from './words.ts';

type Replay = Item<'GET /webhooks/{id}/replays'>;

/** What is sent once more, beside what is new, and how far it is. */
export function Replays({ of: webhook }: { readonly of: Webhook }): ReactElement {
  const { id } = webhook;
  const { items } = useRead(
    'GET /webhooks/{id}/replays',
    { path: { id }, query: { limit: 5 } },
    { everyMs: 2000 },
  );
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNot();
  const isRunning = items.some(({ state }) => state === 'running')
    ? 'One replay is running; stop it first.'
    : null;
  const isNew = webhook.lastSequence === 0 ? 'Nothing was sent yet.' : null;
  return (
    <Panel
      title="Replays"
      actions={
        <ActButton
          size="compact-sm"
          variant="default"
          why={whyNot('POST /webhooks/{id}/replays') ?? isNew ?? isRunning}
          onClick={dialogue.open}
        >
          Send again
        </ActButton>
      }
    >
      {items.length === 0 ? (
        <Text size="sm" c="dimmed">
          None. A range of events, or those that were passed over, can be sent once more.
        </Text>
      ) : (
        <Stack gap="sm" role="list" aria-label="Replays">
          {items.map((replay) => (
            <One key={replay.id} of={replay} webhookId={id} />
          ))}
        </Stack>
      )}
      <Modal opened={isOpen} onClose={dialogue.close} title="Send again">
        <Ask of={webhook} onDone={dialogue.close} />
      </Modal>
    </Panel>
  );
}

function One({ of: replay, webhookId }: { readonly of: Replay; readonly webhookId: string }): ReactElement {
  const stop = useChange('POST /webhooks/{id}/replays/stop');
  const whyNot = useWhyNot();
  const { first, last, next, state } = replay;
  const count = last - first + 1;
  const done = state === 'done' ? count : Math.max(0, Math.min(count, next - first));
  return (
    <div role="listitem">
      <Group justify="space-between" mb={4}>
        <Text size="sm">
          {replay.kind === 'failed' ? 'What was passed over, in' : 'Events'} {countText(first)} to{' '}
          {countText(last)}: {state}, <Time at={replay.createdAt} />
        </Text>
        {state === 'running' && (
          <ActButton
            size="compact-xs"
            variant="default"
            why={whyNot('POST /webhooks/{id}/replays/stop')}
            onClick={() => void act('The replay was stopped', () => stop.run({ path: { id: webhookId } }))}
          >
            Stop
          </ActButton>
        )}
      </Group>
      <Progress value={count === 0 ? 100 : (done / count) * 100} aria-label="How far the replay is" />
    </div>
  );
}

type AskProps = { readonly of: Webhook; readonly onDone: () => void };
type Wanted = { kind: 'range' | 'failed'; first: number | string; last: number | string };

function Ask({ of: { id, lastSequence }, onDone }: AskProps): ReactElement {
  const replay = useChange('POST /webhooks/{id}/replays');
  const form = useFields<Wanted>({ kind: 'range', first: 1, last: lastSequence });
  const isRange = form.getValues().kind === 'range';
  const send = form.send('They are sent once more', async ({ kind, first, last }) => {
    const body = kind === 'failed' ? { kind } : { kind, first: Number(first), last: Number(last) };
    await replay.run({ path: { id }, body });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <Select
          label="What"
          allowDeselect={false}
          data={[
            { value: 'range', label: 'events by their numbers' },
            { value: 'failed', label: 'what was passed over' },
          ]}
          data-autofocus
          {...form.getInputProps('kind')}
        />
        {isRange && (
          <Group grow align="flex-start">
            <NumberInput label="From" min={1} allowDecimal={false} {...form.getInputProps('first')} />
            <NumberInput label="To" min={1} allowDecimal={false} {...form.getInputProps('last')} />
          </Group>
        )}
        <Text size="sm" c="dimmed">
          They come with their own numbers and marked as a replay, so that a program knows them again.
        </Text>
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Send them
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
