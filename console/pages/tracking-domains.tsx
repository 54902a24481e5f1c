import { Checkbox, Group, Stack, TextInput } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { useChange, usePages } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyList } from '../parts/empty-list.tsx';
import { useFields } from '../parts/fields.ts';
import { NewThing } from '../parts/new-thing.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { State } from '../parts/state.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { TrackingSwitches } from '../parts/tracking-switches.tsx';
import { pathTo } from '../pages.ts';
import { useSubaccountName } from '../shell/choices.ts';
import { useGoTo } from '../shell/location.ts';
import { useMe, useWhyNot } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        isOfMany
        title="Tracking"
        text="What of mail is told afterwards, and the names that its links carry."
      >
        <NewThing call="POST /tracking-domains" label="New tracking domain">
          {() => <Create />}
        </NewThing>
      </PageHead>
      <Stack gap="lg">
        <Suspense fallback={<PageWait />}>
          <Defaults />
        </Suspense>
        <Suspense fallback={<PageWait />}>
          <List />
        </Suspense>
      </Stack>
    </>
  );
}

function Defaults(): ReactElement {
  const { current } = useMe();
  const name = useSubaccountName(current.subaccountId);
  const why = useWhyNot()('PUT /tracking-settings');
  const text = `Of mail of the subaccount ${name}; a call, its template and its sending domain may say otherwise.`;
  return (
    <Panel title="What mail gets that says nothing itself">
      <TrackingSwitches text={text} why={why} />
    </Panel>
  );
}

function List(): ReactElement {
  const list = usePages('GET /tracking-domains', { query: {} });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList icon="eye" things="tracking domains" title="No tracking domains yet">
        Name a host below a domain of yours, such as click.example.com: then the links of your mail lead over
        your own name. One CNAME record proves it.
      </EmptyList>
    );
  }
  return (
    <DataTable
      name="Tracking domains"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('tracking-domain', { id })}
      columns={[
        { title: 'Name', width: '3fr', cell: ({ name }) => name },
        { title: 'State', width: '130px', cell: ({ state }) => <State name={state} /> },
        { title: 'Default', width: '100px', cell: ({ isDefault }) => (isDefault ? 'yes' : '–') },
        { title: 'Links', width: '100px', cell: ({ secure }) => (secure ? 'https' : 'http') },
        {
          title: 'Subaccount',
          width: '2fr',
          cell: ({ subaccountId }) => <SubaccountName id={subaccountId} />,
        },
        {
          title: 'Checked',
          width: '180px',
          cell: ({ checkedAt }) => (checkedAt === null ? 'not yet' : <Time at={checkedAt} />),
        },
      ]}
    />
  );
}

function Create(): ReactElement {
  const create = useChange('POST /tracking-domains');
  const goTo = useGoTo();
  const form = useFields({ name: '', secure: false });
  const send = form.send(null, async ({ name, secure }) => {
    const { id } = await create.run({ body: { name: name.trim(), secure } });
    goTo('tracking-domain', { id });
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          description="Below a domain of yours: a CNAME cannot stand at the domain itself"
          placeholder="click.example.com"
          required
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Checkbox
          label="Its links begin with https"
          description="Only when something in front of it has a certificate for the name"
          {...form.getInputProps('secure', { type: 'checkbox' })}
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
