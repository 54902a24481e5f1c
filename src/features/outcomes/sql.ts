import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Reply } from '../../mail/reply.ts';
import { noOutcomes, outcomeColumns } from './model.ts';
import type { Outcomes } from './model.ts';
import { countedKinds } from './rules.ts';
import type { CountedKind } from './rules.ts';

/** Engine: the cursor, locked to the end of the transaction; null while another node counts. */
export async function lockCursor(tx: Tx): Promise<string | null> {
  const rows = await sql<{ seq: string }>`/* outcomes.lock_cursor */
    select seq from event_cursors where consumer = 'outcomes' for update skip locked`.execute(tx);
  return rows.rows[0]?.seq ?? null;
}

export type Happened = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly hour: Date;
  readonly kind: CountedKind;
  readonly bounceClass: string | null;
  readonly reply: Reply | null;
  readonly n: number;
};

export type Batch = {
  readonly events: number;
  readonly last: string | null;
  readonly happened: readonly Happened[];
};

type Row = {
  events: number;
  last: string | null;
  account_id: number | null;
  subaccount_id: number;
  hour: Date;
  kind: CountedKind;
  class: string | null;
  reply: Reply | null;
  n: number;
};

/** Engine: the next events after the cursor, alike ones together. */
export async function readBatch(tx: Tx, seq: string, limit: number): Promise<Batch> {
  const rows = await sql<Row>`/* outcomes.read_batch, plan kept */
    with batch as materialized (
      select seq, at, account_id, subaccount_id, kind, data from events where seq > ${seq} order by seq limit ${limit}
    ),
    alike as (
      select account_id, subaccount_id, date_trunc('hour', at, 'UTC') as hour, kind, data ->> 'class' as class,
        case when kind in ('message.bounced', 'message.bounced_later') then data -> 'reply' end as reply, count(*)::int as n
      from batch where kind = any(${countedKinds}::text[]) group by 1, 2, 3, 4, 5, 6
    )
    select t.events, t.last, a.* from (select count(*)::int as events, max(seq) as last from batch) t
    left join alike a on true`.execute(tx);
  const [first] = rows.rows;
  return {
    events: first?.events ?? 0,
    last: first?.last ?? null,
    happened: rows.rows.flatMap((row): Happened[] => {
      if (row.account_id === null) return [];
      const { hour, kind, class: bounceClass, reply, n } = row;
      const accountId = row.account_id as AccountId;
      return [
        { accountId, subaccountId: row.subaccount_id as SubaccountId, hour, kind, bounceClass, reply, n },
      ];
    }),
  };
}

export type HourCount = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly hour: Date;
  readonly counts: Outcomes;
};

const columnNames = {
  accepted: 'accepted',
  delivered: 'delivered',
  deferred: 'deferred',
  hardBounces: 'hard_bounces',
  otherBounces: 'other_bounces',
  complaints: 'complaints',
  unknownUsers: 'unknown_users',
  trapBlocks: 'trap_blocks',
  suppressed: 'suppressed',
} as const satisfies Record<keyof Outcomes, string>;
const names = sql.raw(outcomeColumns.map((column) => columnNames[column]).join(', '));
const added = sql.raw(
  outcomeColumns
    .map((column) => `${columnNames[column]} = h.${columnNames[column]} + excluded.${columnNames[column]}`)
    .join(', '),
);
const sums = sql.raw(
  outcomeColumns
    .map((column) => `coalesce(sum(h.${columnNames[column]}), 0) as ${columnNames[column]}`)
    .join(', '),
);

/** Engine: adds to the hours, in the order of their keys. */
export async function addCounts(tx: Tx, hours: readonly HourCount[]): Promise<void> {
  if (hours.length === 0) return;
  const lists = outcomeColumns.map((column) => sql`${hours.map(({ counts }) => counts[column])}::bigint[]`);
  await sql`/* outcomes.add */
    insert into outcome_hours as h (account_id, subaccount_id, hour, ${names})
    select * from unnest(${hours.map((each) => each.accountId)}::int[], ${hours.map((each) => each.subaccountId)}::int[],
      ${hours.map((each) => each.hour)}::timestamptz[], ${sql.join(lists)}) order by 2, 3
    on conflict (subaccount_id, hour) do update set ${added}`.execute(tx);
}

export async function moveCursor(tx: Tx, seq: string): Promise<void> {
  await sql`/* outcomes.move_cursor */ update event_cursors set seq = ${seq} where consumer = 'outcomes'`.execute(
    tx,
  );
}

type Sum = Record<(typeof columnNames)[keyof Outcomes], string>;

function toOutcomes(row: Sum | undefined): Outcomes {
  if (row === undefined) return noOutcomes;
  return {
    accepted: Number(row.accepted),
    delivered: Number(row.delivered),
    deferred: Number(row.deferred),
    hardBounces: Number(row.hard_bounces),
    otherBounces: Number(row.other_bounces),
    complaints: Number(row.complaints),
    unknownUsers: Number(row.unknown_users),
    trapBlocks: Number(row.trap_blocks),
    suppressed: Number(row.suppressed),
  };
}

/** Whole hours that begin at `from` or later, and before `until`. */
export type Span = { readonly from: Date; readonly until: Date };

/** Per span the counts of one subaccount, as the transaction may see. */
export async function sumOutcomes(
  tx: Tx,
  subaccountId: SubaccountId,
  spans: readonly Span[],
): Promise<readonly Outcomes[]> {
  const rows = await sql<Sum>`/* outcomes.sum */
    select ${sums} from unnest(${spans.map(({ from }) => from)}::timestamptz[], ${spans.map(({ until }) => until)}::timestamptz[])
      with ordinality as s (from_at, until_at, n)
    left join outcome_hours h on h.subaccount_id = ${subaccountId} and h.hour >= s.from_at and h.hour < s.until_at
    group by s.n order by s.n`.execute(tx);
  return spans.map((_, index) => toOutcomes(rows.rows[index]));
}

/** Of each subaccount the counts since then, as the transaction may see; who has none is left out. */
export async function sumSince(
  tx: Tx,
  ids: readonly SubaccountId[],
  from: Date,
): Promise<ReadonlyMap<SubaccountId, Outcomes>> {
  const rows = await sql<Sum & { subaccount_id: SubaccountId }>`/* outcomes.sum_since */
    select h.subaccount_id, ${sums} from unnest(${ids}::int[]) i (id)
    join outcome_hours h on h.subaccount_id = i.id and h.hour >= ${from} group by h.subaccount_id`.execute(
    tx,
  );
  return new Map(rows.rows.map((row) => [row.subaccount_id, toOutcomes(row)]));
}

/** The counts of a whole account. */
export async function sumAccount(tx: Tx, accountId: AccountId, span: Span): Promise<Outcomes> {
  const rows = await sql<Sum>`/* outcomes.sum_account */
    select ${sums} from outcome_hours h
    where h.account_id = ${accountId} and h.hour >= ${span.from} and h.hour < ${span.until}`.execute(tx);
  return toOutcomes(rows.rows[0]);
}

/** Accepted messages of the busiest hour since then. */
export async function busiestHour(tx: Tx, subaccountId: SubaccountId, since: Date): Promise<number> {
  const rows = await sql<{ n: string | null }>`/* outcomes.busiest_hour */
    select max(accepted) as n from outcome_hours where subaccount_id = ${subaccountId} and hour >= ${since}`.execute(
    tx,
  );
  return Number(rows.rows[0]?.n ?? 0);
}

export async function dropOldHours(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`/* outcomes.drop_old */
    delete from outcome_hours where ctid = any(array(
      select ctid from outcome_hours where hour < ${before} order by hour limit ${limit}))`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}
