import { Group, Select, Stack, Textarea, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { dayOf, usualCaps } from '../../../src/features/pools/rules.ts';
import { useChange, usePages } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import { capsOf } from './words.ts';
import type { SourceAddress } from './words.ts';

type WarmupProps = {
  readonly poolId: string;
  readonly of: SourceAddress;
  readonly onDone: () => void;
};

export function Warmup({ poolId, of: { address, warmup }, onDone }: WarmupProps): ReactElement {
  const change = useChange('PATCH /addresses');
  const pools = usePages('GET /pools', { query: {} });
  const form = useFields(
    {
      caps: (warmup?.caps ?? usualCaps).join(', '),
      startsOn: warmup?.startsOn ?? dayOf(Date.now()),
      overflowPoolId: warmup?.overflowPoolId ?? '',
    },
    {
      warmup: 'caps',
      'warmup.caps': 'caps',
      'warmup.startsOn': 'startsOn',
      'warmup.overflowPoolId': 'overflowPoolId',
    },
  );
  const save = (isWarm: boolean): (() => void) =>
    form.send(
      isWarm ? `${address} is warm` : 'The plan is set',
      async ({ caps, startsOn, overflowPoolId }) => {
        const plan = {
          caps: capsOf(caps),
          startsOn,
          ...(overflowPoolId === '' ? {} : { overflowPoolId }),
        };
        await change.run({ body: { address, warmup: isWarm ? null : plan } });
        onDone();
      },
    );
  return (
    <form onSubmit={form.onSubmit(save(false))}>
      <Stack gap="sm">
        <Textarea
          label="Messages on each day"
          description="From the first day on, between commas; after the last one there is no limit"
          autosize
          minRows={2}
          required
          data-autofocus
          {...form.getInputProps('caps')}
        />
        <TextInput label="First day" type="date" required {...form.getInputProps('startsOn')} />
        <Select
          label="What is over it"
          description="Leaves from another pool, or waits for the next day (UTC)"
          allowDeselect={false}
          data={[
            { value: '', label: 'waits' },
            ...pools.items
              .filter(({ id }) => id !== poolId)
              .map(({ id, name }) => ({ value: id, label: `leaves from ${name}` })),
          ]}
          {...form.getInputProps('overflowPoolId')}
        />
        <Group justify="flex-end">
          {warmup !== null && (
            <ActButton variant="default" why={null} loading={form.isSending} onClick={save(true)}>
              It is warm
            </ActButton>
          )}
          <ActButton type="submit" why={null} loading={form.isSending}>
            Warm it up
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
