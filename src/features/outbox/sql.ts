import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Notice, NoticeContent } from './model.ts';

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
