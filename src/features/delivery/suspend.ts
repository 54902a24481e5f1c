/** What suspensions do to mail: holds what comes by in this node's hands, lets it go when they ended. */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { append } from '../events/index.ts';
import { setStates } from '../messages/index.ts';
import { letGoSuspended, suspendLeased, suspensionsWithHeld } from '../queue/index.ts';
import { activeIds, holdUntil } from '../suspensions/index.ts';
import type { Held } from './returns.ts';

export async function holdSuspended(
  { db, clock, node }: { readonly db: Database; readonly clock: Clock; readonly node: number },
  held: readonly Held[],
): Promise<void> {
  await db.asEngine(async (tx) => {
    const now = clock.now();
    const rows = await suspendLeased(
      tx,
      node,
      new Date(now),
      held.map(({ message: { subaccountId, messageId }, suspension }) => {
        return {
          subaccountId,
          messageId,
          suspensionId: suspension.id,
          until: new Date(holdUntil(suspension, now)),
        };
      }),
    );
    await setStates(tx, rows, 'held', new Date(now));
    const byId = new Map(held.map(({ message, suspension }) => [message.messageId, suspension]));
    await append(
      tx,
      new Date(now),
      rows.map(({ accountId, subaccountId, messageId, submissionId }) => {
        const suspension = byId.get(messageId);
        const until = suspension?.until?.toISOString() ?? null;
        const data = { hold: 'suspended', kind: suspension?.kind, value: suspension?.value, until };
        return { accountId, subaccountId, messageId, submissionId, kind: 'message.held' as const, data };
      }),
    );
  });
}

const batch = 500;
const batchesPerRound = 20;

/** Background: mail of suspensions that ended or were lifted goes on; true when some does. */
export async function releaseSuspended(db: Database, clock: Clock): Promise<boolean> {
  const holding = await suspensionsWithHeld(db.engine);
  if (holding.length === 0) return false;
  const active = await activeIds(db.engine, holding, new Date(clock.now()));
  let isAny = false;
  for (const id of holding.filter((each) => !active.has(each))) {
    for (let round = 0; round < batchesPerRound; round++) {
      const released = await release(db, clock, id);
      isAny ||= released > 0;
      if (released < batch) break;
    }
  }
  return isAny;
}

function release(db: Database, clock: Clock, suspensionId: string): Promise<number> {
  return db.asEngine(async (tx) => {
    const now = new Date(clock.now());
    const rows = await letGoSuspended(tx, suspensionId, now, batch);
    await setStates(tx, rows, 'queued', now);
    await append(
      tx,
      now,
      rows.map(({ accountId, subaccountId, messageId, submissionId, hold }) => {
        return {
          accountId,
          subaccountId,
          messageId,
          submissionId,
          kind: 'message.released' as const,
          data: { hold },
        };
      }),
    );
    return rows.length;
  });
}
