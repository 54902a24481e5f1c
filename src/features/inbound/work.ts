/** Background: marks of reports end when no mark of ours would be believed any more, unread mail after 30 days. */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { markDays } from './rules.ts';
import { deleteOld } from './sql.ts';

const dayMs = 86_400_000;
const unreadDays = 30;
const batch = 2000;

/** Deletes in short transactions; how many rows went. */
export async function endOldReports(db: Database, clock: Clock): Promise<number> {
  const now = clock.now();
  const before = {
    reports: new Date(now - (markDays + 1) * dayMs),
    unread: new Date(now - unreadDays * dayMs),
  };
  let ended = 0;
  for (let last = batch; last >= batch; ended += last) {
    last = await db.asEngine((tx) => deleteOld(tx, before, batch));
  }
  return ended;
}
