import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { By } from './model.ts';
import type { Period, Step } from './periods.ts';
import type { Count } from './rules.ts';
import { columns, kept, region } from './sql-kept.ts';
import type { Kept } from './sql-kept.ts';

export type CountRow = Count & {
  /** The beginning of a step; null without steps. */
  readonly at: Date | null;
  /** Null: the mail has no value there, or it was one too many (`isOther`). */
  readonly value: string | null;
  readonly isOther: boolean;
  /** The same of the second dimension; null without one. */
  readonly and: { readonly value: string | null; readonly isOther: boolean } | null;
  /** The first hour, or day, that has any; null where events themselves are counted. */
  readonly firstAt: Date | null;
};

type Part = ReturnType<typeof sql>;
const nothing = sql``;
/** The value that a row stands for; a mail with two tags counts under both. */
function valueOf(by: By | null, name: 'v' | 'x'): Part {
  const v = sql.ref(name);
  if (by === null) return sql`cross join (values (null::text, false)) ${v} (value, is_other)`;
  if (by === 'subaccount')
    return sql`cross join lateral (select c.subaccount_id::text, false) ${v} (value, is_other)`;
  if (by === 'region')
    return sql`cross join lateral (select ${region}, s.site is null and 'site' = any(s.folded)) ${v} (value, is_other)`;
  if (by !== 'tag')
    return sql`cross join lateral (select ${columns[by]}, ${columns[by]} is null and ${by} = any(s.folded)) ${v} (value, is_other)`;
  return sql`cross join lateral (
    select t, false from jsonb_array_elements_text(s.tags) t
    union all select null, true where 'tag' = any(s.folded)
    union all select null, false where s.tags = '[]' and not 'tag' = any(s.folded)) ${v} (value, is_other)`;
}

/** The step that `f.at` is in. Half days begin at midnight and at noon of the zone. */
export function stepOf(step: Step, timeZone: string): Part {
  if (step !== '12_hours') return sql`date_trunc(${step}, f.at, ${timeZone})`;
  return sql`date_bin('12 hours', f.at at time zone ${timeZone}, '2000-01-01') at time zone ${timeZone}`;
}

/** The cells of a period: a subaccount's lie together, in the order of time. */
function cells(period: Period): Part {
  const { from, until, step, timeZone, counted } = period;
  const [first, end] = [new Date(from), new Date(until)];
  if (counted === 'hours') {
    const at = step === null ? sql`null::timestamptz` : stepOf(step, timeZone);
    return sql`select ${at} as at, f.at as first_at, f.series_id, f.wait, f.n, f.size_bytes, f.waited_ms, f.engaged from hourly_figures f where f.subaccount_id = w.id
      and f.at >= date_trunc('hour', ${first}::timestamptz, 'UTC') and f.at < ${end}`;
  }
  const at =
    step === null ? sql`null::timestamptz` : sql`date_trunc(${step}, f.day::timestamp) at time zone 'UTC'`;
  return sql`select ${at} as at, f.day::timestamp at time zone 'UTC' as first_at, f.series_id, f.wait, f.n, f.size_bytes, f.waited_ms, f.engaged from daily_figures f where f.subaccount_id = w.id
    and f.day >= (${first}::timestamptz at time zone 'UTC')::date and f.day < (${end}::timestamptz at time zone 'UTC')`;
}

type Grouping = Kept & {
  readonly by: By | null;
  readonly and: By | null;
  readonly limit: number;
};

/** Of cells that lie together; what was begun before sums were counted is in `n` alone. */
export const sums = sql.raw(
  'sum(n)::float8 as n, coalesce(sum(size_bytes), 0)::float8 as size_bytes, coalesce(sum(waited_ms), 0)::float8 as waited_ms, ' +
    'coalesce(sum(n) filter (where waited_ms is not null), 0)::float8 as summed, coalesce(sum(engaged), 0)::float8 as engaged, ' +
    'coalesce(sum(n) filter (where engaged is not null), 0)::float8 as marked',
);

export type SumRow = {
  n: number;
  size_bytes: number;
  waited_ms: number;
  summed: number;
  engaged: number;
  marked: number;
};

export function toSums(
  row: SumRow,
): Pick<Count, 'n' | 'sizeBytes' | 'waitedMs' | 'summed' | 'engaged' | 'marked'> {
  const { n, size_bytes: sizeBytes, waited_ms: waitedMs, summed, engaged, marked } = row;
  return { n, sizeBytes, waitedMs, summed, engaged, marked };
}

/** Counts of the values (or pairs of them) with most accepted mail (or, without any, most events), as the transaction may see. */
export async function readCounts(
  tx: Tx,
  period: Period,
  { by, and, filters, where, limit }: Grouping,
): Promise<readonly CountRow[]> {
  const mine = filters.subaccount === undefined ? nothing : sql`where id = any(${filters.subaccount}::int[])`;
  type Row = {
    at: Date | null;
    value: string | null;
    is_other: boolean;
    and_value: string | null;
    and_is_other: boolean;
    kind: string;
    class: string;
    wait: number;
    is_first: boolean;
    first_at: Date;
  };
  const rows = await sql<Row & SumRow>`/* metrics.read_counts */
    with wanted as materialized (select id from subaccounts ${mine}),
    cell as materialized (
      select w.id as subaccount_id, f.series_id, f.at, f.wait, min(f.first_at) as first_at, sum(f.n) as n, sum(f.size_bytes) as size_bytes, sum(f.waited_ms) as waited_ms,
        sum(f.n) filter (where f.waited_ms is not null) as summed, sum(f.engaged) as engaged, sum(f.n) filter (where f.engaged is not null) as marked
      from wanted w cross join lateral (${cells(period)} offset 0) f group by w.id, f.series_id, f.at, f.wait
    ),
    told as materialized (
      select c.at, v.value, v.is_other, x.value as and_value, x.is_other as and_is_other, s.kind, s.class, c.wait, s.is_first,
        min(c.first_at) as first_at,
        sum(c.n)::float8 as n, coalesce(sum(c.size_bytes), 0)::float8 as size_bytes, coalesce(sum(c.waited_ms), 0)::float8 as waited_ms,
        coalesce(sum(c.summed), 0)::float8 as summed, coalesce(sum(c.engaged), 0)::float8 as engaged, coalesce(sum(c.marked), 0)::float8 as marked
      from cell c cross join lateral (select * from series where id = c.series_id and subaccount_id = c.subaccount_id offset 0) s ${valueOf(by, 'v')} ${valueOf(and, 'x')}
      where ${kept({ filters, where })}
      group by c.at, v.value, v.is_other, x.value, x.is_other, s.kind, s.class, c.wait, s.is_first
    ),
    top as materialized (
      select value, is_other, and_value, and_is_other from told group by value, is_other, and_value, and_is_other
      order by coalesce(sum(n) filter (where kind = 'message.accepted'), 0) desc, sum(n) desc, value, and_value limit ${limit}
    )
    select told.* from told join top on top.is_other = told.is_other and top.value is not distinct from told.value
      and top.and_is_other = told.and_is_other and top.and_value is not distinct from told.and_value
    order by told.at`.execute(tx);
  return rows.rows.map((row) => ({
    at: row.at,
    value: row.value,
    isOther: row.is_other,
    and: and === null ? null : { value: row.and_value, isOther: row.and_is_other },
    kind: row.kind,
    class: row.class,
    wait: row.wait,
    isFirst: row.is_first,
    firstAt: row.first_at,
    ...toSums(row),
  }));
}

export type Table = 'hourly_figures' | 'daily_figures';

/** Engine: of every subaccount some cells that are kept no more; how many went. */
export async function endCells(db: Db, table: Table, before: Date, limit: number): Promise<number> {
  const column = sql.id(table === 'hourly_figures' ? 'at' : 'day');
  const rows = await sql`/* metrics.end_cells */
    delete from ${sql.table(table)} f using (
      select e.* from subaccounts s cross join lateral (
        select subaccount_id, ${column}, series_id, wait from ${sql.table(table)}
        where subaccount_id = s.id and ${column} < ${before} order by ${column} limit ${limit}) e
      limit ${limit}
    ) old where f.subaccount_id = old.subaccount_id and f.${column} = old.${column} and f.series_id = old.series_id
      and f.wait = old.wait`.execute(db);
  return Number(rows.numAffectedRows ?? 0);
}

/** Engine: series that no day counts any more. */
export async function endSeries(db: Db, before: Date, limit: number): Promise<void> {
  await sql`/* metrics.end_series */
    delete from series where id in (
      select s.id from series s where s.opened_on < ${before}
        and not exists (select from daily_figures f where f.subaccount_id = s.subaccount_id and f.series_id = s.id)
      limit ${limit})`.execute(db);
}

/** Engine: whoever has neither been mailed for the first time nor engaged for so long is nobody that we know. */
export async function forgetRecipients(db: Db, before: Date, limit: number): Promise<number> {
  const rows = await sql`/* metrics.forget_recipients */
    delete from known_recipients where (subaccount_id, mark) in (
      select subaccount_id, mark from known_recipients where greatest(first_on, engaged_on) < ${before} limit ${limit})`.execute(
    db,
  );
  return Number(rows.numAffectedRows ?? 0);
}

/** Engine: an erased person is nobody that we know. */
export async function forgetRecipient(
  tx: Tx,
  from: { readonly accountId: number; readonly subaccountId: number | null },
  address: string,
): Promise<number> {
  const mine = from.subaccountId === null ? nothing : sql`and id = ${from.subaccountId}`;
  const rows = await sql`/* metrics.forget_recipient */
    delete from known_recipients k using (select id from subaccounts where account_id = ${from.accountId} ${mine}) s
    where k.subaccount_id = s.id and k.mark = recipient_mark(${address})`.execute(tx);
  return Number(rows.numAffectedRows ?? 0);
}
