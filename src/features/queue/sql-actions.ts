/** What people do to waiting mail, under their transaction's scope. A row that somebody is sending is left alone. */
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { HeldRow } from './sql-holds.ts';
import type { HoldReason } from './model.ts';

type Row = {
  account_id: number;
  subaccount_id: number;
  message_id: string;
  submission_id: string;
  retention_days: number;
  hold: string;
};

export type Ids = readonly { readonly subaccountId: number; readonly messageId: string }[];

const given = (ids: Ids): RawBuilder<unknown> =>
  sql`(select q.subaccount_id, q.message_id, q.held_at from queue q join unnest(${ids.map(({ subaccountId }) => subaccountId)}::int[],
    ${ids.map(({ messageId }) => messageId)}::bigint[]) i (subaccount_id, message_id) using (subaccount_id, message_id)
    order by q.subaccount_id, q.message_id for update of q skip locked)`;
const isGiven = sql`q.subaccount_id = g.subaccount_id and q.message_id = g.message_id and q.leased_by is null`;
const told = sql`q.account_id, q.subaccount_id, q.message_id, q.submission_id, q.retention_days, coalesce(q.hold, 'manual') as hold`;

async function run(tx: Tx, statement: RawBuilder<Row>): Promise<readonly HeldRow[]> {
  const rows = await statement.execute(tx);
  return rows.rows.map((row) => ({
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    messageId: row.message_id,
    submissionId: row.submission_id,
    retentionDays: row.retention_days,
    hold: row.hold as HoldReason,
  }));
}

/** Due now instead of later. */
export function hasten(tx: Tx, ids: Ids, now: Date): Promise<readonly HeldRow[]> {
  return run(
    tx,
    sql<Row>`/* queue.hasten */ with g as materialized ${given(ids)}
      update queue q set due_at = ${now} from g where ${isGiven} and q.hold is null and q.due_at > ${now} returning ${told}`,
  );
}

/** `by`: -1 the account or operator, -2 the subaccount itself. */
export function holdByHand(
  tx: Tx,
  ids: Ids,
  at: { readonly now: Date; readonly until: Date; readonly by: number },
): Promise<readonly HeldRow[]> {
  return run(
    tx,
    sql<Row>`/* queue.hold_by_hand */ with g as materialized ${given(ids)}
      update queue q set hold = 'manual', hold_until = ${at.until}, held_at = ${at.now}, held_by = ${at.by}
      from g where ${isGiven} and q.hold is null returning ${told}`,
  );
}

/** Manual holds of `by` and of those below it. */
export function releaseByHand(
  tx: Tx,
  ids: Ids,
  at: { readonly now: Date; readonly by: number },
): Promise<readonly HeldRow[]> {
  return run(
    tx,
    sql<Row>`/* queue.release_by_hand */ with g as materialized ${given(ids)}
      update queue q set hold = null, hold_until = null, held_at = null, held_by = null,
        held_ms = q.held_ms + greatest(0, extract(epoch from ${at.now} - g.held_at) * 1000)::bigint
      from g where ${isGiven} and q.hold = 'manual' and q.held_by <= ${at.by} returning ${told}`,
  );
}

export function cancelWaiting(tx: Tx, ids: Ids): Promise<readonly HeldRow[]> {
  return run(
    tx,
    sql<Row>`/* queue.cancel */ with g as materialized ${given(ids)}
      delete from queue q using g where ${isGiven} returning ${told}`,
  );
}

export function movePool(tx: Tx, ids: Ids, poolId: string): Promise<readonly HeldRow[]> {
  return run(
    tx,
    sql<Row>`/* queue.move_pool */ with g as materialized ${given(ids)}
      update queue q set pool_id = ${poolId} from g where ${isGiven} and q.pool_id <> ${poolId} returning ${told}`,
  );
}
