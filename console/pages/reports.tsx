import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { usePages } from '../api/hooks.ts';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyList } from '../parts/empty-list.tsx';
import { NewThing } from '../parts/new-thing.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { useGoTo } from '../shell/location.ts';
import { PageWait } from '../shell/states.tsx';
import { Create } from './reports/form.tsx';
import { periodText, queryOf, scheduleText, toldText } from './reports/words.ts';

export function Page(): ReactElement {
  const goTo = useGoTo();
  return (
    <>
      <PageHead
        isOfMany
        title="Reports"
        text="Questions to the figures that are kept: run at any time, mailed at set times, shared by a link."
      >
        <NewThing call="POST /reports" label="New report" size="lg">
          {() => <Create onDone={(id) => goTo('report', { id })} />}
        </NewThing>
      </PageHead>
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

function List(): ReactElement {
  const list = usePages('GET /reports', { query: {} });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList icon="report" things="reports" title="No reports yet">
        Save one here, or on the page of figures with the filters that stand there. Whoever runs it sees the
        figures that they may see, and no others.
      </EmptyList>
    );
  }
  return (
    <DataTable
      name="Reports"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('report', { id })}
      columns={[
        { title: 'Name', width: '3fr', cell: ({ name }) => name },
        { title: 'Of', width: '150px', cell: periodText },
        { title: 'Told', width: '190px', cell: (report) => toldText(queryOf(report)) },
        { title: 'Mailed', width: '3fr', cell: scheduleText },
        {
          title: 'Next',
          width: '165px',
          cell: ({ nextAt }) => (nextAt === null ? '–' : <Time at={nextAt} />),
        },
        {
          title: 'Shared',
          width: '150px',
          cell: ({ share }) => (share === 'use' ? 'with subaccounts' : 'with nobody'),
        },
      ]}
    />
  );
}
