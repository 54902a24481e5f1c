/** Background: lets held mail go when its time has come, forgets old Idempotency-Keys. */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import { releaseDue } from '../queue/index.ts';
import { dropOldAnswers, setState } from './sql.ts';

const releaseBatch = 500;
const answerLifeMs = 24 * 3_600_000;

/** Releases what is due, in batches of short transactions; returns how many messages go on. */
export async function releaseHeld(db: Database, clock: Clock): Promise<number> {
  let total = 0;
  for (;;) {
    const released = await db.asEngine(async (tx) => {
      const now = new Date(clock.now());
      const rows = await releaseDue(tx, now, releaseBatch);
      for (const row of rows) {
        const message = {
          subaccountId: row.subaccountId,
          id: row.messageId,
          retentionDays: row.retentionDays,
        };
        await setState(tx, message, 'queued', now);
      }
      await append(
        tx,
        now,
        rows.map((row) => ({
          accountId: row.accountId as AccountId,
          subaccountId: row.subaccountId as SubaccountId,
          messageId: row.messageId,
          submissionId: row.submissionId,
          kind: 'message.released' as const,
          data: { hold: row.hold },
        })),
      );
      return rows.length;
    });
    total += released;
    if (released < releaseBatch) return total;
  }
}

export async function forgetAnswers(db: Database, clock: Clock): Promise<number> {
  const before = new Date(clock.now() - answerLifeMs);
  return db.asEngine((tx) => dropOldAnswers(tx, before, 5000));
}
