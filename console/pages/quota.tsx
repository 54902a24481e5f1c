import { Group, Stack, Text, TextInput } from '@mantine/core';
import { Suspense, useState } from 'react';
import type { ReactElement } from 'react';
import { useCaller, usePages, useRead } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act } from '../parts/confirm.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Icon } from '../parts/icon.tsx';
import { countText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { save } from '../parts/save.ts';
import { pathTo } from '../pages.ts';
import { useFilters } from '../shell/location.ts';
import { mayCall, useMe } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { QuotaPanel } from './quota/panel.tsx';

export function Page(): ReactElement {
  const quota = useRead('GET /quota', {}, { everyMs: 5000 });
  const me = useMe();
  const isAccounts = quota.level === 'account';
  return (
    <>
      <PageHead
        title="Quota"
        text={
          isAccounts
            ? 'How many messages all subaccounts together may send; the month is one pot for all.'
            : 'How many messages this subaccount may send. What is over it waits, or is refused.'
        }
      />
      <Stack gap="lg">
        <QuotaPanel quota={quota} title={isAccounts ? 'Of the account' : 'Of the subaccount'} />
        {mayCall(me, 'GET /usage') && (
          <section aria-label="Usage of a month">
            <Month />
            <Suspense fallback={<PageWait />}>
              <Usage />
            </Suspense>
          </section>
        )}
      </Stack>
    </>
  );
}

/** The month in the address, else the one that it is (UTC, as months are counted). */
function useMonth(): [string, (month: string) => void] {
  const [{ month }, set] = useFilters(['month']);
  const known = /^20\d\d-(?:0[1-9]|1[0-2])$/.test(month) ? month : new Date().toISOString().slice(0, 7);
  return [known, (chosen) => set({ month: chosen })];
}

function Month(): ReactElement {
  const [month, setMonth] = useMonth();
  const caller = useCaller();
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    await act(null, async () =>
      save(await caller('GET /usage/statement', { query: { month } }), `usage of ${month}.csv`),
    );
    setBusy(false);
  };
  return (
    <Group justify="space-between" mb="sm">
      <Text component="h2" fw={600}>
        Usage of a month
      </Text>
      <Group gap="sm">
        <TextInput
          type="month"
          aria-label="Month"
          w={170}
          value={month}
          onChange={(event) => setMonth(event.currentTarget.value)}
        />
        <ActButton
          variant="default"
          why={null}
          loading={isBusy}
          leftSection={<Icon name="download" size={16} />}
          onClick={() => void run()}
        >
          CSV
        </ActButton>
      </Group>
    </Group>
  );
}

function Usage(): ReactElement {
  const [month] = useMonth();
  const me = useMe();
  const list = usePages('GET /usage', { query: { month } }, { everyMs: 10_000 });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <Text size="sm" c="dimmed">
        Nothing was admitted in {month}.
      </Text>
    );
  }
  return (
    <DataTable
      name="Usage of a month"
      list={list}
      keyOf={({ subaccountId }) => subaccountId}
      linkOf={
        mayCall(me, 'GET /subaccounts/{id}')
          ? ({ subaccountId }) => pathTo('subaccount', { id: subaccountId })
          : undefined
      }
      columns={[
        { title: 'Subaccount', width: '3fr', cell: ({ name }) => name },
        { title: 'External id', width: '2fr', cell: ({ externalId }) => externalId ?? '–' },
        { title: 'Messages', width: '140px', isNumber: true, cell: ({ used }) => countText(used) },
      ]}
    />
  );
}
