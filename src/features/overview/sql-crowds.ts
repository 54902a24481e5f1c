import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { SubaccountId } from '../../base/scope.ts';
import { manyWaitingMin } from './model.ts';

/** Engine, across tenants: whose mail that nothing holds is many. Reads the whole queue once, so by its pages, not by an index. */
export async function countCrowded(tx: Tx): Promise<readonly SubaccountId[]> {
  await sql`/* overview.read_whole */ select set_config('enable_seqscan', 'on', true), set_config('enable_indexscan', 'off', true),
    set_config('enable_indexonlyscan', 'off', true), set_config('enable_bitmapscan', 'off', true)`.execute(
    tx,
  );
  const rows = await sql<{ subaccount_id: number }>`/* overview.count_crowded */
    select subaccount_id from queue where leased_by is null and hold is null
    group by subaccount_id having count(*) >= ${sql.lit(manyWaitingMin)}`.execute(tx);
  return rows.rows.map(({ subaccount_id: id }) => id as SubaccountId);
}
