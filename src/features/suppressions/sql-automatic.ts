/** Entries that nobody asked for by hand: what a recipient or their server said of itself. Engine role. */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';

export type AutomaticKind = 'hard_bounce' | 'complaint' | 'unsubscribe';

export type AutomaticEntry = {
  readonly accountId: AccountId;
  /** The one that sent: a recipient's word to one never binds another. */
  readonly subaccountId: SubaccountId;
  readonly address: string;
  readonly kind: AutomaticKind;
  readonly source: string;
  readonly detail: string;
  readonly at: Date;
};

/** Enters an address in the list of the subaccount that sent; false when it stood there already. */
export async function suppressAutomatically(tx: Tx, entry: AutomaticEntry): Promise<boolean> {
  const result = await sql`/* suppressions.add_automatic */
    insert into suppressions (account_id, subaccount_id, layer, address, kind, source, detail, created_at)
    values (${entry.accountId}, ${entry.subaccountId}, 'subaccount', lower(${entry.address}), ${entry.kind},
      ${entry.source}, ${entry.detail}, ${entry.at})
    on conflict (subaccount_id, layer, address, kind) do nothing`.execute(tx);
  return (result.numAffectedRows ?? 0n) === 1n;
}
