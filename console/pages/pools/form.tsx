import { Group, Stack, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';

export function Create({ onDone }: { readonly onDone: (id: string) => void }): ReactElement {
  const create = useChange('POST /pools');
  const form = useFields({ name: '' });
  const send = form.send(null, async ({ name }) => {
    onDone((await create.run({ body: { name: name.trim() } })).id);
  });
  return <NameForm form={form} label="Make it" send={send} />;
}

type RenameProps = {
  readonly of: { readonly id: string; readonly name: string };
  readonly onDone: () => void;
};

export function Rename({ of: pool, onDone }: RenameProps): ReactElement {
  const change = useChange('PATCH /pools/{id}');
  const form = useFields({ name: pool.name });
  const send = form.send('Renamed', async ({ name }) => {
    await change.run({ path: { id: pool.id }, body: { name: name.trim() } });
    onDone();
  });
  return <NameForm form={form} label="Rename it" send={send} />;
}

type NameFormProps = {
  readonly form: ReturnType<typeof useFields<{ name: string }>>;
  readonly label: string;
  readonly send: () => void;
};

function NameForm({ form, label, send }: NameFormProps): ReactElement {
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            {label}
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
