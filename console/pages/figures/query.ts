/** What the figures page asks for, as it stands in the address and as a call takes it. */
import type { Query } from '../../api/client.ts';
import { viewersZone } from '../../parts/time.tsx';

type Kept = Exclude<Query<'GET /figures'>['step'], 'minute' | '5_minutes' | '15_minutes' | undefined>;
/** Minutes are for a look at the last hours, and no report has them. */
export type FigureQuery = Omit<Query<'GET /figures'>, 'step'> & { readonly step?: Kept };
export type Dimension = NonNullable<FigureQuery['by']>;
export type Step = NonNullable<FigureQuery['step']>;

export const dimensions: readonly { readonly value: Dimension; readonly label: string }[] = [
  { value: 'subaccount', label: 'Subaccount' },
  { value: 'sendingDomain', label: 'Sending domain' },
  { value: 'senderAddress', label: 'Sender' },
  { value: 'recipientDomain', label: "Recipient's domain" },
  { value: 'site', label: 'Site' },
  { value: 'tag', label: 'Tag' },
  { value: 'campaign', label: 'Campaign' },
  { value: 'template', label: 'Template' },
  { value: 'pool', label: 'Pool' },
  { value: 'source', label: 'Source address' },
];
export const steps: readonly { readonly value: Step; readonly label: string }[] = [
  { value: 'hour', label: 'By hour' },
  { value: '12_hours', label: 'By half day' },
  { value: 'day', label: 'By day' },
  { value: 'week', label: 'By week' },
  { value: 'month', label: 'By month' },
];
export const periods = [
  { value: '1', label: 'Today' },
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: 'own', label: 'From and until' },
];

const choices = ['period', 'from', 'until', 'by', 'step', 'compare'] as const;
export const names = [...choices, ...dimensions.map(({ value }) => value)] as const;
export type Asked = Readonly<Record<(typeof names)[number], string>>;

export function labelOf(dimension: Dimension): string {
  return dimensions.find(({ value }) => value === dimension)?.label ?? dimension;
}

const dayMs = 86_400_000;

/** Whole days of the viewer's zone, this one included. */
function startOf(days: number): string {
  const start = new Date();
  start.setHours(0, 0, 0, 0);
  return new Date(start.getTime() - (days - 1) * dayMs).toISOString();
}

export function byOf({ by }: Asked): Dimension {
  return dimensions.find(({ value }) => value === by)?.value ?? 'recipientDomain';
}

export function stepOf({ step, period }: Asked): Step {
  return steps.find(({ value }) => value === step)?.value ?? (period === '1' ? 'hour' : 'day');
}

/** The filters that hold, each one value of a dimension. */
export function heldBy(asked: Asked): readonly { readonly dimension: Dimension; readonly value: string }[] {
  return dimensions.flatMap(({ value: dimension }) =>
    asked[dimension] === '' ? [] : [{ dimension, value: asked[dimension] }],
  );
}

/** Period and filters, without `by` and `step`. */
export function queryOf(asked: Asked): FigureQuery {
  const isOwn = asked.period === 'own';
  const days = Number(periods.find(({ value }) => value === asked.period && !isOwn)?.value ?? 30);
  const range = isOwn
    ? {
        ...(asked.from === '' ? {} : { from: asked.from }),
        ...(asked.until === '' ? {} : { until: asked.until }),
      }
    : { from: startOf(days) };
  const filters = Object.fromEntries(heldBy(asked).map(({ dimension, value }) => [dimension, [value]]));
  return {
    ...range,
    timeZone: viewersZone,
    ...(asked.compare === '' ? {} : { compare: 'previous' }),
    ...filters,
  };
}
