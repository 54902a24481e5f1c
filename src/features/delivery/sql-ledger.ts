import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import type { Inherited } from '../queue/index.ts';
import type { LedgerCause } from './sql-complete.ts';

/** Writes messages into the ledger of perhaps-delivered mail; one entry per attempt. */
export async function recordPerhaps(
  tx: Tx,
  entry: { node: number; now: Date; cause: LedgerCause; resolution: 'sent_again' | 'given_up' },
  messages: readonly Inherited[],
): Promise<void> {
  if (messages.length === 0) return;
  await sql`/* delivery.record_perhaps */
    insert into perhaps_delivered (account_id, subaccount_id, message_id, attempt, node, cause, resolution, at)
    select i.account_id, i.subaccount_id, i.message_id, i.attempt, ${entry.node}, ${entry.cause}, ${entry.resolution}, ${entry.now}
    from unnest(${messages.map((message) => message.accountId)}::int[], ${messages.map((message) => message.subaccountId)}::int[],
      ${messages.map((message) => message.messageId)}::bigint[], ${messages.map((message) => message.attempts)}::smallint[])
      as i (account_id, subaccount_id, message_id, attempt)
    on conflict do nothing`.execute(tx);
}

/** Ends rather-not messages of a lost node: out of the queue, state undetermined. */
export async function giveUp(tx: Tx, messages: readonly Inherited[], now: Date): Promise<void> {
  if (messages.length === 0) return;
  await sql`/* delivery.give_up */
    with gone as (
      delete from queue q
      using unnest(${messages.map((message) => message.subaccountId)}::int[], ${messages.map((message) => message.messageId)}::bigint[])
        as i (subaccount_id, message_id)
      where q.subaccount_id = i.subaccount_id and q.message_id = i.message_id
      returning q.subaccount_id, q.message_id, q.retention_days
    )
    update messages m set state = 'undetermined', state_at = ${now} from gone g
    where m.subaccount_id = g.subaccount_id and m.id = g.message_id and m.retention_days = g.retention_days`.execute(
    tx,
  );
}

const dotText = `/* delivery.mark_dot */
update queue set dot_at = $4 where subaccount_id = $2 and message_id = $3 and leased_by = $1`;

/** Rather-not mail: its dot is on record in the store before it is sent, so that whoever inherits it knows. */
export async function markDot(
  connection: HotConnection,
  node: number,
  message: { subaccountId: number; messageId: string },
  now: Date,
): Promise<boolean> {
  const result = await connection.query('delivery.mark_dot', dotText, [
    node,
    message.subaccountId,
    message.messageId,
    now,
  ]);
  return result.rowCount === 1;
}

export type LedgerSummary = {
  readonly cause: LedgerCause;
  readonly resolution: string;
  readonly messages: number;
};

/** Counts of the ledger by cause and resolution, for doctor and the kill runs. */
export async function ledgerSummary(db: Db): Promise<readonly LedgerSummary[]> {
  const rows = await sql<{
    cause: LedgerCause;
    resolution: string;
    messages: number;
  }>`/* delivery.ledger_summary */
    select cause, resolution, count(*)::int as messages from perhaps_delivered group by cause, resolution order by 1, 2`.execute(
    db,
  );
  return rows.rows;
}
