import { sql } from 'kysely';
import type { Db } from '../../base/database/database.ts';

const batch = 5000;

/**
 * Engine: mail that names a pool which is gone leaves from the one that counts for its subaccount from now on: claims walk the
 * pools that there are. Reads the whole queue (0.3 s for a million rows), in batches of short statements while there is any; how many.
 */
export async function leaveGonePools(db: Db): Promise<number> {
  let total = 0;
  for (;;) {
    const { numAffectedRows = 0n } = await sql`/* queue.leave_gone_pools */
      update queue q set pool_id = 0
      from (select subaccount_id, message_id from queue w
        where pool_id <> 0 and not exists (select from pools p where p.id = w.pool_id)
        limit ${batch} for update skip locked) g
      where q.subaccount_id = g.subaccount_id and q.message_id = g.message_id`.execute(db);
    total += Number(numAffectedRows);
    if (numAffectedRows < BigInt(batch)) return total;
  }
}
