import { Stack, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { ReactElement } from 'react';
import type { Input, Reply } from '../api/client.ts';
import { useRead, useReadIf } from '../api/hooks.ts';
import type { Ahead } from '../api/hooks.ts';
import type { Search } from '../api/lens.ts';
import { Empty } from '../parts/empty.tsx';
import { countText, shareText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { viewersZone } from '../parts/time.tsx';
import { accountIn } from '../shell/choices.ts';
import { useLensName } from '../shell/lens-picker.tsx';
import { mayCall, reachesMany, useMe } from '../shell/me.ts';
import type { Me } from '../shell/me.ts';
import { FirstPath } from './overview/first-path.tsx';
import { StatusTiles, Tenants, tenantsFilter, TilesPlace, useTenants } from './overview/tenants.tsx';

/** Charts come on demand: they are larger than all the rest. */
const Chart = lazy(() => import('../parts/chart.tsx').then(({ Chart: loaded }) => ({ default: loaded })));

const dayMs = 86_400_000;

function startOf(days: number): string {
  const today = new Date();
  today.setHours(0, 0, 0, 0);
  return new Date(today.getTime() - (days - 1) * dayMs).toISOString();
}

function partsFor(me: Me): { readonly seesFigures: boolean; readonly seesTenants: boolean } {
  return {
    seesFigures: mayCall(me, 'GET /figures'),
    seesTenants: mayCall(me, 'GET /overview/subaccounts') && reachesMany(me),
  };
}

/** All parts ask at once, the slowest first. */
export function ahead(me: Me, ask: Ahead, search: Search): void {
  const { seesFigures, seesTenants } = partsFor(me);
  if (seesTenants) {
    ask.pages('GET /overview/subaccounts', { query: tenantsFilter(search) });
    ask.one('GET /overview', {});
  }
  if (seesFigures) ask.one('GET /figures', figuresInput());
}

export function Page(): ReactElement {
  const me = useMe();
  const name = useLensName() ?? accountIn(me)?.name ?? 'Overview';
  const { seesFigures, seesTenants } = partsFor(me);
  // Each part comes when it is there, so that none waits for the slowest; what pushes others down has its place from the beginning.
  return (
    <>
      <PageHead title={name} text="The last 30 days, counted from the event log about a second behind it." />
      <Stack gap="lg">
        <FirstPath />
        {seesTenants && (
          <Suspense fallback={<TilesPlace hasShares={false} />}>
            <StatusTiles />
          </Suspense>
        )}
        {seesFigures ? (
          <Suspense fallback={<TilesPlace hasShares />}>
            <Tiles />
          </Suspense>
        ) : (
          <Text c="dimmed">Figures are not open to you here; the menu shows what is.</Text>
        )}
        {seesTenants && <Tenants />}
        {seesFigures && <Suspense fallback={null}>{seesTenants ? <DaysLater /> : <Days />}</Suspense>}
        {mayCall(me, 'GET /why') && (
          <Suspense fallback={null}>
            <Waiting />
          </Suspense>
        )}
      </Stack>
    </>
  );
}

const figuresInput = (): Input<'GET /figures'> => ({
  query: { from: startOf(30), step: 'day', timeZone: viewersZone },
});

/** Asked once for all parts that show it. */
function useFigures(): Reply<'GET /figures'> {
  return useRead('GET /figures', figuresInput(), { everyMs: 5000 });
}

function Tiles(): ReactElement {
  const { total } = useFigures();
  const tiles: readonly (readonly [string, string, string])[] = [
    ['Accepted', countText(total.accepted), 'copies'],
    ['Delivered', countText(total.delivered), shareText(total.rates.delivery)],
    ['Bounced', countText(total.bounced.total + total.bouncedLater), shareText(total.rates.bounce)],
    ['Complaints', countText(total.complained), shareText(total.rates.complaint)],
    ['Opened', countText(total.openers), shareText(total.rates.open)],
    ['Clicked', countText(total.clickers), shareText(total.rates.click)],
  ];
  return (
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
  );
}

/** The chart's code comes when the list above stands: it is read first. */
function DaysLater(): ReactElement {
  useTenants();
  return <Days />;
}

function Days(): ReactElement {
  const answer = useFigures();
  if (answer.total.accepted === 0)
    return (
      <Empty icon="mail" title="No mail in these 30 days">
        When some is accepted, its days stand here a second later.
      </Empty>
    );
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
