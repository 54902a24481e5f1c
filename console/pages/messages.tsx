import { Group } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import type { Item } from '../api/client.ts';
import { usePages } from '../api/hooks.ts';
import { EmptyList } from '../parts/empty-list.tsx';
import { FilterSelect, FilterText } from '../parts/filter-inputs.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { useFilters } from '../shell/location.ts';
import { PageWait } from '../shell/states.tsx';
import { MessagesTable } from './messages/table.tsx';

type Message = Item<'GET /messages'>;
const states = [
  'queued',
  'held',
  'deferred',
  'delivered',
  'bounced',
  'expired',
  'cancelled',
  'suppressed',
  'rejected',
  'failed',
  'undetermined',
] as const satisfies readonly Message['state'][];

export function Page(): ReactElement {
  return (
    <>
      <PageHead isOfMany title="Messages" text="One line for each copy to one recipient, the newest first." />
      <Filters />
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

function Filters(): ReactElement {
  const [filters, set] = useFilters(['state', 'to', 'tag']);
  return (
    <Group mb="md" gap="sm" role="search" aria-label="Messages">
      <FilterText
        label="Recipient"
        placeholder="Recipient, the whole address"
        width={260}
        value={filters.to}
        set={(to) => set({ to })}
      />
      <FilterText label="Tag" width={150} value={filters.tag} set={(tag) => set({ tag })} />
      <FilterSelect
        label="State"
        any="Any state"
        width={170}
        data={states}
        value={filters.state}
        set={(state) => set({ state })}
      />
    </Group>
  );
}

function List(): ReactElement {
  const [{ state, to, tag }] = useFilters(['state', 'to', 'tag']);
  const known = states.find((each) => each === state);
  const list = usePages(
    'GET /messages',
    {
      query: {
        ...(known === undefined ? {} : { state: known }),
        ...(to === '' ? {} : { to }),
        ...(tag === '' ? {} : { tag }),
      },
    },
    { everyMs: 10_000 },
  );
  if (list.items.length === 0 && !list.hasMore)
    return (
      <EmptyList
        icon="mail"
        things="messages"
        title="No mail yet"
        filters={['state', 'to', 'tag']}
        hint="A recipient is looked for by the whole address."
      >
        What is sent through the API or SMTP appears here within a second, with everything that happens to it.
        The API reference in your menu has an example to paste.
      </EmptyList>
    );
  return <MessagesTable list={list} />;
}
