import { Alert, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Suspense, useState } from 'react';
import type { ReactElement } from 'react';
import { useCaller, useChange, useRead } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { DataTable } from '../parts/data-table.tsx';
import type { Column } from '../parts/data-table.tsx';
import { Facts } from '../parts/facts.tsx';
import { Icon } from '../parts/icon.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { save } from '../parts/save.ts';
import { Time } from '../parts/time.tsx';
import { useGoTo, useParam } from '../shell/location.ts';
import { useWhyNot, useWhyNotOn } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { Course, figureColumns, Totals } from './figures/answer.tsx';
import type { Row } from './figures/answer.tsx';
import { dimensions, labelOf } from './figures/query.ts';
import { ValueName } from './figures/value-name.tsx';
import { Edit } from './reports/form.tsx';
import { Share } from './reports/share.tsx';
import { periodText, queryOf, scheduleText, toldText } from './reports/words.ts';
import type { Report } from './reports/words.ts';

type OfReport = { readonly report: Report };

export function Page(): ReactElement {
  const id = useParam('id');
  const report = useRead('GET /reports/{id}', { path: { id } });
  const whyNot = useWhyNotOn(report.subaccountId);
  return (
    <>
      <PageHead
        title={report.name}
        text={`Mail of ${periodText(report)}, ${toldText(queryOf(report))}`}
        back={{ to: 'reports', title: 'Reports' }}
      >
        <Change report={report} />
        <Share id={id} why={whyNot('POST /reports/{id}/links')} />
        <Download report={report} />
      </PageHead>
      <Stack gap="lg">
        <Suspense fallback={<PageWait />}>
          <Run report={report} />
        </Suspense>
        <About report={report} />
        <Ending report={report} />
      </Stack>
    </>
  );
}

function Run({ report }: OfReport): ReactElement {
  const answer = useRead('GET /reports/{id}/run', { path: { id: report.id } }, { everyMs: 30_000 });
  const query = queryOf(report);
  const isEmpty = answer.total.accepted === 0;
  return (
    <Stack gap="lg">
      <Totals answer={answer} />
      {isEmpty && (
        <Alert color="gray" title="No mail in this period" role="status">
          The report covers {periodText(report)}; it fills as mail is sent in such a time.
        </Alert>
      )}
      {!isEmpty && query.by === undefined && query.step !== undefined && (
        <Course answer={answer} isHours={query.step === 'hour' || query.step === '12_hours'} />
      )}
      {!isEmpty && query.by !== undefined && <Lines by={query.by} rows={answer.items} />}
    </Stack>
  );
}

type LinesProps = { readonly by: string; readonly rows: readonly Row[] };

function Lines({ by, rows }: LinesProps): ReactElement {
  const dimension = dimensions.find(({ value }) => value === by)?.value ?? null;
  const title = dimension === null ? by : labelOf(dimension);
  const hasTime = rows.some(({ at }) => at !== null);
  const time: Column<Row> = {
    title: 'At',
    width: '165px',
    cell: ({ at }) => (at === null ? '–' : <Time at={at} />),
  };
  return (
    <DataTable<Row>
      name={`By ${title.toLowerCase()}`}
      list={{ items: rows, hasMore: false, isMoreComing: false, more: () => undefined }}
      keyOf={({ at, value, isOther, and }) => JSON.stringify([at, value, isOther, and])}
      columns={[
        {
          title,
          width: '5fr',
          cell: ({ value, isOther }) => {
            if (isOther) return 'all others';
            if (value === null || value === '') return '(none)';
            return dimension === null ? value : <ValueName dimension={dimension} value={value} />;
          },
        },
        ...(hasTime ? [time] : []),
        ...figureColumns,
      ]}
    />
  );
}

function About({ report }: OfReport): ReactElement {
  const { timeZone, by: _by, step: _step, compare: _compare, ...filters } = queryOf(report);
  const held = Object.entries(filters).filter(([, values]) => Array.isArray(values));
  return (
    <Panel title="Facts">
      <Facts
        of={{
          Of: periodText(report),
          'In the time of': timeZone ?? 'UTC',
          'Only mail with':
            held.length === 0
              ? null
              : held.map(([name, values]) => `${name} ${[values].flat().join(', ')}`).join('; '),
          Mailed: scheduleText(report),
          Next: report.nextAt === null ? null : <Time at={report.nextAt} />,
          Shared: report.share === 'use' ? 'subaccounts run it over their own figures' : 'with nobody',
          Made: <Time at={report.createdAt} isDay />,
        }}
      />
    </Panel>
  );
}

function Download({ report: { id, name } }: OfReport): ReactElement {
  const caller = useCaller();
  const whyNot = useWhyNot();
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    await act(null, async () =>
      save(await caller('GET /reports/{id}/export', { path: { id } }), `${name}.csv`),
    );
    setBusy(false);
  };
  return (
    <ActButton
      variant="default"
      why={whyNot('GET /reports/{id}/export')}
      loading={isBusy}
      leftSection={<Icon name="download" size={16} />}
      onClick={() => void run()}
    >
      CSV
    </ActButton>
  );
}

function Change({ report }: OfReport): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNotOn(report.subaccountId);
  return (
    <>
      <ActButton variant="default" why={whyNot('PATCH /reports/{id}')} onClick={dialogue.open}>
        Change
      </ActButton>
      <Modal opened={isOpen} onClose={dialogue.close} title={`Change ${report.name}`} size="lg">
        <Suspense fallback={null}>
          <Edit of={report} onDone={dialogue.close} />
        </Suspense>
      </Modal>
    </>
  );
}

function Ending({ report: { id, name, subaccountId } }: OfReport): ReactElement {
  const remove = useChange('DELETE /reports/{id}');
  const whyNot = useWhyNotOn(subaccountId);
  const goTo = useGoTo();
  const run = async (): Promise<void> => {
    const text = 'It is mailed no more and every link to it ends. The figures themselves stay.';
    const question = { title: `Delete ${name}?`, text, action: 'Delete it', isDangerous: true };
    if (!(await confirm(question))) return;
    if (await act(`${name} was deleted`, () => remove.run({ path: { id } }))) goTo('reports');
  };
  return (
    <Panel title="Ending it">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={560}>
          Deleting it ends its mails and its links.
        </Text>
        <ActButton
          color="red"
          variant="light"
          why={whyNot('DELETE /reports/{id}')}
          onClick={() => void run()}
        >
          Delete
        </ActButton>
      </Group>
    </Panel>
  );
}
