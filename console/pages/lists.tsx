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
import { countText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { useSubaccountColumn } from '../parts/subaccount-column.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { useFilters, useGoTo } from '../shell/location.ts';
import { PageWait } from '../shell/states.tsx';

export function Page(): ReactElement {
  const [filters, set] = useFilters(['search']);
  return (
    <>
      <PageHead
        isOfMany
        title="Lists"
        text="Recipients that are kept here, and written to by the name of their list."
      >
        <NewThing call="POST /lists" label="New list">
          {() => <Create />}
        </NewThing>
      </PageHead>
      <Group mb="md" gap="sm" role="search" aria-label="Lists">
        <FilterText
          label="Name"
          placeholder="Part of the name"
          width={240}
          value={filters.search}
          set={(search) => set({ search })}
        />
      </Group>
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

function List(): ReactElement {
  const [{ search }] = useFilters(['search']);
  const subaccount = useSubaccountColumn();
  const list = usePages('GET /lists', { query: search === '' ? {} : { search } });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList icon="people" things="lists" title="No lists yet" filters={['search']}>
        A list holds addresses with what templates say to each. Who is suppressed is not written to, on a list
        or not.
      </EmptyList>
    );
  }
  return (
    <DataTable
      name="Lists"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('list', { id })}
      columns={[
        { title: 'Name', width: '3fr', cell: ({ name }) => name },
        { title: 'Sent to by', width: '2fr', cell: ({ slug }) => <span className="mono">{slug}</span> },
        {
          title: 'Recipients',
          width: '120px',
          isNumber: true,
          cell: ({ recipients }) => countText(recipients),
        },
        { title: 'Changed', width: '165px', cell: ({ updatedAt }) => <Time at={updatedAt} /> },
        ...subaccount,
      ]}
    />
  );
}

function Create(): ReactElement {
  const create = useChange('POST /lists');
  const goTo = useGoTo();
  const form = useFields({ name: '', slug: '', description: '' });
  const send = form.send(null, async ({ name, slug, description }) => {
    const named = { name: name.trim(), ...(slug === '' ? {} : { slug }) };
    const made = await create.run({ body: { ...named, description } });
    goTo('list', { id: made.list.id });
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
        <TextInput
          label="Sent to by"
          description="The word by which a call names it; made from the name when left empty"
          {...form.getInputProps('slug')}
        />
        <TextInput label="Description" {...form.getInputProps('description')} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Make it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
