import { Group } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { usePages } from '../api/hooks.ts';
import { Actor } from '../parts/actor.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { FilterSelect, FilterText, FilterTime } from '../parts/filter-inputs.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { useFilters } from '../shell/location.ts';
import { PageWait } from '../shell/states.tsx';
import { changeText } from './audit/changes.ts';

const names = ['subject', 'subjectId', 'action', 'actorId', 'requestId', 'after', 'before'] as const;
const actions = ['created', 'changed', 'deleted'] as const;
/** Any other noun of the log can be written into the address. */
const subjects = [
  'account',
  'subaccount',
  'key',
  'membership',
  'invitation',
  'domain',
  'pool',
  'quota',
  'suppression',
  'templates',
  'webhooks',
];

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        title="Audit log"
        text="Who changed what, from what to what, and by which request. Written with the change itself; kept for 400 days."
      />
      <Filters />
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

function Filters(): ReactElement {
  const [filters, set] = useFilters(names);
  const of = (name: (typeof names)[number]) => ({
    value: filters[name],
    set: (value: string): void => set({ [name]: value }),
  });
  return (
    <Group mb="md" gap="sm" role="search" aria-label="Audit log">
      <FilterSelect label="What" any="Anything" width={160} data={subjects} {...of('subject')} />
      <FilterText label="Its id" width={120} {...of('subjectId')} />
      <FilterSelect label="Change" any="Any change" width={150} data={actions} {...of('action')} />
      <FilterText label="Key or person" placeholder="Id of a key or person" {...of('actorId')} />
      <FilterText label="Request id" width={150} {...of('requestId')} />
      <FilterTime label="After" {...of('after')} />
      <FilterTime label="Before" {...of('before')} />
    </Group>
  );
}

function List(): ReactElement {
  const [{ action, ...filters }] = useFilters(names);
  const knownAction = actions.find((each) => each === action);
  const given = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ''));
  const list = usePages(
    'GET /audit',
    { query: { ...given, ...(knownAction === undefined ? {} : { action: knownAction }) } },
    { everyMs: 10_000 },
  );
  if (list.items.length === 0 && !list.hasMore) {
    const isFiltered = Object.keys(given).length > 0 || knownAction !== undefined;
    return (
      <Empty icon="shield" title={isFiltered ? 'No change is like that' : 'Nothing was changed yet'}>
        Each change of settings, keys, people and domains stands here with who made it. Nobody can take an
        entry away.
      </Empty>
    );
  }
  return (
    <DataTable
      name="Changes"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('change', { id })}
      columns={[
        {
          title: 'What',
          width: '3fr',
          cell: ({ subject, subjectId, action: done }) =>
            `${subject.replaceAll('_', ' ')} ${subjectId} ${done}`,
        },
        { title: 'By', width: '2fr', cell: ({ actor }) => <Actor actor={actor} /> },
        { title: 'Changes', width: '4fr', cell: (entry) => changeText(entry) },
        { title: 'At', width: '165px', cell: ({ at }) => <Time at={at} /> },
      ]}
    />
  );
}
