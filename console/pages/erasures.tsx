import { Group, Stack, Text, TextInput } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { useChange, usePages } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { useFields } from '../parts/fields.ts';
import { NewThing } from '../parts/new-thing.tsx';
import { countText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { useGoTo } from '../shell/location.ts';
import { useMe } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { ErasureState, rowsOf } from './erasures/report.tsx';

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        title="Erasures"
        text="Persons whose address was taken out of everything: what was asked, how far it is, and what was found."
      >
        <NewThing call="POST /erasures" label="Erase a person">
          {(close) => <Ask onClose={close} />}
        </NewThing>
      </PageHead>
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

function List(): ReactElement {
  const list = usePages('GET /erasures', { query: {} }, { everyMs: 3000 });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <Empty icon="trash" title="Nobody was erased yet">
        When a person asks to be forgotten, give their address here. Mail that waits for them is cancelled,
        what is kept of them is deleted or loses the address, and they are not written to again. What was
        counted stays, without a name.
      </Empty>
    );
  }
  return (
    <DataTable
      name="Erasures"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('erasure', { id })}
      columns={[
        { title: 'Asked', width: '170px', cell: ({ createdAt }) => <Time at={createdAt} /> },
        {
          title: 'In',
          width: '2fr',
          cell: ({ reach, subaccountId }) =>
            reach === 'account' ? 'the whole account' : <SubaccountName id={subaccountId} />,
        },
        { title: 'State', width: '120px', cell: ({ state }) => <ErasureState state={state} /> },
        { title: 'Found', width: '110px', isNumber: true, cell: ({ counts }) => countText(rowsOf(counts)) },
        {
          title: 'Done',
          width: '170px',
          cell: ({ finishedAt }) => (finishedAt === null ? '–' : <Time at={finishedAt} />),
        },
        { title: 'Number', width: '1fr', cell: ({ id }) => <span className="mono">{id}</span> },
      ]}
    />
  );
}

/** The address is written twice: nothing brings back what an erasure took. */
function Ask({ onClose }: { readonly onClose: () => void }): ReactElement {
  const ask = useChange('POST /erasures');
  const goTo = useGoTo();
  const { current } = useMe();
  const form = useFields({ address: '', again: '' });
  const { address, again } = form.getValues();
  const isSame = address.trim() !== '' && address.trim() === again.trim();
  const send = form.send('The erasure has begun', async () => {
    const { id } = await ask.run({ body: { address: address.trim() } });
    onClose();
    goTo('erasure', { id });
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <Text size="sm">
          {current.reach === 'account'
            ? 'In the whole account, all of its subaccounts.'
            : 'In this subaccount, and in no other.'}{' '}
          Mail that waits for the address is cancelled. It is taken out of messages, events, lists and logs.
          This cannot be undone, and the address itself is not kept.
        </Text>
        <TextInput
          label="Address of the person"
          placeholder="ada@example.com"
          required
          data-autofocus
          autoComplete="off"
          {...form.getInputProps('address')}
        />
        <TextInput
          label="The same address again, to go on"
          required
          autoComplete="off"
          {...form.getInputProps('again')}
        />
        <Group justify="flex-end">
          <ActButton
            type="submit"
            color="red"
            why={isSame ? null : 'Write the address into both fields.'}
            loading={form.isSending}
          >
            Erase this person
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
