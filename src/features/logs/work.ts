/** Background: rows end after seven days. */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { logLifeMs } from './rules.ts';
import { deleteOld } from './sql.ts';

const batch = 5000;

/** Deletes in short transactions; how many went. */
export async function endOldLogs(db: Database, clock: Clock): Promise<number> {
  const before = new Date(clock.now() - logLifeMs);
  let ended = 0;
  for (let last = batch; last === batch; ended += last) {
    last = await db.asEngine((tx) => deleteOld(tx, before, batch));
  }
  return ended;
}
