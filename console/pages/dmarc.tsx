import { Group, Stack, Text } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import type { Item } from '../api/client.ts';
import { usePages, useReadIf } from '../api/hooks.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { FilterSelect } from '../parts/filter-inputs.tsx';
import { countText, shareText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Time } from '../parts/time.tsx';
import { useFilters, useParam } from '../shell/location.ts';
import { mayCall, useMe } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';

type Source = Item<'GET /domains/{id}/dmarc/sources'>;

const spans = [
  { value: '7', label: '7 days' },
  { value: '90', label: '90 days' },
];

export function Page(): ReactElement {
  const id = useParam('id');
  const domain = useReadIf(mayCall(useMe(), 'GET /domains/{id}'), 'GET /domains/{id}', { path: { id } });
  const [{ days }, set] = useFilters(['days']);
  return (
    <>
      <PageHead
        title={`DMARC reports${domain === null ? '' : ` of ${domain.name}`}`}
        text="What receivers say of mail that names this domain: from where it came, and whether it proved itself."
        back={{ to: 'domains', title: 'Domains' }}
      />
      <Stack gap="lg">
        <section aria-label="Sources">
          <Group justify="space-between" mb="sm">
            <Text component="h2" fw={600}>
              From where
            </Text>
            <FilterSelect
              label="Of how many days"
              any="30 days"
              width={140}
              data={spans}
              value={days}
              set={(value) => set({ days: value })}
            />
          </Group>
          <Suspense fallback={<PageWait />}>
            <Sources id={id} />
          </Suspense>
        </section>
        <section aria-label="Reports">
          <Text component="h2" fw={600} mb="sm">
            Reports
          </Text>
          <Suspense fallback={<PageWait />}>
            <Reports id={id} />
          </Suspense>
        </section>
      </Stack>
    </>
  );
}

/** What failed and what was done with it; what passed both needs no words. */
function failuresText({ results }: Source): string {
  return (
    results
      .filter(({ dkim, spf }) => dkim === 'fail' || spf === 'fail')
      .map(({ dkim, spf, disposition, messages }) => {
        const failed = [dkim === 'fail' ? 'DKIM' : '', spf === 'fail' ? 'SPF' : ''].filter(
          (part) => part !== '',
        );
        const done = disposition === 'none' ? '' : `, ${disposition}`;
        return `${countText(messages)} failed ${failed.join(' and ')}${done}`;
      })
      .join('; ') || 'nothing'
  );
}

function Sources({ id }: { readonly id: string }): ReactElement {
  const [{ days }] = useFilters(['days']);
  const span = spans.find(({ value }) => value === days)?.value ?? '30';
  const list = usePages('GET /domains/{id}/dmarc/sources', { path: { id }, query: { days: Number(span) } });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <Empty icon="shield" title="No reports in this time">
        Receivers send them once a day to the address in the domain&apos;s DMARC record; its instructions name
        it.
      </Empty>
    );
  }
  return (
    <DataTable
      name="Sources"
      list={list}
      keyOf={({ address }) => address}
      columns={[
        { title: 'Address', width: '2fr', cell: ({ address }) => <span className="mono">{address}</span> },
        { title: 'Messages', width: '120px', isNumber: true, cell: ({ messages }) => countText(messages) },
        {
          title: 'Passed',
          width: '120px',
          isNumber: true,
          cell: ({ messages, passed }) => shareText(messages === 0 ? null : passed / messages),
        },
        { title: 'Failed', width: '4fr', cell: failuresText },
      ]}
    />
  );
}

function Reports({ id }: { readonly id: string }): ReactElement {
  const list = usePages('GET /domains/{id}/dmarc/reports', { path: { id }, query: {} });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <Text size="sm" c="dimmed">
        None came yet.
      </Text>
    );
  }
  return (
    <DataTable
      name="Reports"
      list={list}
      keyOf={(report) => report.id}
      columns={[
        { title: 'From', width: '2fr', cell: ({ reporter }) => reporter },
        { title: 'Begins', width: '165px', cell: ({ beginsAt }) => <Time at={beginsAt} /> },
        { title: 'Ends', width: '165px', cell: ({ endsAt }) => <Time at={endsAt} /> },
        { title: 'Policy', width: '110px', cell: ({ policy }) => policy },
        { title: 'Messages', width: '110px', isNumber: true, cell: ({ messages }) => countText(messages) },
        {
          title: 'Passed',
          width: '100px',
          isNumber: true,
          cell: ({ messages, passed }) => shareText(messages === 0 ? null : passed / messages),
        },
        {
          title: 'Reference',
          width: '2fr',
          cell: ({ reference }) => <span className="mono">{reference}</span>,
        },
      ]}
    />
  );
}
