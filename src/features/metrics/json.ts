/** What figures look like to a caller, as JSON and as CSV. */
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { fields, record } from '../../base/route.ts';
import type { FigureAnswer, FigureRow } from './operations.ts';
import { healthOf } from './health.ts';
import { bounceClasses, sum } from './rules.ts';
import type { Figures } from './rules.ts';

const Share = Type.Union([Type.Number({ description: '0 to 1' }), Type.Null()]);
const ByName = record(Type.Integer(), { nameLengthMax: 128, entriesMax: 1000 });
const Times = Type.Union([
  fields({ p50: Type.Integer(), p95: Type.Integer(), p99: Type.Integer() }),
  Type.Null(),
]);

export const FiguresReply = fields({
  accepted: Type.Integer(),
  delivered: Type.Integer(),
  deliveredFirst: Type.Integer({ description: 'at their first attempt' }),
  bounced: fields({
    total: Type.Integer(),
    ...Object.fromEntries(bounceClasses.map((name) => [name, Type.Integer()])),
  }),
  bouncedLater: Type.Integer({ description: 'sent back by a server that had taken it' }),
  bouncedLaterBy: ByName,
  deferred: ByName,
  delayed: Type.Integer({ description: 'messages whose first attempt failed for now' }),
  rejected: ByName,
  complained: Type.Integer(),
  unsubscribed: Type.Integer(),
  opened: Type.Integer(),
  openers: Type.Integer({ description: 'messages that a person opened at all' }),
  openedByMachines: Type.Integer(),
  initiallyOpened: Type.Integer({ description: 'the beginning of messages, by people' }),
  initialOpeners: Type.Integer({ description: 'messages whose beginning a person was shown at all' }),
  clicked: Type.Integer(),
  clickers: Type.Integer({ description: 'messages in which a person followed a link at all' }),
  clickedByMachines: Type.Integer(),
  engaged: Type.Integer({
    description: 'messages that a person opened or followed a link of, each once, when it was the first time',
  }),
  engagedUncounted: Type.Integer({
    description:
      'first openings and first clicks from before messages were counted so: theirs may not be in engaged',
  }),
  cohorts: ByName,
  rates: fields({
    delivery: Share,
    bounce: Share,
    hardBounce: Share,
    block: Share,
    rejection: Share,
    complaint: Share,
    unsubscribe: Share,
    open: Share,
    click: Share,
    engagement: Share,
    clickToOpen: Share,
  }),
  score: Type.Integer({ description: '0 to 100: the health of this mail, as of a subaccount by its own' }),
  firstAttemptMs: Times,
  deliveryMs: Times,
  deliveryMeanMs: Type.Union([Type.Integer(), Type.Null()], {
    description: 'from acceptance to delivery, without time in holds, on the average',
  }),
  deliveryTotalMs: fields(
    { first: Type.Integer(), later: Type.Integer() },
    { description: 'the same of all deliveries together: at their first attempt, and at later ones' },
  ),
  deliveredBytes: Type.Integer({
    description: 'of all deliveries, headers and attachments included, as they left',
  }),
});

export function figuresJson(figures: Figures): Static<typeof FiguresReply> {
  const { bounced, bouncedLaterBy, deferred, rejected, cohorts, rates, deliveryTotalMs, ...plain } = figures;
  return {
    ...plain,
    bounced: { total: sum(bounced), ...bounced },
    bouncedLaterBy: { ...bouncedLaterBy },
    deferred: { ...deferred },
    rejected: { ...rejected },
    cohorts: { ...cohorts },
    rates: { ...rates },
    deliveryTotalMs: { ...deliveryTotalMs },
    score: healthOf(figures).score,
  };
}

const Nullable = Type.Union([FiguresReply, Type.Null()]);
const Bounds = fields({ from: Type.String(), until: Type.String() });

export const AnswerReply = fields({
  from: Type.String(),
  until: Type.String(),
  timeZone: Type.String({ description: 'UTC where whole days are counted' }),
  counted: Type.Enum(['hours', 'days', 'events'], {
    description: 'days (of UTC) when some of the hours are kept no more; events for steps below an hour',
  }),
  total: FiguresReply,
  previous: Type.Union([fields({ ...Bounds.properties, total: FiguresReply }), Type.Null()]),
  items: Type.Array(
    fields({
      at: Type.Union([Type.String({ description: 'the beginning of the step' }), Type.Null()]),
      value: Type.Union([Type.String(), Type.Null()], { description: 'null: the mail has none' }),
      isOther: Type.Boolean({ description: 'values that were too many for their day, together' }),
      and: Type.Union([
        fields({ value: Type.Union([Type.String(), Type.Null()]), isOther: Type.Boolean() }),
        Type.Null(),
      ]),
      firstAt: Type.Union([Type.String(), Type.Null()], {
        description:
          'the first hour, or day where days are counted, that has any of it; null for steps below an hour',
      }),
      figures: FiguresReply,
      previous: Nullable,
    }),
  ),
});

const instant = (ms: number): string => new Date(ms).toISOString();

export function answerJson({
  period,
  previousRange,
  rows,
  total,
  previousTotal,
}: FigureAnswer): Static<typeof AnswerReply> {
  return {
    from: instant(period.from),
    until: instant(period.until),
    timeZone: period.timeZone,
    counted: period.counted,
    total: figuresJson(total),
    previous:
      previousRange === null || previousTotal === null
        ? null
        : {
            from: instant(previousRange.from),
            until: instant(previousRange.until),
            total: figuresJson(previousTotal),
          },
    items: rows.map(({ at, value, isOther, and, firstAt, figures, previous }) => ({
      at: at?.toISOString() ?? null,
      value,
      isOther,
      and,
      firstAt: firstAt?.toISOString() ?? null,
      figures: figuresJson(figures),
      previous: previous === null ? null : figuresJson(previous),
    })),
  };
}

/** One line per row, or one for everything; RFC 4180, and nothing that a spreadsheet would run. */
export function answerCsv({ rows, total }: FigureAnswer): string {
  const shown: readonly Pick<FigureRow, 'at' | 'value' | 'isOther' | 'and' | 'figures'>[] =
    rows.length > 0 ? rows : [{ at: null, value: null, isOther: false, and: null, figures: total }];
  const lines = shown.map(({ at, value, isOther, and, figures }) => ({
    at: at?.toISOString() ?? '',
    value: isOther ? '(other)' : (value ?? ''),
    ...(and === null ? {} : { and: and.isOther ? '(other)' : (and.value ?? '') }),
    ...columnsOf(figures),
  }));
  const names = Object.keys(lines[0] ?? {});
  return [names, ...lines.map((row) => Object.values(row))]
    .map((cells) => `${cells.map(csvCell).join(',')}\r\n`)
    .join('');
}

function prefixed(
  prefix: string,
  some: Readonly<Record<string, number | null>>,
): Readonly<Record<string, number | string>> {
  return Object.fromEntries(Object.entries(some).map(([name, n]) => [`${prefix}_${name}`, n ?? '']));
}

function columnsOf(figures: Figures): Readonly<Record<string, number | string>> {
  const { bounced, deferred, rejected, rates, firstAttemptMs, deliveryMs, ...rest } = figures;
  const { cohorts: _cohorts, bouncedLaterBy: _later, deliveryMeanMs, deliveryTotalMs, ...plain } = rest;
  return {
    ...plain,
    bounced: sum(bounced),
    ...prefixed('bounced', bounced),
    deferred: sum(deferred),
    rejected: sum(rejected),
    ...prefixed('rate', rates),
    ...prefixed('firstAttemptMs', firstAttemptMs ?? { p50: null, p95: null, p99: null }),
    ...prefixed('deliveryMs', deliveryMs ?? { p50: null, p95: null, p99: null }),
    deliveryMeanMs: deliveryMeanMs ?? '',
    ...prefixed('deliveryTotalMs', deliveryTotalMs),
  };
}

export function csvCell(value: string | number): string {
  // A tag may be `=HYPERLINK(...)`.
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
