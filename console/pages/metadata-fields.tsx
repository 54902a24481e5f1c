import { Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { Suspense, useState } from 'react';
import type { ReactElement } from 'react';
import { fieldsMax } from '../../src/features/metadata/model.ts';
import type { Item } from '../api/client.ts';
import { useChange, usePages } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyList } from '../parts/empty-list.tsx';
import { useFields } from '../parts/fields.ts';
import { NewThing } from '../parts/new-thing.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { useSubaccountColumn } from '../parts/subaccount-column.tsx';
import { Time } from '../parts/time.tsx';
import { useWhyNotOn } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';

type Field = Item<'GET /metadata-fields'>;

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        isOfMany
        title="Metadata fields"
        text="Fields of your messages' metadata that have a name: columns of exports, shown with each message."
      >
        <NewThing call="POST /metadata-fields" label="New field">
          {(close) => <Create onDone={close} />}
        </NewThing>
      </PageHead>
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

function List(): ReactElement {
  const subaccount = useSubaccountColumn();
  const list = usePages('GET /metadata-fields', { query: {} });
  const [edited, setEdited] = useState<Field | null>(null);
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList icon="edit" things="metadata fields" title="No fields yet">
        Programs can send metadata with each message, as the number of an order. Name such a field here, and
        exports have a column for it; say how its values are shown, as a link to your shop, and each message
        shows it so. At most {fieldsMax} fields.
      </EmptyList>
    );
  }
  return (
    <>
      <DataTable
        name="Metadata fields"
        list={list}
        keyOf={({ id }) => id}
        columns={[
          { title: 'Name', width: '2fr', cell: ({ name }) => <b>{name}</b> },
          {
            title: 'Shown as',
            width: '3fr',
            cell: ({ viewTemplate }) =>
              viewTemplate === '' ? 'it is' : <code className="mono">{viewTemplate}</code>,
          },
          {
            title: 'For',
            width: '150px',
            cell: ({ share }) => (share === 'use' ? 'all subaccounts' : 'its own mail'),
          },
          { title: 'Since', width: '165px', cell: ({ createdAt }) => <Time at={createdAt} /> },
          { title: 'Acts', width: '170px', cell: (field) => <Acts of={field} onEdit={setEdited} /> },
          ...subaccount,
        ]}
      />
      <Modal opened={edited !== null} onClose={() => setEdited(null)} title={`Change ${edited?.name ?? ''}`}>
        {edited !== null && <Edit of={edited} onDone={() => setEdited(null)} />}
      </Modal>
    </>
  );
}

type ActsProps = { readonly of: Field; readonly onEdit: (field: Field) => void };

function Acts({ of: field, onEdit }: ActsProps): ReactElement {
  const { id, name, subaccountId } = field;
  const remove = useChange('DELETE /metadata-fields/{id}');
  const whyNot = useWhyNotOn(subaccountId);
  const end = async (): Promise<void> => {
    const text = 'Exports lose its column. What messages carry stays with them, and it can be named again.';
    if (!(await confirm({ title: `Remove ${name}?`, text, action: 'Remove it', isDangerous: true }))) return;
    await act(`${name} was removed`, () => remove.run({ path: { id } }));
  };
  const look = { size: 'compact-xs', variant: 'default' } as const;
  return (
    <Group gap={6} wrap="nowrap">
      <ActButton {...look} why={whyNot('PATCH /metadata-fields/{id}')} onClick={() => onEdit(field)}>
        Change
      </ActButton>
      <ActButton
        {...look}
        color="red"
        why={whyNot('DELETE /metadata-fields/{id}')}
        onClick={() => void end()}
      >
        Remove
      </ActButton>
    </Group>
  );
}

const viewInput = {
  label: 'How its values are shown',
  description: 'HTML in Handlebars: {{value}} is the value, others go by their names. Empty: as it is',
  placeholder: '<a href="https://shop.example/orders/{{value}}">{{value}}</a>',
  autosize: true,
  minRows: 3,
  classNames: { input: 'code' },
  spellCheck: false,
} as const;

function Create({ onDone }: { readonly onDone: () => void }): ReactElement {
  const create = useChange('POST /metadata-fields');
  const form = useFields({ name: '', viewTemplate: '' });
  const send = form.send('The field has a name', async ({ name, viewTemplate }) => {
    await create.run({ body: { name: name.trim(), viewTemplate } });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          description="As programs write it in the metadata of a message"
          placeholder="order"
          required
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Textarea {...viewInput} {...form.getInputProps('viewTemplate')} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Name it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

type EditProps = { readonly of: Field; readonly onDone: () => void };

function Edit({ of: { id, name, viewTemplate }, onDone }: EditProps): ReactElement {
  const change = useChange('PATCH /metadata-fields/{id}');
  const form = useFields({ viewTemplate });
  const send = form.send('Saved', async (body) => {
    await change.run({ path: { id }, body });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <Text size="sm">
          The name <b>{name}</b> stays: it is what programs write.
        </Text>
        <Textarea {...viewInput} data-autofocus {...form.getInputProps('viewTemplate')} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Save
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
