import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { SubaccountId } from '../../base/scope.ts';
import type { ErasedFrom } from './erase.ts';

const within = ({ accountId, subaccountId, isAccount }: ErasedFrom) =>
  isAccount
    ? sql`account_id = ${accountId}`
    : sql`account_id = ${accountId} and subaccount_id = ${subaccountId}`;

export async function removeAddress(tx: Tx, from: ErasedFrom, address: string): Promise<number> {
  const result = await sql`/* suppressions.remove_address */
    delete from suppressions where subaccount_id in (select id from subaccounts where account_id = ${from.accountId})
      and ${within(from)} and address = ${address}`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}

/** The hash of an erased address, for the whole account or for the subaccount. */
export async function insertErased(tx: Tx, from: ErasedFrom, form: string, now: Date): Promise<void> {
  const layer = from.isAccount ? 'account' : 'subaccount';
  await sql`/* suppressions.insert_erased */
    insert into suppressions (account_id, subaccount_id, layer, address, kind, source, created_at)
    values (${from.accountId}, ${from.subaccountId}, ${layer}, ${form}, 'manual', 'erasure', ${now})
    on conflict do nothing`.execute(tx);
}

/** The whole list of a subaccount that is no more. */
export async function removeListOf(tx: Tx, subaccountId: SubaccountId): Promise<void> {
  await sql`/* suppressions.remove_list */ delete from suppressions where subaccount_id = ${subaccountId}`.execute(
    tx,
  );
}
