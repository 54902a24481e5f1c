/** What figures answer, as a page shows it: totals, their course over time, and columns of a table. */
import { Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import type { Column } from '../../parts/data-table.tsx';
import { countText, lastText, shareText, sizeText } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';

/** Charts come on demand: they are larger than all the rest. */
const Chart = lazy(() => import('../../parts/chart.tsx').then(({ Chart: loaded }) => ({ default: loaded })));

export type Answer = Reply<'GET /figures'>;
export type Row = Answer['items'][number];

export function Totals({ answer: { total, previous } }: { readonly answer: Answer }): ReactElement {
  const before = previous?.total ?? null;
  const tiles: readonly (readonly [string, number, number | null, number | null])[] = [
    ['Accepted', total.accepted, null, before?.accepted ?? null],
    ['Delivered', total.delivered, total.rates.delivery, before?.delivered ?? null],
    ['Hard bounces', total.bounced.hard, total.rates.hardBounce, before?.bounced.hard ?? null],
    [
      'Other bounces',
      total.bounced.total - total.bounced.hard + total.bouncedLater,
      null,
      before === null ? null : before.bounced.total - before.bounced.hard + before.bouncedLater,
    ],
    ['Complaints', total.complained, total.rates.complaint, before?.complained ?? null],
    ['Unsubscribed', total.unsubscribed, total.rates.unsubscribe, before?.unsubscribed ?? null],
    ['Opened', total.openers, total.rates.open, before?.openers ?? null],
    ['Clicked', total.clickers, total.rates.click, before?.clickers ?? null],
    ['Engaged', total.engaged, total.rates.engagement, before?.engaged ?? null],
  ];
  return (
    <section className="panel tiles tiles-large" aria-label="Figures of the period">
      {tiles.map(([name, count, share, was]) => (
        <Tile
          key={name}
          name={name}
          value={countText(count)}
          below={[share === null ? '' : shareText(share), was === null ? '' : `before ${countText(was)}`]}
        />
      ))}
      <Tile
        name="Time to delivery"
        value={lastText(total.deliveryMeanMs)}
        below={['on the average', before === null ? '' : `before ${lastText(before.deliveryMeanMs)}`]}
      />
      <Tile
        name="Volume"
        value={sizeText(total.deliveredBytes)}
        below={['delivered', before === null ? '' : `before ${sizeText(before.deliveredBytes)}`]}
      />
    </section>
  );
}

type TileProps = { readonly name: string; readonly value: string; readonly below: readonly string[] };

function Tile({ name, value, below }: TileProps): ReactElement {
  const said = below.filter((part) => part !== '').join(', ');
  return (
    <div className="tile">
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <div className="tile-value">{value}</div>
      <Text size="xs" c="dimmed" className="figure">
        {said === '' ? '\u00a0' : said}
      </Text>
    </div>
  );
}

export function Course({
  answer,
  isHours,
}: {
  readonly answer: Answer;
  readonly isHours: boolean;
}): ReactElement {
  const points = answer.items.map(({ at, figures }) => ({ at: at ?? answer.from, figures }));
  return (
    <Panel title="Delivered, bounced and complained">
      <Suspense fallback={<div style={{ height: 240 }} />}>
        <Chart
          name="Delivered, bounced and complained copies over the period"
          isHours={isHours}
          times={points.map(({ at }) => at)}
          series={[
            { name: 'Delivered', tone: 'good', values: points.map(({ figures }) => figures.delivered) },
            { name: 'Bounced', tone: 'bad', values: points.map(({ figures }) => figures.bounced.total) },
            { name: 'Complained', tone: 'wait', values: points.map(({ figures }) => figures.complained) },
          ]}
        />
      </Suspense>
    </Panel>
  );
}

function share(title: string, width: string, of: (row: Row) => number | null): Column<Row> {
  return { title, width, isNumber: true, cell: (row) => shareText(of(row)) };
}

export const figureColumns: readonly Column<Row>[] = [
  {
    title: 'Accepted',
    width: '106px',
    isNumber: true,
    cell: ({ figures }) => countText(figures.accepted),
  },
  share('Delivered', '100px', ({ figures }) => figures.rates.delivery),
  share('Hard bounces', '130px', ({ figures }) => figures.rates.hardBounce),
  share('Bounced', '90px', ({ figures }) => figures.rates.bounce),
  share('Complaints', '112px', ({ figures }) => figures.rates.complaint),
  share('Opened', '85px', ({ figures }) => figures.rates.open),
  share('Clicked', '85px', ({ figures }) => figures.rates.click),
  share('Engaged', '92px', ({ figures }) => figures.rates.engagement),
  {
    title: 'Time',
    width: '84px',
    isNumber: true,
    cell: ({ figures }) => lastText(figures.deliveryMeanMs),
  },
];
