import { Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { usePages, useRead } from '../api/hooks.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { NewThing } from '../parts/new-thing.tsx';
import { countText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { keepLens, useGoTo } from '../shell/location.ts';
import { PageWait } from '../shell/states.tsx';
import { Addresses } from './pools/addresses.tsx';
import { Create } from './pools/form.tsx';

export function Page(): ReactElement {
  const goTo = useGoTo();
  return (
    <>
      <PageHead
        title="Pools"
        text="Named sets of source addresses: mail of different kinds leaves from addresses of its own."
      >
        <NewThing call="POST /pools" label="New pool">
          {() => <Create onDone={(id) => goTo('pool', { id })} />}
        </NewThing>
      </PageHead>
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

function List(): ReactElement {
  const list = usePages('GET /pools', { query: {} });
  const { items: addresses } = useRead('GET /addresses', {}, { everyMs: 10_000 });
  const names = new Map(list.items.map(({ id, name }) => [id, name]));
  return (
    <Stack gap="lg">
      {list.items.length === 0 ? (
        <Empty icon="pool" title="No pools yet">
          All mail leaves from the system&apos;s own address. The first pool that is made becomes the default,
          from which mail leaves where nothing else is said.
        </Empty>
      ) : (
        <DataTable
          name="Pools"
          list={list}
          keyOf={({ id }) => id}
          linkOf={({ id }) => pathTo('pool', { id })}
          columns={[
            { title: 'Name', width: '3fr', cell: ({ name }) => name },
            {
              title: 'Used',
              width: '2fr',
              cell: ({ isDefault }) => (isDefault ? 'where nothing else is said' : 'where it is named'),
            },
            {
              title: 'Addresses',
              width: '110px',
              isNumber: true,
              cell: ({ id }) => countText(addresses.filter(({ poolId }) => poolId === id).length),
            },
            { title: 'Made', width: '150px', cell: ({ createdAt }) => <Time at={createdAt} isDay /> },
          ]}
        />
      )}
      <section aria-label="Source addresses">
        <Text component="h2" fw={600} mb="sm">
          Source addresses
        </Text>
        {addresses.length === 0 ? (
          <Empty icon="pool" title="No addresses of its own">
            Mail leaves from the system&apos;s own address. The operator gives further ones to an account (
            <span className="mono">lettershop addresses</span>); here they are put into pools and warmed up.
          </Empty>
        ) : (
          <Addresses
            name="Source addresses"
            addresses={addresses}
            last={{
              title: 'Pool',
              width: '2fr',
              cell: ({ poolId }) =>
                poolId === null ? (
                  'none'
                ) : (
                  <Link to={pathTo('pool', { id: poolId })} search={keepLens}>
                    {names.get(poolId) ?? poolId}
                  </Link>
                ),
            }}
          />
        )}
      </section>
    </Stack>
  );
}
