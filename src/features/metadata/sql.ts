import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import type { MetadataField } from './model.ts';

type Row = {
  id: string;
  subaccount_id: SubaccountId;
  name: string;
  view_template: string;
  share: string;
  created_at: Date;
};

const columns = sql`f.id, f.subaccount_id, f.name, f.view_template, f.share, f.created_at`;

function toField(row: Row): MetadataField {
  return {
    id: row.id,
    subaccountId: row.subaccount_id,
    name: row.name,
    viewTemplate: row.view_template,
    share: row.share as MetadataField['share'],
    createdAt: row.created_at,
  };
}

const fieldsLock = 5_117_321;

/** Until the transaction ends, nobody else of the subaccount counts and adds. */
export async function countFields(tx: Tx, subaccountId: SubaccountId): Promise<number> {
  const rows = await sql<{ n: number }>`/* metadata.count */
    select count(*)::int as n from metadata_fields f, (select pg_advisory_xact_lock(${sql.lit(fieldsLock)}, ${subaccountId}::int)) l
    where f.subaccount_id = ${subaccountId}`.execute(tx);
  return rows.rows[0]?.n ?? 0;
}

/** Null: the subaccount has one of that name. */
export async function insertField(
  tx: Tx,
  { accountId, subaccountId, reach }: Scope,
  { name, viewTemplate }: Pick<MetadataField, 'name' | 'viewTemplate'>,
  now: Date,
): Promise<MetadataField | null> {
  const rows = await sql<Row>`/* metadata.insert */
    insert into metadata_fields as f (account_id, subaccount_id, name, view_template, share, created_at)
    values (${accountId}, ${subaccountId}, ${name}, ${viewTemplate}, ${reach === 'account' ? 'use' : 'none'}, ${now})
    on conflict (subaccount_id, name) do nothing returning ${columns}`.execute(tx);
  return rows.rows[0] === undefined ? null : toField(rows.rows[0]);
}

/** Own ones, and those that the account shares. */
export async function listFields(
  tx: Tx,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly MetadataField[]> {
  const rows = await sql<Row>`/* metadata.list */
    select ${columns} from metadata_fields f where f.id > ${page.after}::bigint order by f.id limit ${page.limit}`.execute(
    tx,
  );
  return rows.rows.map(toField);
}

/** Those that hold for one subaccount's mail: its own, and the account's. */
export async function fieldsFor(tx: Tx, subaccountId: SubaccountId): Promise<readonly MetadataField[]> {
  const rows = await sql<Row>`/* metadata.fields_for */
    select ${columns} from metadata_fields f where f.subaccount_id = ${subaccountId} or f.share = 'use' order by f.id`.execute(
    tx,
  );
  return rows.rows.map(toField);
}

export async function findField(tx: Tx, id: string): Promise<MetadataField | null> {
  const rows =
    await sql<Row>`/* metadata.find */ select ${columns} from metadata_fields f where f.id = ${id}`.execute(
      tx,
    );
  return rows.rows[0] === undefined ? null : toField(rows.rows[0]);
}

export async function updateField(tx: Tx, id: string, viewTemplate: string): Promise<void> {
  await sql`/* metadata.update */ update metadata_fields set view_template = ${viewTemplate} where id = ${id}`.execute(
    tx,
  );
}

export async function deleteField(tx: Tx, id: string): Promise<void> {
  await sql`/* metadata.delete */ delete from metadata_fields where id = ${id}`.execute(tx);
}
