/**
 * Background: tells once when the last copy of a bulk call is settled. Decided from the store behind the completing of mail, which
 * pays nothing for it; the row that waits goes in the transaction that tells, so that a kill neither loses nor doubles the event.
 */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { append } from '../events/index.ts';
import type { NewEvent } from '../events/index.ts';
import { endBulk, takeDueBulk, waitOn } from './sql-bulk.ts';

const batch = 100;
const batchesPerRound = 10;
const firstMs = 1000;
const lastMs = 300_000;

/** How long a call that is not settled is left alone: an eighth of its age, so that one that waits for days costs little. */
export function nextLookMs(ageMs: number): number {
  return Math.min(lastMs, Math.max(firstMs, Math.floor(ageMs / 8)));
}

/** One round; returns how many calls were settled. */
export async function tellSettled(db: Database, clock: Clock): Promise<number> {
  let settled = 0;
  for (let round = 0; round < batchesPerRound; round++) {
    const { looked, told } = await db.asEngine(async (tx) => {
      const now = new Date(clock.now());
      const due = await takeDueBulk(tx, now, batch);
      const open = due.filter(({ isOpen }) => isOpen);
      await waitOn(
        tx,
        open.map((send) => ({
          ...send,
          until: new Date(now.getTime() + nextLookMs(now.getTime() - send.acceptedAt.getTime())),
        })),
      );
      const ended = await endBulk(
        tx,
        due.filter(({ isOpen }) => !isOpen),
      );
      await append(
        tx,
        now,
        ended.map(({ accountId, subaccountId, submissionId, retentionDays, copies, states }): NewEvent => {
          const data = { copies, states };
          return { accountId, subaccountId, submissionId, retentionDays, kind: 'bulk.completed', data };
        }),
      );
      return { looked: due.length, told: ended.length };
    });
    settled += told;
    if (looked < batch) break;
  }
  return settled;
}
