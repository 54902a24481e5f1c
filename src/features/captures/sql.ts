/** Storing is a HOT PATH of capture mode (engine role): one statement per batch, bodies as one binary parameter each. */
import { sql } from 'kysely';
import { present } from '../../base/assert.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';

export type NewCapture = {
  readonly messageId: string;
  readonly mailFrom: string;
  readonly recipient: string;
  readonly subject: string;
  readonly at: Date;
  readonly content: Buffer;
  /** When its recipient complains, null for the good-natured. */
  readonly complainsAt: Date | null;
};

export const captureBatchMax = 64;

function storeText(bodies: number): string {
  const values = Array.from({ length: bodies }, (_, index) => `(${index + 1}, $${index + 7}::bytea)`).join(
    ', ',
  );
  return `/* captures.store.${bodies} */
insert into captures (account_id, subaccount_id, message_id, mail_from, recipient, subject, size_bytes, at, complains_at, content)
select coalesce(own.account_id, q.account_id), coalesce(own.subaccount_id, q.subaccount_id), i.message_id, i.mail_from, i.recipient, i.subject, length(b.content), i.at, i.complains_at, b.content
from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[]) with ordinality
  as i (message_id, mail_from, recipient, subject, at, complains_at, ord)
join (values ${values}) b (ord, content) on b.ord = i.ord
join lateral (select account_id, subaccount_id, submission_id from messages m where m.id = i.message_id limit 1) q on true
-- A notice of the installation is captured for those on whose behalf it was sent, or nobody could read it.
left join lateral (
  select (n.options -> 'metadata' ->> 'account')::int as account_id, (n.options -> 'metadata' ->> 'subaccount')::int as subaccount_id
  from accounts a join submissions n on n.subaccount_id = q.subaccount_id and n.id = q.submission_id
  where a.id = q.account_id and a.is_system
) own on true`;
}

const texts = Array.from({ length: Math.log2(captureBatchMax) + 1 }, (_, power) => storeText(2 ** power));

/** Stores captured mail under the tenant of its message; mail of no known message is dropped. */
export async function storeCaptures(
  connection: HotConnection,
  captures: readonly NewCapture[],
): Promise<void> {
  const power = Math.ceil(Math.log2(captures.length));
  const bodies = Array.from({ length: 2 ** power }, (_, index) => captures[index]?.content ?? null);
  await connection.query(`captures.store.${2 ** power}`, present(texts[power]), [
    captures.map((capture) => capture.messageId),
    captures.map((capture) => capture.mailFrom),
    captures.map((capture) => capture.recipient),
    captures.map((capture) => capture.subject),
    captures.map((capture) => capture.at),
    captures.map((capture) => capture.complainsAt),
    ...bodies,
  ]);
}

export type CaptureRow = {
  readonly id: string;
  readonly subaccountId: SubaccountId;
  readonly messageId: string;
  readonly mailFrom: string;
  readonly recipient: string;
  readonly subject: string;
  readonly sizeBytes: number;
  readonly at: Date;
};

type Row = {
  id: string;
  subaccount_id: number;
  message_id: string;
  mail_from: string;
  recipient: string;
  subject: string;
  size_bytes: number;
  at: Date;
};

function toCapture(row: Row): CaptureRow {
  return {
    id: row.id,
    subaccountId: row.subaccount_id as SubaccountId,
    messageId: row.message_id,
    mailFrom: row.mail_from,
    recipient: row.recipient,
    subject: row.subject,
    sizeBytes: row.size_bytes,
    at: row.at,
  };
}

const columns = sql`id, subaccount_id, message_id, mail_from, recipient, subject, size_bytes, at`;

export type CaptureFilter = {
  readonly subaccountId: SubaccountId | null;
  readonly before: string | null;
  readonly limit: number;
  readonly messageId: string | null;
};

/** Newest first, under the transaction's scope. */
export async function listCaptures(tx: Tx, filter: CaptureFilter): Promise<readonly CaptureRow[]> {
  const rows = await sql<Row>`/* captures.list */
    select ${columns} from captures where true
      ${filter.subaccountId === null ? sql`` : sql`and subaccount_id = ${filter.subaccountId}`}
      ${filter.before === null ? sql`` : sql`and id < ${filter.before}`}
      ${filter.messageId === null ? sql`` : sql`and message_id = ${filter.messageId}`}
    order by id desc limit ${filter.limit}`.execute(tx);
  return rows.rows.map(toCapture);
}

export async function findCapture(
  tx: Tx,
  id: string,
): Promise<(CaptureRow & { readonly content: Buffer }) | null> {
  const rows = await sql<Row & { content: Buffer }>`/* captures.find */
    select ${columns}, content from captures where id = ${id}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : { ...toCapture(row), content: row.content };
}

/** Engine: the mailbox keeps a week, and the newest `keep` mails of the installation. */
export async function dropOldCaptures(tx: Tx, before: Date, keep: number): Promise<number> {
  const result = await sql`/* captures.drop_old */
    delete from captures where at < ${before}
      or id < coalesce((select id from captures order by id desc offset ${keep} limit 1), 0)`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}

export type Complaint = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly messageId: string;
  readonly recipient: string;
};

/** Engine: complaints whose time has come; taken once. */
export async function takeComplaints(tx: Tx, now: Date, limit: number): Promise<readonly Complaint[]> {
  const rows = await sql<{
    account_id: number;
    subaccount_id: number;
    message_id: string;
    recipient: string;
  }>`/* captures.take_complaints */
    with due as (
      update captures set complains_at = null
      where id = any(array(select id from captures where complains_at <= ${now} order by complains_at limit ${limit} for update skip locked))
      returning account_id, subaccount_id, message_id, recipient
    )
    select * from due`.execute(tx);
  return rows.rows.map((row) => ({
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    messageId: row.message_id,
    recipient: row.recipient,
  }));
}
