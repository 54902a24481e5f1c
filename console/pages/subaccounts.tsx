import { Alert, Checkbox, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { Suspense, useState } from 'react';
import type { ReactElement } from 'react';
import { subaccountStatuses } from '../../src/features/subaccounts/rules.ts';
import type { Input, Reply } from '../api/client.ts';
import { useChange, usePages, useReadIf } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { Copy } from '../parts/copy.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { useFields } from '../parts/fields.ts';
import { NewThing } from '../parts/new-thing.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { State } from '../parts/state.tsx';
import { SubaccountFilters } from '../parts/subaccount-filters.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { useFilters } from '../shell/location.ts';
import { mayCall, useMe } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        title="Subaccounts"
        text="One for each client or product: keys, domains, suppressions and figures of its own."
      >
        <NewThing call="POST /subaccounts" label="New subaccount">
          {(close) => <Create onClose={close} />}
        </NewThing>
      </PageHead>
      <SubaccountFilters statuses={subaccountStatuses} />
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

function List(): ReactElement {
  const [{ search, status }] = useFilters(['search', 'status']);
  const list = usePages('GET /subaccounts', {
    query: { ...(search === '' ? {} : { search }), ...(status === '' ? {} : { status }) },
  });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <Empty
        icon="tenants"
        title={search + status === '' ? 'No subaccounts yet' : 'No subaccount is like that'}
      >
        A subaccount is made with its first key and quota in one step. What one does, no other can see, use or
        harm.
      </Empty>
    );
  }
  return (
    <DataTable
      name="Subaccounts"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('subaccount', { id })}
      columns={[
        {
          title: 'Name',
          width: '3fr',
          cell: ({ name, isOwn }) => (isOwn ? `${name} (the account itself)` : name),
        },
        { title: 'Number', width: '100px', cell: ({ id }) => <span className="mono">{id}</span> },
        { title: 'External id', width: '2fr', cell: ({ externalId }) => externalId ?? '–' },
        { title: 'Status', width: '170px', cell: (each) => <State name={each.status} /> },
        { title: 'Made', width: '165px', cell: ({ createdAt }) => <Time at={createdAt} /> },
      ]}
    />
  );
}

type Made = Reply<'POST /subaccounts'>;

type Limit = number | string;
type Wanted = {
  name: string;
  externalId: string;
  hour: Limit;
  day: Limit;
  month: Limit;
  poolId: string | null;
  hasKey: boolean;
};

function bodyOf({
  name,
  externalId,
  hour,
  day,
  month,
  poolId,
  hasKey,
}: Wanted): Input<'POST /subaccounts'>['body'] {
  const quota = Object.fromEntries(
    Object.entries({ hour, day, month }).flatMap(([window, limit]) =>
      limit === '' ? [] : [[window, Number(limit)]],
    ),
  );
  return {
    name: name.trim(),
    ...(externalId === '' ? {} : { externalId }),
    ...(Object.keys(quota).length === 0 ? {} : { quota }),
    ...(poolId === null ? {} : { poolId }),
    ...(hasKey ? { key: { name: 'First key' } } : {}),
  };
}

function Create({ onClose }: { readonly onClose: () => void }): ReactElement {
  const me = useMe();
  const pools = useReadIf(mayCall(me, 'GET /pools'), 'GET /pools', { query: { limit: 500 } });
  const create = useChange('POST /subaccounts');
  const [made, setMade] = useState<Made | null>(null);
  const form = useFields<Wanted>(
    {
      name: '',
      externalId: '',
      hour: '',
      day: '',
      month: '',
      poolId: null,
      hasKey: mayCall(me, 'POST /keys'),
    },
    { 'quota.hour': 'hour', 'quota.day': 'day', 'quota.month': 'month' },
  );
  if (made !== null) return <Ready made={made} onClose={onClose} />;
  const send = form.send(null, async (wanted) => setMade(await create.run({ body: bodyOf(wanted) })));
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
        <TextInput
          label="External id"
          description="Yours, unique in the account; it never changes"
          {...form.getInputProps('externalId')}
        />
        {mayCall(me, 'PUT /subaccounts/{id}/quota') && (
          <Group grow align="flex-start">
            {(['hour', 'day', 'month'] as const).map((window) => (
              <NumberInput
                key={window}
                label={`Messages per ${window}`}
                placeholder="no limit"
                min={0}
                allowDecimal={false}
                thousandSeparator=" "
                {...form.getInputProps(window)}
              />
            ))}
          </Group>
        )}
        {pools !== null && pools.items.length > 0 && (
          <Select
            label="Pool"
            placeholder="the account's default"
            clearable
            data={pools.items.map(({ id, name }) => ({ value: id, label: name }))}
            {...form.getInputProps('poolId')}
          />
        )}
        {mayCall(me, 'POST /keys') && (
          <Checkbox label="Make its first key, too" {...form.getInputProps('hasKey', { type: 'checkbox' })} />
        )}
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Make it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

function Ready({ made, onClose }: { readonly made: Made; readonly onClose: () => void }): ReactElement {
  return (
    <Stack gap="sm">
      <Text size="sm">
        <b>{made.name}</b> is there, as number <span className="mono">{made.id}</span>.
      </Text>
      {made.key !== undefined && (
        <Alert color="yellow" title="Its key, shown this once">
          <Copy value={made.key.secret} name="the key" />
        </Alert>
      )}
      <Group justify="flex-end">
        <ActButton why={null} onClick={onClose}>
          Done
        </ActButton>
      </Group>
    </Stack>
  );
}
