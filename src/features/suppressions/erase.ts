/**
 * What is left of an erased person: a keyed hash in place of the address, or they would be mailed again. It is bound to the
 * account, so that hashes of two accounts do not tell that they know the same person.
 */
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Keyring } from '../../base/seal.ts';
import { insertErased, removeAddress } from './sql-erase.ts';

const purpose = 'erased address';

/** What stands in the place of an erased address: under the newest master key first, under older ones after it. */
export function erasedForms(ring: Keyring, accountId: AccountId, address: string): readonly string[] {
  return ring
    .macs(purpose, `${accountId}/${address.toLowerCase()}`)
    .map((mac) => `erased:${mac.toString('hex')}`);
}

export type ErasedFrom = {
  readonly accountId: AccountId;
  /** Its own one stands for the whole account when `isAccount`. */
  readonly subaccountId: SubaccountId;
  readonly isAccount: boolean;
};

/**
 * Engine: takes an address off the lists of an account or of one subaccount and leaves its hash, so that it is never
 * written to again there; how many entries it stood in. Asked twice it changes nothing more.
 */
export async function eraseAddress(
  tx: Tx,
  ring: Keyring,
  from: ErasedFrom,
  address: string,
  now: Date,
): Promise<number> {
  const [form = ''] = erasedForms(ring, from.accountId, address);
  const removed = await removeAddress(tx, from, address.toLowerCase());
  await insertErased(tx, from, form, now);
  return removed;
}
