import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';

/** Engine: counting waits for the end of the transaction. */
export async function keepOut(tx: Tx): Promise<void> {
  await sql`/* metrics.keep_out */
    select from event_cursors where consumer = 'engaged_figures' for update`.execute(tx);
}

/**
 * Engine: takes a tag out of at most so many series; how many had it. What they counted stays in every other figure. They get
 * a hash of their own, so that mail with the tag that comes later opens series with it anew. Counting, which is of one node at
 * a time, is kept out by its cursor: both would lock the same series, each in an order of its own.
 */
export async function removeTagFrom(
  tx: Tx,
  { accountId, subaccountIds }: { accountId: AccountId; subaccountIds: readonly SubaccountId[] | null },
  tag: string,
  limit: number,
): Promise<number> {
  await keepOut(tx);
  const result = await sql`/* metrics.remove_tag */
    update series set tags = tags - ${tag}::text, hash = gen_random_uuid()
    where id = any(array(select s.id from subaccounts a join series s on s.subaccount_id = a.id
      where a.account_id = ${accountId} and s.tags ? ${tag}
        ${subaccountIds === null ? sql`` : sql`and a.id = any(${subaccountIds}::int[])`} limit ${limit}))`.execute(
    tx,
  );
  return Number(result.numAffectedRows ?? 0n);
}
