/** Engine role: whose a report is, is known only when its message is found by what we signed. */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { MessageState } from '../messages/index.ts';
import type { ReportedMessage, Unread } from './model.ts';

/** The copy with this id, locked to the end of the transaction; null when it was dropped or purged. */
export async function lockMessage(tx: Tx, id: string): Promise<ReportedMessage | null> {
  const rows = await sql<{
    account_id: number;
    subaccount_id: number;
    id: string;
    submission_id: string;
    retention_days: number;
    recipient: string;
    sender: string;
    state: MessageState;
    is_leased: boolean;
  }>`/* inbound.lock_message */
    select account_id, subaccount_id, id, submission_id, retention_days, recipient, coalesce(m.data ->> 'from', (
        select from_address from submissions s
        where s.subaccount_id = m.subaccount_id and s.id = m.submission_id and s.retention_days = m.retention_days), '') as sender,
      state, exists (
      select from queue q where q.subaccount_id = m.subaccount_id and q.message_id = m.id and q.leased_by is not null
    ) as is_leased
    from messages m where id = ${id} for update`.execute(tx);
  const row = rows.rows[0];
  if (row === undefined) return null;
  return {
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    id: row.id,
    submissionId: row.submission_id,
    retentionDays: row.retention_days,
    recipient: row.recipient,
    sender: row.sender,
    state: row.state,
    isLeased: row.is_leased,
  };
}

/** The one copy of a submission, or the one of those recipients; null when that leaves none or several. */
export async function findSoleCopy(
  tx: Tx,
  { submissionId, recipients }: { readonly submissionId: string; readonly recipients: readonly string[] },
): Promise<string | null> {
  const rows = await sql<{ id: string; recipient: string }>`/* inbound.find_sole_copy */
    select id, lower(recipient) as recipient from messages where submission_id = ${submissionId} order by id limit 1001`.execute(
    tx,
  );
  const asked = new Set(recipients.map((recipient) => recipient.toLowerCase()));
  const named = rows.rows.filter(({ recipient }) => asked.has(recipient));
  const [only, ...others] = rows.rows.length === 1 ? rows.rows : named;
  return only === undefined || others.length > 0 ? null : only.id;
}

/** Writes down that this report counted; false when one of its kind did before. */
export async function markReported(
  tx: Tx,
  message: ReportedMessage,
  kind: string,
  at: Date,
): Promise<boolean> {
  const result = await sql`/* inbound.mark_reported */
    insert into inbound_reports (account_id, subaccount_id, message_id, kind, at)
    values (${message.accountId}, ${message.subaccountId}, ${message.id}, ${kind}, ${at})
    on conflict (subaccount_id, message_id, kind) do nothing`.execute(tx);
  return (result.numAffectedRows ?? 0n) === 1n;
}

/** Keeps a mail for the operator; of each mailbox the newest `keep` stay. */
export async function keepUnread(tx: Tx, unread: Unread, keep: number): Promise<void> {
  await sql`/* inbound.keep_unread */
    with dropped as (
      delete from inbound_unread where mailbox = ${unread.mailbox} and id <= (
        select id from inbound_unread where mailbox = ${unread.mailbox} order by id desc offset ${keep - 1} limit 1)
    )
    insert into inbound_unread (at, mailbox, why, remote_address, mail_from, recipient, size_bytes, content)
    values (${unread.at}, ${unread.mailbox}, ${unread.why}, ${unread.remoteAddress}, ${unread.mailFrom},
      ${unread.recipient}, ${unread.content.length}, ${unread.content.subarray(0, 65_536)})`.execute(tx);
}

export type UnreadRow = Omit<Unread, 'content'> & { readonly id: string; readonly sizeBytes: number };

type Row = {
  id: string;
  at: Date;
  mailbox: Unread['mailbox'];
  why: string;
  remote_address: string;
  mail_from: string;
  recipient: string;
  size_bytes: number;
};

const columns = sql`id, at, mailbox, why, host(remote_address) as remote_address, mail_from, recipient, size_bytes`;

function toUnread(row: Row): UnreadRow {
  return {
    id: row.id,
    at: row.at,
    mailbox: row.mailbox,
    why: row.why,
    remoteAddress: row.remote_address,
    mailFrom: row.mail_from,
    recipient: row.recipient,
    sizeBytes: row.size_bytes,
  };
}

/** Newest first. */
export async function listUnread(db: Db, limit: number): Promise<readonly UnreadRow[]> {
  const rows = await sql<Row>`/* inbound.list_unread */
    select ${columns} from inbound_unread order by id desc limit ${limit}`.execute(db);
  return rows.rows.map(toUnread);
}

/** The first 64 KiB of one mail. */
export async function findUnread(db: Db, id: string): Promise<Buffer | null> {
  const rows = await sql<{ content: Buffer }>`/* inbound.find_unread */
    select content from inbound_unread where id = ${id}`.execute(db);
  return rows.rows[0]?.content ?? null;
}

/** At most `limit` rows of each table from before then; how many went. */
export async function deleteOld(
  tx: Tx,
  before: { readonly reports: Date; readonly unread: Date },
  limit: number,
): Promise<number> {
  const rows = await sql<{ n: number }>`/* inbound.delete_old */
    with reports as (
      delete from inbound_reports where ctid = any(array(
        select ctid from inbound_reports where at < ${before.reports} order by at limit ${limit})) returning 1
    ),
    unread as (
      delete from inbound_unread where id = any(array(
        select id from inbound_unread where at < ${before.unread} order by at limit ${limit})) returning 1
    )
    select ((select count(*) from reports) + (select count(*) from unread))::int as n`.execute(tx);
  return rows.rows[0]?.n ?? 0;
}
