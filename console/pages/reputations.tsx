import { Group, Stack } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { steps } from '../../src/features/reputation/model.ts';
import { usePages } from '../api/hooks.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { FilterSelect } from '../parts/filter-inputs.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { State } from '../parts/state.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { useFilters } from '../shell/location.ts';
import { PageWait } from '../shell/states.tsx';
import { LimitsPanel } from './reputation/limits.tsx';
import { holderText, stepTones } from './reputation/words.ts';

export function Page(): ReactElement {
  const [{ step }, set] = useFilters(['step']);
  return (
    <>
      <PageHead
        title="Reputation"
        text="What a subaccount's own figures lead to, each step with its evidence and its end: warn, slow, review, pause."
      />
      <Stack gap="lg">
        <section aria-label="Subaccounts with a step">
          <Group mb="md" role="search" aria-label="Reputation">
            <FilterSelect
              label="Step"
              any="Any step"
              data={steps}
              value={step}
              set={(value) => set({ step: value })}
            />
          </Group>
          <Suspense fallback={<PageWait />}>
            <List />
          </Suspense>
        </section>
        <Suspense fallback={<PageWait />}>
          <LimitsPanel />
        </Suspense>
      </Stack>
    </>
  );
}

function List(): ReactElement {
  const [{ step }] = useFilters(['step']);
  const known = steps.find((each) => each === step);
  const list = usePages(
    'GET /reputation',
    { query: known === undefined ? {} : { step: known } },
    { everyMs: 10_000 },
  );
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <Empty icon="star" title={step === '' ? 'Nobody has a step against them' : 'Nobody is at that step'}>
        A subaccount whose mail bounces or is complained of above the rates below is warned, slowed, held for
        review or paused; the others are not touched by it.
      </Empty>
    );
  }
  return (
    <DataTable
      name="Reputation"
      list={list}
      keyOf={({ subaccountId }) => subaccountId}
      linkOf={({ subaccountId }) => pathTo('reputation', { id: subaccountId })}
      columns={[
        {
          title: 'Subaccount',
          width: '2fr',
          cell: ({ subaccountId }) => <SubaccountName id={subaccountId} />,
        },
        {
          title: 'Step',
          width: '110px',
          cell: (of) => <State name={of.step} tone={stepTones[of.step]} />,
        },
        { title: 'By', width: '125px', cell: ({ setBy }) => holderText(setBy) },
        { title: 'Until', width: '165px', cell: ({ until }) => (until === null ? '–' : <Time at={until} />) },
        { title: 'Why', width: '2fr', cell: ({ reason }) => (reason === '' ? '–' : reason) },
        {
          title: 'Exempt until',
          width: '165px',
          cell: ({ exemptUntil }) => (exemptUntil === null ? '–' : <Time at={exemptUntil} />),
        },
      ]}
    />
  );
}
