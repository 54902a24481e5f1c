/**
 * Hand out. HOT PATH (engine role, across tenants): the next events of the log get their numbers for every webhook that is
 * told of them. One statement, one transaction: numbers, what they stand for, the day's certificate and the cursor move
 * together, so that a kill can neither leave a gap nor give a number twice. One node at a time (the cursor's row lock);
 * whoever comes meanwhile gets nothing. A row per webhook and batch, not per event. Figures: docs/decisions/webhooks.md.
 *
 * The account of every row comes from the join with webhooks on the event's own account: a webhook is never told of what
 * happened in another account, and one of a subaccount never of what happened beside it.
 */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';

export type HandedOut = {
  /** Events read, told to somebody or not. */
  readonly read: number;
  /** Numbers of the events that some webhook is told of, in order. */
  readonly seqs: readonly string[];
  readonly from: Date | null;
  readonly until: Date | null;
};

export async function handOut(tx: Tx, limit: number, now: Date): Promise<HandedOut> {
  const rows = await sql<{
    read: number;
    seqs: string[] | null;
    from_at: Date | null;
    until_at: Date | null;
  }>`/* webhooks.hand_out, plan kept */
    with cursor as materialized (
      select seq from event_cursors where consumer = 'webhooks' for update skip locked
    ),
    batch as materialized (
      select e.seq, e.at, e.account_id, e.subaccount_id, e.kind
      from cursor c cross join lateral (select * from events where seq > c.seq order by seq limit ${limit}) e
    ),
    matched as materialized (
      select w.id, b.seq, b.at, b.kind from batch b
      join webhooks w on w.account_id = b.account_id and b.at >= w.created_at
        and (w.only_subaccount_id is null or w.only_subaccount_id = b.subaccount_id)
        and not b.subaccount_id = any(w.except_subaccounts)
        and (w.kinds is null or b.kind = any(w.kinds))
    ),
    given as materialized (
      select id, array_agg(seq order by seq) as seqs, min(at) as from_at, max(at) as until_at, count(*) as n
      from matched group by id order by id
    ),
    numbered as (
      update webhook_progress p set last_n = p.last_n + g.n,
        last_day = greatest(p.last_day, (${now}::timestamptz at time zone 'UTC')::date)
      from given g where p.webhook_id = g.id
      returning p.account_id, p.subaccount_id, p.webhook_id, p.last_n - g.n + 1 as first_n, p.last_n, p.last_day, g.seqs, g.from_at, g.until_at
    ),
    handed as (
      insert into handouts (account_id, subaccount_id, webhook_id, first_n, last_n, seqs, from_at, until_at, at)
      select account_id, subaccount_id, webhook_id, first_n, last_n, seqs, from_at, until_at, ${now} from numbered
    ),
    certified as (
      insert into webhook_days as d (account_id, subaccount_id, webhook_id, day, kind, n, first_n, last_n)
      select n.account_id, n.subaccount_id, n.webhook_id, n.last_day, m.kind, count(*), n.first_n, n.last_n
      from numbered n join matched m on m.id = n.webhook_id
      group by n.account_id, n.subaccount_id, n.webhook_id, n.last_day, m.kind, n.first_n, n.last_n
      on conflict (webhook_id, day, kind) do update set n = d.n + excluded.n, last_n = excluded.last_n
    ),
    moved as (
      update event_cursors set seq = (select max(seq) from batch)
      where consumer = 'webhooks' and exists (select from batch)
    )
    select (select count(*)::int from batch) as read, array_agg(distinct seq order by seq) as seqs, min(at) as from_at, max(at) as until_at
    from matched`.execute(tx);
  const row = rows.rows[0];
  return {
    read: row?.read ?? 0,
    seqs: row?.seqs ?? [],
    from: row?.from_at ?? null,
    until: row?.until_at ?? null,
  };
}
