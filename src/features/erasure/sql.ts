import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';

/** What a purge leaves: the tombstone, and what an invoice was made from. */
const kept = ['subaccounts', 'usage_months'];

/** `key` tells rows of a subaccount apart, null when it has too few to need batches. */
export type TenantTable = { readonly name: string; readonly key: string | null };

/** Engine: every table that holds rows of subaccounts, from the catalog. */
export async function tenantTables(db: Db): Promise<readonly TenantTable[]> {
  const rows = await sql<{ name: string; key: string | null }>`/* erasure.tables */
    select c.relname as name, (
      select a.attname from pg_attribute a join unnest(array['id', 'seq', 'message_id', 'key_hash']) with ordinality k (name, ord) on k.name = a.attname
      where a.attrelid = c.oid and not a.attisdropped order by k.ord limit 1
    ) as key
    from pg_class c join pg_attribute s on s.attrelid = c.oid and s.attname = 'subaccount_id' and not s.attisdropped
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname <> all(${kept}::text[])
    order by c.relname`.execute(db);
  return rows.rows;
}

/** Engine: deletes at most `limit` of a subaccount's rows from one table; how many. */
export async function deleteSome(
  tx: Tx,
  { name, key }: TenantTable,
  subaccountId: number,
  limit: number,
): Promise<number> {
  const table = sql.id(name);
  const some =
    key === null
      ? sql``
      : sql`and ${sql.id(key)} in (select ${sql.id(key)} from ${table} where subaccount_id = ${subaccountId} limit ${limit})`;
  const result = await sql`/* erasure.delete_some */
    delete from ${table} where subaccount_id = ${subaccountId} ${some}`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}
