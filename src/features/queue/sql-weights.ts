import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';

export async function findWeight(tx: Tx, subaccountId: SubaccountId): Promise<number> {
  const rows = await sql<{ weight: number }>`/* queue.find_weight */
    select weight from turn_weights where subaccount_id = ${subaccountId}`.execute(tx);
  return rows.rows[0]?.weight ?? 1;
}

export async function putWeight(
  tx: Tx,
  accountId: AccountId,
  subaccountId: SubaccountId,
  weight: number,
): Promise<void> {
  await sql`/* queue.put_weight */
    insert into turn_weights (account_id, subaccount_id, weight) values (${accountId}, ${subaccountId}, ${weight})
    on conflict (subaccount_id) do update set weight = excluded.weight`.execute(tx);
}

/** Engine: every weight that is not 1, of subaccounts and of accounts. */
export async function readWeights(db: Db): Promise<ReadonlyMap<number, number>> {
  const rows = await sql<{ id: number; weight: number }>`/* queue.weights */
    select subaccount_id as id, weight from turn_weights where weight > 1
    union all select id, turn_weight from accounts where turn_weight > 1`.execute(db);
  return new Map(rows.rows.map((row) => [row.id, row.weight]));
}
