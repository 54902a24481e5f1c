import { Group, Stack, TagsInput, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';

type AddProps = { readonly id: string; readonly onDone: () => void };

/** One recipient by hand. A bad one is no refusal but a line of the report, which stands beside its field here. */
export function Add({ id, onDone }: AddProps): ReactElement {
  const add = useChange('POST /lists/{id}/recipients');
  const form = useFields({ address: '', name: '', tags: [] as string[] });
  const send = form.send(null, async ({ address, name, tags }) => {
    const recipient = { address: address.trim(), name, tags };
    const report = await add.run({ path: { id }, body: { recipients: [recipient] } });
    for (const { field, message } of report.badLines)
      form.setFieldError(field in recipient ? field : 'address', message);
    if (report.bad === 0) onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput
          label="Address"
          description="One that is on the list already is changed"
          required
          data-autofocus
          {...form.getInputProps('address')}
        />
        <TextInput label="Name" {...form.getInputProps('name')} />
        <TagsInput label="Tags" maxTags={10} {...form.getInputProps('tags')} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Add it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
