import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, Actor, Reach, SubaccountId } from '../../base/scope.ts';
import type { LogRow, NewLog, WholeLogRow } from './model.ts';
import type { LoginOwner } from './rules.ts';

/** Engine: one statement for the batch; their order is kept. */
export async function insertLogs(db: Db, logs: readonly NewLog[]): Promise<void> {
  const each = <T>(read: (log: NewLog) => T): T[] => logs.map(read);
  await sql`/* logs.insert */
    insert into request_logs (account_id, subaccount_id, reach, at, request_id, door, method, pattern, path, status,
      actor_kind, actor_id, remote_address, user_agent, ms, request, response)
    select account_id, subaccount_id, reach, at, request_id, door, method, pattern, path, status,
      actor_kind, actor_id, remote_address, user_agent, ms, request, response
    from unnest(${each((log) => log.accountId)}::int[], ${each((log) => log.subaccountId)}::int[],
      ${each((log) => log.reach)}::text[], ${each((log) => log.at)}::timestamptz[], ${each((log) => log.requestId)}::text[],
      ${each((log) => log.door)}::text[], ${each((log) => log.method)}::text[], ${each((log) => log.pattern)}::text[],
      ${each((log) => log.path)}::text[], ${each((log) => log.status)}::int[], ${each((log) => log.actor.kind)}::text[],
      ${each((log) => log.actor.id)}::text[], ${each((log) => log.remoteAddress)}::inet[],
      ${each((log) => log.userAgent)}::text[], ${each((log) => log.ms)}::real[], ${each((log) => log.request)}::text[],
      ${each((log) => log.response)}::text[]) with ordinality
      as l (account_id, subaccount_id, reach, at, request_id, door, method, pattern, path, status,
        actor_kind, actor_id, remote_address, user_agent, ms, request, response, ord)
    order by ord`.execute(db);
}

/** Engine: whether the account wants its requests logged. */
export async function isSwitchedOn(db: Db, accountId: AccountId): Promise<boolean> {
  const rows = await sql<{ on: boolean }>`/* logs.is_switched_on */
    select logs_requests as on from accounts where id = ${accountId}`.execute(db);
  return rows.rows[0]?.on ?? false;
}

/** Engine: the key that a failed login meant, by its public id or else by its secret; null when it meant none. */
export async function findLoginOwner(
  db: Db,
  publicId: string,
  secretHash: Buffer,
): Promise<LoginOwner | null> {
  const rows = await sql<{ id: string; account_id: number; subaccount_id: number; reach: string }>`
    /* logs.find_login_owner */
    select id, account_id, subaccount_id, reach from (
      select 1 as rank, k.* from keys k where k.public_id = ${publicId}
      union all select 2, k.* from keys k where k.secret_hash = ${secretHash}
    ) k order by rank limit 1`.execute(db);
  const row = rows.rows[0];
  if (row === undefined) return null;
  return {
    keyId: row.id,
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    reach: row.reach as LoginOwner['reach'],
  };
}

type Row = {
  id: string;
  subaccount_id: number;
  at: Date;
  request_id: string;
  door: string;
  method: string;
  pattern: string;
  path: string;
  status: number;
  actor_kind: string;
  actor_id: string;
  remote_address: string;
  user_agent: string;
  ms: number;
};

const columns = sql`id, subaccount_id, at, request_id, door, method, pattern, path, status, actor_kind, actor_id,
  host(remote_address) as remote_address, user_agent, ms`;

function toLog(row: Row): LogRow {
  return {
    id: row.id,
    subaccountId: row.subaccount_id as SubaccountId,
    at: row.at,
    requestId: row.request_id,
    door: row.door as LogRow['door'],
    method: row.method,
    pattern: row.pattern,
    path: row.path,
    status: row.status,
    actor: { kind: row.actor_kind as Actor['kind'], id: row.actor_id },
    remoteAddress: row.remote_address,
    userAgent: row.user_agent,
    ms: row.ms,
  };
}

/** Null: not asked for. */
export type LogFilter = {
  /** The own subaccount's keys see its own requests and not the account's. */
  readonly reach: Reach;
  readonly door: string | null;
  readonly method: string | null;
  /** Part of the path or of its pattern. */
  readonly path: string | null;
  readonly status: { readonly from: number; readonly to: number } | null;
  readonly actorId: string | null;
  readonly requestId: string | null;
  readonly subaccountId: number | null;
  readonly after: Date | null;
  readonly before: Date | null;
  readonly cursor: string | null;
  readonly limit: number;
};

const withinReach = (reach: LogFilter['reach']) =>
  reach === 'account'
    ? sql`true`
    : sql`subaccount_id = any(${[reach].flat()}::int[]) and reach = 'subaccount'`;

/** Newest first, under the transaction's scope. */
export async function listLogs(tx: Tx, filter: LogFilter): Promise<readonly LogRow[]> {
  const { door, method, path, status, actorId, requestId, subaccountId, after, before, cursor } = filter;
  const rows = await sql<Row>`/* logs.list */
    select ${columns} from request_logs where ${withinReach(filter.reach)}
      ${door === null ? sql`` : sql`and door = ${door}`}
      ${method === null ? sql`` : sql`and method = ${method}`}
      ${path === null ? sql`` : sql`and (strpos(path, ${path}) > 0 or strpos(pattern, ${path}) > 0)`}
      ${status === null ? sql`` : sql`and status between ${status.from} and ${status.to}`}
      ${actorId === null ? sql`` : sql`and actor_id = ${actorId}`}
      ${requestId === null ? sql`` : sql`and request_id = ${requestId}`}
      ${subaccountId === null ? sql`` : sql`and subaccount_id = ${subaccountId}`}
      ${after === null ? sql`` : sql`and at >= ${after}`}
      ${before === null ? sql`` : sql`and at < ${before}`}
      ${cursor === null ? sql`` : sql`and id < ${cursor}`}
    order by id desc limit ${filter.limit}`.execute(tx);
  return rows.rows.map(toLog);
}

export async function findLog(tx: Tx, reach: LogFilter['reach'], id: string): Promise<WholeLogRow | null> {
  const rows = await sql<Row & { request: string; response: string }>`/* logs.find */
    select ${columns}, request, response from request_logs where id = ${id} and ${withinReach(reach)}`.execute(
    tx,
  );
  const row = rows.rows[0];
  return row === undefined ? null : { ...toLog(row), request: row.request, response: row.response };
}

/** Engine: at most `limit` rows from before then; how many went. */
export async function deleteOld(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`/* logs.delete_old */
    delete from request_logs
    where id = any(array(select id from request_logs where at < ${before} order by at limit ${limit}))`.execute(
    tx,
  );
  return Number(result.numAffectedRows ?? 0n);
}
