import { Button, Group, Text } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import type { Item } from '../api/client.ts';
import { useChange, usePages } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyList } from '../parts/empty-list.tsx';
import { NewThing } from '../parts/new-thing.tsx';
import { countText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { State } from '../parts/state.tsx';
import type { Tone } from '../parts/state.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { mayCall, useMe, useWhyNotOn } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { Create } from './exports/create.tsx';

type Export = Item<'GET /exports'>;

export function Page(): ReactElement {
  const me = useMe();
  const call = mayCall(me, 'POST /exports/messages')
    ? 'POST /exports/messages'
    : 'POST /exports/suppressions';
  return (
    <>
      <PageHead
        isOfMany
        title="Exports"
        text="Mail and suppression lists as a file behind a link, which is good for a week and needs no login."
      >
        <NewThing call={call} label="New export" size="lg">
          {(close) => <Create onDone={close} />}
        </NewThing>
      </PageHead>
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

const whats: Readonly<Record<Export['kind'], string>> = {
  messages: 'Messages',
  suppressions: 'Suppression lists',
};
const tones: Readonly<Record<Export['state'], Tone>> = {
  waiting: 'wait',
  working: 'wait',
  complete: 'good',
  failed: 'bad',
  expired: 'none',
};

/** What it is of, and what it was narrowed to as it was asked. */
function whatText({ kind, query }: Export): string {
  const parts = typeof query === 'object' && query !== null ? Object.entries(query) : [];
  const narrowed = parts.map(([name, value]) => `${name} ${[value].flat().map(String).join(', ')}`);
  return [whats[kind], ...narrowed].join('; ');
}

function List(): ReactElement {
  const list = usePages('GET /exports', { query: {} }, { everyMs: 2000 });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList icon="download" things="exports" title="No exports yet">
        Ask for one here: it is counted in the background, however much it is, and its link can be mailed. The
        file is made as it is read, so nothing that was erased meanwhile is in it.
      </EmptyList>
    );
  }
  return (
    <DataTable
      name="Exports"
      list={list}
      keyOf={({ id }) => id}
      columns={[
        { title: 'What', width: '2fr', cell: whatText },
        {
          title: 'Of',
          width: '2fr',
          cell: ({ coversAccount, subaccountId }) =>
            coversAccount ? 'the account' : <SubaccountName id={subaccountId} />,
        },
        { title: 'Asked', width: '165px', cell: ({ createdAt }) => <Time at={createdAt} /> },
        { title: 'State', width: '115px', cell: ({ state }) => <State name={state} tone={tones[state]} /> },
        { title: 'Rows', width: '80px', isNumber: true, cell: ({ rows }) => countText(rows) },
        {
          title: 'Good until',
          width: '165px',
          cell: ({ expiresAt, problem }) =>
            expiresAt === null ? problem === '' ? '–' : problem : <Time at={expiresAt} />,
        },
        { title: 'Acts', width: '180px', cell: (one) => <Acts of={one} /> },
      ]}
    />
  );
}

function Acts({ of: one }: { readonly of: Export }): ReactElement {
  const remove = useChange('DELETE /exports/{id}');
  const whyNot = useWhyNotOn(one.subaccountId);
  const end = async (): Promise<void> => {
    const text = 'Its link leads nowhere at once, also for those who have it by mail.';
    const question = { title: 'Delete this export?', text, action: 'Delete it', isDangerous: true };
    if (!(await confirm(question))) return;
    await act('The export was deleted', () => remove.run({ path: { id: one.id } }));
  };
  return (
    <Group gap={6} wrap="nowrap">
      {one.url === null || one.state !== 'complete' ? (
        <Text size="sm" c="dimmed" component="span">
          no file
        </Text>
      ) : (
        <Button component="a" href={one.url} size="compact-xs" variant="default" download>
          Download
        </Button>
      )}
      <ActButton
        size="compact-xs"
        variant="default"
        color="red"
        why={whyNot('DELETE /exports/{id}')}
        onClick={() => void end()}
      >
        Delete
      </ActButton>
    </Group>
  );
}
