/** Walking the tables that may hold an address, page by page, for background work (engine role). */
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import { erasedAddress } from '../../mail/headers/index.ts';
import type { Job, Progress } from './model.ts';
import type { Trace } from './traces.ts';

/** The address as columns may hold it. */
export type Wanted = {
  /** Lower case. */
  readonly address: string;
  readonly forms: readonly string[];
  /** For `~*`. */
  readonly pattern: string;
};

export type Hit = { readonly subaccountId: number; readonly key: string };

/** The hits among the rows of a page, and the last row of it; null when there is nothing after. */
export type Page = { readonly hits: readonly Hit[]; readonly last: Hit | null };

const types: Readonly<Record<Trace['keyType'], { first: RawBuilder<unknown>; cast: RawBuilder<unknown> }>> = {
  bigint: { first: sql`'-1'::bigint`, cast: sql`::text::bigint` },
  bytea: { first: sql`''::bytea`, cast: sql`::text::bytea` },
};

/** Columns of bytes are read as `encode(..., 'escape')` prints them. */
const bytes: ReadonlySet<string> = new Set(['captures.content']);

function textOf({ table, columns }: Trace): RawBuilder<unknown> {
  const texts = columns.map((column) =>
    bytes.has(`${table}.${column}`)
      ? sql`encode(t.${sql.id(column)}, 'escape')`
      : sql`t.${sql.id(column)}::text`,
  );
  return sql`concat_ws(E'\\n', ${sql.join(texts)})`;
}

/** A regular expression is asked only where one of the forms stands: the walk reads every row. */
function holds(trace: Trace, { address, forms, pattern }: Wanted): RawBuilder<unknown> {
  if (trace.becomes === 'cancelled')
    return sql`exists (select from messages m where m.subaccount_id = t.subaccount_id and m.id = t.message_id
      and m.retention_days = t.retention_days and lower(m.recipient) = ${address})`;
  return sql`(select case when exists (select from unnest(${forms}::text[]) f (form) where strpos(lower(x.text), f.form) > 0)
    then x.text ~* ${pattern} else false end from (select ${textOf(trace)}) x (text))`;
}

/** The next rows of the job's account (or of its one subaccount) after `at`, in order of subaccount and key. */
export async function readPage(
  tx: Tx,
  job: Pick<Job, 'accountId' | 'subaccountId' | 'reach'>,
  trace: Trace,
  at: Progress,
  wanted: Wanted,
  limit: number,
): Promise<Page> {
  const { first, cast } = types[trace.keyType];
  const key = sql.id(trace.key);
  const start = at.key === '' ? first : sql`${at.key}${cast}`;
  const only = job.reach === 'account' ? sql`` : sql`and id = ${job.subaccountId}`;
  const rows = await sql<{ subaccount_id: number; key: string; is_hit: boolean }>`/* erasure.read_page */
    select s.id as subaccount_id, p.key::text as key, p.is_hit
    from (select id from subaccounts where account_id = ${job.accountId} and id >= ${at.subaccountId} ${only} order by id) s
    cross join lateral (
      select t.${key} as key, ${holds(trace, wanted)} as is_hit from ${sql.id(trace.table)} t
      where t.subaccount_id = s.id and t.${key} > case when s.id = ${at.subaccountId} then ${start} else ${first} end
      order by t.${key} limit ${limit}
    ) p
    order by s.id, p.key limit ${limit}`.execute(tx);
  const found = rows.rows.map((row) => ({
    subaccountId: row.subaccount_id,
    key: row.key,
    isHit: row.is_hit,
  }));
  return {
    hits: found.filter(({ isHit }) => isHit),
    last: found.length === limit ? (found.at(-1) ?? null) : null,
  };
}

/** `t` is the table: only the rows that were hit. */
function these(trace: Trace): RawBuilder<unknown> {
  const { cast } = types[trace.keyType];
  return sql`t.subaccount_id = h.subaccount_id and t.${sql.id(trace.key)} = h.key${cast}`;
}

function hitRows(hits: readonly Hit[]): RawBuilder<unknown> {
  return sql`unnest(${hits.map(({ subaccountId }) => subaccountId)}::int[], ${hits.map(({ key }) => key)}::text[]) h (subaccount_id, key)`;
}

export async function deleteHits(tx: Tx, trace: Trace, hits: readonly Hit[]): Promise<void> {
  await sql`/* erasure.delete_hits */
    delete from ${sql.id(trace.table)} t using ${hitRows(hits)} where ${these(trace)}`.execute(tx);
}

/** What the columns said goes, the rows stay: in logs, that there was a call. */
export async function blankHits(tx: Tx, trace: Trace, hits: readonly Hit[]): Promise<void> {
  const blanked = trace.columns.map((column) => sql`${sql.id(column)} = ''`);
  await sql`/* erasure.blank_hits */
    update ${sql.id(trace.table)} t set ${sql.join(blanked)} from ${hitRows(hits)} where ${these(trace)}`.execute(
    tx,
  );
}

/** No column with a bound on its length has a smaller one. */
const shortMax = 180;

/** Another address stands in the place of the erased one; a long text is cut where it ended, or it might leave its bound. */
export async function replaceHits(
  tx: Tx,
  trace: Trace,
  hits: readonly Hit[],
  { pattern }: Wanted,
): Promise<void> {
  const typeOf = await columnTypes(tx, trace);
  const replaced = trace.columns.map((column) => {
    const id = sql.id(column);
    const text = sql`regexp_replace(t.${id}::text, ${pattern}, ${erasedAddress}, 'gi')`;
    if (typeOf.get(column) === 'jsonb') return sql`${id} = ${text}::jsonb`;
    return sql`${id} = left(${text}, greatest(length(t.${id}), ${shortMax}::int))`;
  });
  await sql`/* erasure.replace_hits */
    update ${sql.id(trace.table)} t set ${sql.join(replaced)} from ${hitRows(hits)} where ${these(trace)}`.execute(
    tx,
  );
}

async function columnTypes(tx: Tx, { table, columns }: Trace): Promise<ReadonlyMap<string, string>> {
  const rows = await sql<{ column: string; type: string }>`/* erasure.column_types */
    select attname as column, atttypid::regtype::text as type from pg_attribute
    where attrelid = ${table}::regclass and attname = any(${columns}::text[])`.execute(tx);
  return new Map(rows.rows.map(({ column, type }) => [column, type]));
}
