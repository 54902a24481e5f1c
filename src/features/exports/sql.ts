import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import type { Export, ExportKind, ExportQuery, ExportWish, FormName, History } from './model.ts';

type Row = {
  account_id: AccountId;
  subaccount_id: SubaccountId;
  id: string;
  covers_account: boolean;
  kind: string;
  form: string;
  query: ExportQuery;
  notify: string | null;
  state: string;
  reached: string;
  row_count: string;
  size_bytes: string;
  attempts: number;
  problem: string;
  created_at: Date;
  finished_at: Date | null;
};

const columns = sql`x.account_id, x.subaccount_id, x.id, x.covers_account, x.kind, x.form, x.query, x.notify, x.state, x.reached,
  x.row_count, x.size_bytes, x.attempts, x.problem, x.created_at, x.finished_at`;

function toExport(row: Row): Export {
  return {
    accountId: row.account_id,
    subaccountId: row.subaccount_id,
    id: row.id,
    coversAccount: row.covers_account,
    kind: row.kind as ExportKind,
    form: row.form as FormName,
    query: row.query,
    notify: row.notify,
    state: row.state as Export['state'],
    reached: row.reached,
    rowCount: Number(row.row_count),
    sizeBytes: Number(row.size_bytes),
    attempts: row.attempts,
    problem: row.problem,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}

/** Until the transaction ends, nobody else of the subaccount counts and adds. */
export async function countUnfinished(tx: Tx, subaccountId: SubaccountId): Promise<number> {
  const rows = await sql<{ n: number }>`/* exports.unfinished */
    select count(*)::int as n from exports x, (select pg_advisory_xact_lock(${sql.lit(exportsLock)}, ${subaccountId}::int)) l
    where x.subaccount_id = ${subaccountId} and x.finished_at is null`.execute(tx);
  return rows.rows[0]?.n ?? 0;
}

const exportsLock = 5_117_320;

export async function insertExport(
  tx: Tx,
  { accountId, subaccountId, reach }: Scope,
  { kind, form, query, notify }: ExportWish,
  now: Date,
): Promise<Export> {
  const rows = await sql<Row>`/* exports.insert */
    insert into exports as x (account_id, subaccount_id, covers_account, kind, form, query, notify, looked_at, created_at)
    values (${accountId}, ${subaccountId}, ${reach === 'account'}, ${kind}, ${form}, ${JSON.stringify(query)}::jsonb, ${notify},
      ${now}, ${now})
    returning ${columns}`.execute(tx);
  return toExport(rows.rows[0] as Row);
}

/** What a caller may know of: all of the account only by who reaches all of it. */
export type Seen = { readonly reachesAll: boolean; readonly kinds: readonly ExportKind[] };

const seen = ({ reachesAll, kinds }: Seen) =>
  sql`(${reachesAll}::boolean or not x.covers_account) and x.kind = any(${kinds}::text[])`;

/** Newest first. */
export async function listExports(
  tx: Tx,
  who: Seen,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly Export[]> {
  const rows = await sql<Row>`/* exports.list */
    select ${columns} from exports x where ${seen(who)} and (${page.before}::bigint is null or x.id < ${page.before}::bigint)
    order by x.id desc limit ${page.limit}`.execute(tx);
  return rows.rows.map(toExport);
}

export async function findExport(tx: Tx, who: Seen, id: string): Promise<Export | null> {
  const rows = await sql<Row>`/* exports.find */
    select ${columns} from exports x where x.id = ${id} and ${seen(who)}`.execute(tx);
  return rows.rows[0] === undefined ? null : toExport(rows.rows[0]);
}

export async function deleteExport(tx: Tx, who: Seen, id: string): Promise<Export | null> {
  const rows = await sql<Row>`/* exports.delete */
    delete from exports x where x.id = ${id} and ${seen(who)} returning ${columns}`.execute(tx);
  return rows.rows[0] === undefined ? null : toExport(rows.rows[0]);
}

const readable = sql`exports x join subaccounts s on s.id = x.subaccount_id and s.can_read
    join accounts a on a.id = x.account_id and a.can_read`;

/** Engine: one whose tenant may read; null: not there, or shut. */
export async function findOpen(db: Db, id: string): Promise<Export | null> {
  const rows =
    await sql<Row>`/* exports.find_open */ select ${columns} from ${readable} where x.id = ${id}`.execute(db);
  return rows.rows[0] === undefined ? null : toExport(rows.rows[0]);
}

/** Engine: that which waits longest for its turn, of tenants that may read. */
export async function nextExport(db: Db): Promise<Export | null> {
  const rows = await sql<Row>`/* exports.next */
    select ${columns} from ${readable} where x.finished_at is null order by x.looked_at, x.id limit 1`.execute(
    db,
  );
  return rows.rows[0] === undefined ? null : toExport(rows.rows[0]);
}

export type Progress = Pick<
  Export,
  'state' | 'reached' | 'rowCount' | 'sizeBytes' | 'attempts' | 'problem' | 'finishedAt'
>;

/** Engine: false when another node was faster, or it is gone. */
export async function moveOn(db: Db | Tx, before: Export, to: Progress, now: Date): Promise<boolean> {
  const rows = await sql`/* exports.move_on */
    update exports set state = ${to.state}, reached = ${to.reached}, row_count = ${to.rowCount}, size_bytes = ${to.sizeBytes},
      attempts = ${to.attempts}, problem = ${to.problem}, finished_at = ${to.finishedAt}, looked_at = ${now}
    where id = ${before.id} and finished_at is null and reached = ${before.reached} and attempts = ${before.attempts}
      and state = ${before.state}`.execute(db);
  return (rows.numAffectedRows ?? 0n) === 1n;
}

/** Engine. */
export async function deleteOldExports(db: Db, before: Date, limit: number): Promise<number> {
  const result = await sql`/* exports.delete_old */
    delete from exports where id = any(array(select id from exports where created_at < ${before} order by created_at limit ${limit}))`.execute(
    db,
  );
  return Number(result.numAffectedRows ?? 0n);
}

/** Those of the scope behind a number, in order. */
export async function subaccountAfter(tx: Tx, after: number): Promise<SubaccountId | null> {
  const rows = await sql<{ id: SubaccountId }>`/* exports.subaccount_after */
    select id from subaccounts where id > ${after} order by id limit 1`.execute(tx);
  return rows.rows[0]?.id ?? null;
}

/** What a subaccount is called by its account; the account's own is not in it. */
export async function namesOf(
  tx: Tx,
  ids: readonly SubaccountId[],
): Promise<ReadonlyMap<SubaccountId, string>> {
  const rows = await sql<{ id: SubaccountId; name: string }>`/* exports.names */
    select id, coalesce(external_id, id::text) as name from subaccounts where id = any(${ids}::int[]) and not is_own`.execute(
    tx,
  );
  return new Map(rows.rows.map(({ id, name }) => [id, name]));
}

type HistoryRow = { message_id: string; opens: number; clicks: number; timeline: History['timeline'] | null };

/** Of some messages of one account, by their ids. */
export async function historiesOf(
  tx: Tx,
  messageIds: readonly string[],
): Promise<ReadonlyMap<string, History>> {
  const rows = await sql<HistoryRow>`/* exports.histories */
    select i.id as message_id, h.opens, h.clicks, h.timeline from unnest(${messageIds}::bigint[]) i (id)
    cross join lateral (
      select count(*) filter (where kind = 'message.opened' and not coalesce((data ->> 'isMachine')::boolean, false))::int as opens,
        count(*) filter (where kind = 'message.clicked' and not coalesce((data ->> 'isMachine')::boolean, false))::int as clicks,
        (select jsonb_agg(jsonb_build_object('at', at, 'kind', kind, 'data', data) order by seq) from (
          select seq, at, kind, data from events where message_id = i.id
            and kind not in ('message.opened', 'message.initially_opened', 'message.clicked') order by seq desc limit 100) last) as timeline
      from events where message_id = i.id) h`.execute(tx);
  return new Map(
    rows.rows.map(({ message_id: id, opens, clicks, timeline }) => [
      id,
      { opens, clicks, timeline: timeline ?? [] },
    ]),
  );
}
