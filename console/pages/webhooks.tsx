import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { usePages } from '../api/hooks.ts';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyList } from '../parts/empty-list.tsx';
import { countText } from '../parts/numbers.ts';
import { NewThing } from '../parts/new-thing.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { useSubaccountColumn } from '../parts/subaccount-column.tsx';
import { State } from '../parts/state.tsx';
import { pathTo } from '../pages.ts';
import { PageWait } from '../shell/states.tsx';
import { Create } from './webhooks/create.tsx';
import { kindsText, stateOf, toldText } from './webhooks/words.ts';

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        isOfMany
        title="Webhooks"
        text="Programs that are told what happens: every event once in its place, numbered and signed."
      >
        <NewThing call="POST /webhooks" label="New webhook" size="lg">
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
  const subaccount = useSubaccountColumn();
  const list = usePages('GET /webhooks', { query: {} }, { everyMs: 10_000 });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList icon="hook" things="webhooks" title="No webhooks yet">
        Name an address of yours that takes JSON by POST. What it does not take is sent again for five days,
        in order; each request and its answer can be read here, and sent once more.
      </EmptyList>
    );
  }
  return (
    <DataTable
      name="Webhooks"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('webhook', { id })}
      columns={[
        { title: 'Name', width: '2fr', cell: ({ name }) => name },
        { title: 'Address', width: '3fr', cell: ({ url }) => <span className="mono">{url}</span> },
        { title: 'State', width: '120px', cell: (webhook) => <State name={stateOf(webhook)} /> },
        { title: 'Told of', width: '170px', cell: (webhook) => toldText(webhook) },
        { title: 'Kinds', width: '110px', cell: ({ kinds }) => kindsText(kinds) },
        {
          title: 'Waiting',
          width: '100px',
          isNumber: true,
          cell: ({ lastSequence, sentSequence }) => countText(lastSequence - sentSequence),
        },
        ...subaccount,
      ]}
    />
  );
}
