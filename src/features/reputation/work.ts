/** Background: judges whose figures have moved or whose step ends, each in a transaction of its own. */
import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import type { SubaccountId } from '../../base/scope.ts';
import type { Touched } from '../outcomes/index.ts';
import { findings, limitsOf, take } from './operations.ts';
import { hourMs, judge, nextLook } from './rules.ts';
import { dropOldSteps, listDue, makeDue, saveOverLimits, saveReputation, takeDue } from './sql.ts';

const perRound = 500;
const stepsKeptMs = 400 * 86_400_000;
const batch = 2000;

/** For `outcomes`: in the transaction that counts, so that no change goes unseen. */
export function dueFor(clock: Clock): (tx: Tx, touched: Touched) => Promise<void> {
  return (tx, touched) => makeDue(tx, touched, new Date(clock.now()));
}

/** One round; how many were judged. What fails for one keeps no other from its turn; the first failure is thrown. */
export async function judgeWhatIsDue(db: Database, clock: Clock): Promise<number> {
  const due = await listDue(db.engine, new Date(clock.now()), perRound);
  const failures: unknown[] = [];
  for (const id of due) await judgeOne(db, clock, id).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
  return due.length;
}

function judgeOne(db: Database, clock: Clock, id: SubaccountId): Promise<void> {
  return db.asEngine(async (tx) => {
    const now = clock.now();
    const reputation = await takeDue(tx, id, new Date(now));
    if (reputation === null) return;
    const limits = await limitsOf(tx, reputation.accountId);
    const found = await findings(tx, reputation, limits, now);
    const decision = judge(reputation, found, now);
    const next = nextLook(reputation, now);
    if (decision === null)
      await saveReputation(tx, reputation, next === null ? null : new Date(next), new Date(now));
    else await take(tx, reputation, { ...decision, reason: '' }, now);
    const over = found.filter(({ step }) => step !== 'none').map(({ measure }) => measure);
    await saveOverLimits(tx, id, over, new Date(now + hourMs));
  });
}

/** In short transactions. */
export async function endOldSteps(db: Database, clock: Clock): Promise<void> {
  const before = new Date(clock.now() - stepsKeptMs);
  while ((await db.asEngine((tx) => dropOldSteps(tx, before, batch))) >= batch);
}
