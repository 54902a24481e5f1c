/** The hours of whole accounts: what all subaccounts of one did, without any dimension. */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Period } from './periods.ts';
import { stepOf, sums, toSums } from './sql-read.ts';
import type { CountRow, SumRow } from './sql-read.ts';

/** Counts of the account in hours, by step; who reaches less of the account sees none. */
export async function readAccountCounts(
  tx: Tx,
  accountId: AccountId,
  { from, until, step, timeZone }: Period,
): Promise<readonly CountRow[]> {
  const at = step === null ? sql`null::timestamptz` : stepOf(step, timeZone);
  const rows = await sql<
    {
      at: Date | null;
      kind: string;
      class: string;
      wait: number;
      is_first: boolean;
      first_at: Date;
    } & SumRow
  >`/* metrics.read_account_counts */
    select ${at} as at, kind, class, wait, is_first, min(f.at) as first_at, ${sums} from account_figures f
    where account_id = ${accountId} and at >= date_trunc('hour', ${new Date(from)}::timestamptz, 'UTC') and at < ${new Date(until)}
    group by 1, 2, 3, 4, 5 order by 1`.execute(tx);
  return rows.rows.map((row) => ({
    at: row.at,
    kind: row.kind,
    class: row.class,
    wait: row.wait,
    isFirst: row.is_first,
    firstAt: row.first_at,
    ...toSums(row),
    value: null,
    isOther: false,
    and: null,
  }));
}

/** Engine: takes some hours of a subaccount out of the figures, and of its account's; how many rows. Counting is kept out. */
export async function takeOutHours(tx: Tx, id: SubaccountId, limit: number): Promise<number> {
  const rows = await sql<{ n: number }>`/* metrics.take_out_hours */
    with taken as materialized (
      select subaccount_id, at, series_id, wait from hourly_figures where subaccount_id = ${id} order by at, series_id, wait limit ${limit}
    ),
    gone as (
      delete from hourly_figures f using taken t where f.subaccount_id = t.subaccount_id and f.at = t.at and f.series_id = t.series_id
        and f.wait = t.wait
      returning f.account_id, f.at, f.series_id, f.wait, f.n, f.size_bytes, f.waited_ms, f.engaged
    ),
    told as (
      select g.account_id, g.at, s.kind, s.class, g.wait, s.is_first, sum(g.n) as n, sum(g.size_bytes) as size_bytes, sum(g.waited_ms) as waited_ms,
        sum(g.engaged) as engaged
      from gone g cross join lateral (select * from series where subaccount_id = ${id} and id = g.series_id offset 0) s
      group by 1, 2, 3, 4, 5, 6
    ),
    less as (
      update account_figures a set n = a.n - t.n, size_bytes = a.size_bytes - t.size_bytes, waited_ms = a.waited_ms - t.waited_ms,
        engaged = a.engaged - t.engaged
      from told t where a.account_id = t.account_id and a.at = t.at and a.kind = t.kind
        and a.class = t.class and a.wait = t.wait and a.is_first = t.is_first
    )
    select count(*)::int as n from gone`.execute(tx);
  return rows.rows[0]?.n ?? 0;
}

/** Engine: of every account some hours that are kept no more; how many went. */
export async function endAccountHours(db: Db, before: Date, limit: number): Promise<number> {
  const rows = await sql`/* metrics.end_account_hours */
    delete from account_figures f using (
      select e.* from accounts a cross join lateral (
        select account_id, at, kind, class, wait, is_first from account_figures
        where account_id = a.id and at < ${before} order by at limit ${limit}) e
      limit ${limit}
    ) old where f.account_id = old.account_id and f.at = old.at and f.kind = old.kind and f.class = old.class
      and f.wait = old.wait and f.is_first = old.is_first`.execute(db);
  return Number(rows.numAffectedRows ?? 0n);
}
