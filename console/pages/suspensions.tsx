import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { usePages } from '../api/hooks.ts';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyList } from '../parts/empty-list.tsx';
import { NewThing } from '../parts/new-thing.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { PageWait } from '../shell/states.tsx';
import { ValueName } from './figures/value-name.tsx';
import { Create } from './suspensions/create.tsx';
import { Lift } from './suspensions/lift.tsx';
import { authorityTexts, kindTexts } from './suspensions/words.ts';

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        isOfMany
        title="Suspensions"
        text="Mail that must not leave for a while: to a site or domain, from a pool, with a tag. It is held, and leaves afterwards."
      >
        <NewThing call="POST /suspensions" label="New suspension">
          {(close) => <Create onDone={close} />}
        </NewThing>
      </PageHead>
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

function List(): ReactElement {
  const list = usePages('GET /suspensions', { query: {} }, { everyMs: 5000 });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList icon="pause" things="suspensions" title="Nothing is suspended">
        A wrong link in a newsletter: suspend its tag, put it right, and lift the suspension. A whole
        subaccount is stopped on its own page.
      </EmptyList>
    );
  }
  return (
    <DataTable
      name="Suspensions"
      list={list}
      keyOf={({ id }) => id}
      columns={[
        { title: 'Mail', width: '100px', cell: ({ kind }) => kindTexts[kind] },
        {
          title: 'Which',
          width: '2fr',
          cell: ({ kind, value }) =>
            kind === 'pool' ? <ValueName dimension="pool" value={value} /> : <b>{value}</b>,
        },
        {
          title: 'Of',
          width: '110px',
          cell: ({ subaccountId }) =>
            subaccountId === null ? 'the account' : <SubaccountName id={subaccountId} />,
        },
        { title: 'Since', width: '165px', cell: ({ createdAt }) => <Time at={createdAt} /> },
        {
          title: 'Until',
          width: '165px',
          cell: ({ until }) => (until === null ? 'it is lifted' : <Time at={until} />),
        },
        { title: 'By', width: '110px', cell: ({ authority }) => authorityTexts[authority] },
        { title: 'Why', width: '2fr', cell: ({ reason }) => (reason === '' ? '–' : reason) },
        { title: 'Acts', width: '75px', cell: (suspension) => <Lift of={suspension} /> },
      ]}
    />
  );
}
