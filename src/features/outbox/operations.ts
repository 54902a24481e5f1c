import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { NoticeContent } from './model.ts';
import { insertNotice } from './sql.ts';

/** Writes a mail down, to be sent after the commit. The recipient must be an address that was parsed. */
export function add(
  tx: Tx,
  behalf: { readonly accountId: AccountId; readonly subaccountId: SubaccountId },
  mail: { readonly to: string; readonly subject: string; readonly content: NoticeContent },
  now: Date,
): Promise<void> {
  const { accountId, subaccountId } = behalf;
  return insertNotice(
    tx,
    {
      accountId,
      subaccountId,
      recipient: mail.to,
      subject: mail.subject.slice(0, 300),
      content: mail.content,
    },
    now,
  );
}
