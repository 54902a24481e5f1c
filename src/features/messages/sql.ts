import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { CopyData, MessageState, SubmissionOptions } from './model.ts';

export type MessageRow = {
  readonly id: string;
  readonly subaccountId: SubaccountId;
  readonly submissionId: string;
  readonly recipient: string;
  readonly state: MessageState;
  readonly stateAt: Date;
  readonly attempts: number;
  readonly from: string;
  readonly subject: string;
  readonly door: string;
  readonly sizeBytes: number;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly templateId: string | null;
  readonly templateSlug: string | null;
  readonly retentionDays: number;
};

type Row = {
  id: string;
  subaccount_id: number;
  submission_id: string;
  recipient: string;
  state: string;
  state_at: Date;
  attempts: number;
  from_address: string;
  subject: string;
  door: string;
  size_bytes: number;
  tags: readonly string[];
  metadata: Record<string, unknown>;
  copy_metadata: Record<string, unknown> | null;
  template_id: string | null;
  template_slug: string | null;
  retention_days: number;
};

const columns = sql`m.id, m.subaccount_id, m.submission_id, m.recipient, m.state, m.state_at, m.attempts, coalesce(m.data ->> 'from', s.from_address) as from_address,
  s.subject, s.door, s.size_bytes, (s.options -> 'tags') || coalesce(m.data -> 'tags', '[]') as tags, s.options -> 'metadata' as metadata,
  m.data -> 'metadata' as copy_metadata, s.options ->> 'templateId' as template_id, s.options ->> 'templateSlug' as template_slug,
  m.retention_days`;
const joined = sql`messages m join submissions s
  on s.subaccount_id = m.subaccount_id and s.id = m.submission_id and s.retention_days = m.retention_days`;

function toMessage(row: Row): MessageRow {
  return {
    id: row.id,
    subaccountId: row.subaccount_id as SubaccountId,
    submissionId: row.submission_id,
    recipient: row.recipient,
    state: row.state as MessageState,
    stateAt: row.state_at,
    attempts: row.attempts,
    from: row.from_address,
    subject: row.subject,
    door: row.door,
    sizeBytes: row.size_bytes,
    tags: row.tags,
    metadata: { ...row.metadata, ...row.copy_metadata },
    templateId: row.template_id,
    templateSlug: row.template_slug,
    retentionDays: row.retention_days,
  };
}

export type MessageFilter = {
  readonly subaccountId: SubaccountId | null;
  /** Only messages with a smaller id: newest first. */
  readonly before: string | null;
  readonly limit: number;
  /** One of these. */
  readonly ids: readonly string[] | null;
  readonly state: MessageState | null;
  readonly recipient: string | null;
  readonly submissionId: string | null;
  readonly tag: string | null;
};

/** One by one (`offset 0`): a join, planned before there are statistics, would read all mail for a page of it. */
const eachJoined = sql`messages m cross join lateral (select from_address, subject, door, size_bytes, options from submissions
  where subaccount_id = m.subaccount_id and id = m.submission_id and retention_days = m.retention_days offset 0) s`;

/** Newest first, by keyset on the id; under the transaction's scope. */
export async function listMessages(tx: Tx, filter: MessageFilter): Promise<readonly MessageRow[]> {
  const rows = await sql<Row>`/* messages.list */
    select ${columns} from ${eachJoined}
    where true
      ${filter.subaccountId === null ? sql`` : sql`and m.subaccount_id = ${filter.subaccountId}`}
      ${filter.before === null ? sql`` : sql`and m.id < ${filter.before}`}
      ${filter.ids === null ? sql`` : sql`and m.id = any(${filter.ids}::bigint[])`}
      ${filter.state === null ? sql`` : sql`and m.state = ${filter.state}`}
      ${filter.recipient === null ? sql`` : sql`and lower(m.recipient) = ${filter.recipient}`}
      ${filter.submissionId === null ? sql`` : sql`and m.submission_id = ${filter.submissionId}`}
      ${filter.tag === null ? sql`` : sql`and (s.options -> 'tags' ? ${filter.tag} or m.data -> 'tags' ? ${filter.tag})`}
    order by m.id desc limit ${filter.limit}`.execute(tx);
  return rows.rows.map(toMessage);
}

/** Of one subaccount, oldest first, along its own index; ids in [from, to). */
export async function walkMessages(
  tx: Tx,
  asked: {
    readonly subaccountId: SubaccountId;
    readonly after: string | null;
    readonly from: string;
    readonly to: string;
    /** With any of these, or all. */
    readonly tags: readonly string[];
    readonly senders: readonly string[];
    readonly limit: number;
  },
): Promise<readonly MessageRow[]> {
  const { subaccountId, after, from, to, tags, senders, limit } = asked;
  const rows = await sql<Row>`/* messages.walk */
    select ${columns} from ${joined}
    where m.subaccount_id = ${subaccountId} and m.id >= ${from} and m.id < ${to} ${after === null ? sql`` : sql`and m.id > ${after}`}
      ${tags.length === 0 ? sql`` : sql`and (s.options -> 'tags' ?| ${tags}::text[] or m.data -> 'tags' ?| ${tags}::text[])`}
      ${senders.length === 0 ? sql`` : sql`and lower(coalesce(m.data ->> 'from', s.from_address)) = any(${senders}::text[])`}
    order by m.id limit ${limit}`.execute(tx);
  return rows.rows.map(toMessage);
}

/** One message that the transaction's scope sees, null otherwise. */
export async function findMessage(tx: Tx, id: string): Promise<MessageRow | null> {
  const rows =
    await sql<Row>`/* messages.find */ select ${columns} from ${joined} where m.id = ${id}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toMessage(row);
}

export type StoredContent = {
  readonly accountId: AccountId;
  readonly format: 'raw' | 'parts';
  readonly content: Buffer;
  readonly data: CopyData | null;
  readonly options: SubmissionOptions;
};

/** Null, too, of one whose content is shown to nobody. */
export async function findContent(tx: Tx, id: string): Promise<StoredContent | null> {
  const rows = await sql<StoredContent>`/* messages.content */
    select s.account_id as "accountId", s.format, s.content, m.data, s.options
    from ${joined} where m.id = ${id} and not s.options ? 'hidesContent'`.execute(tx);
  return rows.rows[0] ?? null;
}

/** Sets the state of one message; the caller holds its queue row. */
export async function setState(
  tx: Tx,
  message: { subaccountId: number; id: string; retentionDays: number },
  state: MessageState,
  at: Date,
): Promise<void> {
  await sql`/* messages.set_state */
    update messages set state = ${state}, state_at = ${at}
    where subaccount_id = ${message.subaccountId} and id = ${message.id} and retention_days = ${message.retentionDays}`.execute(
    tx,
  );
}

/** Sets the state of many; the caller holds their queue rows. */
export async function setStates(
  tx: Tx,
  rows: readonly { subaccountId: number; messageId: string; retentionDays: number }[],
  state: MessageState,
  at: Date,
): Promise<void> {
  if (rows.length === 0) return;
  await sql`/* messages.set_states */
    update messages m set state = ${state}, state_at = ${at}
    from unnest(${rows.map(({ subaccountId }) => subaccountId)}::int[], ${rows.map(({ messageId }) => messageId)}::bigint[],
      ${rows.map(({ retentionDays }) => retentionDays)}::smallint[]) i (subaccount_id, id, retention_days)
    where m.subaccount_id = i.subaccount_id and m.id = i.id and m.retention_days = i.retention_days`.execute(
    tx,
  );
}

/** The stored answer to an Idempotency-Key of this scope, null when it was not used. */
export async function findAnswer(
  tx: Tx,
  subaccountId: SubaccountId,
  keyHash: Buffer,
): Promise<{ fingerprint: Buffer; answer: unknown } | null> {
  const rows = await sql<{ fingerprint: Buffer; answer: unknown }>`/* messages.find_answer */
    select fingerprint, answer from idempotency_keys
    where subaccount_id = ${subaccountId} and key_hash = ${keyHash}`.execute(tx);
  return rows.rows[0] ?? null;
}

/** Engine: Idempotency-Keys older than a day (the draft asks for 24 h) go in batches. */
export async function dropOldAnswers(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`/* messages.drop_answers */
    delete from idempotency_keys where ctid = any(array(
      select ctid from idempotency_keys where created_at < ${before} limit ${limit}))`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}
