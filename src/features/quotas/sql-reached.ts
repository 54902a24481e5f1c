import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Period, Quota } from './model.ts';

export type Reached = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly level: Quota['level'];
  readonly period: Period;
  readonly max: number;
};

/** Engine: limits that the window of now has used up and that nobody was told of; they are told by this statement. */
export async function takeReached(tx: Tx): Promise<readonly Reached[]> {
  type Row = {
    account_id: number;
    subaccount_id: number;
    level: Quota['level'];
    period: Period;
    max: string;
  };
  const rows = await sql<Row>`/* quotas.take_reached */
    with moment as materialized (select quota_clock() as t),
    full_windows as (
      select q.account_id, q.subaccount_id, q.level, w.period, w.max, w.start
      from moment m, quotas q join accounts a on a.id = q.account_id and not a.is_system
      cross join lateral (values
        ('hour', least(q.hour_max, q.hour_cap), q.hour_start, quota_hour(m.t), q.hour_used),
        ('day', q.day_max, q.day_start, quota_day(m.t), q.day_used),
        ('month', q.month_max, q.month_start, quota_month(m.t, a.month_starts_on), q.month_used)
      ) w (period, max, start, current, used)
      where (q.hour_max is not null or q.hour_cap is not null or q.day_max is not null or q.month_max is not null)
        and w.max > 0 and w.start = w.current and w.used >= w.max
    ),
    told as (
      insert into quota_tellings as t (account_id, subaccount_id, level, period, start)
      select account_id, subaccount_id, level, period, start from full_windows order by subaccount_id, level, period
      on conflict (subaccount_id, level, period) do update set start = excluded.start where t.start <> excluded.start
      returning t.subaccount_id, t.level, t.period
    )
    select f.account_id, f.subaccount_id, f.level, f.period, f.max from told join full_windows f using (subaccount_id, level, period)
    order by f.subaccount_id, f.level, f.period`.execute(tx);
  return rows.rows.map(({ level, period, max, ...row }) => ({
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    level,
    period,
    max: Number(max),
  }));
}
