/** What tells of which list stored mail is (engine). */
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
