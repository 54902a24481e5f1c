/** Counters of admitted messages. The other place that moves them is accept (messages/sql-accept.ts), by the same rules. */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Limits, Quota, UsageLine } from './model.ts';

const month = sql`quota_month(quota_clock(), a.month_starts_on)`;
const fresh = {
  hour: sql`case when q.hour_start = quota_hour(quota_clock()) then q.hour_used else 0 end`,
  day: sql`case when q.day_start = quota_day(quota_clock()) then q.day_used else 0 end`,
  month: sql`case when q.month_start = ${month} then q.month_used else 0 end`,
};

/**
 * Engine: what may still be admitted for a subaccount, null without limit. Locks its counters and its account's until the
 * transaction ends, in the order that accept uses.
 */
export async function lockRoom(tx: Tx, subaccountId: SubaccountId): Promise<number | null> {
  const rows = await sql<{ room: string | null }>`/* quotas.lock_room */
    select least(least(q.hour_max, q.hour_cap) - ${fresh.hour}, q.day_max - ${fresh.day}, q.month_max - ${fresh.month}) as room
    from subaccounts s join accounts a on a.id = s.account_id
    join subaccounts o on o.account_id = s.account_id and o.is_own
    join lateral (values (o.id, 'account'), (s.id, 'subaccount')) k (id, level) on true
    join quotas q on q.subaccount_id = k.id and q.level = k.level
    where s.id = ${subaccountId}
    order by q.account_id, q.level, q.subaccount_id for update of q`.execute(tx);
  const rooms = rows.rows.flatMap(({ room }) => (room === null ? [] : [Number(room)]));
  return rooms.length === 0 ? null : Math.max(0, Math.min(...rooms));
}

/** Engine: counts what was admitted; the month that is over goes to the statement. The counters are locked. */
export async function countUnits(tx: Tx, subaccountId: SubaccountId, units: number): Promise<void> {
  if (units === 0) return;
  await sql`/* quotas.count */
    with counter as materialized (
      select q.*, quota_hour(quota_clock()) as hour, quota_day(quota_clock()) as day, ${month} as month
      from subaccounts s join accounts a on a.id = s.account_id
      join subaccounts o on o.account_id = s.account_id and o.is_own
      join lateral (values (o.id, 'account'), (s.id, 'subaccount')) k (id, level) on true
      join quotas q on q.subaccount_id = k.id and q.level = k.level
      where s.id = ${subaccountId}
    ),
    turned as (
      insert into usage_months (account_id, subaccount_id, level, month_start, used)
      select account_id, subaccount_id, level, month_start, month_used from counter where month_start < month and month_used > 0
      on conflict (subaccount_id, level, month_start) do update set used = excluded.used
    )
    update quotas q set hour_start = c.hour, hour_used = ${units}::bigint + case when q.hour_start = c.hour then q.hour_used else 0 end,
      day_start = c.day, day_used = ${units}::bigint + case when q.day_start = c.day then q.day_used else 0 end,
      month_start = c.month, month_used = ${units}::bigint + case when q.month_start = c.month then q.month_used else 0 end
    from counter c where q.subaccount_id = c.subaccount_id and q.level = c.level`.execute(tx);
}

type Row = {
  subaccount_id: number;
  level: string;
  is_automatic: boolean;
  hour_max: string | null;
  hour_cap: string | null;
  day_max: string | null;
  month_max: string | null;
  hour_used: string;
  day_used: string;
  month_used: string;
  hour: Date;
  day: Date;
  month: Date;
  next_month: Date;
};

function max(text: string | null): number | null {
  return text === null ? null : Number(text);
}

function after(start: Date, ms: number): Date {
  return new Date(start.getTime() + ms);
}

function toQuota(row: Row): Quota {
  return {
    subaccountId: row.subaccount_id as SubaccountId,
    level: row.level as Quota['level'],
    isAutomatic: row.is_automatic,
    hourCap: max(row.hour_cap),
    windows: {
      hour: {
        max: max(row.hour_max),
        used: Number(row.hour_used),
        startedAt: row.hour,
        turnsAt: after(row.hour, 3_600_000),
      },
      day: {
        max: max(row.day_max),
        used: Number(row.day_used),
        startedAt: row.day,
        turnsAt: after(row.day, 86_400_000),
      },
      month: {
        max: max(row.month_max),
        used: Number(row.month_used),
        startedAt: row.month,
        turnsAt: row.next_month,
      },
    },
  };
}

/** Limits and use of one subaccount or of the account's pot, as the transaction's scope may see; null otherwise. */
export async function findQuota(
  tx: Tx,
  subaccountId: SubaccountId,
  level: Quota['level'],
): Promise<Quota | null> {
  const rows = await sql<Row>`/* quotas.find */
    select q.subaccount_id, q.level, q.is_automatic, q.hour_max, q.hour_cap, q.day_max, q.month_max,
      ${fresh.hour} as hour_used, ${fresh.day} as day_used, ${fresh.month} as month_used,
      quota_hour(quota_clock()) as hour, quota_day(quota_clock()) as day, ${month} as month,
      ${month} + interval '1 month' as next_month
    from quotas q join accounts a on a.id = q.account_id
    where q.subaccount_id = ${subaccountId} and q.level = ${level}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toQuota(row);
}

/** `isAutomatic` keeps the hourly limit to be set by reputation. */
export async function updateLimits(
  tx: Tx,
  subaccountId: SubaccountId,
  level: Quota['level'],
  limits: Limits & { readonly isAutomatic: boolean },
): Promise<void> {
  await sql`/* quotas.update_limits */
    update quotas set hour_max = case when ${limits.isAutomatic} and is_automatic then hour_max else ${limits.hour}::bigint end,
      day_max = ${limits.day}, month_max = ${limits.month}, is_automatic = ${limits.isAutomatic}
    where subaccount_id = ${subaccountId} and level = ${level}`.execute(tx);
}

/** Engine: subaccounts whose hourly limit follows their reputation. */
export async function automaticOnes(tx: Tx, after: number, limit: number): Promise<readonly SubaccountId[]> {
  const rows = await sql<{ subaccount_id: number }>`/* quotas.automatic */
    select subaccount_id from quotas where is_automatic and level = 'subaccount' and subaccount_id > ${after}
    order by subaccount_id limit ${limit}`.execute(tx);
  return rows.rows.map((row) => row.subaccount_id as SubaccountId);
}

/** Engine: sets automatic hourly limits; while a step of reputation caps one, it does not grow. */
export async function setAutomatic(tx: Tx, hourly: ReadonlyMap<SubaccountId, number>): Promise<void> {
  if (hourly.size === 0) return;
  await sql`/* quotas.set_automatic */
    update quotas q set hour_max = case when q.hour_cap is null then i.hourly else least(q.hour_max, i.hourly) end
    from unnest(${[...hourly.keys()]}::int[], ${[...hourly.values()]}::bigint[]) i (subaccount_id, hourly)
    where q.subaccount_id = i.subaccount_id and q.level = 'subaccount' and q.is_automatic and q.hour_max is distinct from i.hourly`.execute(
    tx,
  );
}

/** The system's own limit beside the one that was set, null for none; the smaller counts. */
export async function capHour(tx: Tx, subaccountId: SubaccountId, cap: number | null): Promise<void> {
  await sql`/* quotas.cap_hour */
    update quotas set hour_cap = ${cap}::bigint
    where subaccount_id = ${subaccountId} and level = 'subaccount' and hour_cap is distinct from ${cap}::bigint`.execute(
    tx,
  );
}

export async function updateMonthStart(tx: Tx, accountId: AccountId, startsOn: number): Promise<void> {
  await sql`/* quotas.update_month_start */
    update accounts set month_starts_on = ${startsOn} where id = ${accountId}`.execute(tx);
}

/** Start of the month of the statement that begins in the calendar month `first` (its first day, UTC). */
export async function statementStart(tx: Tx, accountId: AccountId, first: Date): Promise<Date> {
  const rows = await sql<{ start: Date }>`/* quotas.statement_start */
    select ${first}::timestamptz + make_interval(days => month_starts_on - 1) as start from accounts where id = ${accountId}`.execute(
    tx,
  );
  return rows.rows[0]?.start ?? first;
}

/** Per subaccount what a month's statement counts, under the transaction's scope; purged ones keep their line. */
export async function listUsage(
  tx: Tx,
  monthStart: Date,
  after: number,
  limit: number,
): Promise<readonly UsageLine[]> {
  const rows = await sql<{
    subaccount_id: number;
    name: string;
    external_id: string | null;
    used: string;
  }>`/* quotas.usage */
    select u.subaccount_id, s.name, s.external_id, max(u.used) as used from (
      select subaccount_id, used from usage_months where month_start = ${monthStart} and level = 'subaccount'
      union all
      select subaccount_id, month_used from quotas where month_start = ${monthStart} and level = 'subaccount'
    ) u join subaccounts s on s.id = u.subaccount_id
    where u.subaccount_id > ${after}::bigint and u.used > 0
    group by u.subaccount_id, s.name, s.external_id order by u.subaccount_id limit ${limit}`.execute(tx);
  return rows.rows.map((row) => ({
    subaccountId: row.subaccount_id as SubaccountId,
    name: row.name,
    externalId: row.external_id,
    used: Number(row.used),
  }));
}

/** Engine: a purge takes the counters; the months stay. */
export async function archiveMonth(tx: Tx, subaccountId: SubaccountId): Promise<void> {
  await sql`/* quotas.archive */
    insert into usage_months (account_id, subaccount_id, level, month_start, used)
    select account_id, subaccount_id, level, month_start, month_used from quotas
    where subaccount_id = ${subaccountId} and month_used > 0
    on conflict (subaccount_id, level, month_start) do update set used = excluded.used`.execute(tx);
}
