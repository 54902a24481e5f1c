/** For how long entries stand that come by themselves: what account and subaccount say of it. */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import type { SuppressionSettings, SettingWords } from './model.ts';

const words = sql`hard_bounce_hours as "hardBounceHours", soft_bounce_hours as "softBounceHours", complaint_hours as "complaintHours",
  unsubscribe_hours as "unsubscribeHours", unsubscribe_holds_for as "unsubscribeHoldsFor"`;

/** What a subaccount says itself; null when it never said anything. */
export async function findSettingWords(tx: Tx, subaccountId: SubaccountId): Promise<SettingWords | null> {
  const rows = await sql<SettingWords>`/* suppressions.find_settings */
    select ${words} from suppression_settings where subaccount_id = ${subaccountId}`.execute(tx);
  return rows.rows[0] ?? null;
}

/** Engine, as a subaccount does not see what its account says: what counts for it. */
export async function findSettings(
  tx: Tx,
  { accountId, subaccountId }: Pick<Scope, 'accountId' | 'subaccountId'>,
): Promise<SuppressionSettings> {
  const rows = await sql<SuppressionSettings>`/* suppressions.settings */
    select ${words} from suppression_settings_of(${accountId}, ${subaccountId})`.execute(tx);
  const [found] = rows.rows;
  if (found === undefined) throw new Error('an account was lost');
  return found;
}

/** Replaces all that a subaccount says. */
export async function putSettingWords(
  tx: Tx,
  { accountId, subaccountId }: Pick<Scope, 'accountId' | 'subaccountId'>,
  said: SettingWords,
  at: Date,
): Promise<void> {
  await sql`/* suppressions.put_settings */
    insert into suppression_settings (account_id, subaccount_id, hard_bounce_hours, soft_bounce_hours, complaint_hours,
      unsubscribe_hours, unsubscribe_holds_for, updated_at)
    values (${accountId}, ${subaccountId}, ${said.hardBounceHours}, ${said.softBounceHours}, ${said.complaintHours},
      ${said.unsubscribeHours}, ${said.unsubscribeHoldsFor}, ${at})
    on conflict (subaccount_id) do update set hard_bounce_hours = excluded.hard_bounce_hours,
      soft_bounce_hours = excluded.soft_bounce_hours, complaint_hours = excluded.complaint_hours,
      unsubscribe_hours = excluded.unsubscribe_hours, unsubscribe_holds_for = excluded.unsubscribe_holds_for,
      updated_at = excluded.updated_at`.execute(tx);
}

/** Whether a subaccount is the account's own one, whose words count for all. */
export async function isOwn(tx: Tx, subaccountId: SubaccountId): Promise<boolean> {
  const rows = await sql<{ is_own: boolean }>`/* suppressions.is_own */
    select is_own from subaccounts where id = ${subaccountId}`.execute(tx);
  return rows.rows[0]?.is_own === true;
}
