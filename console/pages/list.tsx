import { Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import type { Item, Reply } from '../api/client.ts';
import { useChange, usePages, useRead } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { useFields } from '../parts/fields.ts';
import { FilterText } from '../parts/filter-inputs.tsx';
import { NewThing } from '../parts/new-thing.tsx';
import { countText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { Time } from '../parts/time.tsx';
import { useFilters, useGoTo, useParam } from '../shell/location.ts';
import { useWhyNot } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { Add } from './list/add.tsx';
import { Import } from './list/import.tsx';

type List = Reply<'GET /lists/{id}'>;
type Of = { readonly list: List };

export function Page(): ReactElement {
  const id = useParam('id');
  const list = useRead('GET /lists/{id}', { path: { id } });
  const [filters, set] = useFilters(['address']);
  return (
    <>
      <PageHead
        title={list.name}
        text={
          <Group gap="md">
            <span className="mono">{list.slug}</span>
            <span role="status">
              {countText(list.recipients)} {list.recipients === 1 ? 'recipient' : 'recipients'}
            </span>
            {list.description !== '' && <span>{list.description}</span>}
          </Group>
        }
        back={{ to: 'lists', title: 'Lists' }}
      >
        <Edit list={list} />
        <ImportFile list={list} />
        <NewThing call="POST /lists/{id}/recipients" label="Add a recipient">
          {(close) => <Add id={id} onDone={close} />}
        </NewThing>
      </PageHead>
      <Stack gap="lg">
        <section aria-label="Recipients">
          <Group mb="md" gap="sm" role="search" aria-label="Recipients">
            <FilterText
              label="Address"
              placeholder="A whole address"
              width={260}
              isSearch
              value={filters.address}
              set={(address) => set({ address })}
            />
          </Group>
          <Suspense fallback={<PageWait />}>
            <Recipients id={id} />
          </Suspense>
        </section>
        <Ending list={list} />
      </Stack>
    </>
  );
}

function ImportFile({ list }: Of): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNot();
  return (
    <>
      <ActButton variant="default" why={whyNot('POST /lists/{id}/import')} onClick={dialogue.open}>
        Import
      </ActButton>
      <Modal opened={isOpen} onClose={dialogue.close} title="Import a file" size="lg">
        <Import list={list} onClose={dialogue.close} />
      </Modal>
    </>
  );
}

function Edit({ list }: Of): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNot();
  return (
    <>
      <ActButton variant="default" why={whyNot('PATCH /lists/{id}')} onClick={dialogue.open}>
        Edit
      </ActButton>
      <Modal opened={isOpen} onClose={dialogue.close} title="Edit the list">
        <EditForm list={list} onDone={dialogue.close} />
      </Modal>
    </>
  );
}

function EditForm({ list, onDone }: Of & { readonly onDone: () => void }): ReactElement {
  const change = useChange('PATCH /lists/{id}');
  const { id, name, slug, description } = list;
  const form = useFields({ name, slug, description });
  const send = form.send('Saved', async (body) => {
    await change.run({ path: { id }, body });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
        <TextInput
          label="Sent to by"
          description="Calls that name it by the old word no longer find it"
          required
          {...form.getInputProps('slug')}
        />
        <TextInput label="Description" {...form.getInputProps('description')} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Save
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

type Recipient = Item<'GET /lists/{id}/recipients'>;

function Recipients({ id }: { readonly id: string }): ReactElement {
  const [{ address }] = useFilters(['address']);
  const query = address === '' ? {} : { address };
  const recipients = usePages('GET /lists/{id}/recipients', { path: { id }, query });
  if (recipients.items.length === 0 && !recipients.hasMore) {
    return address === '' ? (
      <Empty icon="people" title="Nobody is on this list yet">
        Add recipients one by one, or bring them as a file.
      </Empty>
    ) : (
      <Empty icon="search" title="That address is not on this list">
        Take the filter away to see who is.
      </Empty>
    );
  }
  return (
    <DataTable
      name="Recipients"
      list={recipients}
      keyOf={(recipient) => recipient.id}
      columns={[
        { title: 'Address', width: '3fr', cell: (recipient) => recipient.address },
        { title: 'Name', width: '2fr', cell: ({ name }) => (name === '' ? '–' : name) },
        { title: 'Tags', width: '2fr', cell: ({ tags }) => (tags.length === 0 ? '–' : tags.join(', ')) },
        { title: 'Data', width: '2fr', cell: ({ data }) => <DataText data={data} /> },
        { title: 'Since', width: '165px', cell: ({ createdAt }) => <Time at={createdAt} /> },
        { title: 'Acts', width: '100px', cell: (recipient) => <TakeOut id={id} recipient={recipient} /> },
      ]}
    />
  );
}

function DataText({ data }: { readonly data: Recipient['data'] }): ReactElement {
  const text = Object.keys(data).length === 0 ? '–' : JSON.stringify(data);
  return (
    <span className="mono" title={text}>
      {text.slice(0, 200)}
    </span>
  );
}

type OfRecipient = { readonly id: string; readonly recipient: Recipient };

function TakeOut({ id, recipient }: OfRecipient): ReactElement {
  const remove = useChange('DELETE /lists/{id}/recipients/{recipient}');
  const whyNot = useWhyNot();
  const run = async (): Promise<void> => {
    const isSure = await confirm({
      title: `Take ${recipient.address} out of the list?`,
      text: 'What is known of them on this list is gone. Mail that was accepted goes on.',
      action: 'Take it out',
      isDangerous: true,
    });
    if (!isSure) return;
    const path = { id, recipient: recipient.id };
    await act('It was taken out of the list', () => remove.run({ path }));
  };
  return (
    <ActButton
      size="compact-xs"
      variant="default"
      color="red"
      why={whyNot('DELETE /lists/{id}/recipients/{recipient}')}
      onClick={() => void run()}
    >
      Remove
    </ActButton>
  );
}

function Ending({ list }: Of): ReactElement {
  const remove = useChange('DELETE /lists/{id}');
  const whyNot = useWhyNot();
  const goTo = useGoTo();
  const run = async (): Promise<void> => {
    const isSure = await confirm({
      title: 'Delete this list?',
      text: `Its ${countText(list.recipients)} recipients go with it. Mail that was accepted to it goes on.`,
      action: 'Delete it',
      isDangerous: true,
      typed: list.slug,
    });
    if (!isSure) return;
    if (await act('The list was deleted', () => remove.run({ path: { id: list.id } }))) goTo('lists');
  };
  return (
    <Panel title="Ending it">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={560}>
          Deleting takes its recipients with it, at once and for good.
        </Text>
        <ActButton color="red" variant="light" why={whyNot('DELETE /lists/{id}')} onClick={() => void run()}>
          Delete the list
        </ActButton>
      </Group>
    </Panel>
  );
}
