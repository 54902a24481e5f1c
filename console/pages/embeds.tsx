import { Suspense } from 'react';
import type { ReactElement } from 'react';
import type { Item } from '../api/client.ts';
import { useChange, usePages } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { NewThing } from '../parts/new-thing.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { State } from '../parts/state.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { useWhyNotOn } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { Create } from './embeds/create.tsx';
import { titleOf } from './embeds/pages.ts';

type Embed = Item<'GET /embeds'>;

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        title="Embedded views"
        text="Pages of a subaccount inside your own product. A link opens one view, once; a program makes them by the API, whenever its page is shown."
      >
        <NewThing call="POST /embeds" label="New link" size="lg">
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
  const list = usePages('GET /embeds', { query: {} }, { everyMs: 5000 });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <Empty icon="screen" title="No views now">
        A view is in this list from the making of its link until its end. It ends with its time, here, and as
        soon as whoever made its link could not make it any more.
      </Empty>
    );
  }
  return (
    <DataTable
      name="Embedded views"
      list={list}
      keyOf={({ id }) => id}
      columns={[
        { title: 'Name', width: '2fr', cell: ({ name }) => name },
        { title: 'Of', width: '1fr', cell: ({ subaccountId }) => <SubaccountName id={subaccountId} /> },
        { title: 'Shows', width: '2fr', cell: ({ pages }) => pages.map(titleOf).join(', ') },
        { title: 'In', width: '2fr', cell: ({ frameAncestors }) => frameAncestors.join(', ') },
        {
          title: 'State',
          width: '100px',
          cell: ({ state }) => <State name={state} tone={state === 'open' ? 'good' : 'wait'} />,
        },
        { title: 'Opened', width: '165px', cell: (one) => <Opened of={one} /> },
        { title: 'Ends', width: '165px', cell: ({ expiresAt }) => <Time at={expiresAt} /> },
        { title: 'Acts', width: '70px', cell: (one) => <End of={one} /> },
      ]}
    />
  );
}

function Opened({ of: { openedAt, openedFrom } }: { readonly of: Embed }): ReactElement {
  if (openedAt === null) return <>–</>;
  return (
    <span title={`from ${openedFrom}`}>
      <Time at={openedAt} />
    </span>
  );
}

function End({ of: one }: { readonly of: Embed }): ReactElement {
  const remove = useChange('DELETE /embeds/{id}');
  const whyNot = useWhyNotOn(one.subaccountId);
  const end = async (): Promise<void> => {
    const text = 'Whoever looks at it is told so at their next click. A new link can be made at any time.';
    const question = { title: `End "${one.name}"?`, text, action: 'End it', isDangerous: true };
    if (!(await confirm(question))) return;
    await act('It has ended', () => remove.run({ path: { id: one.id } }));
  };
  return (
    <ActButton
      size="compact-xs"
      variant="default"
      color="red"
      why={whyNot('DELETE /embeds/{id}')}
      onClick={() => void end()}
    >
      End
    </ActButton>
  );
}
