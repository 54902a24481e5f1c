import { Alert, Group, Pill, Stack, Switch, Text, UnstyledButton } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import type { ReactElement } from 'react';
import { Problem } from '../api/client.ts';
import type { Reply } from '../api/client.ts';
import { useCaller } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act } from '../parts/confirm.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { FilterSelect, FilterTime } from '../parts/filter-inputs.tsx';
import { Icon } from '../parts/icon.tsx';
import { countText, shareText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { save } from '../parts/save.ts';
import { useLens } from '../shell/lens.ts';
import { useFilters } from '../shell/location.ts';
import { PageWait } from '../shell/states.tsx';
import {
  byOf,
  dimensions,
  heldBy,
  labelOf,
  names,
  periods,
  queryOf,
  stepOf,
  steps,
} from './figures/query.ts';
import type { FigureQuery } from './figures/query.ts';
import { ValueName } from './figures/value-name.tsx';

/** Charts come on demand: they are larger than all the rest. */
const Chart = lazy(() => import('../parts/chart.tsx').then(({ Chart: loaded }) => ({ default: loaded })));

type Answer = Reply<'GET /figures'>;
type Row = Answer['items'][number];

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        title="Figures"
        text="Counted from the event log about a second behind it: what was sent, and what became of it."
      >
        <Download />
      </PageHead>
      <Filters />
      <Suspense fallback={<PageWait />}>
        <Answers />
      </Suspense>
    </>
  );
}

function Download(): ReactElement {
  const [asked] = useFilters(names);
  const caller = useCaller();
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    await act(null, async () => {
      const query = { ...queryOf(asked), by: byOf(asked), limit: 1000 };
      save(
        await caller('GET /figures/export', { query }),
        `figures by ${labelOf(query.by).toLowerCase()}.csv`,
      );
    });
    setBusy(false);
  };
  return (
    <ActButton
      variant="default"
      why={null}
      loading={isBusy}
      leftSection={<Icon name="download" size={16} />}
      onClick={() => void run()}
    >
      CSV
    </ActButton>
  );
}

function Filters(): ReactElement {
  const [asked, set] = useFilters(names);
  return (
    <Stack gap="xs" mb="md" role="search" aria-label="Figures">
      <Group gap="sm">
        <FilterSelect
          label="Period"
          any="30 days"
          width={160}
          data={periods}
          value={asked.period}
          set={(period) => set({ period, from: '', until: '' })}
        />
        {asked.period === 'own' && (
          <>
            <FilterTime label="From" value={asked.from} set={(from) => set({ from })} />
            <FilterTime label="Until" value={asked.until} set={(until) => set({ until })} />
          </>
        )}
        <FilterSelect
          label="Steps of the chart"
          any="By day"
          width={130}
          data={steps}
          value={asked.step}
          set={(step) => set({ step })}
        />
        <Switch
          label="Compare with the period before"
          checked={asked.compare !== ''}
          onChange={(event) => set({ compare: event.currentTarget.checked ? 'previous' : '' })}
        />
      </Group>
      {heldBy(asked).length > 0 && (
        <Group gap="xs" role="group" aria-label="Only mail with">
          {heldBy(asked).map(({ dimension, value }) => (
            <Pill
              key={dimension}
              size="md"
              withRemoveButton
              removeButtonProps={{
                'aria-label': `Take away the filter of ${labelOf(dimension)}`,
                'aria-hidden': false,
                tabIndex: 0,
              }}
              onRemove={() => set({ [dimension]: '' })}
            >
              {labelOf(dimension)}: <ValueName dimension={dimension} value={value} />
            </Pill>
          ))}
        </Group>
      )}
    </Stack>
  );
}

/** The answer, or the server's objection to what was asked: that stands where the answer would. */
function useFigures(query: FigureQuery): Answer | Problem {
  const lens = useLens();
  const caller = useCaller();
  return useSuspenseQuery({
    queryKey: [lens, 'figures', query],
    refetchInterval: 10_000,
    queryFn: ({ signal }) =>
      caller('GET /figures', { query }, signal).catch((error: unknown) => {
        if (error instanceof Problem && error.status >= 400 && error.status < 500) return error;
        throw error;
      }),
  }).data;
}

function Answers(): ReactElement {
  const [asked] = useFilters(names);
  const query = queryOf(asked);
  const series = useFigures({ ...query, step: stepOf(asked) });
  if (series instanceof Problem) {
    const told = series.errors.map(({ field, message }) => `${field} ${message}`);
    return (
      <Alert color="red" role="alert" title="These figures cannot be told">
        {told.length > 0 ? told.join('. ') : series.message}
      </Alert>
    );
  }
  return (
    <Stack gap="lg">
      <Totals answer={series} />
      {series.total.accepted === 0 ? (
        <Empty icon="chart" title="No mail in this period">
          Figures appear about a second after mail was accepted. Take a filter away, or choose a longer
          period.
        </Empty>
      ) : (
        <>
          <Course answer={series} isHours={stepOf(asked) === 'hour'} />
          <Suspense fallback={<PageWait />}>
            <Table query={query} />
          </Suspense>
        </>
      )}
    </Stack>
  );
}

function Totals({ answer: { total, previous } }: { readonly answer: Answer }): ReactElement {
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
  ];
  return (
    <section className="panel tiles tiles-large" aria-label="Figures of the period">
      {tiles.map(([name, count, share, was]) => (
        <div className="tile" key={name}>
          <Text size="sm" c="dimmed">
            {name}
          </Text>
          <div className="tile-value">{countText(count)}</div>
          <Text size="xs" c="dimmed" className="figure">
            {share === null ? '' : shareText(share)}
            {was === null ? '' : `${share === null ? '' : ', '}before ${countText(was)}`}
            {share === null && was === null ? '\u00a0' : ''}
          </Text>
        </div>
      ))}
    </section>
  );
}

function Course({ answer, isHours }: { readonly answer: Answer; readonly isHours: boolean }): ReactElement {
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

/** One line for each value of a dimension, those with most mail first; a click narrows everything to it. */
function Table({ query }: { readonly query: FigureQuery }): ReactElement {
  const [asked, set] = useFilters(names);
  const by = byOf(asked);
  const answer = useFigures({ ...query, by, limit: 1000 });
  const rows = answer instanceof Problem ? [] : answer.items;
  const share = (title: string, of: (row: Row) => number | null) => ({
    title,
    width: '110px',
    isNumber: true,
    cell: (row: Row) => shareText(of(row)),
  });
  return (
    <section aria-label="By dimension">
      <Group mb="sm">
        <FilterSelect
          label="By"
          any="Recipient's domain"
          width={200}
          data={dimensions}
          value={asked.by}
          set={(chosen) => set({ by: chosen })}
        />
        <Text size="xs" c="dimmed">
          A line narrows everything above to it.
        </Text>
      </Group>
      <DataTable<Row>
        name={`By ${labelOf(by).toLowerCase()}`}
        list={{ items: rows, hasMore: false, isMoreComing: false, more: () => undefined }}
        keyOf={({ value, isOther }) => (isOther ? 'all others' : `= ${value ?? ''}`)}
        columns={[
          {
            title: labelOf(by),
            width: '3fr',
            cell: ({ value, isOther }) => {
              if (isOther) return 'all others';
              if (value === null || value === '') return '(none)';
              return (
                <UnstyledButton className="row-button" onClick={() => set({ [by]: value })}>
                  <ValueName dimension={by} value={value} />
                </UnstyledButton>
              );
            },
          },
          {
            title: 'Accepted',
            width: '110px',
            isNumber: true,
            cell: ({ figures }) => countText(figures.accepted),
          },
          share('Delivered', ({ figures }) => figures.rates.delivery),
          share('Hard bounces', ({ figures }) => figures.rates.hardBounce),
          share('Bounced', ({ figures }) => figures.rates.bounce),
          share('Complaints', ({ figures }) => figures.rates.complaint),
          share('Opened', ({ figures }) => figures.rates.open),
          share('Clicked', ({ figures }) => figures.rates.click),
        ]}
      />
    </section>
  );
}
