/** A report in words, and its question between form and call. */
import { intervals, periods } from '../../../src/features/reports/kinds.ts';
import type { Interval, ReportPeriod } from '../../../src/features/reports/kinds.ts';
import type { Input, Item } from '../../api/client.ts';
import { dimensions, labelOf, steps } from '../figures/query.ts';

export type Report = Item<'GET /reports'>;
export type ReportQuery = Input<'POST /reports'>['body']['query'];

const periodNames: Readonly<Record<ReportPeriod, string>> = {
  yesterday: 'yesterday',
  last_7_days: 'the last 7 days',
  last_30_days: 'the last 30 days',
  this_month: 'this month',
  last_month: 'the last month',
};
export const periodChoices = periods.map((value) => ({ value, label: periodNames[value] }));

const intervalNames: Readonly<Record<Interval, string>> = {
  daily: 'every day',
  weekly: 'every Monday',
  monthly: 'on the first of a month',
};
export const intervalChoices = intervals.map((value) => ({ value, label: intervalNames[value] }));

/** By which a report is told in the form: a dimension as lines, or steps of time as a course. */
export const toldChoices = [
  { group: 'One line for each', items: [...dimensions] },
  { group: 'Over time', items: steps.map(({ value, label }) => ({ value, label })) },
];

/** What was saved, as far as it is known here: the call keeps questions that this page has no words for. */
export function queryOf({ query }: Pick<Report, 'query'>): ReportQuery {
  return typeof query === 'object' && query !== null ? query : {};
}

/** The one choice of the form that stands for `by` and `step`. */
export function toldOf({ by, step }: ReportQuery): string {
  return by ?? step ?? 'day';
}

export function toldBy(told: string): Pick<ReportQuery, 'by' | 'step'> {
  const by = dimensions.find(({ value }) => value === told)?.value;
  if (by !== undefined) return { by };
  return { step: steps.find(({ value }) => value === told)?.value ?? 'day' };
}

export function toldText({ by, step }: ReportQuery): string {
  const known = dimensions.find(({ value }) => value === by)?.value;
  const line =
    known === undefined ? (by === undefined ? null : `by ${by}`) : `by ${labelOf(known).toLowerCase()}`;
  const course = step === undefined ? null : `by ${step}`;
  return [line, course].filter((part) => part !== null).join(', ') || 'in all';
}

export function periodText({ period }: Pick<Report, 'period'>): string {
  return periodNames[period];
}

export function scheduleText({ schedule, people }: Pick<Report, 'schedule' | 'people'>): string {
  if (schedule === null || people.length === 0) return 'to nobody';
  const hour = `${String(schedule.hour).padStart(2, '0')}:00`;
  return `${intervalNames[schedule.every]} at ${hour} to ${people.length === 1 ? 'one person' : `${people.length} people`}`;
}
