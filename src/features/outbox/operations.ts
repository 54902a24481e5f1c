import type { Database, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { refuse } from '../refusals/index.ts';
import type { AskedPurpose, NoticeContent } from './model.ts';
import { askedBound } from './rules.ts';
import { countAsked, deleteOldAsked, insertAsked, insertNotice, lockAsked } from './sql.ts';

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

/**
 * Writes down a mail that a tenant wants sent to an address of its choosing (not yet proven to want any), within bounds
 * that keep strangers from being flooded in our name; refuses `limit.reached` beyond them.
 */
export async function addAsked(
  db: Database,
  tx: Tx,
  behalf: { readonly accountId: AccountId; readonly subaccountId: SubaccountId },
  mail: {
    readonly purpose: AskedPurpose;
    readonly to: string;
    readonly subject: string;
    readonly content: NoticeContent;
  },
  now: Date,
): Promise<void> {
  await bookAsked(db, tx, behalf, mail, now);
  await add(tx, behalf, mail, now);
}

/** The bounds alone, for a mail that is added later. */
export async function bookAsked(
  db: Database,
  tx: Tx,
  behalf: { readonly accountId: AccountId; readonly subaccountId: SubaccountId },
  mail: { readonly purpose: AskedPurpose; readonly to: string },
  now: Date,
): Promise<void> {
  await lockAsked(tx, behalf.accountId);
  // The engine's count: a subaccount does not see its siblings' rows, but the account's bound is for all of them.
  const counts = await countAsked(db.engine, behalf, mail.to.toLowerCase(), new Date(now.getTime() - dayMs));
  const problem = askedBound(counts);
  if (problem !== null) throw refuse('limit.reached', { message: problem });
  await insertAsked(tx, behalf, { recipient: mail.to.toLowerCase(), purpose: mail.purpose, at: now });
}

const dayMs = 86_400_000;

/** Background: bounds look back a day; older rows go. */
export function endOldAsked(db: Database, now: number): Promise<void> {
  return deleteOldAsked(db.engine, new Date(now - 2 * dayMs));
}
