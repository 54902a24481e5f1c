/** Background: DMARC reports end with their rows. */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { dmarcKeptDays } from './rules.ts';
import { deleteOldReports } from './sql-dmarc.ts';

const batch = 100;

/** Deletes in short transactions; how many reports went. */
export async function endOldDmarc(db: Database, clock: Clock): Promise<number> {
  const before = new Date(clock.now() - dmarcKeptDays * 86_400_000);
  let ended = 0;
  for (let last = batch; last >= batch; ended += last)
    last = await db.asEngine((tx) => deleteOldReports(tx, before, batch));
  return ended;
}
