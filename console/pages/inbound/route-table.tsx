import type { ReactElement } from 'react';
import { usePages } from '../../api/hooks.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { EmptyList } from '../../parts/empty-list.tsx';
import { State } from '../../parts/state.tsx';
import { useSubaccountColumn } from '../../parts/subaccount-column.tsx';
import { Time } from '../../parts/time.tsx';
import { pathTo } from '../../pages.ts';
import { addressOf, stateOf } from './words.ts';

/** Routes of one inbound domain, or of all when it is null. */
export function RouteTable({ domainId }: { readonly domainId: string | null }): ReactElement {
  const query = domainId === null ? {} : { inboundDomainId: domainId };
  const list = usePages('GET /inbound-routes', { query }, { everyMs: 10_000 });
  const subaccount = useSubaccountColumn();
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList
        icon="fork"
        things="inbound routes"
        title={domainId === null ? 'No inbound routes yet' : 'No routes of this domain yet'}
      >
        A route names addresses by a pattern, and a program of yours that takes their mail by POST, taken
        apart and signed. Mail to an address that no route matches is refused.
      </EmptyList>
    );
  }
  return (
    <DataTable
      name="Inbound routes"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('inbound-route', { id })}
      columns={[
        { title: 'Addresses', width: '3fr', cell: addressOf },
        { title: 'Handed to', width: '3fr', cell: ({ url }) => <span className="mono">{url}</span> },
        { title: 'State', width: '110px', cell: (route) => <State name={stateOf(route)} /> },
        { title: 'Name', width: '2fr', cell: ({ name }) => (name === '' ? '–' : name) },
        ...subaccount,
        {
          title: 'Last taken',
          width: '165px',
          cell: ({ lastTakenAt }) => (lastTakenAt === null ? 'never' : <Time at={lastTakenAt} />),
        },
      ]}
    />
  );
}
