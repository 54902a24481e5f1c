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
import { useSubaccountColumn } from '../parts/subaccount-column.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { useGoTo } from '../shell/location.ts';
import { PageWait } from '../shell/states.tsx';

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        isOfMany
        title="Inbound domains"
        text="Names whose mail comes here, each proven by an MX record of its own."
      >
        <NewThing call="POST /inbound-domains" label="New inbound domain">
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
  const list = usePages('GET /inbound-domains', { query: {} }, { everyMs: 10_000 });
  const subaccount = useSubaccountColumn();
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList icon="globe" things="inbound domains" title="No inbound domains yet">
        Name a domain that takes no mail elsewhere, often a subdomain such as in.example.com. The console
        shows the MX record to publish; routes then say which program each address is handed to.
      </EmptyList>
    );
  }
  return (
    <DataTable
      name="Inbound domains"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('inbound-domain', { id })}
      columns={[
        { title: 'Name', width: '3fr', cell: ({ name }) => name },
        { title: 'State', width: '130px', cell: ({ state }) => <State name={state} /> },
        { title: 'Seen', width: '3fr', cell: ({ seen }) => (seen === '' ? '–' : seen) },
        ...subaccount,
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
  const create = useChange('POST /inbound-domains');
  const goTo = useGoTo();
  const form = useFields({ name: '' });
  const send = form.send(null, async ({ name }) => {
    const { id } = await create.run({ body: { name: name.trim() } });
    goTo('inbound-domain', { id });
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput
          label="Domain"
          description="All of its mail comes here: not one whose people have mailboxes elsewhere"
          placeholder="in.example.com"
          required
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Show the record
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
