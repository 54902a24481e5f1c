import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { SubaccountId } from '../../base/scope.ts';

/** Engine: the next events after the cursor are counted and the cursor moved; how many they were. Another node's turn: 0. */
export async function countBatch(tx: Tx, limit: number): Promise<number> {
  const rows = await sql<{ n: number }>`/* metrics.count_batch */
    with cursor as materialized (
      select seq from event_cursors where consumer = 'daily_counts' for update skip locked
    ),
    batch as materialized (
      select e.seq, e.account_id, e.subaccount_id, (e.at at time zone 'UTC')::date as day,
        case when e.kind in ('message.bounced', 'message.bounced_later') then e.kind || ':' || coalesce(e.data ->> 'class', 'undetermined') else e.kind end as kind
      from cursor c cross join lateral (select * from events where seq > c.seq order by seq limit ${limit}) e
    ),
    counted as (
      insert into daily_counts as d (account_id, subaccount_id, day, kind, n)
      select account_id, subaccount_id, day, kind, count(*) from batch group by account_id, subaccount_id, day, kind
      order by subaccount_id, day, kind
      on conflict (subaccount_id, day, kind) do update set n = d.n + excluded.n
    ),
    moved as (
      update event_cursors set seq = (select max(seq) from batch)
      where consumer = 'daily_counts' and exists (select from batch)
    )
    select count(*)::int as n from batch`.execute(tx);
  return rows.rows[0]?.n ?? 0;
}

export type Count = { readonly subaccountId: SubaccountId; readonly kind: string; readonly n: number };

/** Sums per kind over whole days from `from`, for the subaccounts, as the transaction may see. */
export async function sumCounts(tx: Tx, ids: readonly SubaccountId[], from: Date): Promise<readonly Count[]> {
  const rows = await sql<{ subaccount_id: number; kind: string; n: string }>`/* metrics.sum */
    select d.subaccount_id, d.kind, sum(d.n) as n from unnest(${ids}::int[]) i (id)
    join daily_counts d on d.subaccount_id = i.id and d.day >= (${from}::timestamptz at time zone 'UTC')::date
    group by d.subaccount_id, d.kind`.execute(tx);
  return rows.rows.map((row) => ({
    subaccountId: row.subaccount_id as SubaccountId,
    kind: row.kind,
    n: Number(row.n),
  }));
}
