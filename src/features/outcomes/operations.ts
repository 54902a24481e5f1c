import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import type { SubaccountId } from '../../base/scope.ts';
import { noOutcomes } from './model.ts';
import type { Outcomes } from './model.ts';
import { columnsOf } from './rules.ts';
import { addCounts, dropOldHours, lockCursor, moveCursor, readBatch } from './sql.ts';
import type { Happened, HourCount } from './sql.ts';

const batch = 5000;
const keptMs = 40 * 86_400_000;
const dropBatch = 5000;

/** Subaccounts whose counts have moved; `harmed`: by bounces or complaints. */
export type Touched = {
  readonly all: readonly SubaccountId[];
  readonly harmed: readonly SubaccountId[];
};

/**
 * Background: counts what the log has more; how many events that were. `onTouched` runs in the same transaction, so that
 * who judges by the counts never misses a change of them.
 */
export async function countOutcomes(
  db: Database,
  onTouched: (tx: Tx, touched: Touched) => Promise<void>,
): Promise<number> {
  for (let total = 0; ;) {
    const counted = await db.asEngine((tx) => countBatch(tx, onTouched));
    total += counted;
    if (counted < batch) return total;
  }
}

async function countBatch(tx: Tx, onTouched: (tx: Tx, touched: Touched) => Promise<void>): Promise<number> {
  const seq = await lockCursor(tx);
  if (seq === null) return 0;
  const { events, last, happened } = await readBatch(tx, seq, batch);
  if (last === null) return 0;
  const hours = byHour(happened);
  await addCounts(tx, hours);
  await moveCursor(tx, last);
  if (hours.length > 0) await onTouched(tx, touchedBy(hours));
  return events;
}

function byHour(happened: readonly Happened[]): readonly HourCount[] {
  const hours = new Map<string, { -readonly [Key in keyof HourCount]: HourCount[Key] }>();
  for (const { accountId, subaccountId, hour, kind, bounceClass, reply, n } of happened) {
    const key = `${subaccountId} ${hour.getTime()}`;
    const found = hours.get(key) ?? { accountId, subaccountId, hour, counts: noOutcomes };
    const counts: Record<keyof Outcomes, number> = { ...found.counts };
    for (const column of columnsOf(kind, bounceClass, reply)) counts[column] += n;
    hours.set(key, { ...found, counts });
  }
  return [...hours.values()];
}

function touchedBy(hours: readonly HourCount[]): Touched {
  return {
    all: idsOf(hours),
    harmed: idsOf(
      hours.filter(({ counts }) => counts.hardBounces + counts.otherBounces + counts.complaints > 0),
    ),
  };
}

function idsOf(hours: readonly HourCount[]): readonly SubaccountId[] {
  return [...new Set(hours.map(({ subaccountId }) => subaccountId))].toSorted((a, b) => a - b);
}

/** Background: in short transactions. */
export async function endOldOutcomes(db: Database, clock: Clock): Promise<void> {
  const before = new Date(clock.now() - keptMs);
  while ((await db.asEngine((tx) => dropOldHours(tx, before, dropBatch))) >= dropBatch);
}
