import { Group, Select, Stack, Textarea, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { kinds } from '../../../src/features/suppressions/model.ts';
import type { Kind } from '../../../src/features/suppressions/model.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import { LayerSelect } from './layer-select.tsx';
import type { Layer } from './layer-select.tsx';

type Wanted = {
  addresses: string;
  kind: Kind;
  layer: Layer;
  onlyList: string;
  onlySender: string;
  reason: string;
};

export function Add({ onDone }: { readonly onDone: () => void }): ReactElement {
  const add = useChange('POST /suppressions');
  const form = useFields<Wanted>(
    { addresses: '', kind: 'manual', layer: 'subaccount', onlyList: '', onlySender: '', reason: '' },
    { entries: 'addresses' },
  );
  const send = form.send(
    'They are not written to from now on',
    async ({ addresses, kind, layer, onlyList, onlySender, reason }) => {
      const entries = addresses
        .split(/[\s,;]+/)
        .filter((each) => each !== '')
        .map((address) => ({
          address,
          kind,
          onlyList: onlyList.trim(),
          onlySender: onlySender.trim(),
          reason: reason.trim(),
        }));
      await add.run({ body: { layer, entries } });
      onDone();
    },
  );
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <Textarea
          label="Addresses"
          description="One a line; with the kind pattern also *@example.com"
          required
          autosize
          minRows={3}
          data-autofocus
          {...form.getInputProps('addresses')}
        />
        <Select
          label="Kind"
          allowDeselect={false}
          data={kinds.map((value) => ({ value, label: value.replaceAll('_', ' ') }))}
          {...form.getInputProps('kind')}
        />
        <LayerSelect {...form.getInputProps('layer')} />
        <TextInput
          label="Only mail of this list"
          description="As its List-Id says, such as news.example.com; empty: all mail"
          {...form.getInputProps('onlyList')}
        />
        <TextInput
          label="Only mail of this sender"
          description="Its From address; empty: mail of every sender"
          {...form.getInputProps('onlySender')}
        />
        <TextInput label="Reason" {...form.getInputProps('reason')} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Add them
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
