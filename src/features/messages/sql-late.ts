/** Submissions whose template is resolved when they leave (engine). */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Submission, SubmissionOptions } from './model.ts';

export type LateHead = { readonly id: string; readonly retentionDays: number };

/** Those of one subaccount among the given ones that nobody has resolved. */
export async function findLate(
  db: Db | Tx,
  subaccountId: SubaccountId,
  ids: readonly string[],
): Promise<readonly LateHead[]> {
  if (ids.length === 0) return [];
  const rows = await sql<LateHead>`/* messages.find_late */
    select id, retention_days as "retentionDays" from submissions
    where subaccount_id = ${subaccountId} and id = any(${ids}::bigint[]) and format = 'parts' and options ? 'hasLateTemplate'`.execute(
    db,
  );
  return rows.rows;
}

export type LateSubmission = LateHead & {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly options: SubmissionOptions;
  readonly content: Buffer;
};

/** Null when it was resolved, or erased, meanwhile. The row is locked. */
export async function lockLate(
  tx: Tx,
  subaccountId: SubaccountId,
  { id, retentionDays }: LateHead,
): Promise<LateSubmission | null> {
  type Row = { account_id: AccountId; options: SubmissionOptions; content: Buffer };
  const rows = await sql<Row>`/* messages.lock_late */
    select account_id, options, content from submissions
    where subaccount_id = ${subaccountId} and id = ${id} and retention_days = ${retentionDays}
      and format = 'parts' and options ? 'hasLateTemplate' for update`.execute(tx);
  const [row] = rows.rows;
  if (row === undefined) return null;
  return {
    id,
    retentionDays,
    accountId: row.account_id,
    subaccountId,
    options: row.options,
    content: row.content,
  };
}

export type WaitingCopy = {
  readonly id: string;
  readonly hasOwnFrom: boolean;
  readonly recipient: string;
  readonly merge: Readonly<Record<string, unknown>> | null;
};

/** Copies of a submission that wait, in order. */
export async function waitingCopies(
  tx: Tx,
  { accountId, subaccountId, id, retentionDays }: LateSubmission,
): Promise<readonly WaitingCopy[]> {
  const rows = await sql<WaitingCopy>`/* messages.waiting_copies */
    select id, recipient, data -> 'merge' as merge, coalesce(data ? 'from', false) as "hasOwnFrom" from messages
    where submission_id = ${id} and account_id = ${accountId} and subaccount_id = ${subaccountId}
      and retention_days = ${retentionDays} and state in ('queued', 'held', 'deferred')
    order by id`.execute(tx);
  return rows.rows;
}

/** What leaves, instead of what was stored; the caller holds the row. */
export async function storeResolved(tx: Tx, { retentionDays }: LateHead, made: Submission): Promise<void> {
  const { mailFrom, fromAddress, domainId, subject, options, content } = made;
  await sql`/* messages.store_resolved */
    update submissions set mail_from = ${mailFrom}, from_address = ${fromAddress}, domain_id = ${domainId}, subject = ${subject},
      options = ${JSON.stringify(options)}::jsonb, size_bytes = ${content.length}, content = ${content}
    where subaccount_id = ${made.subaccountId} and id = ${made.id} and retention_days = ${retentionDays}`.execute(
    tx,
  );
}

/** Of copies that are from another address than the submission, or were; as many as `made` has, in the same order. */
export async function storeOwnFroms(
  tx: Tx,
  { subaccountId, retentionDays }: LateSubmission,
  copies: readonly WaitingCopy[],
  made: Pick<Submission, 'copies'>,
): Promise<void> {
  const changed = copies.flatMap(({ id, hasOwnFrom }, index) => {
    const { from, domainId } = made.copies[index]?.data ?? {};
    return from === undefined && !hasOwnFrom ? [] : [{ id, own: JSON.stringify({ from, domainId }) }];
  });
  if (changed.length === 0) return;
  await sql`/* messages.store_own_froms */
    update messages m set data = (m.data - 'from' - 'domainId') || i.own::jsonb
    from unnest(${changed.map(({ id }) => id)}::bigint[], ${changed.map(({ own }) => own)}::text[]) i (id, own)
    where m.subaccount_id = ${subaccountId} and m.id = i.id and m.retention_days = ${retentionDays}`.execute(
    tx,
  );
}
