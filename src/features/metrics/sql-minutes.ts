/**
 * Steps below an hour, which no cell has: read from the log itself, of a day at most and of so many events that it ends soon.
 * Classes as counting has them, but for cohorts of recipients.
 */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import { spanOf } from '../events/index.ts';
import { classFields, delivered, engagements, reasoned, signs, waitBoundsMs } from './classes.ts';
import { minuteSteps } from './periods.ts';
import type { MinuteStep, Range } from './periods.ts';
import { kept } from './sql-kept.ts';
import type { Kept } from './sql-kept.ts';
import { sums, toSums } from './sql-read.ts';
import type { CountRow, SumRow } from './sql-read.ts';

export const minuteEventsMax = 200_000;

const classed = Object.entries(classFields);
const last = 2n ** 63n - 1n;

const mail = sql`left join lateral (select from_address, subject, options from submissions
      where subaccount_id = e.subaccount_id and id = e.submission_id and retention_days = e.retention_days offset 0) m on true
    left join lateral (select pool_id from subaccounts where id = e.subaccount_id offset 0) sa on true
    left join lateral (select id from pools where account_id = e.account_id and is_default offset 0) p on true
    left join lateral (select recipient, lower(data ->> 'from') as own_from, data -> 'tags' as own_tags from messages
      where (e.data ->> 'recipient' is null or m.options ?| '{hasOwnFroms,hasOwnTags}') and subaccount_id = e.subaccount_id and id = e.message_id and retention_days = e.retention_days offset 0) c on true`;

const sender = sql`coalesce(c.own_from, lower(m.from_address))`;

const values = sql`split_part(${sender}, '@', 2) as sending_domain, ${sender} as sender_address,
      nullif(split_part(lower(coalesce(e.data ->> 'recipient', c.recipient)), '@', 2), '') as recipient_domain, e.data ->> 'site' as site,
      e.data ->> 'source' as source, coalesce(m.options ->> 'poolId', sa.pool_id::text, p.id::text) as pool_id,
      m.options ->> 'templateId' as template_id, m.options ->> 'campaign' as campaign, coalesce(m.options -> 'tags', '[]') || coalesce(c.own_tags, '[]') as tags,
      plain_words(m.subject) as subject, case when e.kind = any(${reasoned}::text[]) then reason_of(e.data) end as reason,
      case when e.kind = 'message.clicked' then plain_words(e.data ->> 'name') end as link,
      case when e.kind = ${delivered} then e.data ->> 'attempt' end as attempt, e.subaccount_id, '{}'::text[] as folded`;

/** Null: there are more events than `minuteEventsMax`. */
export async function readMinutes(
  tx: Tx,
  { from, until, step }: Range & { readonly step: MinuteStep },
  { filters, where }: Kept,
): Promise<readonly CountRow[] | null> {
  const [first, end] = [new Date(from), new Date(until)];
  const { posted, low, high } = await spanOf(tx, { from: first, until: end });
  const mine = filters.subaccount === undefined ? sql`` : sql`where id = any(${filters.subaccount}::int[])`;
  const { subaccount: _, ...ofMail } = filters;
  const isNarrowed = where.length > 0 || Object.keys(ofMail).length > 0;
  type Row = {
    looked: number;
    at: Date | null;
    kind: string;
    class: string;
    wait: number;
    is_first: boolean;
  };
  const rows = await sql<Row & SumRow>`/* metrics.read_minutes */
    with wanted as materialized (select id from subaccounts ${mine}),
    event as materialized (
      select e.* from wanted w cross join (values (${low}::bigint, ${high}::bigint), (${posted}::bigint, ${last}::bigint)) r (low, high)
      cross join lateral (select account_id, subaccount_id, submission_id, message_id, retention_days, kind, at, data from events
        where subaccount_id = w.id and seq >= r.low and seq < r.high and at >= ${first} and at < ${end} and kind like 'message.%' offset 0) e
      limit ${minuteEventsMax + 1}
    ),
    s as (
      select date_bin(${minuteSteps[step] / 1000} * interval '1 second', e.at, '2000-01-01 00:00:00+00') as step, e.kind,
        case when e.kind = any(${engagements}::text[]) then case
            when e.data ->> 'isMachine' = 'true' then 'machine' when e.data ->> 'isFirst' = 'true' then 'first' else 'again' end
          when e.kind <> ${delivered} then coalesce(e.data ->> f.first, e.data ->> f.second, '') else '' end as class,
        case when e.kind = ${delivered} or e.data ->> 'attempt' = '1'
          then coalesce(width_bucket((e.data ->> 'waitedMs')::float8, ${sql.lit(`{${waitBoundsMs.join(',')}}`)}::float8[]) + 1, 0) else 0 end as wait,
        coalesce(e.data ->> 'attempt' = '1' and e.data ->> 'waitedMs' is not null, false) as is_first, 1 as n,
        case when e.kind = ${delivered} then (e.data ->> 'sizeBytes')::float8 end as size_bytes,
        case when e.kind = ${delivered} or e.data ->> 'attempt' = '1' then (e.data ->> 'waitedMs')::float8 end as waited_ms,
        case when e.kind = any(${signs}::text[]) then (e.data ->> 'isFirstSign')::boolean::int else 0 end as engaged
        ${isNarrowed ? sql`, ${values}` : sql``}
      from event e left join unnest(${classed.map(([kind]) => kind)}::text[], ${classed.map(([, [one]]) => one)}::text[],
        ${classed.map(([, [, other]]) => other ?? null)}::text[]) f (kind, first, second) on f.kind = e.kind
      ${isNarrowed ? mail : sql``}
    ),
    counted as (
      select s.step, s.kind, s.class, s.wait, s.is_first, ${sums} from s where ${kept({ filters: ofMail, where })} group by 1, 2, 3, 4, 5
    )
    select l.looked, c.step as at, c.kind, c.class, c.wait, c.is_first, c.n, c.size_bytes, c.waited_ms, c.summed, c.engaged, c.marked
    from (select count(*)::int as looked from event) l left join counted c on true order by c.step`.execute(
    tx,
  );
  if ((rows.rows[0]?.looked ?? 0) > minuteEventsMax) return null;
  return rows.rows
    .filter(({ at }) => at !== null)
    .map((row) => {
      const { at, kind, class: name, wait, is_first: isFirst } = row;
      const whole = { value: null, isOther: false, and: null, firstAt: null };
      return { at, kind, class: name, wait, isFirst, ...toSums(row), ...whole };
    });
}
