import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { erasedAddress } from '../../mail/headers/index.ts';
import type { AskedPurpose, Notice, NoticeContent } from './model.ts';
import type { AskedCounts } from './rules.ts';

export async function insertNotice(tx: Tx, notice: Omit<Notice, 'id'>, now: Date): Promise<void> {
  await sql`/* outbox.insert */
    insert into outbox (account_id, subaccount_id, recipient, subject, content, created_at)
    values (${notice.accountId}, ${notice.subaccountId}, ${notice.recipient}, ${notice.subject},
      ${JSON.stringify(notice.content)}::jsonb, ${now})`.execute(tx);
}

type Row = {
  id: string;
  account_id: number;
  subaccount_id: number;
  recipient: string;
  subject: string;
  content: NoticeContent;
};

/** Engine: the oldest that wait. */
export async function waitingNotices(db: Db, limit: number): Promise<readonly Notice[]> {
  const rows = await sql<Row>`/* outbox.waiting */
    select id, account_id, subaccount_id, recipient, subject, content from outbox order by id limit ${limit}`.execute(
    db,
  );
  return rows.rows.map((row) => ({
    id: row.id,
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    recipient: row.recipient,
    subject: row.subject,
    content: row.content,
  }));
}

export async function removeNotice(db: Db, id: string): Promise<void> {
  await sql`/* outbox.remove */ delete from outbox where id = ${id}`.execute(db);
}

type Behalf = { readonly accountId: AccountId; readonly subaccountId: SubaccountId };

const askedLock = 5_117_302;

/** Until the transaction ends, nobody else of the account counts and adds. */
export async function lockAsked(tx: Tx, accountId: AccountId): Promise<void> {
  await sql`/* outbox.lock_asked */ select pg_advisory_xact_lock(${sql.lit(askedLock)}, ${accountId}::int)`.execute(
    tx,
  );
}

/**
 * Engine: how many mails were asked for since then, by recipient, subaccount and account. One to a person who was erased
 * counts for every recipient: erasing somebody makes no room for more mail to them.
 */
export async function countAsked(
  db: Db,
  { accountId, subaccountId }: Behalf,
  recipient: string,
  since: Date,
): Promise<AskedCounts> {
  const rows = await sql<AskedCounts>`/* outbox.count_asked */
    select count(*) filter (where subaccount_id = ${subaccountId} and recipient in (${recipient}, ${erasedAddress}))::int as recipient,
      count(*) filter (where subaccount_id = ${subaccountId})::int as subaccount, count(*)::int as account
    from asked_mails where account_id = ${accountId} and at > ${since}`.execute(db);
  return rows.rows[0] ?? { recipient: 0, subaccount: 0, account: 0 };
}

export async function insertAsked(
  tx: Tx,
  { accountId, subaccountId }: Behalf,
  mail: { readonly recipient: string; readonly purpose: AskedPurpose; readonly at: Date },
): Promise<void> {
  await sql`/* outbox.insert_asked */
    insert into asked_mails (account_id, subaccount_id, recipient, purpose, at)
    values (${accountId}, ${subaccountId}, ${mail.recipient}, ${mail.purpose}, ${mail.at})`.execute(tx);
}

/** Engine. */
export async function deleteOldAsked(db: Db, before: Date): Promise<void> {
  await sql`/* outbox.delete_old_asked */ delete from asked_mails where at < ${before}`.execute(db);
}
