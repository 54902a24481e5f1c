/** Mail of an erased person, for background work (engine role). */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { erasedAddress } from '../../mail/headers/index.ts';
import type { Hit, Wanted } from './sql-traces.ts';

export type Cancelled = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly messageId: string;
  readonly submissionId: string;
};

/** Takes waiting mail out of the queue; what is in a node's hands stays and is found by the next round. */
export async function cancelWaiting(tx: Tx, hits: readonly Hit[], now: Date): Promise<readonly Cancelled[]> {
  const rows = await sql<{
    account_id: number;
    subaccount_id: number;
    message_id: string;
    submission_id: string;
  }>`/* erasure.cancel */
    with gone as (
      delete from queue q using unnest(${hits.map(({ subaccountId }) => subaccountId)}::int[], ${hits.map(({ key }) => key)}::bigint[])
        h (subaccount_id, message_id)
      where q.subaccount_id = h.subaccount_id and q.message_id = h.message_id and q.leased_by is null
      returning q.account_id, q.subaccount_id, q.message_id, q.submission_id, q.retention_days
    ),
    moved as (
      update messages m set state = 'cancelled', state_at = ${now} from gone g
      where m.subaccount_id = g.subaccount_id and m.id = g.message_id and m.retention_days = g.retention_days
    )
    select account_id, subaccount_id, message_id, submission_id from gone order by message_id`.execute(tx);
  return rows.rows.map((row) => ({
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    messageId: row.message_id,
    submissionId: row.submission_id,
  }));
}

export type Copy = {
  readonly subaccountId: number;
  readonly id: string;
  readonly submissionId: string;
  readonly retentionDays: number;
};

/** Of the person's own copies only what became of them is left; the data of others' copies that names them is changed. */
export async function forgetCopies(tx: Tx, hits: readonly Hit[], wanted: Wanted): Promise<readonly Copy[]> {
  const { address, pattern } = wanted;
  const rows = await sql<{
    subaccount_id: number;
    id: string;
    submission_id: string;
    retention_days: number;
    is_own: boolean;
  }>`/* erasure.forget_copies */
    update messages m set recipient = case when lower(o.recipient) = ${address} then ${erasedAddress} else m.recipient end,
      data = case when lower(o.recipient) = ${address} then null
        else regexp_replace(m.data::text, ${pattern}, ${erasedAddress}, 'gi')::jsonb end
    from unnest(${hits.map(({ subaccountId }) => subaccountId)}::int[], ${hits.map(({ key }) => key)}::bigint[]) h (subaccount_id, id)
    join messages o on o.subaccount_id = h.subaccount_id and o.id = h.id
    where m.subaccount_id = o.subaccount_id and m.id = o.id and m.retention_days = o.retention_days
    returning m.subaccount_id, m.id, m.submission_id, m.retention_days, lower(o.recipient) = ${address} as is_own`.execute(
    tx,
  );
  return rows.rows
    .filter((row) => row.is_own)
    .map((row) => ({
      subaccountId: row.subaccount_id,
      id: row.id,
      submissionId: row.submission_id,
      retentionDays: row.retention_days,
    }));
}

/** What events of a message may still say of it. */
const kept = ['attempt', 'class', 'hold', 'until', 'phase', 'layer', 'cause', 'nextAttemptAt', 'kind'];

/** The events of the copies stay, in number and kind; who, where and what the remote server said goes. */
export async function forgetEvents(tx: Tx, copies: readonly Copy[]): Promise<number> {
  const result = await sql`/* erasure.forget_events */
    update events e set data = jsonb_build_object('recipient', ${erasedAddress}::text) ||
      coalesce((select jsonb_object_agg(d.key, d.value) from jsonb_each(e.data) d where d.key = any(${kept}::text[])), '{}')
    from unnest(${copies.map(({ subaccountId }) => subaccountId)}::int[], ${copies.map(({ id }) => id)}::bigint[]) c (subaccount_id, id)
    where e.message_id = c.id and e.subaccount_id = c.subaccount_id`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}

export type StoredSubmission = { readonly format: 'raw' | 'parts'; readonly content: Buffer };

/** Ids of copies follow their submission's within moments: more than any call takes. */
const copiesWithin = 10_000n << 21n;

/** Locks the submission; null when there is none. `isShared`: somebody else got a copy of it. */
export async function lockContent(
  tx: Tx,
  { subaccountId, submissionId, retentionDays }: Copy,
): Promise<(StoredSubmission & { readonly isShared: boolean }) | null> {
  const rows = await sql<StoredSubmission & { is_shared: boolean }>`/* erasure.lock_content */
    select s.format, s.content, exists (select from messages m
      where m.subaccount_id = s.subaccount_id and m.id > s.id and m.id < s.id + ${String(copiesWithin)}::bigint
        and m.submission_id = s.id and m.retention_days = s.retention_days and m.recipient <> ${erasedAddress}) as is_shared
    from submissions s
    where s.subaccount_id = ${subaccountId} and s.id = ${submissionId} and s.retention_days = ${retentionDays} for update`.execute(
    tx,
  );
  const row = rows.rows[0];
  return row === undefined ? null : { format: row.format, content: row.content, isShared: row.is_shared };
}

export async function replaceContent(
  tx: Tx,
  { subaccountId, submissionId, retentionDays }: Copy,
  { format, content }: StoredSubmission,
): Promise<void> {
  await sql`/* erasure.replace_content */
    update submissions set format = ${format}, content = ${content}
    where subaccount_id = ${subaccountId} and id = ${submissionId} and retention_days = ${retentionDays}`.execute(
    tx,
  );
}

/**
 * Nobody is left who got it: what it said goes, that it was sent stays. Its subject goes from figures, too, unless
 * other mail has the same.
 */
export async function blankSubmission(
  tx: Tx,
  { subaccountId, submissionId, retentionDays }: Copy,
  content: Buffer,
): Promise<void> {
  await sql`/* erasure.blank_figures */
    update series f set subject = 'erased' from submissions s
    where s.subaccount_id = ${subaccountId} and s.id = ${submissionId} and s.retention_days = ${retentionDays}
      and f.subaccount_id = s.subaccount_id and f.subject = plain_words(s.subject)
      and not exists (select from submissions o where o.subaccount_id = s.subaccount_id and o.id <> s.id and o.subject = s.subject)`.execute(
    tx,
  );
  await sql`/* erasure.blank_submission */
    update submissions set format = 'raw', content = ${content}, subject = 'erased',
      options = options || '{"metadata": {}}'::jsonb
    where subaccount_id = ${subaccountId} and id = ${submissionId} and retention_days = ${retentionDays}`.execute(
    tx,
  );
}
