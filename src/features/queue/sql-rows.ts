import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
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
  };
}

const columns = sql`q.subaccount_id, q.message_id, m.recipient, q.lane, q.domain, q.due_at, q.leased_by, q.hold,
  q.hold_until, q.attempts, q.began_at, q.held_ms, q.last_site`;
const joined = sql`queue q join messages m
  on m.subaccount_id = q.subaccount_id and m.id = q.message_id and m.retention_days = q.retention_days`;

/** What waits, by subaccount and message; keyset page after (subaccount, message). */
export async function listWaiting(
  tx: Tx,
  page: { afterSubaccount: number; afterMessage: string; limit: number; subaccountId: SubaccountId | null },
): Promise<readonly QueueRow[]> {
  const rows = await sql<Row>`/* queue.list */
    select ${columns} from ${joined}
    where (q.subaccount_id, q.message_id) > (${page.afterSubaccount}, ${page.afterMessage})
      ${page.subaccountId === null ? sql`` : sql`and q.subaccount_id = ${page.subaccountId}`}
    order by q.subaccount_id, q.message_id limit ${page.limit}`.execute(tx);
  return rows.rows.map(toQueueRow);
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
