import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { mayLift } from '../../src/features/suspensions/rules.ts';
import type { Item } from '../api/client.ts';
import { useChange, usePages } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { NewThing } from '../parts/new-thing.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { useMe, useWhyNot } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { ValueName } from './figures/value-name.tsx';
import { Create } from './suspensions/create.tsx';
import { authorityTexts, kindTexts } from './suspensions/words.ts';

type Suspension = Item<'GET /suspensions'>;

export function Page(): ReactElement {
  return (
    <>
      <PageHead
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
      <Empty icon="pause" title="Nothing is suspended">
        A wrong link in a newsletter: suspend its tag, put it right, and lift the suspension. A whole
        subaccount is stopped on its own page.
      </Empty>
    );
  }
  return (
    <DataTable
      name="Suspensions"
      list={list}
      keyOf={({ id }) => id}
      columns={[
        { title: 'Mail', width: '110px', cell: ({ kind }) => kindTexts[kind] },
        {
          title: 'Which',
          width: '2fr',
          cell: ({ kind, value }) =>
            kind === 'pool' ? <ValueName dimension="pool" value={value} /> : <b>{value}</b>,
        },
        {
          title: 'Of',
          width: '2fr',
          cell: ({ subaccountId }) =>
            subaccountId === null ? 'the whole account' : <SubaccountName id={subaccountId} />,
        },
        { title: 'Since', width: '150px', cell: ({ createdAt }) => <Time at={createdAt} /> },
        {
          title: 'Until',
          width: '150px',
          cell: ({ until }) => (until === null ? 'it is lifted' : <Time at={until} />),
        },
        { title: 'By', width: '120px', cell: ({ authority }) => authorityTexts[authority] },
        { title: 'Why', width: '2fr', cell: ({ reason }) => (reason === '' ? '–' : reason) },
        { title: 'Acts', width: '90px', cell: (suspension) => <Lift of={suspension} /> },
      ]}
    />
  );
}

function Lift({ of: { id, kind, value, authority } }: { readonly of: Suspension }): ReactElement {
  const remove = useChange('DELETE /suspensions/{id}');
  const whyNot = useWhyNot();
  const { current } = useMe();
  const by = current.reach === 'account' ? 'parent' : 'subaccount';
  const kept = mayLift(by, authority) ? null : `It was set by ${authorityTexts[authority]}, who lifts it.`;
  const run = async (): Promise<void> => {
    const text = 'What it held leaves, in order.';
    const name =
      kind === 'pool' ? kindTexts[kind] : `${kindTexts[kind].replace(/^(to|with) a /, '$1 ')} ${value}`;
    if (!(await confirm({ title: `Let mail ${name} go?`, text, action: 'Lift it' }))) return;
    await act('Lifted: its mail leaves', () => remove.run({ path: { id } }));
  };
  return (
    <ActButton
      size="compact-xs"
      variant="default"
      why={whyNot('DELETE /suspensions/{id}') ?? kept}
      loading={remove.isRunning}
      onClick={() => void run()}
    >
      Lift
    </ActButton>
  );
}
