import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import { readInOrder } from '../../base/database/pin.ts';
import type { Scope } from '../../base/scope.ts';

export type WaitingGroup = {
  readonly code: string;
  readonly messages: number;
  /** When the first of them moves. */
  readonly movesAt: Date | null;
};

/** The scope's own waiting mail by what it waits for, of the first `most` messages. */
export async function countWaiting(tx: Tx, now: Date, most: number): Promise<readonly WaitingGroup[]> {
  await readInOrder(tx);
  const rows = await sql<{ code: string; n: number; moves_at: Date | null }>`/* control.count_waiting */
    select code, count(*)::int as n, min(moves_at) as moves_at from (
      select case when q.hold is not null then q.hold when q.leased_by is not null then 'leased' when q.due_at <= ${now} then 'turn'
          when q.attempts > 0 then 'retry' else 'site_pace' end as code,
        case when q.hold is not null then q.hold_until when q.leased_by is null and q.due_at > ${now} then q.due_at end as moves_at
      from subaccounts s cross join lateral (
        select hold, hold_until, leased_by, due_at, attempts from queue where subaccount_id = s.id order by message_id limit ${most + 1}
      ) q limit ${most + 1}
    ) own group by code order by n desc, code`.execute(tx);
  return rows.rows.map((row) => ({ code: row.code, messages: row.n, movesAt: row.moves_at }));
}

export async function insertAction(
  tx: Tx,
  scope: Scope,
  action: { readonly action: string; readonly filter: unknown; readonly changed: number; readonly now: Date },
): Promise<void> {
  await sql`/* control.insert_action */
    insert into queue_actions (account_id, subaccount_id, at, action, filter, changed) values
      (${scope.accountId}, ${scope.subaccountId}, ${action.now}, ${action.action}, ${JSON.stringify(action.filter)}::jsonb, ${action.changed})`.execute(
    tx,
  );
}

/** Engine: actions older than the audit's entries. */
export async function dropOldActions(db: Db, before: Date): Promise<void> {
  await sql`/* control.drop_actions */ delete from queue_actions where at < ${before}`.execute(db);
}
