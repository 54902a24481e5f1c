import { Stack, Text } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { usePages, useRead } from '../api/hooks.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Facts } from '../parts/facts.tsx';
import { shareText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { State } from '../parts/state.tsx';
import { Time } from '../parts/time.tsx';
import { useSubaccountName } from '../shell/choices.ts';
import { useParam } from '../shell/location.ts';
import { PageWait } from '../shell/states.tsx';
import { Acts } from './reputation/acts.tsx';
import { Findings } from './reputation/findings.tsx';
import { causeText, holderText, measureTexts, stepTones } from './reputation/words.ts';

export function Page(): ReactElement {
  const id = useParam('id');
  const reputation = useRead('GET /subaccounts/{id}/reputation', { path: { id } }, { everyMs: 5000 });
  const { step, setBy, since, until, reason, exemptUntil, evidence, figures } = reputation;
  const name = useSubaccountName(reputation.subaccountId);
  return (
    <>
      <PageHead
        title={`Reputation of ${name}`}
        text={<State name={step === 'none' ? 'no step holds' : step} tone={stepTones[step]} />}
        back={{ to: 'reputations', title: 'Reputation' }}
      >
        <Acts of={reputation} />
      </PageHead>
      <Stack gap="lg">
        {(step !== 'none' || exemptUntil !== null) && (
          <Panel title="What holds">
            <Facts
              of={{
                Step: step === 'none' ? null : step,
                By: step === 'none' ? null : holderText(setBy),
                Since: since === null ? null : <Time at={since} />,
                Until: until === null ? null : <Time at={until} />,
                Why: reason === '' ? null : reason,
                'Exempt until': exemptUntil === null ? null : <Time at={exemptUntil} />,
              }}
            />
          </Panel>
        )}
        {evidence.length > 0 && (
          <Panel title="What led to it">
            <Findings of={evidence} name="What led to it" />
          </Panel>
        )}
        <Panel title="The figures now">
          <Findings of={figures} name="The rate of each measure" />
        </Panel>
        <section aria-label="Steps taken">
          <Text component="h2" fw={600} mb="sm">
            Steps taken
          </Text>
          <Suspense fallback={<PageWait />}>
            <Taken id={id} />
          </Suspense>
        </section>
      </Stack>
    </>
  );
}

function Taken({ id }: { readonly id: string }): ReactElement {
  const list = usePages('GET /subaccounts/{id}/reputation/steps', { path: { id }, query: {} });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <Text size="sm" c="dimmed">
        No step was ever taken.
      </Text>
    );
  }
  return (
    <DataTable
      name="Steps taken"
      list={list}
      keyOf={(taken) => taken.id}
      columns={[
        { title: 'At', width: '165px', cell: ({ at }) => <Time at={at} /> },
        { title: 'From', width: '100px', cell: ({ from }) => from },
        { title: 'To', width: '110px', cell: ({ step }) => <State name={step} tone={stepTones[step]} /> },
        { title: 'Because', width: '2fr', cell: causeText },
        {
          title: 'Evidence',
          width: '2fr',
          cell: ({ evidence }) =>
            evidence
              .map(({ measure, rate }) => `${measureTexts[measure].toLowerCase()} ${shareText(rate)}`)
              .join(', ') || '–',
        },
        { title: 'Why', width: '2fr', cell: ({ reason }) => (reason === '' ? '–' : reason) },
      ]}
    />
  );
}
