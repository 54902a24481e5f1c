import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';

export type NewTranscript = {
  readonly accountId: number;
  readonly subaccountId: number;
  readonly messageId: string;
  readonly attempt: number;
  readonly at: Date;
  readonly text: string;
};

/** Engine: the newest attempt of a message replaces the one before. */
export async function storeTranscripts(tx: Tx, items: readonly NewTranscript[]): Promise<void> {
  await sql`/* delivery.store_transcripts */
    insert into attempt_transcripts (account_id, subaccount_id, message_id, attempt, at, text)
    select distinct on (subaccount_id, message_id) * from unnest(${items.map(({ accountId }) => accountId)}::int[],
      ${items.map(({ subaccountId }) => subaccountId)}::int[], ${items.map(({ messageId }) => messageId)}::bigint[],
      ${items.map(({ attempt }) => attempt)}::smallint[], ${items.map(({ at }) => at)}::timestamptz[],
      ${items.map(({ text }) => text)}::text[]) as i (account_id, subaccount_id, message_id, attempt, at, text)
    order by subaccount_id, message_id, attempt desc
    on conflict (subaccount_id, message_id) do update
      set attempt = excluded.attempt, at = excluded.at, text = excluded.text
      where attempt_transcripts.attempt <= excluded.attempt`.execute(tx);
}

export type TranscriptRow = {
  readonly attempt: number | null;
  readonly at: Date | null;
  readonly text: string | null;
};

/** Of a message that the transaction's scope sees, null otherwise; empty when no attempt of it failed lately. */
export async function findTranscript(tx: Tx, messageId: string): Promise<TranscriptRow | null> {
  const rows = await sql<TranscriptRow>`/* delivery.find_transcript */
    select t.attempt, t.at, t.text from messages m
    left join attempt_transcripts t on t.subaccount_id = m.subaccount_id and t.message_id = m.id
    where m.id = ${messageId}`.execute(tx);
  return rows.rows[0] ?? null;
}

/** Engine: at most `limit` rows from before then; how many went. */
export async function deleteOldTranscripts(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`/* delivery.delete_old_transcripts */
    delete from attempt_transcripts where ctid = any(array(
      select ctid from attempt_transcripts where at < ${before} order by at limit ${limit}))`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}
