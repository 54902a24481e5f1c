import { Group, Stack, TextInput } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { useChange, usePages } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyList } from '../parts/empty-list.tsx';
import { useFields } from '../parts/fields.ts';
import { FilterText } from '../parts/filter-inputs.tsx';
import { NewThing } from '../parts/new-thing.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { useSubaccountColumn } from '../parts/subaccount-column.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { useFilters, useGoTo } from '../shell/location.ts';
import { PageWait } from '../shell/states.tsx';
import { Labels } from './template/labels.tsx';
import { PublishedState } from './template/published-state.tsx';

export function Page(): ReactElement {
  const [filters, set] = useFilters(['search', 'label']);
  return (
    <>
      <PageHead
        isOfMany
        title="Snippets"
        text="Parts that many templates show: a footer, an address, a legal line. Changed in one place."
      >
        <NewThing call="POST /snippets" label="New snippet">
          {() => <Create />}
        </NewThing>
      </PageHead>
      <Group mb="md" gap="sm" role="search" aria-label="Snippets">
        <FilterText
          label="Name"
          placeholder="Part of the name"
          width={240}
          value={filters.search}
          set={(search) => set({ search })}
        />
        <FilterText label="Label" value={filters.label} set={(label) => set({ label })} />
      </Group>
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

function List(): ReactElement {
  const [{ search, label }] = useFilters(['search', 'label']);
  const subaccount = useSubaccountColumn();
  const list = usePages('GET /snippets', {
    query: { ...(search === '' ? {} : { search }), ...(label === '' ? {} : { label }) },
  });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList icon="box" things="snippets" title="No snippets yet" filters={['search', 'label']}>
        A template shows one by its name, <code>{'{% render "footer" %}'}</code>. What is published of it goes
        into every mail from then on; mail that was accepted keeps its content.
      </EmptyList>
    );
  }
  return (
    <DataTable
      name="Snippets"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('snippet', { id })}
      columns={[
        { title: 'Name', width: '3fr', cell: ({ name }) => name },
        { title: 'Labels', width: '2fr', cell: ({ labels }) => <Labels of={labels} /> },
        { title: 'Shown by', width: '2fr', cell: ({ slug }) => <span className="mono">{slug}</span> },
        {
          title: 'State',
          width: '190px',
          cell: ({ draftVersion, publishedVersion }) => (
            <PublishedState draft={draftVersion} published={publishedVersion} />
          ),
        },
        { title: 'Shared', width: '90px', cell: ({ share }) => (share === 'none' ? '–' : share) },
        { title: 'Changed', width: '165px', cell: ({ updatedAt }) => <Time at={updatedAt} /> },
        ...subaccount,
      ]}
    />
  );
}

function Create(): ReactElement {
  const create = useChange('POST /snippets');
  const goTo = useGoTo();
  const form = useFields({ name: '', slug: '' });
  const send = form.send(null, async ({ name, slug }) => {
    const named = { name: name.trim(), ...(slug === '' ? {} : { slug }) };
    const body = { ...named, html: '<p>Write it here.</p>\n', text: 'Write it here.' };
    const made = await create.run({ body });
    goTo('snippet', { id: made.id });
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
        <TextInput
          label="Shown by"
          description="The word by which a template shows it; made from the name when left empty"
          {...form.getInputProps('slug')}
        />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Make it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
