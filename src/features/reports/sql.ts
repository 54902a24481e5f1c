import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import type { What } from '../metrics/index.ts';
import type { Interval, ReportPeriod } from './kinds.ts';
import type { Report, ReportContent } from './model.ts';

type Row = {
  account_id: AccountId;
  subaccount_id: SubaccountId;
  reach: string;
  id: string;
  name: string;
  share: string;
  query: What;
  period: string;
  every: string | null;
  at_hour: number;
  people: string[];
  next_at: Date | null;
  created_at: Date;
};

const columns = sql`r.account_id, r.subaccount_id, r.reach, r.id, r.name, r.share, r.query, r.period, r.every, r.at_hour,
  r.people::text[] as people, r.next_at, r.created_at`;

function toReport(row: Row): Report {
  return {
    accountId: row.account_id,
    subaccountId: row.subaccount_id,
    reach: row.reach as Report['reach'],
    id: row.id,
    name: row.name,
    share: row.share as Report['share'],
    query: row.query,
    period: row.period as ReportPeriod,
    schedule: row.every === null ? null : { every: row.every as Interval, hour: row.at_hour },
    people: row.people,
    nextAt: row.next_at,
    createdAt: row.created_at,
  };
}

/** A subaccount's keys and people see only its own and what is shared, not even in the own subaccount those of the account. */
function visible(scope: Scope): ReturnType<typeof sql> {
  return scope.reach === 'account' ? sql`true` : sql`(r.reach = 'subaccount' or r.share <> 'none')`;
}

export async function countReports(tx: Tx, subaccountId: SubaccountId): Promise<number> {
  const rows = await sql<{ n: number }>`/* reports.count */
    select count(*)::int as n from reports where subaccount_id = ${subaccountId}`.execute(tx);
  return rows.rows[0]?.n ?? 0;
}

type Timed = { readonly nextAt: Date | null };

export async function insertReport(
  tx: Tx,
  { accountId, subaccountId, reach }: Scope,
  content: ReportContent & Timed,
  now: Date,
): Promise<Report> {
  const { name, share, query, period, schedule, people } = content;
  const rows = await sql<Row>`/* reports.insert */
    insert into reports as r (account_id, subaccount_id, reach, name, share, query, period, every, at_hour, people, next_at, created_at)
    values (${accountId}, ${subaccountId}, ${reach === 'account' ? 'account' : 'subaccount'}, ${name}, ${share}, ${JSON.stringify(query)}::jsonb, ${period},
      ${schedule?.every ?? null}, ${schedule?.hour ?? 6}, ${people}::bigint[], ${content.nextAt}, ${now})
    returning ${columns}`.execute(tx);
  return toReport(rows.rows[0] as Row);
}

/** As the transaction may see: own ones, and those that the account shares. */
export async function listReports(
  tx: Tx,
  scope: Scope,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly Report[]> {
  const rows = await sql<Row>`/* reports.list */
    select ${columns} from reports r where r.id > ${page.after}::bigint and ${visible(scope)} order by r.id limit ${page.limit}`.execute(
    tx,
  );
  return rows.rows.map(toReport);
}

export async function findReport(tx: Tx, scope: Scope, id: string): Promise<Report | null> {
  return findWhere(tx, sql`r.id = ${id} and ${visible(scope)}`);
}

/** Engine: the report of a link. */
export async function findLinked(db: Db, id: string): Promise<Report | null> {
  return findWhere(db, sql`r.id = ${id}`);
}

async function findWhere(db: Db | Tx, where: ReturnType<typeof sql>): Promise<Report | null> {
  const rows = await sql<Row>`/* reports.find */ select ${columns} from reports r where ${where}`.execute(db);
  return rows.rows[0] === undefined ? null : toReport(rows.rows[0]);
}

/** Null: not there, or only shared with the caller. */
export async function updateReport(
  tx: Tx,
  id: string,
  content: ReportContent & Timed,
): Promise<Report | null> {
  const { name, share, query, period, schedule, people } = content;
  const rows = await sql<Row>`/* reports.update */
    update reports r set name = ${name}, share = ${share}, query = ${JSON.stringify(query)}::jsonb, period = ${period},
      every = ${schedule?.every ?? null}, at_hour = ${schedule?.hour ?? 6}, people = ${people}::bigint[], next_at = ${content.nextAt}
    where r.id = ${id} returning ${columns}`.execute(tx);
  return rows.rows[0] === undefined ? null : toReport(rows.rows[0]);
}

export async function deleteReport(tx: Tx, id: string): Promise<void> {
  await sql`/* reports.delete */ delete from reports where id = ${id}`.execute(tx);
}

/** Engine: whose time has come, of tenants whose people may read. */
export async function dueReports(db: Db, now: Date, limit: number): Promise<readonly Report[]> {
  const rows = await sql<Row>`/* reports.due */
    select ${columns} from reports r join subaccounts s on s.id = r.subaccount_id and s.can_read
    join accounts a on a.id = r.account_id and a.can_read
    where r.next_at <= ${now} order by r.next_at limit ${limit}`.execute(db);
  return rows.rows.map(toReport);
}

/** Engine: moves a report on to its next time; false when another node did, or it was changed meanwhile. */
export async function moveOn(tx: Tx, { id, nextAt: before }: Report, nextAt: Date): Promise<boolean> {
  const rows = await sql`/* reports.move_on */
    update reports set next_at = ${nextAt} where id = ${id} and next_at = ${before}`.execute(tx);
  return Number(rows.numAffectedRows ?? 0) === 1;
}

/** Engine: whether who holds a report may read now. */
export async function mayRead(db: Db, subaccountId: SubaccountId): Promise<boolean> {
  const rows = await sql`/* reports.may_read */
    select from subaccounts s join accounts a on a.id = s.account_id
    where s.id = ${subaccountId} and s.can_read and a.can_read`.execute(db);
  return rows.rows.length > 0;
}
