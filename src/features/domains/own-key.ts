/** DKIM keys that somebody brings: those under which their domain is known already sign on, without a change in DNS. */
import { readPrivateKey } from '../../mail/dkim/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { append } from '../events/index.ts';
import type { Scope } from '../../base/scope.ts';
import { eventOf, factsOf, get, look, mayChange } from './operations.ts';
import type { Domain, DomainWorld } from './operations.ts';
import { isOurSelector } from './rules.ts';
import type { MadeKey } from './made-keys.ts';
import { proveDomain } from './proof.ts';
import { sealContext } from './sending.ts';
import { dropKeys, insertKeys, listKeys, setKeyStates, setOwnSelector } from './sql.ts';
import { findSignedBy } from './sql-signing.ts';

export type OwnKey = { readonly selector: string; readonly privateKey: string };

/** Throws a refusal that names the field. */
export function ownKey({ selector, privateKey }: OwnKey): MadeKey {
  if (isOurSelector(selector))
    throw invalidField('dkim.selector', 'reserved', 'must not begin as the selectors that are made here');
  const read = readPrivateKey(privateKey);
  if (!read.ok) throw invalidField('dkim.privateKey', 'key', read.problem);
  const { algorithm, record, privateDer } = read;
  return { selector: selector.toLowerCase(), algorithm, record, privateDer, state: 'signing' };
}

/**
 * Takes a key in place of the one that was brought before, or, with null, gives the signing back to those made here. A key is
 * taken only when DNS shows it: from then on it signs.
 */
export async function replaceOwnKey(
  world: DomainWorld,
  scope: Scope,
  id: string,
  given: OwnKey | null,
): Promise<Domain> {
  const domain = await get(world, scope, id);
  if (!mayChange(scope, domain)) throw refuse('not_found');
  if (domain.isBuiltin) throw refuse('conflict.state', { message: 'This domain has keys of its own' });
  const key = given === null ? null : ownKey(given);
  if (key !== null) {
    const facts = { ...factsOf(world, domain, []), dkim: [key] };
    const proof = (await proveDomain(facts, world.resolve)).find(({ purpose }) => purpose === 'dkim');
    if (proof?.state !== 'proven')
      throw refuse('conflict.state', { message: `DNS does not show the key: ${proof?.explain ?? ''}` });
  }
  const signed = await world.db.scoped(scope, async (tx) => {
    const known = await listKeys(tx, domain.id);
    const brought = known.filter(({ selector }) => !isOurSelector(selector));
    await dropKeys(
      tx,
      domain.id,
      brought.map(({ selector }) => selector),
    );
    if (key !== null) {
      const { privateDer, ...row } = key;
      const sealedPrivateKey = world.ring.seal(privateDer, sealContext(domain.id, key.selector));
      await insertKeys(tx, domain, [{ ...row, sealedPrivateKey }]);
    }
    await setOwnSelector(tx, domain.id, key?.selector ?? null);
    await setKeyStates(tx, domain.id, key?.algorithm ?? null);
    await append(tx, new Date(world.clock.now()), [eventOf(domain, 'domain.changed')]);
    return findSignedBy(tx, domain.id);
  });
  for (const each of [domain.id, ...signed]) world.forgetKeys?.(each);
  await look(world, domain);
  return get(world, scope, id);
}
