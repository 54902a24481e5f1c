import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import { sqlState } from '../../base/database/store-lost.ts';
import { errorText } from '../../base/log.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import { noOutcomes, sumSince } from '../outcomes/index.ts';
import type { Outcomes } from '../outcomes/index.ts';
import { reputation } from '../quotas/index.ts';
import type { Standing } from '../quotas/index.ts';
import { invalidField } from '../refusals/index.ts';
import { isMinuteStep, keptDays, periodOf, previousOf } from './periods.ts';
import type { Asked, MinuteStep, Period, Range } from './periods.ts';
import { figuresOf } from './rules.ts';
import type { Figures } from './rules.ts';
import { endCells, endSeries, forgetRecipients, readCounts } from './sql-read.ts';
import { endAccountHours, readAccountCounts, takeOutHours } from './sql-account.ts';
import { minuteEventsMax, readMinutes } from './sql-minutes.ts';
import { keepOut, removeTagFrom } from './sql-tags.ts';
import type { By, Filters, Where } from './model.ts';
import type { CountRow } from './sql-read.ts';

export type MetricWorld = { readonly db: Database; readonly clock: Clock };

const dayMs = 86_400_000;
const standingDays = 30;

export type FigureQuery = Asked & {
  readonly by: By | null;
  /** A second dimension: a row for each pair. */
  readonly and: By | null;
  readonly filters: Filters;
  readonly where: Where;
  /** Values of `by`, those with most mail. */
  readonly limit: number;
  readonly comparesPrevious: boolean;
};

export type FigureRow = {
  readonly at: Date | null;
  readonly value: string | null;
  readonly isOther: boolean;
  readonly and: CountRow['and'];
  /** The first hour (day, where days are counted) that has anything of it; null for steps below an hour. */
  readonly firstAt: Date | null;
  readonly figures: Figures;
  readonly previous: Figures | null;
};

export type FigureAnswer = {
  readonly period: Period;
  readonly previousRange: Range | null;
  readonly rows: readonly FigureRow[];
  /** Of everything that the filters let through: a mail with two tags counts once. */
  readonly total: Figures;
  readonly previousTotal: Figures | null;
};

/** Pools are the account's: below it nobody learns which one their mail leaves from, and each is like one that is not there. */
function withinReach(scope: Scope, query: FigureQuery): FigureQuery {
  if (query.and !== null && (query.by === null || query.by === query.and))
    throw invalidField('and', 'other', 'needs by, of another dimension');
  if (scope.reach === 'account') return query;
  if (query.by === 'pool' || query.and === 'pool')
    throw invalidField('by', 'account', 'pool can be asked by the account only');
  if (query.where.some(({ conditions }) => conditions.some(({ of }) => of === 'pool')))
    throw invalidField('where', 'account', 'pool can be asked by the account only');
  return query.filters.pool === undefined ? query : { ...query, filters: { ...query.filters, pool: [] } };
}

/** What the whole account did is kept as such; everything that is asked closer is put together from its series. */
function counts(
  tx: Tx,
  scope: Scope,
  period: Period,
  query: Pick<FigureQuery, 'by' | 'and' | 'filters' | 'where' | 'limit'>,
): Promise<readonly CountRow[]> {
  const isWhole =
    scope.reach === 'account' &&
    query.by === null &&
    query.where.length === 0 &&
    Object.values(query.filters).every((each) => each === undefined);
  return isWhole && period.counted === 'hours'
    ? readAccountCounts(tx, scope.accountId, period)
    : readCounts(tx, period, query);
}

/** Figures as the scope may see them; refuses a period that cannot be answered. */
export async function figures(world: MetricWorld, scope: Scope, asked: FigureQuery): Promise<FigureAnswer> {
  const query = withinReach(scope, asked);
  const period = periodOf(query, world.clock.now());
  if ('field' in period) throw invalidField(period.field, 'period', period.message);
  if (isMinuteStep(period.step)) return minutes(world, scope, query, { ...period, step: period.step });
  const previousRange = query.comparesPrevious ? previousOf(period) : null;
  const previous =
    previousRange === null ? null : periodOf({ ...query, ...previousRange }, world.clock.now());
  if (previous !== null && 'field' in previous)
    throw invalidField(previous.field, 'period', `of the period before: ${previous.message}`);
  // Both from the same kind of cells, or the comparison would be of unlike things.
  const counted = previous?.counted ?? period.counted;
  const now: Period = counted === 'days' ? { ...period, counted, timeZone: 'UTC' } : period;
  return inKnownZone(() =>
    world.db.scoped(scope, async (tx) => {
      const whole = { by: null, and: null, filters: query.filters, where: query.where, limit: 1 };
      const total = figuresOf(await counts(tx, scope, { ...now, step: null }, whole));
      const rows = query.by === null && now.step === null ? [] : await counts(tx, scope, now, query);
      if (previous === null)
        return { period: now, previousRange, rows: toRows(rows, []), total, previousTotal: null };
      const before = { ...previous, step: null };
      const previousTotal = figuresOf(await counts(tx, scope, before, whole));
      const compares = query.by !== null && now.step === null;
      const rowsBefore = compares ? await counts(tx, scope, before, query) : [];
      return { period: now, previousRange, rows: toRows(rows, rowsBefore), total, previousTotal };
    }),
  );
}

/** A store of somebody else's may know fewer zones than the program does (SQLSTATE 22023, and its words). */
async function inKnownZone<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (sqlState(error) === '22023' && /time zone/i.test(errorText(error)))
      throw invalidField('timeZone', 'known', 'is no time zone of the database');
    throw error;
  }
}

/** From the log itself, of which no more is read than is read soon. */
async function minutes(
  world: MetricWorld,
  scope: Scope,
  { by, and, comparesPrevious, filters, where }: FigureQuery,
  period: Period & { readonly step: MinuteStep },
): Promise<FigureAnswer> {
  if (by !== null || and !== null || comparesPrevious)
    throw invalidField('step', 'minutes', 'of minutes goes with neither by nor compare');
  const counts = await world.db.scoped(scope, (tx) => readMinutes(tx, period, { filters, where }));
  if (counts === null)
    throw invalidField('from', 'period', `begins a time with more than ${minuteEventsMax} events`);
  return {
    period,
    previousRange: null,
    rows: toRows(counts, []),
    total: figuresOf(counts),
    previousTotal: null,
  };
}

const keyOf = ({ at, value, isOther, and }: CountRow): string => JSON.stringify([at, value, isOther, and]);

function toRows(counts: readonly CountRow[], before: readonly CountRow[]): readonly FigureRow[] {
  const earlier = Map.groupBy(before, keyOf);
  return [...Map.groupBy(counts, keyOf)]
    .flatMap(([key, some]): FigureRow[] => {
      const [first] = some;
      const then = earlier.get(key);
      if (first === undefined) return [];
      const { at, value, isOther, and } = first;
      const previous = then === undefined ? null : figuresOf(then);
      return [{ at, value, isOther, and, firstAt: earliest(some), figures: figuresOf(some), previous }];
    })
    .sort(
      (left, right) =>
        (left.at?.getTime() ?? 0) - (right.at?.getTime() ?? 0) ||
        right.figures.accepted - left.figures.accepted ||
        (left.value ?? '').localeCompare(right.value ?? '') ||
        (left.and?.value ?? '').localeCompare(right.and?.value ?? ''),
    );
}

function earliest(counts: readonly CountRow[]): Date | null {
  const found = counts.flatMap(({ firstAt }) => (firstAt === null ? [] : [firstAt.getTime()]));
  return found.length === 0 ? null : new Date(Math.min(...found));
}

/** What a window of days held, by outcome. */
export type Sending = Omit<Outcomes, 'unknownUsers' | 'trapBlocks'>;

function sending(counts: Outcomes): Sending {
  const { accepted, delivered, hardBounces, otherBounces, deferred, suppressed, complaints } = counts;
  return { accepted, delivered, hardBounces, otherBounces, deferred, suppressed, complaints };
}

export type Summary = { readonly today: Sending; readonly last30Days: Sending; readonly standing: Standing };

/** How one subaccount sends; the caller has made sure that the scope sees it. */
export async function summary(
  world: MetricWorld,
  scope: Scope,
  subaccountId: SubaccountId,
): Promise<Summary> {
  const now = world.clock.now();
  return world.db.scoped(scope, async (tx) => {
    const since = async (from: number): Promise<Sending> =>
      sending((await sumSince(tx, [subaccountId], new Date(from))).get(subaccountId) ?? noOutcomes);
    const last30Days = await since(beginOf(now));
    return { today: await since(dayOf(now)), last30Days, standing: reputation(last30Days) };
  });
}

const dayOf = (at: number): number => Math.floor(at / dayMs) * dayMs;
/** The first of the days (of UTC) that a standing is judged by; today is the last. */
const beginOf = (now: number): number => dayOf(now) - (standingDays - 1) * dayMs;

/** Engine: the standing of each from its own 30 days: one subaccount's harm changes nobody else's. */
export async function standings(
  tx: Tx,
  ids: readonly SubaccountId[],
  now: number,
): Promise<ReadonlyMap<SubaccountId, Standing>> {
  const counts = await sumSince(tx, ids, new Date(beginOf(now)));
  return new Map(ids.map((id) => [id, reputation(counts.get(id) ?? noOutcomes)]));
}

/** Background: what is kept no more, in short transactions. */
export async function endOldFigures(db: Database, now: number): Promise<void> {
  const before = (days: number): Date => new Date(now - days * dayMs);
  const some = 5000;
  while ((await endCells(db.engine, 'hourly_figures', before(keptDays.hours), some)) === some);
  while ((await endAccountHours(db.engine, before(keptDays.hours), some)) === some);
  while ((await endCells(db.engine, 'daily_figures', before(keptDays.days), some)) === some);
  await endSeries(db.engine, before(keptDays.days), some);
  while ((await forgetRecipients(db.engine, before(400), some)) === some);
}

/** Before a subaccount is purged: its hours leave the figures of its account as well, in short transactions. */
export async function takeOut(db: Database, id: SubaccountId): Promise<void> {
  const some = 5000;
  for (let taken = some; taken === some;)
    taken = await db.asEngine(async (tx) => {
      await keepOut(tx);
      return takeOutHours(tx, id, some);
    });
}

const seriesAtOnce = 5000;

/** In steps, so that counting waits for none of them long; how many series had it. */
export async function removeTag(
  { db, clock }: MetricWorld,
  { accountId, subaccountId, reach }: Scope,
  tag: string,
): Promise<number> {
  const subaccountIds = reach === 'account' ? null : [reach].flat();
  let total = 0;
  for (let some = seriesAtOnce; some === seriesAtOnce; total += some)
    some = await db.asEngine((tx) => removeTagFrom(tx, { accountId, subaccountIds }, tag, seriesAtOnce));
  if (total > 0)
    await db.asEngine((tx) =>
      append(tx, new Date(clock.now()), [
        { accountId, subaccountId, kind: 'figures.tag_removed', data: { tag } },
      ]),
    );
  return total;
}
