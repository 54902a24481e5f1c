import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import type { Scope } from '../../base/scope.ts';
import type { Keyring } from '../../base/seal.ts';
import { parseAddress } from '../../mail/address.ts';
import { append } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import type { Erasure } from './model.ts';
import { findErasure, insertErasure, listErasures, nextErasureId } from './sql-erasures.ts';

export type ErasureWorld = { readonly db: Database; readonly clock: Clock; readonly ring: Keyring };

/** What the sealed address of an erasure is bound to. */
export function erasureContext(id: string): string {
  return `erasure/${id}`;
}

/** Asks for an address to be erased: from the whole account, or from the subaccount that the scope is fixed to. */
export async function ask(world: ErasureWorld, scope: Scope, address: string): Promise<Erasure> {
  const parsed = parseAddress(address);
  if (parsed === null) throw invalidField('address', 'format', 'is not a valid e-mail address');
  const { accountId, subaccountId } = scope;
  return world.db.scoped(scope, async (tx) => {
    const id = await nextErasureId(tx);
    const sealedAddress = world.ring.seal(Buffer.from(parsed.text, 'utf8'), erasureContext(id));
    const reach = scope.reach === 'account' ? 'account' : 'subaccount';
    const now = new Date(world.clock.now());
    const made = await insertErasure(tx, { id, accountId, subaccountId, reach, sealedAddress }, now);
    await append(tx, now, [{ accountId, subaccountId, kind: 'erasure.asked', data: { erasureId: id } }]);
    return made;
  });
}

export function list(
  world: ErasureWorld,
  scope: Scope,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly Erasure[]> {
  return world.db.scoped(scope, (tx) => listErasures(tx, scope.reach, page));
}

export async function get(world: ErasureWorld, scope: Scope, id: string): Promise<Erasure> {
  const found = await world.db.scoped(scope, (tx) => findErasure(tx, scope.reach, id));
  if (found === null) throw refuse('not_found');
  return found;
}
