import { parseCidr } from '../../base/address-list.ts';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import type { Scope } from '../../base/scope.ts';
import { hashSecret, makePublicId, makeSecret } from '../../base/secrets.ts';
import { append } from '../events/index.ts';
import type { EventKind } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { fullGrants, keyProblem } from './rules.ts';
import { deleteKey, findKey, insertKey, listKeys, updateKey } from './sql.ts';
import type { Key } from './sql.ts';

export type KeyWorld = { readonly db: Database; readonly clock: Clock };

/** A key at the one moment when its secret is known. */
export type MadeKey = { readonly key: Key; readonly secret: string };

export type CreateKey = {
  readonly kind: Key['kind'];
  readonly name: string;
  readonly reach: Key['reach'];
  readonly grants: readonly string[] | null;
  readonly allowedAddresses: readonly string[];
  readonly expiresAt: number | null;
};

/** Makes a key for the scope's account or the subaccount that it acts for; at most what the maker holds. */
export async function create(
  world: KeyWorld,
  scope: Scope,
  input: CreateKey,
  pair = newPair(input.kind),
): Promise<MadeKey> {
  const grants =
    input.kind === 'smtp'
      ? ['smtp:send']
      : (input.grants ?? fullGrants(input.reach).filter((grant) => scope.grants.has(grant)));
  const problem = keyProblem(scope, { reach: input.reach, grants });
  if (problem !== null) throw invalidField(problem.field, problem.rule, problem.message);
  const allowedAddresses = input.allowedAddresses.map((cidr, index) =>
    cidrText(cidr, `allowedAddresses[${index}]`),
  );
  const now = world.clock.now();
  if (input.expiresAt !== null && input.expiresAt <= now)
    throw invalidField('expiresAt', 'future', 'must be in the future');
  return world.db.scoped(scope, async (tx) => {
    const key = await insertKey(tx, {
      accountId: scope.accountId,
      subaccountId: scope.subaccountId,
      kind: input.kind,
      reach: input.reach,
      publicId: pair.publicId,
      secretHash: hashSecret(pair.secret),
      name: input.name,
      grants,
      allowedAddresses,
      expiresAt: input.expiresAt === null ? null : new Date(input.expiresAt),
    });
    if (key === null)
      throw refuse('conflict.exists', { message: 'A key with this public id or secret exists already' });
    await append(tx, new Date(now), [eventOf(key, 'key.created')]);
    return { key, secret: pair.secret };
  });
}

function newPair(kind: Key['kind']): { publicId: string; secret: string } {
  return { publicId: makePublicId(kind === 'smtp' ? 'su' : 'lk'), secret: makeSecret() };
}

/** As PostgreSQL's cidr prints it; its own check refuses host bits. */
function cidrText(text: string, field: string): string {
  const parsed = parseCidr(text);
  if (parsed === null) throw invalidField(field, 'cidr', 'must be an IP address or a CIDR');
  return `${parsed.address}/${parsed.bits}`;
}

export async function list(
  world: KeyWorld,
  scope: Scope,
  page: { after: string; limit: number; kind: Key['kind'] },
): Promise<readonly Key[]> {
  const subaccountId = scope.reach === 'account' ? null : scope.reach;
  return world.db.scoped(scope, (tx) => listKeys(tx, { ...page, subaccountId }));
}

export async function get(world: KeyWorld, scope: Scope, id: string, kind: Key['kind']): Promise<Key> {
  const key = await world.db.scoped(scope, (tx) => findKey(tx, id, kind));
  if (key === null || !isReachable(scope, key)) throw refuse('not_found');
  return key;
}

/** An account's key is not a subaccount's business, not even the own subaccount's. */
function isReachable(scope: Scope, key: Key): boolean {
  return scope.reach === 'account' || key.reach === 'subaccount';
}

export async function change(
  world: KeyWorld,
  scope: Scope,
  id: string,
  kind: Key['kind'],
  input: { name?: string; status?: Key['status'] },
): Promise<Key> {
  return world.db.scoped(scope, async (tx) => {
    const found = await findKey(tx, id, kind);
    if (found === null || !isReachable(scope, found)) throw refuse('not_found');
    const changed = await updateKey(tx, id, {
      name: input.name ?? null,
      status: input.status ?? null,
      expiresAt: null,
    });
    if (changed === null) throw refuse('not_found');
    await append(tx, new Date(world.clock.now()), [eventOf(changed, 'key.changed')]);
    return changed;
  });
}

export async function remove(world: KeyWorld, scope: Scope, id: string, kind: Key['kind']): Promise<void> {
  await world.db.scoped(scope, async (tx) => {
    const found = await findKey(tx, id, kind);
    if (found === null || !isReachable(scope, found) || !(await deleteKey(tx, id))) throw refuse('not_found');
    await append(tx, new Date(world.clock.now()), [eventOf(found, 'key.deleted')]);
  });
}

/** A new secret under the same grants; the old one stays valid for the overlap. */
export async function rotate(
  world: KeyWorld,
  scope: Scope,
  id: string,
  overlapSeconds: number,
): Promise<MadeKey> {
  const old = await get(world, scope, id, 'api');
  const made = await create(world, scope, {
    kind: 'api',
    name: old.name,
    reach: old.reach,
    grants: old.grants,
    allowedAddresses: old.allowedAddresses,
    expiresAt: old.expiresAt?.getTime() ?? null,
  });
  const endsAt = new Date(world.clock.now() + overlapSeconds * 1000);
  await world.db.scoped(scope, async (tx) => {
    const changed = await updateKey(tx, id, { name: null, status: null, expiresAt: endsAt });
    if (changed !== null) await append(tx, new Date(world.clock.now()), [eventOf(changed, 'key.changed')]);
  });
  return made;
}

function eventOf(key: Key, kind: EventKind): Parameters<typeof append>[2][number] {
  return {
    accountId: key.accountId,
    subaccountId: key.subaccountId,
    kind,
    data: { keyId: key.id, publicId: key.publicId, name: key.name, status: key.status },
  };
}
