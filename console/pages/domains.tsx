import { Group, Stack, TextInput } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { useChange, usePages } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyList } from '../parts/empty-list.tsx';
import { useFields } from '../parts/fields.ts';
import { NewThing } from '../parts/new-thing.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { State } from '../parts/state.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { useGoTo } from '../shell/location.ts';
import { PageWait } from '../shell/states.tsx';

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        isOfMany
        title="Domains"
        text="Names that mail is sent from, each proven by records in its own DNS."
      >
        <NewThing call="POST /domains" label="New domain">
          {() => <Create />}
        </NewThing>
      </PageHead>
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

function List(): ReactElement {
  const list = usePages('GET /domains', { query: {} });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList icon="globe" things="domains" title="No domains yet">
        Name the domain that stands behind the @ of your senders. The console then shows the records to
        publish, and sees by itself when they are there.
      </EmptyList>
    );
  }
  return (
    <DataTable
      name="Domains"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('domain', { id })}
      columns={[
        { title: 'Name', width: '3fr', cell: ({ name }) => name },
        { title: 'State', width: '130px', cell: ({ state }) => <State name={state} /> },
        {
          title: 'Subaccount',
          width: '2fr',
          cell: ({ subaccountId }) => <SubaccountName id={subaccountId} />,
        },
        {
          title: 'Checked',
          width: '170px',
          cell: ({ checkedAt }) => (checkedAt === null ? 'not yet' : <Time at={checkedAt} />),
        },
      ]}
    />
  );
}

function Create(): ReactElement {
  const create = useChange('POST /domains');
  const goTo = useGoTo();
  const form = useFields({ name: '' });
  const send = form.send(null, async ({ name }) => {
    const { id } = await create.run({ body: { name: name.trim() } });
    goTo('domain', { id });
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput
          label="Domain"
          description="As it stands behind the @; a subdomain such as mail.example.com keeps its standing apart"
          placeholder="example.com"
          required
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Show the records
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
