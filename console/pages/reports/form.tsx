import { Group, MultiSelect, NumberInput, Select, Stack, Switch, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Interval, ReportPeriod } from '../../../src/features/reports/kinds.ts';
import type { Input } from '../../api/client.ts';
import { useChange, useReadIf } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import type { Fields } from '../../parts/fields.ts';
import { viewersZone } from '../../parts/time.tsx';
import { mayCall, useMe } from '../../shell/me.ts';
import { intervalChoices, periodChoices, queryOf, toldBy, toldChoices, toldOf } from './words.ts';
import type { Report, ReportQuery } from './words.ts';

type Wanted = {
  name: string;
  period: ReportPeriod;
  told: string;
  compares: boolean;
  isShared: boolean;
  every: Interval | 'never';
  hour: number | string;
  people: string[];
};

const names = { 'schedule.hour': 'hour', share: 'isShared' };

function bodyOf(wanted: Wanted, kept: ReportQuery, maySchedule: boolean): Input<'POST /reports'>['body'] {
  const { by: _by, step: _step, compare: _compare, ...filters } = kept;
  const { every, hour, people } = wanted;
  return {
    name: wanted.name.trim(),
    period: wanted.period,
    share: wanted.isShared ? 'use' : 'none',
    query: {
      timeZone: viewersZone,
      ...filters,
      ...toldBy(wanted.told),
      ...(wanted.compares ? { compare: 'previous' } : {}),
    },
    ...(maySchedule ? { schedule: every === 'never' ? null : { every, hour: Number(hour) }, people } : {}),
  };
}

/** Period, division and sharing; who gets it by mail for those who may read people. */
function ReportFields({ form }: { readonly form: Fields<Wanted> }): ReactElement {
  const me = useMe();
  const people = useReadIf(mayCall(me, 'GET /users'), 'GET /users', { query: { limit: 500 } });
  return (
    <>
      <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
      <Group grow align="flex-start">
        <Select label="Of" allowDeselect={false} data={periodChoices} {...form.getInputProps('period')} />
        <Select label="Told" allowDeselect={false} data={toldChoices} {...form.getInputProps('told')} />
      </Group>
      <Switch
        label="Compare with the period before"
        {...form.getInputProps('compares', { type: 'checkbox' })}
      />
      {me.current.reach === 'account' && (
        <Switch
          label="Subaccounts run it too, each over its own figures"
          {...form.getInputProps('isShared', { type: 'checkbox' })}
        />
      )}
      {people !== null && (
        <>
          <Group grow align="flex-start">
            <Select
              label="Mailed"
              allowDeselect={false}
              data={[{ value: 'never', label: 'never' }, ...intervalChoices]}
              {...form.getInputProps('every')}
            />
            <NumberInput
              label="At the hour"
              min={0}
              max={23}
              allowDecimal={false}
              {...form.getInputProps('hour')}
            />
          </Group>
          <MultiSelect
            label="To"
            data={people.items.map(({ id, name, email }) => ({
              value: id,
              label: name === '' ? email : `${name} (${email})`,
            }))}
            searchable
            {...form.getInputProps('people')}
          />
        </>
      )}
    </>
  );
}

type CreateProps = {
  /** What is asked on the page where it is saved: filters and division. */
  readonly query?: ReportQuery;
  readonly onDone: (id: string) => void;
};

export function Create({ query = {}, onDone }: CreateProps): ReactElement {
  const create = useChange('POST /reports');
  const maySchedule = mayCall(useMe(), 'GET /users');
  const form = useFields<Wanted>(
    {
      name: '',
      period: 'last_30_days',
      told: toldOf(query),
      compares: query.compare !== undefined,
      isShared: false,
      every: 'never',
      hour: 7,
      people: [],
    },
    names,
  );
  const send = form.send('The report is saved', async (wanted) => {
    onDone((await create.run({ body: bodyOf(wanted, query, maySchedule) })).id);
  });
  return <Form form={form} label="Save it" send={send} />;
}

export function Edit({
  of: report,
  onDone,
}: {
  readonly of: Report;
  readonly onDone: () => void;
}): ReactElement {
  const change = useChange('PATCH /reports/{id}');
  const maySchedule = mayCall(useMe(), 'GET /users');
  const query = queryOf(report);
  const form = useFields<Wanted>(
    {
      name: report.name,
      period: report.period,
      told: toldOf(query),
      compares: query.compare !== undefined,
      isShared: report.share === 'use',
      every: report.schedule?.every ?? 'never',
      hour: report.schedule?.hour ?? 7,
      people: [...report.people],
    },
    names,
  );
  const send = form.send('Saved', async (wanted) => {
    // A division that the form cannot hold, lines over time, stays until another is chosen.
    const divided = wanted.told === toldOf(query) ? { by: query.by, step: query.step } : {};
    const body = bodyOf(wanted, query, maySchedule);
    const kept = Object.entries(divided).filter(([, value]) => value !== undefined);
    await change.run({
      path: { id: report.id },
      body: { ...body, query: { ...body.query, ...Object.fromEntries(kept) } },
    });
    onDone();
  });
  return <Form form={form} label="Save" send={send} />;
}

type FormProps = {
  readonly form: Fields<Wanted>;
  readonly label: string;
  readonly send: () => void;
};

function Form({ form, label, send }: FormProps): ReactElement {
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <ReportFields form={form} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            {label}
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
