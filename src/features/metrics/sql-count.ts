/**
 * Counting. HOT PATH (engine role, across tenants): the next events of the log, put together by all that figures can be asked
 * by, and the cells that they are added to. One transaction from the cursor's row lock to its move, on one node at a time, so
 * that nothing is counted twice or never. Figures: docs/decisions/figures.md, bench/figures.ts.
 */
import { sql } from 'kysely';
import { present } from '../../base/assert.ts';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { classFields, cohortDays, delivered, engagements, reasoned, signs, waitBoundsMs } from './classes.ts';
import type { Dimension, Group, Named, Values } from './model.ts';

type GroupRow = {
  account_id: AccountId;
  subaccount_id: SubaccountId;
  /** Seconds since 1970: a date for each event would be parsed. */
  hour: number;
  kind: string;
  class: string;
  wait: number;
  is_first: boolean;
  sending_domain: string | null;
  sender_address: string | null;
  recipient_domain: string | null;
  site: string | null;
  source: string | null;
  pool: string | null;
  template: string | null;
  campaign: string | null;
  reason: string | null;
  link: string | null;
  attempt: string | null;
  subject: string | null;
  tags: readonly string[] | null;
  n: number;
  size_bytes: number;
  waited_ms: number;
  engaged: number;
};

export type Batch = {
  readonly groups: readonly Group[];
  readonly read: number;
  readonly lastSeq: string | null;
};

const classed = Object.entries(classFields);

/** What of an event or its mail may be unreadable for a join is looked up one by one, by primary keys. */
const mails = sql`mails as materialized (
    select b.subaccount_id, b.submission_id, b.retention_days, lower(s.from_address) as sender_address,
      s.options ?| '{hasOwnFroms,hasOwnTags}' as has_own,
      coalesce(s.options ->> 'poolId', sa.pool_id::text, p.id::text) as pool, s.options ->> 'templateId' as template,
      s.options ->> 'campaign' as campaign, nullif(s.options -> 'tags', '[]') as tags, plain_words(s.subject) as subject
    from (select distinct account_id, subaccount_id, submission_id, retention_days from batch where submission_id is not null) b
    cross join lateral (select from_address, subject, options from submissions
      where subaccount_id = b.subaccount_id and id = b.submission_id and retention_days = b.retention_days offset 0) s
    left join lateral (select pool_id from subaccounts where id = b.subaccount_id offset 0) sa on true
    left join lateral (select id from pools where account_id = b.account_id and is_default offset 0) p on true
  )`;

const told = sql`told as materialized (
    select b.*, lower(coalesce(b.data ->> 'recipient', m.recipient)) as recipient
    from batch b left join lateral (select recipient from messages where b.data ->> 'recipient' is null
      and subaccount_id = b.subaccount_id and id = b.message_id and retention_days = b.retention_days offset 0) m on true
  )`;

/** Messages are looked up only where they are not all from one address, or have tags of their own. */
const own = sql`left join lateral (select lower(data ->> 'from') as sender_address, data -> 'tags' as tags from messages where m.has_own
    and subaccount_id = t.subaccount_id and id = t.message_id and retention_days = t.retention_days offset 0) o on true`;
const sender = sql`split_part(coalesce(o.sender_address, m.sender_address), '@', 2) as sending_domain,
    coalesce(o.sender_address, m.sender_address) as sender_address`;
const tags = sql`case when o.tags is null then m.tags else coalesce(m.tags, '[]') || o.tags end as tags`;
const summed = sql`case when t.kind = ${delivered} then (t.data ->> 'sizeBytes')::float8 end as size_bytes,
        case when t.kind = ${delivered} or t.data ->> 'attempt' = '1' then (t.data ->> 'waitedMs')::float8 end as waited_ms,
        t.kind = any(${signs}::text[]) and t.data ->> 'isFirstSign' = 'true' as is_sign`;

const named = sql.raw(
  'account_id, subaccount_id, hour, kind, class, wait, is_first, sending_domain, sender_address, recipient_domain, site, source, ' +
    'pool, template, campaign, tags, subject, reason, link, attempt',
);

/** For this transaction: a thousand events meet their mails by a hash; pair by pair they took 90 us of CPU each. */
const byHash = sql`/* metrics.by_hash */ select set_config('enable_hashjoin', 'on', true)`;

/** Engine: takes the cursor and the next events after it. Another node's turn: nothing. */
export async function nextBatch(tx: Tx, limit: number): Promise<Batch> {
  await byHash.execute(tx);
  const rows = await sql<
    Partial<GroupRow> & { read: number; last_seq: string | null }
  >`/* metrics.next_batch, plan kept */
    with cursor as materialized (
      select seq from event_cursors where consumer = 'engaged_figures' for update skip locked
    ),
    batch as materialized (
      select e.* from cursor c cross join lateral (select * from events where seq > c.seq order by seq limit ${limit}) e
    ),
    ${mails},
    ${told},
    met as materialized (
      select t.account_id, t.subaccount_id, t.recipient, recipient_mark(t.recipient) as mark, min(t.at) as first_at,
        max(t.at) filter (where t.kind = any(${engagements}::text[]) and t.data ->> 'isMachine' is distinct from 'true') as engaged_at
      from told t where t.recipient is not null and t.kind = any(${[delivered, ...engagements]}::text[])
      group by t.account_id, t.subaccount_id, t.recipient
    ),
    person as materialized (
      select m.*, k.first_on, k.engaged_on, k.first_on is not null as is_known
      from met m left join lateral (select first_on, engaged_on from known_recipients
        where subaccount_id = m.subaccount_id and mark = m.mark offset 0) k on true
    ),
    remembered as (
      insert into known_recipients as k (account_id, subaccount_id, mark, first_on, engaged_on)
      select account_id, subaccount_id, mark, min(first_at at time zone 'UTC')::date, max(engaged_at at time zone 'UTC')::date
      from person where not is_known or (engaged_at at time zone 'UTC')::date > coalesce(engaged_on, '-infinity')
      group by account_id, subaccount_id, mark order by subaccount_id, mark
      on conflict (subaccount_id, mark) do update set engaged_on = greatest(k.engaged_on, excluded.engaged_on)
    ),
    one as (
      select t.account_id, t.subaccount_id, date_part('epoch', date_trunc('hour', t.at, 'UTC')) as hour, t.kind,
        case when t.kind = ${delivered} then case
            when p.engaged_on >= t.at::date - ${sql.lit(cohortDays.engaged_14)} then 'engaged_14'
            when p.engaged_on >= t.at::date - ${sql.lit(cohortDays.engaged_90)} then 'engaged_90'
            when p.engaged_on >= t.at::date - ${sql.lit(cohortDays.engaged_365)} then 'engaged_365'
            when coalesce(p.engaged_on, p.first_on) < t.at::date - ${sql.lit(cohortDays.new)} then 'unengaged' else 'new' end
          when t.kind = any(${engagements}::text[]) then case
            when t.data ->> 'isMachine' = 'true' then 'machine' when t.data ->> 'isFirst' = 'true' then 'first' else 'again' end
          else coalesce(t.data ->> c.first, t.data ->> c.second, '') end as class,
        case when t.kind = ${delivered} or t.data ->> 'attempt' = '1'
          then coalesce(width_bucket((t.data ->> 'waitedMs')::float8, ${sql.lit(`{${waitBoundsMs.join(',')}}`)}::float8[]) + 1, 0) else 0 end as wait,
        coalesce(t.data ->> 'attempt' = '1' and t.data ->> 'waitedMs' is not null, false) as is_first,
        ${sender}, nullif(split_part(t.recipient, '@', 2), '') as recipient_domain, t.data ->> 'site' as site,
        t.data ->> 'source' as source, m.pool, m.template, m.campaign, ${tags}, m.subject,
        case when t.kind = any(${reasoned}::text[]) then reason_of(t.data) end as reason,
        case when t.kind = 'message.clicked' then plain_words(t.data ->> 'name') end as link,
        case when t.kind = ${delivered} then t.data ->> 'attempt' end as attempt, ${summed}
      from told t
      left join mails m on m.subaccount_id = t.subaccount_id and m.submission_id = t.submission_id and m.retention_days = t.retention_days
      ${own}
      left join person p on p.subaccount_id = t.subaccount_id and p.recipient = t.recipient and t.kind = ${delivered}
      left join unnest(${classed.map(([kind]) => kind)}::text[], ${classed.map(([, [first]]) => first)}::text[],
        ${classed.map(([, [, second]]) => second ?? null)}::text[]) c (kind, first, second) on c.kind = t.kind
    ),
    grouped as (
      select ${named}, count(*)::int as n, coalesce(round(sum(size_bytes)), 0) as size_bytes,
        coalesce(round(sum(waited_ms)), 0) as waited_ms, count(*) filter (where is_sign)::int as engaged from one group by ${named}
    )
    select l.read, l.last_seq, g.* from (select count(*)::int as read, max(seq) as last_seq from batch) l left join grouped g on true`.execute(
    tx,
  );
  const { read = 0, last_seq: lastSeq = null } = rows.rows[0] ?? {};
  return { read, lastSeq, groups: rows.rows.flatMap((row) => (isGroup(row) ? [toGroup(row)] : [])) };
}

function isGroup(row: Partial<GroupRow>): row is GroupRow {
  return row.kind !== undefined && row.kind !== null;
}

function toGroup(row: GroupRow): Group {
  return {
    accountId: row.account_id,
    subaccountId: row.subaccount_id,
    hour: new Date(row.hour * 1000),
    kind: row.kind,
    class: row.class,
    wait: row.wait,
    isFirst: row.is_first,
    values: toValues(row),
    n: row.n,
    sizeBytes: row.size_bytes,
    waitedMs: row.waited_ms,
    engaged: row.engaged,
  };
}

type ValuesRow = Omit<
  GroupRow,
  | 'account_id'
  | 'subaccount_id'
  | 'hour'
  | 'kind'
  | 'class'
  | 'wait'
  | 'is_first'
  | 'n'
  | 'size_bytes'
  | 'waited_ms'
  | 'engaged'
>;

function toValues(row: ValuesRow): Values {
  return {
    sendingDomain: row.sending_domain,
    senderAddress: row.sender_address,
    recipientDomain: row.recipient_domain,
    site: row.site,
    source: row.source,
    pool: row.pool,
    template: row.template,
    campaign: row.campaign,
    reason: row.reason,
    link: row.link,
    attempt: row.attempt,
    subject: row.subject,
    tags: [...new Set(row.tags ?? [])].sort(),
  };
}

export type Sought = { readonly subaccountId: SubaccountId; readonly hash: string };

/** Engine: ids of the series that are there, by `subaccount/hash`. */
export async function findSeries(tx: Tx, sought: readonly Sought[]): Promise<ReadonlyMap<string, string>> {
  const rows = await sql<{ key: string; id: string }>`/* metrics.find_series */
    select s.subaccount_id || '/' || s.hash as key, s.id
    from unnest(${sought.map(({ subaccountId }) => subaccountId)}::int[], ${sought.map(({ hash }) => hash)}::uuid[]) w (subaccount_id, hash)
    cross join lateral (select subaccount_id, hash, id from series where subaccount_id = w.subaccount_id and hash = w.hash offset 0) s`.execute(
    tx,
  );
  return new Map(rows.rows.map(({ key, id }) => [key, id]));
}

export type Opening = { readonly subaccountId: SubaccountId; readonly day: string };

function openings(asked: readonly Opening[]): ReturnType<typeof sql> {
  return sql`unnest(${asked.map(({ subaccountId }) => subaccountId)}::int[], ${asked.map(({ day }) => day)}::date[]) w (subaccount_id, day)
    cross join lateral (select * from series where subaccount_id = w.subaccount_id and opened_on = w.day offset 0) s`;
}

/** Engine: how many series subaccounts opened on days, by `subaccount/day`; those that opened none are left out. */
export async function countOpened(tx: Tx, asked: readonly Opening[]): Promise<ReadonlyMap<string, number>> {
  const rows = await sql<{ key: string; n: number }>`/* metrics.count_opened */
    select w.subaccount_id || '/' || w.day as key, count(*)::int as n from ${openings(asked)} group by 1`.execute(
    tx,
  );
  return new Map(rows.rows.map(({ key, n }) => [key, n]));
}

export type OpenedRow = {
  readonly key: string;
  readonly values: Values;
  readonly folded: readonly Dimension[];
};

/** Engine: what subaccounts opened on days. */
export async function openedOn(tx: Tx, asked: readonly Opening[]): Promise<readonly OpenedRow[]> {
  const rows = await sql<ValuesRow & { key: string; folded: Dimension[] }>`/* metrics.opened_on */
    select w.subaccount_id || '/' || w.day as key, sending_domain, sender_address, recipient_domain, site, source, pool_id::text as pool,
      template_id::text as template, campaign, reason, link, attempt, subject, tags, folded from ${openings(asked)}`.execute(
    tx,
  );
  return rows.rows.map((row) => ({ key: row.key, values: toValues(row), folded: row.folded }));
}

export type NewSeries = { readonly hash: string; readonly openedOn: string; readonly named: Named };

/** Engine: opens series, in the order of their index; their ids, by `subaccount/hash`. */
export async function insertSeries(
  tx: Tx,
  opened: readonly NewSeries[],
): Promise<ReadonlyMap<string, string>> {
  const rows = opened.map(({ hash, openedOn: day, named }) => {
    const { values } = named;
    return {
      account_id: named.accountId,
      subaccount_id: named.subaccountId,
      hash,
      opened_on: day,
      kind: named.kind,
      class: named.class,
      is_first: named.isFirst,
      sending_domain: values.sendingDomain,
      sender_address: values.senderAddress,
      recipient_domain: values.recipientDomain,
      site: values.site,
      source: values.source,
      pool_id: values.pool,
      template_id: values.template,
      campaign: values.campaign,
      reason: values.reason,
      link: values.link,
      attempt: values.attempt,
      subject: values.subject,
      tags: values.tags,
      folded: named.folded,
    };
  });
  const made = await sql<{ key: string; id: string }>`/* metrics.insert_series */
    insert into series (account_id, subaccount_id, hash, opened_on, kind, class, is_first, sending_domain, sender_address, recipient_domain,
      site, source, pool_id, template_id, campaign, reason, link, attempt, subject, tags, folded)
    select * from json_to_recordset(${JSON.stringify(rows)}::json) as s (account_id int, subaccount_id int, hash uuid, opened_on date,
      kind text, class text, is_first boolean, sending_domain text, sender_address text, recipient_domain text, site text,
      source text, pool_id bigint, template_id bigint, campaign text, reason text, link text, attempt text, subject text, tags jsonb,
      folded text[])
    order by subaccount_id, hash returning subaccount_id || '/' || hash as key, id`.execute(tx);
  return new Map(made.rows.map(({ key, id }) => [key, id]));
}

export type Cell = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly hour: Date;
  readonly seriesId: string;
  readonly wait: number;
  readonly n: number;
  readonly sizeBytes: number;
  readonly waitedMs: number;
  readonly engaged: number;
};

/** What is added to a cell that is there; one begun before sums were counted has none, and gets none. */
const more = sql.raw(
  'n = f.n + excluded.n, size_bytes = f.size_bytes + excluded.size_bytes, waited_ms = f.waited_ms + excluded.waited_ms, ' +
    'engaged = f.engaged + excluded.engaged',
);
const sums = sql.raw('sum(n), sum(size_bytes), sum(waited_ms), sum(engaged)');

/** Engine: adds to the cells of hours and days. */
export async function addCells(tx: Tx, cells: readonly Cell[]): Promise<void> {
  await sql`/* metrics.add_cells */
    with cell as materialized (
      select * from unnest(${cells.map(({ accountId }) => accountId)}::int[], ${cells.map(({ subaccountId }) => subaccountId)}::int[],
        ${cells.map(({ hour }) => hour)}::timestamptz[], ${cells.map(({ seriesId }) => seriesId)}::bigint[],
        ${cells.map(({ wait }) => wait)}::smallint[], ${cells.map(({ n }) => n)}::bigint[], ${cells.map(({ sizeBytes }) => sizeBytes)}::bigint[],
        ${cells.map(({ waitedMs }) => waitedMs)}::bigint[], ${cells.map(({ engaged }) => engaged)}::bigint[])
        c (account_id, subaccount_id, at, series_id, wait, n, size_bytes, waited_ms, engaged)
    ),
    hourly as (
      insert into hourly_figures as f (account_id, subaccount_id, at, series_id, wait, n, size_bytes, waited_ms, engaged)
      select account_id, subaccount_id, at, series_id, wait, ${sums} from cell group by account_id, subaccount_id, at, series_id, wait
      order by subaccount_id, at, series_id, wait
      on conflict (subaccount_id, at, series_id, wait) do update set ${more}
    )
    insert into daily_figures as f (account_id, subaccount_id, day, series_id, wait, n, size_bytes, waited_ms, engaged)
    select account_id, subaccount_id, (at at time zone 'UTC')::date as day, series_id, wait, ${sums} from cell
    group by account_id, subaccount_id, day, series_id, wait order by subaccount_id, day, series_id, wait
    on conflict (subaccount_id, day, series_id, wait) do update set ${more}`.execute(tx);
}

/** Engine: adds to the hours of whole accounts. */
export async function addAccountHours(tx: Tx, groups: readonly Group[]): Promise<void> {
  const alike = Map.groupBy(groups, ({ accountId, hour, kind, class: name, wait, isFirst }) =>
    JSON.stringify([accountId, hour.getTime(), kind, name, wait, isFirst]),
  );
  const rows = [...alike.values()].map((some) => {
    const { accountId, hour, kind, class: name, wait, isFirst } = present(some[0]);
    const all = (of: (group: Group) => number): number => some.reduce((sum, each) => sum + of(each), 0);
    return {
      account_id: accountId,
      at: hour,
      kind,
      class: name,
      wait,
      is_first: isFirst,
      n: all(({ n }) => n),
      size_bytes: all(({ sizeBytes }) => sizeBytes),
      waited_ms: all(({ waitedMs }) => waitedMs),
      engaged: all(({ engaged }) => engaged),
    };
  });
  await sql`/* metrics.add_account_hours */
    insert into account_figures as f (account_id, at, kind, class, wait, is_first, n, size_bytes, waited_ms, engaged)
    select * from json_to_recordset(${JSON.stringify(rows)}::json) as r (account_id int, at timestamptz, kind text, class text,
      wait smallint, is_first boolean, n bigint, size_bytes bigint, waited_ms bigint, engaged bigint) order by account_id, at, kind, class, wait, is_first
    on conflict (account_id, at, kind, class, wait, is_first) do update set ${more}`.execute(tx);
}

/** Engine: the cursor moves in the transaction that counts. */
export async function moveCursor(tx: Tx, seq: string): Promise<void> {
  await sql`/* metrics.move_cursor */ update event_cursors set seq = ${seq} where consumer = 'engaged_figures'`.execute(
    tx,
  );
}
