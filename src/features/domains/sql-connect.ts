/** Statements of Domain Connect; all of them the engine's. */
import { sql } from 'kysely';
import type { Db } from '../../base/database/database.ts';

const keyName = 'domain_connect_key';

type Row = { value: { sealed: string } };

export async function findConnectKey(db: Db): Promise<Buffer | null> {
  const rows = await sql<Row>`/* domains.connect_key */
    select value from installation where name = ${keyName}`.execute(db);
  const row = rows.rows[0];
  return row === undefined ? null : Buffer.from(row.value.sealed, 'base64');
}

/** The key that is there afterwards: another node may have been first. */
export async function insertConnectKey(db: Db, sealed: Buffer): Promise<Buffer> {
  const rows = await sql<Row>`/* domains.insert_connect_key */
    insert into installation (name, value) values (${keyName}, ${JSON.stringify({ sealed: sealed.toString('base64') })}::jsonb)
    on conflict (name) do update set value = installation.value returning value`.execute(db);
  const row = rows.rows[0];
  return row === undefined ? sealed : Buffer.from(row.value.sealed, 'base64');
}

/** The next look at DNS is now, unless the last one was only just. */
export async function hastenCheck(db: Db, id: string, now: Date, notSince: Date): Promise<void> {
  await sql`/* domains.hasten_check */
    update domains set next_check_at = ${now}
    where id = ${id} and not is_builtin and (checked_at is null or checked_at < ${notSince})`.execute(db);
}
