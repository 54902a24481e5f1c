import { Group } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { usePages } from '../api/hooks.ts';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyList } from '../parts/empty-list.tsx';
import { FilterSelect, FilterText } from '../parts/filter-inputs.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { State } from '../parts/state.tsx';
import { useSubaccountColumn } from '../parts/subaccount-column.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { useFilters } from '../shell/location.ts';
import { PageWait } from '../shell/states.tsx';
import { DomainFilter, RouteFilter } from './inbound/filters.tsx';
import { mailStates } from './inbound/words.ts';

const filterNames = ['recipient', 'state', 'domain', 'route'] as const;

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        isOfMany
        title="Received mail"
        text="One line for each mail to one recipient of an inbound domain, the newest first."
      />
      <Filters />
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

function Filters(): ReactElement {
  const [filters, set] = useFilters(filterNames);
  return (
    <Group mb="md" gap="sm" role="search" aria-label="Received mail">
      <FilterText
        label="Recipient"
        placeholder="Recipient, the whole address"
        width={260}
        isSearch
        value={filters.recipient}
        set={(recipient) => set({ recipient })}
      />
      <FilterSelect
        label="State"
        any="Any state"
        width={150}
        data={mailStates.map((value) => ({ value, label: value.replaceAll('_', ' ') }))}
        value={filters.state}
        set={(state) => set({ state })}
      />
      <Suspense fallback={null}>
        <DomainFilter />
        <RouteFilter />
      </Suspense>
    </Group>
  );
}

function List(): ReactElement {
  const [{ recipient, state, domain, route }] = useFilters(filterNames);
  const known = mailStates.find((each) => each === state);
  const query = {
    ...(recipient === '' ? {} : { recipient }),
    ...(known === undefined ? {} : { state: known }),
    ...(domain === '' ? {} : { inboundDomainId: domain }),
    ...(route === '' ? {} : { inboundRouteId: route }),
  };
  const list = usePages('GET /inbound-mails', { query }, { everyMs: 5000 });
  const subaccount = useSubaccountColumn();
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList
        icon="receive"
        things="received messages"
        title="No mail was received yet"
        filters={filterNames}
        hint="A recipient is looked for by the whole address."
      >
        Add an inbound domain, publish its MX record, and make a route for the addresses that your program
        answers. Each mail then stands here with who it is from, and whether your program took it.
      </EmptyList>
    );
  }
  return (
    <DataTable
      name="Received mail"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('inbound-mail', { id })}
      columns={[
        { title: 'From', width: '2fr', cell: ({ from, mailFrom }) => from || mailFrom || '<>' },
        {
          title: 'Subject',
          width: '3fr',
          cell: ({ subject }) => (subject === '' ? '(no subject)' : subject),
        },
        { title: 'To', width: '2fr', cell: ({ recipient: to }) => to },
        { title: 'State', width: '130px', cell: (mail) => <State name={mail.state} /> },
        ...subaccount,
        { title: 'Received', width: '165px', cell: ({ receivedAt }) => <Time at={receivedAt} /> },
      ]}
    />
  );
}
