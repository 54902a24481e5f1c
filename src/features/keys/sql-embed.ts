/** Keys of views inside other products: what the feature `embeds` does to them. */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { SubaccountId } from '../../base/scope.ts';

/** The link was opened: from now on it is the session's. */
export async function openEmbedKey(
  tx: Tx,
  id: string,
  { secretHash, expiresAt }: { readonly secretHash: Buffer; readonly expiresAt: Date },
): Promise<void> {
  await sql`/* keys.open_embed */
    update keys set secret_hash = ${secretHash}, expires_at = ${expiresAt}, status = 'active'
    where id = ${id} and kind = 'embed'`.execute(tx);
}

/** With all that hangs on it; the hash of its secret, or null when it is not there. */
export async function deleteEmbedKey(tx: Tx, id: string): Promise<Buffer | null> {
  const { rows } = await sql<{ secret_hash: Buffer }>`/* keys.delete_embed */
    delete from keys where id = ${id} and kind = 'embed' returning secret_hash`.execute(tx);
  return rows[0]?.secret_hash ?? null;
}

/** Until the transaction ends, nobody else of the subaccount counts and adds. Counts no further than `max`. */
export async function countEmbedKeys(
  tx: Tx,
  subaccountId: SubaccountId,
  now: Date,
  max: number,
): Promise<number> {
  const { rows } = await sql<{ n: number }>`/* keys.count_embeds */
    select count(*)::int as n from (select 1 from keys k, (select pg_advisory_xact_lock(${sql.lit(embedsLock)}, ${subaccountId}::int)) l
      where k.subaccount_id = ${subaccountId} and k.kind = 'embed' and k.expires_at > ${now} limit ${max}) live`.execute(
    tx,
  );
  return rows[0]?.n ?? 0;
}

const embedsLock = 5_117_322;

/** Engine: those that ended before. */
export async function deleteEmbedKeys(db: Db, before: Date, limit: number): Promise<number> {
  const result = await sql`/* keys.delete_embeds */
    delete from keys where id = any(array(select id from keys where kind = 'embed' and expires_at < ${before}
      order by expires_at limit ${limit}))`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}
