/**
 * An account with many subaccounts and the figures of ten million events of 30 days, by SQL, as counting leaves them: each subaccount
 * has sent in 25 of its hours, ten mails in each to four domains, most delivered at once; each also within the last day. One in
 * fifty is in some trouble, one in a hundred has 2,000 waiting.
 */
import type { Client } from 'pg';

export type Filled = {
  readonly subaccounts: number;
  readonly events: number;
  readonly cells: number;
  readonly waiting: number;
};

const sendingHours = 25;
const daysBack = 30;

/** Kind, class and bucket of time, and how many of an hour's mails to one domain it is of, in tenths. */
const kinds = `(values ('message.accepted', '', 0, 25), ('message.delivered', 'new', 3, 15), ('message.delivered', 'engaged_14', 4, 8),
  ('message.bounced', 'hard', 0, 1), ('message.opened', 'first', 0, 1)) k (kind, class, wait, tenths)`;

export async function fill(
  db: Client,
  { subaccounts, events }: { readonly subaccounts: number; readonly events: number },
): Promise<Filled> {
  await db.query('set statement_timeout = 0');
  // The engine's connections join by index only, row by row: right for a batch, not for millions.
  for (const setting of ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin'])
    await db.query(`set ${setting} = on`);
  await db.query(`set work_mem = '256MB'`);
  const account = (
    await db.query<{ id: number }>('select id from accounts where not is_system order by id limit 1')
  ).rows[0]?.id;
  await db.query(
    `insert into subaccounts (account_id, name, external_id, parent_stop)
     select $1, 'Client ' || i, 'client-' || i, case when i % 50 = 7 then 'paused' end from generate_series(1, $2::int) i`,
    [account, subaccounts],
  );
  await db.query(`create temporary table benched as
    select account_id, id, row_number() over (order by id)::int as n from subaccounts where account_id = ${account} and not is_own`);
  await db.query(`insert into reputations (account_id, subaccount_id, step, since, until, over_limits)
    select account_id, id, case when n % 100 = 1 then 'slow' when n % 100 = 2 then 'warn' else 'none' end, case when n % 100 in (1, 2) then now() end,
      case when n % 100 in (1, 2) then now() + interval '1 day' end, case when n % 100 in (1, 2) then array['hard_bounces'] else '{}' end from benched`);
  await db.query(`update quotas q set hour_max = 1000, hour_start = quota_hour(quota_clock()), hour_used = case when n % 100 = 3 then 1000 else 10 end
    from benched b where q.subaccount_id = b.id and q.level = 'subaccount'`);
  await db.query(`insert into series (account_id, subaccount_id, hash, opened_on, kind, class, is_first, recipient_domain, tags, folded)
    select b.account_id, b.id, md5(b.id || kind || class || d)::uuid, current_date - ${daysBack}, kind, class, wait > 0, 'd' || d || '.test', '[]', '{}'
    from benched b, ${kinds}, generate_series(1, 4) d`);
  await db.query(
    'set role none; analyze subaccounts, series, reputations, quotas; set role lettershop_engine',
  );
  const scale = events / (subaccounts * sendingHours * 20);
  const cells =
    await db.query(`insert into hourly_figures (account_id, subaccount_id, at, series_id, wait, n, size_bytes, waited_ms)
    select s.account_id, s.subaccount_id,
      date_trunc('hour', now()) - make_interval(hours => (b.n + h * ${(daysBack * 24) / sendingHours})::int % ${daysBack * 24}), s.id, k.wait, c.n,
      case when k.kind = 'message.delivered' then c.n * 12000 else 0 end, case when k.wait > 0 then c.n * 400 else 0 end
    from benched b cross join generate_series(0, ${sendingHours - 1}) h
    join series s on s.subaccount_id = b.id join ${kinds} on k.kind = s.kind and k.class = s.class
    cross join lateral (select greatest(1, round(${scale} * k.tenths / 10))::int as n) c order by 2, 3, 4 on conflict do nothing`);
  await db.query(`insert into account_figures (account_id, at, kind, class, wait, is_first, n, size_bytes, waited_ms)
    select f.account_id, f.at, kind, class, f.wait, is_first, sum(n), sum(size_bytes), sum(waited_ms)
    from hourly_figures f join series s on s.id = f.series_id group by 1, 2, 3, 4, 5, 6
    on conflict (account_id, at, kind, class, wait, is_first) do update set n = excluded.n,
      size_bytes = excluded.size_bytes, waited_ms = excluded.waited_ms`);
  await db.query(`insert into outcome_hours (account_id, subaccount_id, hour, accepted, delivered, hard_bounces)
    select f.account_id, f.subaccount_id, f.at, coalesce(sum(n) filter (where kind = 'message.accepted'), 0),
      coalesce(sum(n) filter (where kind = 'message.delivered'), 0), coalesce(sum(n) filter (where kind = 'message.bounced'), 0)
    from hourly_figures f join series s on s.id = f.series_id group by 1, 2, 3 on conflict do nothing`);
  const waiting =
    await db.query(`insert into queue (account_id, subaccount_id, message_id, submission_id, retention_days, lane, domain, due_at, began_at)
    select account_id, id, (extract(epoch from now()) * 1000)::bigint * 2097152 + n * 10000::bigint + m, 1, 30, 0, 'd' || m % 100 || '.test',
      now() + interval '400 days', now() from benched, generate_series(1, case when n % 100 = 4 then 2000 else 30 end) m`);
  const counted = await db.query<{ n: string }>('select sum(n) as n from hourly_figures');
  await db.query(
    'set role none; analyze hourly_figures, account_figures, outcome_hours, queue; set role lettershop_engine',
  );
  return {
    subaccounts,
    events: Number(counted.rows[0]?.n ?? 0),
    cells: cells.rowCount ?? 0,
    waiting: waiting.rowCount ?? 0,
  };
}
