import { Alert, Group, Pill, Stack, Switch, Text, UnstyledButton } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import type { ReactElement } from 'react';
import { Problem } from '../api/client.ts';
import { useCaller } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act } from '../parts/confirm.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { FilterSelect, FilterTime } from '../parts/filter-inputs.tsx';
import { Icon } from '../parts/icon.tsx';
import { NewThing } from '../parts/new-thing.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { save } from '../parts/save.ts';
import { useLens } from '../shell/lens.ts';
import { useFilters, useGoTo } from '../shell/location.ts';
import { PageWait } from '../shell/states.tsx';
import { Course, figureColumns, Totals } from './figures/answer.tsx';
import type { Answer, Row } from './figures/answer.tsx';
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
import { Create } from './reports/form.tsx';

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        title="Figures"
        text="Counted from the event log about a second behind it: what was sent, and what became of it."
      >
        <NewThing call="POST /reports" label="Save as a report" size="lg">
          {() => <Save />}
        </NewThing>
        <Download />
      </PageHead>
      <Filters />
      <Suspense fallback={<PageWait />}>
        <Answers />
      </Suspense>
    </>
  );
}

/** What is asked now, but for its period: a report's goes on with the time. */
function Save(): ReactElement {
  const [asked] = useFilters(names);
  const goTo = useGoTo();
  const { from: _from, until: _until, ...query } = queryOf(asked);
  return <Create query={{ ...query, by: byOf(asked) }} onDone={(id) => goTo('report', { id })} />;
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
          <Course answer={series} isHours={stepOf(asked).includes('hour')} />
          <Suspense fallback={<PageWait />}>
            <Table query={query} />
          </Suspense>
        </>
      )}
    </Stack>
  );
}

/** One line for each value of a dimension, those with most mail first; a click narrows everything to it. */
function Table({ query }: { readonly query: FigureQuery }): ReactElement {
  const [asked, set] = useFilters(names);
  const by = byOf(asked);
  const answer = useFigures({ ...query, by, limit: 1000 });
  const rows = answer instanceof Problem ? [] : answer.items;
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
            width: '5fr',
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
          ...figureColumns,
        ]}
      />
    </section>
  );
}
