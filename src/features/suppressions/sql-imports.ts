import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { SubaccountId } from '../../base/scope.ts';
import type { BadLine, ImportFormat, ImportReport, Layer, Owner } from './model.ts';

type Row = {
  id: string;
  subaccount_id: number;
  layer: Layer;
  format: ImportFormat;
  state: ImportReport['state'];
  read: number;
  added: number;
  changed: number;
  bad: number;
  bad_lines?: readonly BadLine[];
  created_at: Date;
  finished_at: Date | null;
};

function toReport(row: Row): ImportReport {
  return {
    id: row.id,
    subaccountId: row.subaccount_id as SubaccountId,
    layer: row.layer,
    format: row.format,
    state: row.state,
    read: row.read,
    added: row.added,
    changed: row.changed,
    bad: row.bad,
    badLines: row.bad_lines ?? [],
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}

/** Begins an import unless the owner has `max` under way; null then. */
export async function insertImport(
  tx: Tx,
  owner: Owner,
  { format, now, max }: { readonly format: ImportFormat; readonly now: Date; readonly max: number },
): Promise<string | null> {
  const rows = await sql<{ id: string }>`/* suppressions.insert_import */
    insert into suppression_imports (account_id, subaccount_id, layer, format, created_at, moved_at)
    select ${owner.accountId}, ${owner.subaccountId}, ${owner.layer}, ${format}, ${now}, ${now}
    where (select count(*) from suppression_imports where subaccount_id = ${owner.subaccountId} and state = 'running') < ${max}
    returning id`.execute(tx);
  return rows.rows[0]?.id ?? null;
}

/** From here to the transaction's end nothing enters the audit log: an import is in it as one thing. */
export async function muteAudit(tx: Tx): Promise<void> {
  await sql`/* suppressions.mute_audit */ select set_config('app.actor', '', true)`.execute(tx);
}

/** False once a stop forbids changes to whose list it is. */
export async function mayGoOn(tx: Tx, owner: Owner): Promise<boolean> {
  const rows = await sql<{ may: boolean }>`/* suppressions.may_go_on */
    select s.can_change and a.can_change as may from subaccounts s join accounts a on a.id = s.account_id
    where s.id = ${owner.subaccountId}`.execute(tx);
  return rows.rows[0]?.may === true;
}

export type Progress = {
  readonly read: number;
  readonly added: number;
  readonly changed: number;
  readonly bad: number;
  /** To be kept; the caller keeps count of how many there are. */
  readonly badLines: readonly BadLine[];
};

/** Adds a batch's counts to the import. */
export async function moveImport(tx: Tx, id: string, progress: Progress, now: Date): Promise<void> {
  const { read, added, changed, bad, badLines } = progress;
  await sql`/* suppressions.move_import */
    update suppression_imports set read = read + ${read}, added = added + ${added}, changed = changed + ${changed}, bad = bad + ${bad},
      moved_at = ${now}
      ${badLines.length === 0 ? sql`` : sql`, bad_lines = bad_lines || ${JSON.stringify(badLines)}::jsonb`}
    where id = ${id}`.execute(tx);
}

export async function endImport(
  tx: Tx,
  id: string,
  state: 'finished' | 'cut',
  now: Date,
): Promise<ImportReport> {
  const rows = await sql<Row>`/* suppressions.end_import */
    update suppression_imports set state = ${state}, finished_at = ${now} where id = ${id} returning *`.execute(
    tx,
  );
  const row = rows.rows[0];
  if (row === undefined) throw new Error('an import was lost');
  return toReport(row);
}

export async function findImport(
  tx: Tx,
  id: string,
  subaccountId: SubaccountId | null,
): Promise<ImportReport | null> {
  const rows = await sql<Row>`/* suppressions.find_import */
    select * from suppression_imports where id = ${id}
      ${subaccountId === null ? sql`` : sql`and subaccount_id = ${subaccountId} and layer = 'subaccount'`}`.execute(
    tx,
  );
  const row = rows.rows[0];
  return row === undefined ? null : toReport(row);
}

/** Newest first, without their bad lines. */
export async function listImports(
  tx: Tx,
  page: {
    readonly subaccountId: SubaccountId | null;
    readonly before: string | null;
    readonly limit: number;
  },
): Promise<readonly ImportReport[]> {
  const { subaccountId, before, limit } = page;
  const rows = await sql<Row>`/* suppressions.list_imports */
    select id, subaccount_id, layer, format, state, read, added, changed, bad, created_at, finished_at from suppression_imports where true
      ${subaccountId === null ? sql`` : sql`and subaccount_id = ${subaccountId} and layer = 'subaccount'`}
      ${before === null ? sql`` : sql`and id < ${before}`}
    order by id desc limit ${limit}`.execute(tx);
  return rows.rows.map(toReport);
}
