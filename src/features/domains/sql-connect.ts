/** Statements of Domain Connect and of proofs by mail; all of them the engine's. */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import { toDomain } from './sql.ts';
import type { DomainRow, Row as FoundRow } from './sql.ts';

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

/** With the name of its account; null: it is not there, or its tenant may change nothing. */
export async function findForProof(
  db: Db,
  id: string,
): Promise<{ readonly row: DomainRow; readonly accountName: string } | null> {
  const rows = await sql<FoundRow & { account_name: string }>`/* domains.find_for_proof */
    select d.*, a.name as account_name from domains d join accounts a on a.id = d.account_id and a.can_change
    join subaccounts s on s.id = d.subaccount_id and s.can_change where d.id = ${id} and not d.is_builtin`.execute(
    db,
  );
  const [row] = rows.rows;
  return row === undefined ? null : { row: toDomain(row), accountName: row.account_name };
}

/** And looks at its DNS now; false when it was proven so before. */
export async function markMailProven(tx: Tx, id: string, now: Date): Promise<boolean> {
  const rows = await sql`/* domains.mark_mail_proven */
    update domains set mail_proven_at = ${now}, next_check_at = ${now} where id = ${id} and mail_proven_at is null`.execute(
    tx,
  );
  return (rows.numAffectedRows ?? 0n) === 1n;
}
