import { Suspense } from 'react';
import type { ReactElement } from 'react';
import type { Item } from '../api/client.ts';
import { usePages } from '../api/hooks.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { State } from '../parts/state.tsx';
import type { Tone } from '../parts/state.tsx';
import { Time } from '../parts/time.tsx';
import { PageWait } from '../shell/states.tsx';
import { ValueName } from './figures/value-name.tsx';

type Watched = Item<'GET /blocklists'>;
type Listing = Watched['listings'][number];
type Row = Pick<Watched, 'address' | 'poolId'> & { readonly listing: Listing | null };

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        title="Blocklists"
        text="What DNS blocklists say of the account's source addresses; each change is an event."
      />
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

const tones: Readonly<Record<Listing['state'], Tone>> = { listed: 'bad', clear: 'good', unknown: 'none' };

/** One line for each address and list; an address that no list was asked of has a line as well. */
function rowsOf({ address, poolId, listings }: Watched): readonly Row[] {
  if (listings.length === 0) return [{ address, poolId, listing: null }];
  return listings.map((listing) => ({ address, poolId, listing }));
}

function List(): ReactElement {
  const list = usePages('GET /blocklists', { query: {} }, { everyMs: 30_000 });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <Empty icon="shield" title="No addresses to watch">
        Source addresses that the operator gives to the account are looked up in the lists of the installation
        (<span className="mono">LETTERSHOP_BLOCKLISTS</span>) by themselves.
      </Empty>
    );
  }
  return (
    <DataTable<Row>
      name="Blocklists"
      list={{ ...list, items: list.items.flatMap(rowsOf) }}
      keyOf={({ address, listing }) => `${address} ${listing?.blocklist ?? ''}`}
      columns={[
        { title: 'Address', width: '2fr', cell: ({ address }) => <span className="mono">{address}</span> },
        {
          title: 'Pool',
          width: '1fr',
          cell: ({ poolId }) => (poolId === null ? 'none' : <ValueName dimension="pool" value={poolId} />),
        },
        { title: 'List', width: '2fr', cell: ({ listing }) => listing?.blocklist ?? 'none is asked' },
        {
          title: 'Says',
          width: '110px',
          cell: ({ listing }) =>
            listing === null ? '–' : <State name={listing.state} tone={tones[listing.state]} />,
        },
        {
          title: 'In its words',
          width: '3fr',
          cell: ({ listing }) =>
            listing === null
              ? '–'
              : [...listing.codes, listing.reason].filter((part) => part !== '').join(', ') || '–',
        },
        {
          title: 'Since',
          width: '165px',
          cell: ({ listing }) => (listing?.since == null ? '–' : <Time at={listing.since} />),
        },
        {
          title: 'Asked',
          width: '165px',
          cell: ({ listing }) => (listing?.checkedAt == null ? 'not yet' : <Time at={listing.checkedAt} />),
        },
      ]}
    />
  );
}
