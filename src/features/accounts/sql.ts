import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';

/** So many messages that ended softly within the days, first and last so far apart, hold their address for the hours. */
export type SoftBounces = {
  readonly count: number;
  readonly days: number;
  readonly spanHours: number;
  readonly holdHours: number;
};

export type Account = {
  readonly id: AccountId;
  readonly name: string;
  readonly status: string;
  readonly retentionDays: number;
  readonly logRequests: boolean;
  readonly isTrial: boolean;
  readonly unknownSubaccountMail: 'refused' | 'rejected';
  /** Its mail says where complaints about it go (RFC 9477). */
  readonly hasFeedbackHeaders: boolean;
  readonly turnWeight: number;
  readonly softBounces: SoftBounces;
  readonly ownSubaccountId: SubaccountId;
  readonly createdAt: Date;
};

type Row = {
  id: number;
  name: string;
  status: string;
  retention_days: number;
  logs_requests: boolean;
  is_trial: boolean;
  unknown_subaccount_mail: 'refused' | 'rejected';
  feedback_headers: boolean;
  turn_weight: number;
  soft_bounce_count: number;
  soft_bounce_days: number;
  soft_bounce_span_hours: number;
  soft_bounce_hold_hours: number;
  own_id: number;
  created_at: Date;
};

const options = sql`a.logs_requests, a.is_trial, a.unknown_subaccount_mail, a.feedback_headers, a.turn_weight, a.soft_bounce_count,
  a.soft_bounce_days, a.soft_bounce_span_hours, a.soft_bounce_hold_hours`;
const selected = sql`select a.id, a.name, a.status, a.retention_days, ${options}, s.id as own_id, a.created_at
  from accounts a join subaccounts s on s.account_id = a.id and s.is_own`;

function toAccount(row: Row): Account {
  return {
    id: row.id as AccountId,
    name: row.name,
    status: row.status,
    retentionDays: row.retention_days,
    logRequests: row.logs_requests,
    isTrial: row.is_trial,
    unknownSubaccountMail: row.unknown_subaccount_mail,
    hasFeedbackHeaders: row.feedback_headers,
    turnWeight: row.turn_weight,
    softBounces: {
      count: row.soft_bounce_count,
      days: row.soft_bounce_days,
      spanHours: row.soft_bounce_span_hours,
      holdHours: row.soft_bounce_hold_hours,
    },
    ownSubaccountId: row.own_id as SubaccountId,
    createdAt: row.created_at,
  };
}

/** Engine: an account with its own subaccount. */
export async function insertAccount(tx: Tx, name: string, now: Date): Promise<Account> {
  const rows = await sql<Row>`/* accounts.insert */
    with a as (insert into accounts (name, created_at) values (${name}, ${now}) returning *),
      s as (insert into subaccounts (account_id, is_own, name, created_at) select id, true, name, ${now} from a returning id)
    select a.id, a.name, a.status, a.retention_days, ${options}, s.id as own_id, a.created_at from a, s`.execute(
    tx,
  );
  const row = rows.rows[0];
  if (row === undefined) throw new Error('an account was not stored');
  return toAccount(row);
}

/** The account that the transaction's scope belongs to. */
export async function findAccount(tx: Tx, id: AccountId): Promise<Account | null> {
  const rows = await sql<Row>`/* accounts.find */
    select a.id, a.name, a.status, a.retention_days, ${options}, (select s.id from subaccounts s where s.account_id = a.id and s.is_own) as own_id,
      a.created_at from accounts a where a.id = ${id}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toAccount(row);
}

/** Engine: all accounts but the installation's own, for the operator. */
export async function listAccounts(db: Db): Promise<readonly Account[]> {
  const rows =
    await sql<Row>`/* accounts.list */ ${selected} where not a.is_system order by a.id limit 10000`.execute(
      db,
    );
  return rows.rows.map(toAccount);
}

/** Engine: the installation's own account, which sends its notices. */
export async function findSystemAccount(db: Db): Promise<Account | null> {
  const rows = await sql<Row>`/* accounts.find_system */ ${selected} where a.is_system`.execute(db);
  const row = rows.rows[0];
  return row === undefined ? null : toAccount(row);
}

/** Engine: fails when there is one already (a second node at the same moment). */
export async function markSystem(tx: Tx, id: AccountId): Promise<void> {
  await sql`/* accounts.mark_system */ update accounts set is_system = true where id = ${id}`.execute(tx);
}

/** Its own subaccount is called as the account. */
export async function updateAccount(
  tx: Tx,
  id: AccountId,
  change: {
    name: string | null;
    retentionDays: number | null;
    logRequests: boolean | null;
    isTrial: boolean | null;
    unknownSubaccountMail: Account['unknownSubaccountMail'] | null;
    hasFeedbackHeaders: boolean | null;
    turnWeight: number | null;
    softBounces: Partial<SoftBounces>;
  },
): Promise<void> {
  await sql`/* accounts.update */
    update accounts set name = coalesce(${change.name}, name), retention_days = coalesce(${change.retentionDays}, retention_days),
      logs_requests = coalesce(${change.logRequests}, logs_requests), is_trial = coalesce(${change.isTrial}::boolean, is_trial),
      unknown_subaccount_mail = coalesce(${change.unknownSubaccountMail}::text, unknown_subaccount_mail),
      feedback_headers = coalesce(${change.hasFeedbackHeaders}::boolean, feedback_headers),
      turn_weight = coalesce(${change.turnWeight}, turn_weight),
      soft_bounce_count = coalesce(${change.softBounces.count ?? null}, soft_bounce_count),
      soft_bounce_days = coalesce(${change.softBounces.days ?? null}, soft_bounce_days),
      soft_bounce_span_hours = coalesce(${change.softBounces.spanHours ?? null}, soft_bounce_span_hours),
      soft_bounce_hold_hours = coalesce(${change.softBounces.holdHours ?? null}, soft_bounce_hold_hours)
    where id = ${id}`.execute(tx);
  if (change.name === null) return;
  await sql`/* accounts.rename_own */
    update subaccounts set name = ${change.name} where account_id = ${id} and is_own`.execute(tx);
}

/** Engine: accounts whose mail carries feedback headers. */
export async function feedbackAccounts(db: Db): Promise<ReadonlySet<number>> {
  const rows = await sql<{ id: number }>`/* accounts.feedback_headers */
    select id from accounts where feedback_headers`.execute(db);
  return new Set(rows.rows.map(({ id }) => id));
}

/** Engine: the account that a subaccount belongs to, for the operator; null of the installation's own. */
export async function findAccountOf(db: Db, subaccountId: number): Promise<Account | null> {
  const rows = await sql<Row>`/* accounts.find_of */
    ${selected} join subaccounts x on x.account_id = a.id where x.id = ${subaccountId} and not a.is_system`.execute(
    db,
  );
  const row = rows.rows[0];
  return row === undefined ? null : toAccount(row);
}

/** Engine: sets or lifts the operator's stop; the account's status then. */
export async function updateOperatorStop(tx: Tx, id: number, stop: string | null): Promise<Account | null> {
  await sql`/* accounts.update_stop */ update accounts set operator_stop = ${stop} where id = ${id}`.execute(
    tx,
  );
  return findById(tx, id);
}

/** Engine: puts an account on trial, or ends it; null when there is none. */
export async function updateTrial(tx: Tx, id: number, isTrial: boolean): Promise<Account | null> {
  await sql`/* accounts.update_trial */ update accounts set is_trial = ${isTrial} where id = ${id}`.execute(
    tx,
  );
  return findById(tx, id);
}

/** Engine: sets what turns an account has; null when there is none. */
export async function updateTurnWeight(tx: Tx, id: number, weight: number): Promise<Account | null> {
  await sql`/* accounts.update_turn_weight */ update accounts set turn_weight = ${weight} where id = ${id}`.execute(
    tx,
  );
  return findById(tx, id);
}

async function findById(tx: Tx, id: number): Promise<Account | null> {
  const rows = await sql<Row>`/* accounts.find_by_id */ ${selected} where a.id = ${id}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toAccount(row);
}
