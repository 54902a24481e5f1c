/** Background: entries end after 400 days. */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { entryLifeMs } from './rules.ts';
import { deleteOld } from './sql.ts';

const batch = 5000;

/** Deletes in short transactions; how many went. */
export async function endOldEntries(db: Database, clock: Clock): Promise<number> {
  const before = new Date(clock.now() - entryLifeMs);
  let ended = 0;
  for (let last = batch; last === batch; ended += last) {
    last = await db.asEngine((tx) => deleteOld(tx, before, batch));
  }
  return ended;
}
