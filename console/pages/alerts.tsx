import { Stack, Text } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { usePages } from '../api/hooks.ts';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyList } from '../parts/empty-list.tsx';
import { NewThing } from '../parts/new-thing.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { State } from '../parts/state.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { pathTo } from '../pages.ts';
import { PageWait } from '../shell/states.tsx';
import { Create } from './alerts/create.tsx';
import { Firings } from './alerts/firings.tsx';
import { stateOf, targetNames, watchesText } from './alerts/words.ts';

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        isOfMany
        title="Alerts"
        text="Somebody is told when figures, domains or webhooks cross a line: once, and once more when it is over."
      >
        <NewThing call="POST /alerts" label="New alert" size="lg">
          {(close) => <Create onClose={close} />}
        </NewThing>
      </PageHead>
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

function List(): ReactElement {
  const list = usePages('GET /alerts', { query: {} }, { everyMs: 10_000 });
  const firings = usePages('GET /alerts/firings', { query: {} }, { everyMs: 10_000 });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList icon="warn" things="alerts" title="No alerts yet">
        A first one: told by mail when more than 5 % of a day&apos;s mail bounces. It is judged once a minute,
        and of too little mail it says nothing.
      </EmptyList>
    );
  }
  return (
    <Stack gap="lg">
      <DataTable
        name="Alerts"
        list={list}
        keyOf={({ id }) => id}
        linkOf={({ id }) => pathTo('alert', { id })}
        columns={[
          { title: 'Name', width: '2fr', cell: ({ name }) => name },
          { title: 'Watches', width: '4fr', cell: watchesText },
          {
            title: 'Of',
            width: '2fr',
            cell: ({ about }) => (about === null ? 'the account' : <SubaccountName id={about} />),
          },
          { title: 'State', width: '110px', cell: (alert) => <State name={stateOf(alert)} /> },
          { title: 'Tells by', width: '150px', cell: ({ target }) => targetNames[target.kind] },
        ]}
      />
      <section aria-label="What fired">
        <Text component="h2" fw={600} mb="sm">
          What fired
        </Text>
        <Firings list={firings} alerts={list.items} isOfAll />
      </section>
    </Stack>
  );
}
