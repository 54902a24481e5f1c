/** Where the terms of a search stand, by the postings. In the asking scope: row security counts. */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { Asking, EventFilter } from './sql-search.ts';

/** Raised with every kind of term that is new: what was posted before has it not. */
export const termsNow = 2;

/** Terms of which one must stand there; all wishes of a search must. */
export type Wish = readonly string[];

type Part = ReturnType<typeof sql>;

/** Of what has postings since some time only (`termsNow`). */
export function asksLaterTerms({ senders, sites, sources }: EventFilter): boolean {
  return senders !== null || sites !== null || sources !== null;
}

/** The filter without what has postings since some time only. */
export function ofEarlierTerms(filter: EventFilter): EventFilter {
  return { ...filter, senders: null, sites: null, sources: null };
}

const lower = (values: readonly string[] | null): readonly string[] =>
  values?.map((value) => value.toLowerCase()) ?? [];

/** What a filter wishes for, as terms; empty: nothing that has postings. */
export async function wishesOf(tx: Tx, filter: EventFilter): Promise<readonly Wish[]> {
  const { kinds, classes, domains, recipients, tags, campaign, template, subjectWords, senders } = filter;
  const { sites, sources } = filter;
  const domainsOf = recipients?.map((each) => each.split('@')[1] ?? '') ?? null;
  const named: readonly (readonly [string, readonly string[]])[] = [
    ['kind', kinds ?? []],
    ['class', classes ?? []],
    ['domain', lower(domains ?? domainsOf)],
    ['tag', tags ?? []],
    ['campaign', campaign === null ? [] : [campaign]],
    ['template', template === null ? [] : [template]],
    ['sender', lower(senders)],
    ['site', sites ?? []],
    ['source', sources ?? []],
  ];
  const asked = named.filter(([, values]) => values.length > 0);
  if (asked.length === 0 && subjectWords === null) return [];
  const pairs = asked.flatMap(([name, values]) => values.map((value) => [name, value] as const));
  const rows = await sql<{ name: string; term: string }>`/* events.terms */
    select name, event_term(name, value)::text as term
      from unnest(${pairs.map(([name]) => name)}::text[], ${pairs.map(([, value]) => value)}::text[]) p (name, value)
    union all select 'word:' || w, event_term('word', w)::text from unnest(subject_words(${subjectWords})) w where w <> ''`.execute(
    tx,
  );
  return [...Map.groupBy(rows.rows, ({ name }) => name).values()].map((some) => some.map(({ term }) => term));
}

/** The span of time in numbers: what has postings and lies outside is not of that time. */
export async function spanOf(
  tx: Tx,
  { from, until }: Pick<EventFilter, 'from' | 'until'>,
): Promise<{ readonly posted: bigint; readonly low: bigint; readonly high: bigint }> {
  const rows = await sql<{ posted: string; low: string; high: string }>`/* events.span */
    with posted as materialized (select coalesce((select seq_until from event_spans order by seq_from desc limit 1), 0) as seq)
    select seq::text as posted,
      coalesce(${from === null ? sql`0` : sql`(select min(seq_from) from event_spans where last_at >= ${from})`}, seq)::text as low,
      coalesce(${until === null ? sql`seq` : sql`(select max(seq_until) from event_spans where first_at < ${until})`}, 0)::text as high
    from posted`.execute(tx);
  const { posted = '0', low = '0', high = '0' } = rows.rows[0] ?? {};
  return { posted: BigInt(posted), low: BigInt(low), high: BigInt(high) };
}

/** The number from which on all postings have the terms of now. */
export async function laterSince(tx: Tx): Promise<bigint> {
  const rows = await sql<{ seq: string }>`/* events.later_since */
    select coalesce(max(seq_until), 0)::text as seq from event_spans where terms < ${sql.lit(termsNow)}`.execute(
    tx,
  );
  return BigInt(rows.rows[0]?.seq ?? '0');
}

function mine({ accountId, reach }: Asking): Part {
  const only = onlySubaccount(reach);
  return only === null ? sql`p.account_id = ${accountId}` : sql`p.subaccount_id = ${only}`;
}

export type Buckets = { readonly first: number; readonly last: number };

/** Postings of each wish among the buckets, counted up to `limit`. */
export async function countPostings(
  tx: Tx,
  scope: Asking,
  wishes: readonly Wish[],
  { first, last }: Buckets,
  limit: number,
): Promise<readonly number[]> {
  const counts = wishes.map(
    (terms) => sql`(select count(*)::int from unnest(${terms}::bigint[]) t (term) cross join lateral (
      select 1 from postings p where ${mine(scope)} and p.term = t.term and p.bucket between ${first} and ${last} limit ${limit}) p)`,
  );
  const rows = await sql<{ counts: number[] }>`/* events.count_postings */
    select array[${sql.join(counts)}] as counts`.execute(tx);
  return rows.rows[0]?.counts ?? [];
}

export type Posting = {
  readonly bucket: number;
  readonly subaccountId: number;
  readonly retentionDays: number;
  /** When it was written, as the store says it: an event's terms are written by one run, which its postings share. */
  readonly at: string;
  readonly marks: bigint;
};
/** `edge`: the bucket that was read in part only; null: all were read. */
export type Postings = { readonly found: readonly Posting[]; readonly edge: number | null };

type PostingRow = {
  bucket: number | null;
  subaccount_id: number;
  retention_days: number;
  at: string;
  marks: string;
};

/** Where one of the terms stands, in the order of buckets, at most `limit` for each term. */
export async function readPostings(
  tx: Tx,
  scope: Asking,
  { terms, order, limit }: { readonly terms: Wish; readonly order: string; readonly limit: number },
  { first, last }: Buckets,
): Promise<Postings> {
  const direction = order === 'oldest' ? sql`asc` : sql`desc`;
  const rows = await sql<PostingRow & { edge: number | null }>`/* events.read_postings */
    with read as materialized (
      select t.term, p.* from unnest(${terms}::bigint[]) t (term) cross join lateral (
        select p.bucket, p.subaccount_id, p.retention_days, p.at, p.marks from postings p
        where ${mine(scope)} and p.term = t.term and p.bucket between ${first} and ${last}
        order by p.bucket ${direction} limit ${limit}) p
    ),
    edge as (
      select ${order === 'oldest' ? sql`min` : sql`max`}(bucket) as bucket from (
        select ${order === 'oldest' ? sql`max` : sql`min`}(bucket) as bucket from read group by term having count(*) = ${limit}) full_ones
    )
    select found.bucket, found.subaccount_id, found.retention_days, found.at::text, found.marks::text, edge.bucket as edge from edge left join (
      select bucket, subaccount_id, retention_days, at, bit_or(marks) as marks from read group by 1, 2, 3, 4
    ) found on true order by found.bucket ${direction}`.execute(tx);
  return { found: rows.rows.flatMap(toPosting), edge: rows.rows[0]?.edge ?? null };
}

function toPosting(row: PostingRow): readonly Posting[] {
  const { bucket, subaccount_id: subaccountId, retention_days: retentionDays, at, marks } = row;
  return bucket === null ? [] : [{ bucket, subaccountId, retentionDays, at, marks: BigInt(marks) }];
}

/** What is left of postings where the other wishes stand too: looked up one by one, in the partitions that they name. */
export async function alsoThere(
  tx: Tx,
  found: readonly Posting[],
  wishes: readonly Wish[],
): Promise<readonly Posting[]> {
  if (found.length === 0 || wishes.length === 0) return found;
  const ats = found.map(({ at }) => at);
  const classes = [...new Set(found.map(({ retentionDays }) => retentionDays))];
  const times = await sql<{ first: Date; last: Date }>`/* events.times_of_postings */
    select min(at) - interval '1 ms' as first, max(at) + interval '1 ms' as last from unnest(${[...new Set(ats)]}::timestamptz[]) t (at)`.execute(
    tx,
  );
  const { first, last } = times.rows[0] ?? { first: null, last: null };
  const also = wishes.map(
    (terms) => sql` & coalesce((select bit_or(p.marks) from postings p where p.subaccount_id = d.subaccount_id
      and p.term = any(${terms}::bigint[]) and p.bucket = d.bucket and p.retention_days = d.retention_days and p.at = d.at
      and p.retention_days = any(${classes}::smallint[]) and p.at >= ${first} and p.at <= ${last}), 0)`,
  );
  const rows = await sql<PostingRow>`/* events.also_there */
    select * from (
      select d.n, d.bucket, d.subaccount_id, d.retention_days, d.at, (d.marks${sql.join(also, sql``)})::text as marks
      from unnest(${found.map(({ bucket }) => bucket)}::int[], ${found.map(({ subaccountId }) => subaccountId)}::int[],
        ${found.map(({ retentionDays }) => retentionDays)}::smallint[], ${ats}::timestamptz[], ${found.map(({ marks }) => marks)}::bigint[])
        with ordinality d (bucket, subaccount_id, retention_days, at, marks, n)) d where marks <> '0' order by n`.execute(
    tx,
  );
  return rows.rows.flatMap(toPosting);
}
