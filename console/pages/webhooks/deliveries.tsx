import { Group, Modal, SegmentedControl, Stack, Text } from '@mantine/core';
import { Suspense, useState } from 'react';
import type { ReactElement } from 'react';
import type { Item } from '../../api/client.ts';
import { useChange, usePages } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { act } from '../../parts/confirm.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/facts.tsx';
import { countText } from '../../parts/numbers.ts';
import { State } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import { useFilters } from '../../shell/location.ts';
import { useWhyNot } from '../../shell/me.ts';
import { PageWait } from '../../shell/states.tsx';

type Delivery = Item<'GET /webhooks/{id}/deliveries'>;

const choices = [
  { value: '', label: 'All' },
  { value: 'false', label: 'Not taken' },
  { value: 'true', label: 'Taken' },
];

export function Deliveries({ id }: { readonly id: string }): ReactElement {
  const [{ taken }, set] = useFilters(['taken']);
  return (
    <section aria-label="Deliveries">
      <Group justify="space-between" mb="sm">
        <Text component="h2" fw={600}>
          Deliveries
        </Text>
        <SegmentedControl
          size="xs"
          aria-label="Which deliveries"
          data={choices}
          value={choices.some(({ value }) => value === taken) ? taken : ''}
          onChange={(value) => set({ taken: value })}
        />
      </Group>
      <Suspense fallback={<PageWait />}>
        <List id={id} />
      </Suspense>
    </section>
  );
}

function List({ id }: { readonly id: string }): ReactElement {
  const [{ taken }] = useFilters(['taken']);
  const [shown, setShown] = useState<Delivery | null>(null);
  const query = taken === 'true' || taken === 'false' ? { isTaken: taken === 'true' } : {};
  const list = usePages('GET /webhooks/{id}/deliveries', { path: { id }, query }, { everyMs: 5000 });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <Text size="sm" c="dimmed">
        {taken === '' ? 'No request was made yet; a test makes one.' : 'No request is like that.'}
      </Text>
    );
  }
  return (
    <>
      <DataTable
        name="Deliveries"
        list={list}
        keyOf={(delivery) => delivery.id}
        columns={[
          { title: 'At', width: '180px', cell: ({ at }) => <Time at={at} /> },
          { title: 'Kind', width: '90px', cell: ({ kind }) => kind },
          { title: 'Events', width: '120px', cell: eventsText },
          {
            title: 'Answer',
            width: '2fr',
            cell: (delivery) => (
              <State name={answerText(delivery)} tone={delivery.isTaken ? 'good' : 'bad'} />
            ),
          },
          {
            title: 'Took',
            width: '100px',
            isNumber: true,
            cell: ({ ms }) => `${countText(Math.round(ms))} ms`,
          },
          {
            title: 'Acts',
            width: '90px',
            cell: (delivery) => (
              <ActButton size="compact-xs" variant="default" why={null} onClick={() => setShown(delivery)}>
                Look
              </ActButton>
            ),
          },
        ]}
      />
      <Modal opened={shown !== null} onClose={() => setShown(null)} title="Request and answer" size="xl">
        {shown !== null && <One id={id} of={shown} onDone={() => setShown(null)} />}
      </Modal>
    </>
  );
}

function eventsText({ first, last }: Delivery): string {
  if (first === null || last === null) return 'none';
  return first === last ? String(first) : `${first} to ${last}`;
}

function answerText({ status, error }: Delivery): string {
  return status === null ? (error ?? 'no answer') : String(status);
}

type OneProps = { readonly id: string; readonly of: Delivery; readonly onDone: () => void };

function One({ id, of: delivery, onDone }: OneProps): ReactElement {
  const replay = useChange('POST /webhooks/{id}/replays');
  const whyNot = useWhyNot();
  const { first, last, request, response } = delivery;
  const isEmpty = first === null || last === null ? 'It carried no events.' : null;
  const again = async (): Promise<void> => {
    if (first === null || last === null) return;
    const body = { kind: 'range', first, last } as const;
    if (await act('Its events are sent once more', () => replay.run({ path: { id }, body }))) onDone();
  };
  return (
    <Stack gap="sm">
      <Facts
        of={{
          At: <Time at={delivery.at} />,
          Events: eventsText(delivery),
          Answer: answerText(delivery),
          Failures: delivery.failures === 0 ? null : `${delivery.failures} in a row`,
        }}
      />
      <Part
        title={`Request, ${countText(request.bytes)} bytes`}
        headers={request.headers}
        body={request.body}
      />
      <Part title="Answer" headers={response.headers} body={response.body} />
      <Group justify="flex-end">
        <ActButton
          why={whyNot('POST /webhooks/{id}/replays') ?? isEmpty}
          loading={replay.isRunning}
          onClick={() => void again()}
        >
          Send its events again
        </ActButton>
      </Group>
    </Stack>
  );
}

type PartProps = { readonly title: string; readonly headers: string; readonly body: string };

function Part({ title, headers, body }: PartProps): ReactElement {
  return (
    <section aria-label={title}>
      <Text component="h3" fw={600} size="sm" mb={4}>
        {title}
      </Text>
      {headers === '' && body === '' ? (
        <Text size="sm" c="dimmed">
          nothing
        </Text>
      ) : (
        <pre className="source">{`${headers}\n\n${body}`.trim()}</pre>
      )}
    </section>
  );
}
