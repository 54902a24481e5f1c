import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import { readInOrder } from '../../base/database/pin.ts';
import type { SubaccountId } from '../../base/scope.ts';
import type { HoldReason, Lane, QueueRow } from './model.ts';

type Row = {
  subaccount_id: number;
  message_id: string;
  recipient: string;
  lane: number;
  domain: string;
  due_at: Date;
  leased_by: number | null;
  hold: string | null;
  hold_until: Date | null;
  attempts: number;
  began_at: Date;
  held_ms: string;
  last_site: string | null;
  pool_id: string;
  tags: readonly string[] | null;
  held_by: string | null;
};

function toQueueRow(row: Row): QueueRow {
  return {
    subaccountId: row.subaccount_id as SubaccountId,
    messageId: row.message_id,
    recipient: row.recipient,
    lane: row.lane as Lane,
    domain: row.domain,
    dueAt: row.due_at,
    leasedBy: row.leased_by,
    hold: row.hold as HoldReason | null,
    holdUntil: row.hold_until,
    attempts: row.attempts,
    beganAt: row.began_at,
    heldMs: Number(row.held_ms),
    lastSite: row.last_site,
    poolId: row.pool_id,
    tags: row.tags ?? [],
    heldBy: row.held_by,
  };
}

const columns = sql`q.subaccount_id, q.message_id, m.recipient, q.lane, q.domain, q.due_at, q.leased_by, q.hold,
  q.hold_until, q.attempts, q.began_at, q.held_ms, q.last_site, q.pool_id, q.tags, q.held_by`;
const joined = sql`queue q join messages m
  on m.subaccount_id = q.subaccount_id and m.id = q.message_id and m.retention_days = q.retention_days`;

/** Which waiting messages are meant; null and empty leave a field open. */
export type QueueFilter = {
  readonly subaccountId: SubaccountId | null;
  /** Recipient domains; with `site`, those of the site. */
  readonly domains: readonly string[] | null;
  readonly site: string | null;
  readonly state: 'waiting' | 'leased' | 'held' | null;
  readonly hold: HoldReason | null;
  /** '0': those that no pool was named for. */
  readonly poolId: string | null;
  readonly tag: string | null;
  readonly beganBefore: Date | null;
  readonly attemptsMin: number | null;
};

export const everything: QueueFilter = {
  subaccountId: null,
  domains: null,
  site: null,
  state: null,
  hold: null,
  poolId: null,
  tag: null,
  beganBefore: null,
  attemptsMin: null,
};

function matching(filter: QueueFilter): RawBuilder<unknown> {
  const states = {
    waiting: sql`and q.hold is null and q.leased_by is null`,
    leased: sql`and q.leased_by is not null`,
    held: sql`and q.hold is not null`,
  };
  const { domains, site, state, hold, poolId, tag, beganBefore, attemptsMin } = filter;
  return sql`true
    ${domains === null ? sql`` : sql`and (q.domain = any(${domains}::text[]) ${site === null ? sql`` : sql`or q.last_site = ${site}`})`}
    ${state === null ? sql`` : states[state]}
    ${hold === null ? sql`` : sql`and q.hold = ${hold}`}
    ${poolId === null ? sql`` : sql`and q.pool_id = ${poolId}`}
    ${tag === null ? sql`` : sql`and ${tag} = any(q.tags)`}
    ${beganBefore === null ? sql`` : sql`and q.began_at < ${beganBefore}`}
    ${attemptsMin === null ? sql`` : sql`and q.attempts >= ${attemptsMin}`}`;
}

export type Place = { readonly subaccountId: number; readonly messageId: string };
export const beginning: Place = { subaccountId: 0, messageId: '0' };

/**
 * At most `examine` rows of the scope from `after` on, by subaccount and message. Bounded, so that no filter, however rarely it
 * matches among a million, takes long: who asks for more goes on behind `last`. One subaccount's rows lie together.
 */
function seen(filter: QueueFilter, after: Place, examine: number): RawBuilder<unknown> {
  return sql`seen as materialized (
    select q.* from (
      select id from subaccounts where id >= ${after.subaccountId}
        ${filter.subaccountId === null ? sql`` : sql`and id = ${filter.subaccountId}`} order by id
    ) s cross join lateral (
      select * from queue where subaccount_id = s.id
        and message_id > case when s.id = ${after.subaccountId} then ${after.messageId}::bigint else 0 end
      order by message_id limit ${examine}
    ) q limit ${examine}
  )`;
}

export type QueuePart = {
  readonly rows: readonly QueueRow[];
  readonly matched: number;
  /** Where to go on behind the rows; null when nothing is left to look at. */
  readonly last: Place | null;
  /** Where to go on behind all that was looked at, rows or not. */
  readonly end: Place | null;
};

/** One part of the queue: matching rows (at most `limit`), how many match in it, and where it ends. */
export async function lookAt(
  tx: Tx,
  filter: QueueFilter,
  at: { readonly after: Place; readonly examine: number; readonly limit: number },
): Promise<QueuePart> {
  type Counted = Row & { examined: number; matched: number; last_subaccount: number; last_message: string };
  await readInOrder(tx);
  const rows = await sql<Counted>`/* queue.look_at */
    with ${seen(filter, at.after, at.examine)},
    hit as materialized (select q.* from seen q where ${matching(filter)}),
    total as (select (select count(*)::int from seen) as examined, (select count(*)::int from hit) as matched,
      l.subaccount_id as last_subaccount, l.message_id as last_message
      from (select subaccount_id, message_id from seen order by 1 desc, 2 desc limit 1) l)
    select total.*, ${columns} from total left join (
      (select * from hit order by subaccount_id, message_id limit ${at.limit}) q cross join lateral (
        select recipient from messages where subaccount_id = q.subaccount_id and id = q.message_id
          and retention_days = q.retention_days limit 1
      ) m
    ) on true order by q.subaccount_id, q.message_id`.execute(tx);
  const [first] = rows.rows;
  if (first === undefined) return { rows: [], matched: 0, last: null, end: null };
  const found = rows.rows.filter(({ message_id: id }) => id !== null).map(toQueueRow);
  const end = found.at(-1);
  const lastSeen = { subaccountId: first.last_subaccount, messageId: first.last_message };
  const seenEnd = first.examined < at.examine ? null : lastSeen;
  // More matched than were wanted: go on behind the last of them.
  const isMore = first.matched > found.length && end !== undefined;
  const last = isMore ? { subaccountId: end.subaccountId, messageId: end.messageId } : seenEnd;
  return { rows: found, matched: first.matched, last, end: seenEnd };
}

/** How many of the same subaccount and lane are before this row: in hand, or due earlier; exact up to `most`. */
export async function countBefore(tx: Tx, row: QueueRow, most: number): Promise<number> {
  if (row.hold !== null) return 0;
  await readInOrder(tx);
  const rows = await sql<{ n: number }>`/* queue.count_before */
    select count(*)::int as n from (
      select 1 from queue where subaccount_id = ${row.subaccountId} and lane = ${row.lane} and pool_id = ${row.poolId}
        and leased_by is null and hold is null and (due_at, message_id) < (${row.dueAt}, ${row.messageId}::bigint)
      limit ${most + 1}
    ) earlier`.execute(tx);
  return rows.rows[0]?.n ?? 0;
}

/** The queue row of one message, null when it does not wait. */
export async function findWaiting(
  tx: Tx,
  subaccountId: SubaccountId,
  messageId: string,
): Promise<QueueRow | null> {
  const rows = await sql<Row>`/* queue.find */
    select ${columns} from ${joined} where q.subaccount_id = ${subaccountId} and q.message_id = ${messageId}`.execute(
    tx,
  );
  const row = rows.rows[0];
  return row === undefined ? null : toQueueRow(row);
}

/** Engine: takes rows out of the queue that the transaction has just let go. */
export async function removeReleased(
  tx: Tx,
  rows: readonly { readonly subaccountId: SubaccountId; readonly messageId: string }[],
): Promise<void> {
  await sql`/* queue.remove_released */
    delete from queue q using unnest(${rows.map(({ subaccountId }) => subaccountId)}::int[],
      ${rows.map(({ messageId }) => messageId)}::bigint[]) i (subaccount_id, message_id)
    where q.subaccount_id = i.subaccount_id and q.message_id = i.message_id`.execute(tx);
}

/** Takes a message out of the queue unless somebody is sending it; true when it was there. */
export async function removeUnleased(
  tx: Tx,
  subaccountId: SubaccountId,
  messageId: string,
): Promise<boolean> {
  const result = await sql`/* queue.remove */
    delete from queue where subaccount_id = ${subaccountId} and message_id = ${messageId} and leased_by is null`.execute(
    tx,
  );
  return (result.numAffectedRows ?? 0n) === 1n;
}

/** Gives a scheduled row another time; false when it is not there, not scheduled any more, or being let go. */
export async function reschedule(
  tx: Tx,
  subaccountId: SubaccountId,
  messageId: string,
  until: Date,
): Promise<boolean> {
  const result = await sql`/* queue.reschedule */
    update queue set hold_until = ${until}
    where subaccount_id = ${subaccountId} and message_id = ${messageId} and hold = 'scheduled' and leased_by is null`.execute(
    tx,
  );
  return (result.numAffectedRows ?? 0n) === 1n;
}
