/** How the subaccounts are: how many of each status, and a list with those in trouble first. */
import { Badge, Button, Group, Text, VisuallyHidden } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { troubles } from '../../../src/features/overview/model.ts';
import type { Trouble } from '../../../src/features/overview/model.ts';
import { subaccountStatuses } from '../../../src/features/subaccounts/rules.ts';
import type { Item, Query } from '../../api/client.ts';
import { usePages, useRead } from '../../api/hooks.ts';
import type { Pages } from '../../api/hooks.ts';
import type { Search } from '../../api/lens.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { countText, shareText } from '../../parts/numbers.ts';
import { State } from '../../parts/state.tsx';
import type { Tone } from '../../parts/state.tsx';
import { SubaccountFilters } from '../../parts/subaccount-filters.tsx';
import { pathTo } from '../../pages.ts';
import { useAddress } from '../../shell/lens.ts';
import { useFilters } from '../../shell/location.ts';
import { PageWait } from '../../shell/states.tsx';

const words: Readonly<Record<Trouble, readonly [string, Tone]>> = {
  stopped_by_operator: ['stopped by the operator', 'bad'],
  stopped_by_system: ['stopped by its figures', 'bad'],
  under_review: ['under review', 'bad'],
  slowed: ['slowed', 'wait'],
  bounces_over_limit: ['bounces over limit', 'bad'],
  complaints_over_limit: ['complaints over limit', 'bad'],
  trap_blocks_over_limit: ['spam refusals over limit', 'bad'],
  over_quota: ['over its quota', 'wait'],
  many_waiting: ['many waiting', 'wait'],
  warned: ['warned', 'wait'],
  stopped_by_parent: ['stopped by the account', 'none'],
};

const often = { everyMs: 5000 };

/** As high as the tiles that come. */
export function TilesPlace({ hasShares }: { readonly hasShares: boolean }): ReactElement {
  return (
    <section className="panel tiles" aria-hidden="true">
      <div className="tile">
        <Text size="sm">&nbsp;</Text>
        <div className="tile-value">&nbsp;</div>
        {hasShares && <Text size="xs">&nbsp;</Text>}
      </div>
    </section>
  );
}

/** Nothing of an account that sends only as itself. */
export function StatusTiles(): ReactElement | null {
  const { total, inTrouble, byStatus } = useRead('GET /overview', {}, often);
  if (total < 2) return null;
  const tiles: readonly (readonly [string, number])[] = [
    ['Subaccounts', total],
    ['In trouble', inTrouble],
    ...subaccountStatuses.flatMap((status): (readonly [string, number])[] => {
      const count = byStatus[status] ?? 0;
      return count === 0 ? [] : [[nameOf(status), count]];
    }),
  ];
  return (
    <section className="panel tiles" aria-label="Subaccounts by status">
      {tiles.map(([name, count]) => (
        <div className="tile" key={name}>
          <Text size="sm" c="dimmed">
            {name}
          </Text>
          <div className="tile-value">{countText(count)}</div>
        </div>
      ))}
    </section>
  );
}

function nameOf(status: string): string {
  const text = status.replaceAll('_', ' ');
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** A deleted one is in no list. */
const present = subaccountStatuses.filter((status) => status !== 'deleted');

export function Tenants(): ReactElement {
  return (
    <section aria-labelledby="trouble-first">
      <Group mb="sm" gap="sm" align="baseline">
        <Text component="h2" id="trouble-first" fw={600} m={0}>
          Subaccounts, trouble first
        </Text>
        <Text size="sm" c="dimmed">
          with their figures of the last 24 hours
        </Text>
      </Group>
      <SubaccountFilters statuses={present} />
      <Suspense fallback={null}>
        <TroubleFilter />
      </Suspense>
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </section>
  );
}

/** What there is of trouble, each a way to only those. */
function TroubleFilter(): ReactElement | null {
  const { byTrouble } = useRead('GET /overview', {}, often);
  const [{ trouble: chosen }, set] = useFilters(['trouble']);
  const there = troubles.filter((each) => each === chosen || (byTrouble[each] ?? 0) > 0);
  if (there.length === 0) return null;
  return (
    <Group mb="sm" gap={6} role="group" aria-label="Trouble">
      {there.map((each) => (
        <Button
          key={each}
          size="compact-sm"
          fw={500}
          variant={each === chosen ? 'light' : 'default'}
          aria-pressed={each === chosen}
          onClick={() => set({ trouble: each === chosen ? null : each })}
        >
          <span className="state" data-tone={words[each][1]}>
            {words[each][0]} <span className="figure">{countText(byTrouble[each] ?? 0)}</span>
          </span>
        </Button>
      ))}
    </Group>
  );
}

type Health = Item<'GET /overview/subaccounts'>;

/** What the address says of which are shown. */
export function tenantsFilter({ search, status, trouble }: Search): Query<'GET /overview/subaccounts'> {
  const known = troubles.find((each) => each === trouble);
  return {
    ...(search === undefined ? {} : { search: String(search) }),
    ...(status === undefined ? {} : { status: String(status) }),
    ...(known === undefined ? {} : { trouble: known }),
  };
}

/** Asked once for all parts that wait for it. */
export function useTenants(): Pages<Health> {
  return usePages('GET /overview/subaccounts', { query: tenantsFilter(useAddress()) }, often);
}

function List(): ReactElement {
  const list = useTenants();
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <Empty icon="tenants" title="No subaccount is like that">
        Of all of them, those in trouble stand first; the others follow by their numbers.
      </Empty>
    );
  }
  return (
    <DataTable<Health>
      name="Subaccounts, trouble first"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('subaccount', { id })}
      columns={[
        {
          title: 'Subaccount',
          width: '3fr',
          cell: ({ name, isOwn }) => (isOwn ? `${name} (the account itself)` : name),
        },
        { title: 'Status', width: '110px', cell: (of) => <State name={of.status} /> },
        { title: 'Trouble', width: '3fr', cell: (of) => <Reasons of={of.troubles} /> },
        number('Waiting', 85, ({ waiting }) => countText(waiting)),
        number('Accepted', 95, ({ recent }) => countText(recent.accepted)),
        number('Delivered', 95, ({ recent: { delivered, bounced } }) => part(delivered, delivered + bounced)),
        number('Bounced', 90, ({ recent: { delivered, bounced } }) => part(bounced, delivered + bounced)),
        number('Complaints', 110, ({ recent: { delivered, complained } }) => part(complained, delivered)),
      ]}
    />
  );
}

function number(title: string, px: number, cell: (row: Health) => string) {
  return { title, width: `${px}px`, isNumber: true, cell };
}

function part(some: number, all: number): string {
  return shareText(all === 0 ? null : some / all);
}

/** The worst as a chip; of more how many, and all of them for who points there or has them read. */
function Reasons({ of }: { readonly of: readonly Trouble[] }): ReactElement {
  const [worst, ...rest] = of;
  if (worst === undefined)
    return (
      <Text span size="sm" c="dimmed">
        –
      </Text>
    );
  const [text, tone] = words[worst];
  const restText = rest.map((each) => words[each][0]).join(', ');
  return (
    <Group gap={6} wrap="nowrap" title={of.map((each) => words[each][0]).join(', ')}>
      <Badge variant="default" tt="none" fw={500} style={{ flex: 'none' }}>
        <State name={text} tone={tone} />
      </Badge>
      {rest.length > 0 && (
        <Text span size="xs" c="dimmed">
          <span aria-hidden="true">+{rest.length}</span>
          <VisuallyHidden>and {restText}</VisuallyHidden>
        </Text>
      )}
    </Group>
  );
}
