import { Stack, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { ReactElement } from 'react';
import type { Reply } from '../api/client.ts';
import { usePages, useRead, useReadIf } from '../api/hooks.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { countText, shareText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { State } from '../parts/state.tsx';
import { viewersZone } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { useLens } from '../shell/lens.ts';
import { accountIn } from '../shell/choices.ts';
import { useLensName } from '../shell/lens-picker.tsx';
import { mayCall, useMe } from '../shell/me.ts';
import { FirstPath } from './overview/first-path.tsx';

/** Charts come on demand: they are larger than all the rest. */
const Chart = lazy(() => import('../parts/chart.tsx').then(({ Chart: loaded }) => ({ default: loaded })));

const dayMs = 86_400_000;

function startOf(days: number): string {
  const today = new Date();
  today.setHours(0, 0, 0, 0);
  return new Date(today.getTime() - (days - 1) * dayMs).toISOString();
}

export function Page(): ReactElement {
  const me = useMe();
  const name = useLensName() ?? accountIn(me)?.name ?? 'Overview';
  const seesFigures = mayCall(me, 'GET /figures');
  const seesTenants = mayCall(me, 'GET /subaccounts') && me.current.reach === 'account';
  return (
    <>
      <PageHead title={name} text="The last 30 days, counted from the event log about a second behind it." />
      <Stack gap="lg">
        <FirstPath />
        {seesFigures ? (
          <Figures />
        ) : (
          <Text c="dimmed">Figures are not open to you here; the menu shows what is.</Text>
        )}
        {mayCall(me, 'GET /why') && <Waiting />}
        {seesTenants && seesFigures && <Tenants />}
      </Stack>
    </>
  );
}

type Answer = Reply<'GET /figures'>;

function Figures(): ReactElement {
  const answer = useRead(
    'GET /figures',
    { query: { from: startOf(30), step: 'day', timeZone: viewersZone } },
    { everyMs: 5000 },
  );
  const { total } = answer;
  const tiles: readonly (readonly [string, string, string])[] = [
    ['Accepted', countText(total.accepted), 'copies'],
    ['Delivered', countText(total.delivered), shareText(total.rates.delivery)],
    ['Bounced', countText(total.bounced.total + total.bouncedLater), shareText(total.rates.bounce)],
    ['Complaints', countText(total.complained), shareText(total.rates.complaint)],
    ['Opened', countText(total.openers), shareText(total.rates.open)],
    ['Clicked', countText(total.clickers), shareText(total.rates.click)],
  ];
  return (
    <>
      <section className="panel tiles" aria-label="Figures of the last 30 days">
        {tiles.map(([name, value, share]) => (
          <div className="tile" key={name}>
            <Text size="sm" c="dimmed">
              {name}
            </Text>
            <div className="tile-value">{value}</div>
            <Text size="xs" c="dimmed" className="figure">
              {share}
            </Text>
          </div>
        ))}
      </section>
      {total.accepted === 0 ? (
        <Empty icon="mail" title="No mail in these 30 days">
          When some is accepted, its days stand here a second later.
        </Empty>
      ) : (
        <Days answer={answer} />
      )}
    </>
  );
}

function Days({ answer }: { readonly answer: Answer }): ReactElement {
  const days = answer.items.map(({ at, figures }) => ({ at: at ?? answer.from, figures }));
  return (
    <Panel title="Delivered and bounced, by day">
      <Suspense fallback={<div style={{ height: 240 }} />}>
        <Chart
          name="Delivered and bounced copies, by day"
          times={days.map(({ at }) => at)}
          series={[
            { name: 'Delivered', tone: 'good', values: days.map(({ figures }) => figures.delivered) },
            { name: 'Bounced', tone: 'bad', values: days.map(({ figures }) => figures.bounced.total) },
          ]}
        />
      </Suspense>
    </Panel>
  );
}

const holdWords: Readonly<Record<string, string>> = {
  paused: 'is held because its subaccount is paused',
  quota: 'waits for room in a quota',
  scheduled: 'is scheduled for later',
  review: 'is held until somebody has looked at its subaccount',
};

function Waiting(): ReactElement | null {
  const why = useReadIf(true, 'GET /why', {}, { everyMs: 5000 });
  if (why === null || why.waiting === 0) return null;
  return (
    <Panel title={`${why.isExact ? '' : 'At least '}${countText(why.waiting)} waiting`}>
      <Stack gap={6}>
        {why.groups.map(({ code, messages }) => (
          <Text size="sm" key={code}>
            <b className="figure">{countText(messages)}</b> {holdWords[code] ?? code.replaceAll('_', ' ')}
          </Text>
        ))}
      </Stack>
    </Panel>
  );
}

type Row = { readonly id: number; readonly name: string; readonly status: string };

/** Every subaccount with its figures; the ones with most mail come from one call, not from one a row. */
function Tenants(): ReactElement {
  const { account } = useLens();
  const list = usePages('GET /subaccounts', {
    query: { status: 'active,paused,suspended,pending_retirement' },
  });
  const figures = useRead(
    'GET /figures',
    { query: { from: startOf(30), by: 'subaccount', limit: 1000, timeZone: viewersZone } },
    { everyMs: 10_000 },
  );
  const byId = new Map(figures.items.map(({ value, figures: counted }) => [Number(value), counted]));
  const of = ({ id }: Row) => byId.get(id);
  return (
    <section aria-label="Subaccounts" key={account}>
      <DataTable<Row>
        name="Subaccounts and their health"
        list={list}
        keyOf={({ id }) => id}
        linkOf={({ id }) => pathTo('subaccount', { id })}
        columns={[
          { title: 'Subaccount', width: '3fr', cell: ({ name }) => name },
          { title: 'Status', width: '150px', cell: ({ status }) => <State name={status} /> },
          {
            title: 'Accepted',
            width: '1fr',
            isNumber: true,
            cell: (row) => countText(of(row)?.accepted ?? 0),
          },
          {
            title: 'Delivered',
            width: '1fr',
            isNumber: true,
            cell: (row) => shareText(of(row)?.rates.delivery ?? null),
          },
          {
            title: 'Bounced',
            width: '1fr',
            isNumber: true,
            cell: (row) => shareText(of(row)?.rates.bounce ?? null),
          },
          {
            title: 'Complaints',
            width: '1fr',
            isNumber: true,
            cell: (row) => shareText(of(row)?.rates.complaint ?? null),
          },
        ]}
      />
    </section>
  );
}
