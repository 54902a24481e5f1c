/** Engine role, across tenants: bulk calls that wait for their last copy. */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { MessageState } from './model.ts';

export type BulkSend = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly submissionId: string;
  readonly retentionDays: number;
  readonly copies: number;
  readonly acceptedAt: Date;
  /** A copy may still leave. */
  readonly isOpen: boolean;
};

type Row = {
  account_id: AccountId;
  subaccount_id: SubaccountId;
  submission_id: string;
  retention_days: number;
  copies: number;
  accepted_at: Date;
  is_open: boolean;
};

/** Those whose look is due, held until the transaction ends; what another node holds is left out. */
export async function takeDueBulk(tx: Tx, now: Date, limit: number): Promise<readonly BulkSend[]> {
  const rows = await sql<Row>`/* messages.take_due_bulk, plan kept */
    select b.account_id, b.subaccount_id, b.submission_id, b.retention_days, b.copies, b.accepted_at, exists (
      select from messages m where m.submission_id = b.submission_id and m.account_id = b.account_id
        and m.subaccount_id = b.subaccount_id and m.retention_days = b.retention_days
        and m.state in ('queued', 'held', 'deferred')) as is_open
    from (select * from bulk_sends where check_at <= ${now} order by check_at limit ${limit} for update skip locked) b`.execute(
    tx,
  );
  return rows.rows.map((row) => ({
    accountId: row.account_id,
    subaccountId: row.subaccount_id,
    submissionId: row.submission_id,
    retentionDays: row.retention_days,
    copies: row.copies,
    acceptedAt: row.accepted_at,
    isOpen: row.is_open,
  }));
}

export async function waitOn(
  tx: Tx,
  sends: readonly (Pick<BulkSend, 'subaccountId' | 'submissionId'> & { readonly until: Date })[],
): Promise<void> {
  if (sends.length === 0) return;
  await sql`/* messages.wait_on_bulk */
    update bulk_sends b set check_at = w.until
    from unnest(${sends.map(({ subaccountId }) => subaccountId)}::int[], ${sends.map(({ submissionId }) => submissionId)}::bigint[],
      ${sends.map(({ until }) => until)}::timestamptz[]) w (subaccount_id, submission_id, until)
    where b.subaccount_id = w.subaccount_id and b.submission_id = w.submission_id`.execute(tx);
}

export type EndedBulk = BulkSend & { readonly states: Readonly<Partial<Record<MessageState, number>>> };

/** Takes their rows away, and says how many copies ended in which state. */
export async function endBulk(tx: Tx, sends: readonly BulkSend[]): Promise<readonly EndedBulk[]> {
  if (sends.length === 0) return [];
  const rows = await sql<{ submission_id: string; states: EndedBulk['states'] }>`/* messages.end_bulk */
    with gone as (
      delete from bulk_sends b using unnest(${sends.map(({ subaccountId }) => subaccountId)}::int[],
        ${sends.map(({ submissionId }) => submissionId)}::bigint[]) w (subaccount_id, submission_id)
      where b.subaccount_id = w.subaccount_id and b.submission_id = w.submission_id returning b.*
    )
    select g.submission_id, coalesce((select jsonb_object_agg(state, n) from (select m.state, count(*) as n from messages m
        where m.submission_id = g.submission_id and m.account_id = g.account_id and m.subaccount_id = g.subaccount_id
          and m.retention_days = g.retention_days group by m.state) s), '{}') as states
    from gone g`.execute(tx);
  const states = new Map(rows.rows.map((row) => [row.submission_id, row.states]));
  return sends.flatMap((send) => {
    const ended = states.get(send.submissionId);
    return ended === undefined ? [] : [{ ...send, states: ended }];
  });
}
