/** What tells of which list and sender stored mail is (engine). */
import { sql } from 'kysely';
import type { Db } from '../../base/database/database.ts';
import type { SubaccountId } from '../../base/scope.ts';
import type { CopyData } from './model.ts';

export type Head = { readonly id: string; readonly format: 'raw' | 'parts'; readonly content: Buffer };

/** A List-Id below that is not found. */
const headerBytesMax = 262_144;

/** Content without attachments: the beginning of what is raw, the JSON of parts. A slice costs its own length (STORAGE EXTERNAL). */
export async function headsOf(
  db: Db,
  subaccountId: SubaccountId,
  submissionIds: readonly string[],
): Promise<readonly Head[]> {
  const rows = await sql<Head>`/* messages.heads */
    select id, format, substring(content from 1 for case format when 'raw' then ${headerBytesMax}::int
      else 4 + ('x' || encode(substring(content from 1 for 4), 'hex'))::bit(32)::int end) as content
    from submissions where subaccount_id = ${subaccountId} and id = any(${submissionIds}::bigint[])`.execute(
    db,
  );
  return rows.rows;
}

/** By message, what is merged into it; those without are left out. */
export async function mergeOf(
  db: Db,
  subaccountId: SubaccountId,
  messageIds: readonly string[],
): Promise<ReadonlyMap<string, NonNullable<CopyData['merge']>>> {
  const rows = await sql<{ id: string; merge: NonNullable<CopyData['merge']> }>`/* messages.merge_of */
    select id, data -> 'merge' as merge from messages
    where subaccount_id = ${subaccountId} and id = any(${messageIds}::bigint[]) and data ? 'merge'`.execute(
    db,
  );
  return new Map(rows.rows.map(({ id, merge }) => [id, merge]));
}

/** By message, its From address: its own, or that of its submission. */
export async function sendersOf(
  db: Db,
  subaccountId: SubaccountId,
  copies: readonly { readonly messageId: string; readonly submissionId: string }[],
): Promise<ReadonlyMap<string, string>> {
  if (copies.length === 0) return new Map();
  const rows = await sql<{ id: string; sender: string }>`/* messages.senders_of */
    select m.id, coalesce(m.data ->> 'from', s.from_address) as sender
    from unnest(${copies.map(({ messageId }) => messageId)}::bigint[], ${copies.map(({ submissionId }) => submissionId)}::bigint[])
      as i (message_id, submission_id)
    join messages m on m.subaccount_id = ${subaccountId} and m.id = i.message_id
    join submissions s on s.subaccount_id = ${subaccountId} and s.id = i.submission_id`.execute(db);
  return new Map(rows.rows.map(({ id, sender }) => [id, sender]));
}
