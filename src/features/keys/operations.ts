import { parseCidr } from '../../base/address-list.ts';
import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import { fullGrants, onlySubaccount } from '../../base/scope.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { parseDomainName } from '../../mail/address.ts';
import { hashSecret, makeHexSecret, makePublicId, makeSecret } from '../../base/secrets.ts';
import type { SecretForm } from '../../base/secrets.ts';
import { append } from '../events/index.ts';
import type { EventKind } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { keyProblem } from './rules.ts';
import type { KeyRequest } from './rules.ts';
import { deleteKey, findKey, insertKey, listKeys, updateKey } from './sql.ts';
import type { Key } from './sql.ts';

export type KeyWorld = { readonly db: Database; readonly clock: Clock };

/** A key at the one moment when its secret is known. */
export type MadeKey = { readonly key: Key; readonly secret: string };

export type CreateKey = {
  readonly kind: Key['kind'];
  readonly name: string;
  readonly reach: Key['reach'];
  /** Everything that the maker may give when null. */
  readonly grants: readonly string[] | null;
  readonly domainLimit: string | null;
  readonly allowedAddresses: readonly string[];
  readonly expiresAt: number | null;
  /** Those that the maker is narrowed to when left out. */
  readonly templates?: readonly string[] | null;
};

/** Makes a key for the scope's account or the subaccount that it acts for; at most what the maker holds. */
export async function create(
  world: KeyWorld,
  scope: Scope,
  input: CreateKey,
  pair = newPair(input.kind),
): Promise<MadeKey> {
  return world.db.scoped(scope, async (tx) => {
    const made = await createWithin(world, tx, scope, scope.subaccountId, input, pair);
    await append(tx, new Date(world.clock.now()), [eventOf(made.key, 'key.created')]);
    return made;
  });
}

/** Within a transaction of the caller's, which writes the event; for one of the account's subaccounts. */
export async function createWithin(
  world: KeyWorld,
  tx: Tx,
  scope: Scope,
  subaccountId: SubaccountId,
  input: CreateKey,
  pair = newPair(input.kind),
): Promise<MadeKey> {
  const hashed = { publicId: pair.publicId, secretHash: hashSecret(pair.secret) };
  return { key: await createHashed(world, tx, scope, subaccountId, input, hashed), secret: pair.secret };
}

/** As `createWithin`, for a key whose secret is with somebody else (a bundle): by the same rules. */
export async function createHashed(
  world: Pick<KeyWorld, 'clock'>,
  tx: Tx,
  scope: Scope,
  subaccountId: SubaccountId,
  input: CreateKey,
  pair: { readonly publicId: string; readonly secretHash: Buffer },
): Promise<Key> {
  const checked = checkedRequest(world, scope, input);
  const key = await insertKey(tx, {
    accountId: scope.accountId,
    subaccountId,
    kind: input.kind,
    reach: input.reach,
    userId: input.reach === 'person' ? scope.actor.id : null,
    publicId: pair.publicId,
    secretHash: pair.secretHash,
    name: input.name,
    // An embed waits for its link to be opened.
    status: input.kind === 'embed' ? 'inactive' : 'active',
    madeByKey: input.kind === 'embed' && scope.actor.kind === 'key' ? scope.actor.id : null,
    madeByUser: input.kind === 'embed' && scope.actor.kind === 'user' ? scope.actor.id : null,
    grants: checked.grants,
    domainLimit: checked.domainLimit,
    allowedAddresses: checked.allowedAddresses,
    expiresAt: checked.expiresAt === null ? null : new Date(checked.expiresAt),
    templates: checked.templates,
  });
  if (key === null)
    throw refuse('conflict.exists', { message: 'A key with this public id or secret exists already' });
  return key;
}

/** Fills in what the maker's own bounds imply, and refuses what goes beyond them. */
function checkedRequest(world: Pick<KeyWorld, 'clock'>, scope: Scope, input: CreateKey): KeyRequest {
  const grants =
    input.kind === 'smtp'
      ? ['smtp:send']
      : (input.grants ??
        fullGrants(input.reach).filter((grant) => input.reach === 'person' || scope.grants.has(grant)));
  const { bounds } = scope;
  const request: KeyRequest = {
    reach: input.reach,
    grants,
    domainLimit: input.domainLimit === null ? bounds.domain : domainText(input.domainLimit),
    allowedAddresses:
      input.allowedAddresses.length === 0 ? bounds.addresses : cidrTexts(input.allowedAddresses),
    expiresAt: input.expiresAt ?? bounds.expiresAt,
    templates: templateIds(input.templates) ?? bounds.templates,
  };
  const problem = keyProblem(scope, request);
  if (problem !== null) throw invalidField(problem.field, problem.rule, problem.message);
  if (request.expiresAt !== null && request.expiresAt <= world.clock.now())
    throw invalidField('expiresAt', 'future', 'must be in the future');
  return request;
}

/** Each once. */
function templateIds(ids: readonly string[] | null | undefined): readonly string[] | null {
  return ids == null ? null : [...new Set(ids)];
}

function domainText(text: string): string {
  const domain = parseDomainName(text);
  if (domain === null) throw invalidField('domainLimit', 'format', 'must be a domain name');
  return domain;
}

export function newPair(kind: Key['kind'], form: SecretForm = 'own'): { publicId: string; secret: string } {
  if (form === 'own') return { publicId: makePublicId(kind === 'smtp' ? 'su' : 'lk'), secret: makeSecret() };
  const secret = makeHexSecret();
  return { publicId: makePublicId('lk', secret.slice(0, 4)), secret };
}

/** As PostgreSQL's cidr prints it; its own check refuses host bits. */
function cidrTexts(cidrs: readonly string[]): string[] {
  return cidrs.map((text, index) => {
    const parsed = parseCidr(text);
    if (parsed === null)
      throw invalidField(`allowedAddresses[${index}]`, 'cidr', 'must be an IP address or a CIDR');
    return `${parsed.address}/${parsed.bits}`;
  });
}

export async function list(
  world: KeyWorld,
  scope: Scope,
  page: { after: string; limit: number; kind: Key['kind'] },
): Promise<readonly Key[]> {
  const subaccountId = onlySubaccount(scope.reach);
  const ofAccount = scope.reach === 'account';
  return world.db.scoped(scope, (tx) => listKeys(tx, { ...page, subaccountId, userId: null, ofAccount }));
}

/** The keys that a person has made for themselves in this account; a key has none. */
export async function listOwn(
  world: KeyWorld,
  scope: Scope,
  page: { after: string; limit: number },
): Promise<readonly Key[]> {
  const { actor } = scope;
  if (actor.kind !== 'user') return [];
  const own = { ...page, kind: 'api', subaccountId: null, userId: actor.id, ofAccount: false } as const;
  return world.db.scoped(scope, (tx) => listKeys(tx, own));
}

/** A key that does what its person may do, now and later. Only a login session makes one. */
export function createOwn(
  world: KeyWorld,
  scope: Scope,
  input: Pick<CreateKey, 'name' | 'grants' | 'allowedAddresses' | 'expiresAt'>,
): Promise<MadeKey> {
  if (scope.actor.kind !== 'user')
    throw refuse('conflict.state', { message: 'Only a login session can do this' });
  return create(world, scope, { ...input, kind: 'api', reach: 'person', domainLimit: null });
}

export async function removeOwn(world: KeyWorld, scope: Scope, id: string): Promise<void> {
  await world.db.scoped(scope, async (tx) => {
    const found = await findKey(tx, id, 'api');
    const isTheirs = found !== null && scope.actor.kind === 'user' && found.userId === scope.actor.id;
    if (!isTheirs || !(await deleteKey(tx, id))) throw refuse('not_found');
    await append(tx, new Date(world.clock.now()), [eventOf(found, 'key.deleted')]);
  });
}

export async function get(world: KeyWorld, scope: Scope, id: string, kind: Key['kind']): Promise<Key> {
  const key = await world.db.scoped(scope, (tx) => findKey(tx, id, kind));
  if (key === null || !isReachable(scope, key)) throw refuse('not_found');
  return key;
}

/** Whoever had its secret would be that person. */
function notOfPerson({ reach }: Key): void {
  if (reach === 'person')
    throw refuse('conflict.state', {
      message: "A person's key can only be renamed, switched off and deleted here",
    });
}

/** An account's key is not a subaccount's business, not even the own subaccount's. */
function isReachable(scope: Scope, key: Key): boolean {
  return scope.reach === 'account' || key.reach === 'subaccount';
}

export type ChangeKey = {
  readonly name?: string;
  readonly status?: Key['status'];
  readonly grants?: readonly string[];
  readonly domainLimit?: string | null;
  readonly allowedAddresses?: readonly string[];
  readonly expiresAt?: number | null;
  readonly templates?: readonly string[] | null;
};

/** Changes what was given, by the rules for making: what the key is afterwards must be within the changer's own. */
export async function change(
  world: KeyWorld,
  scope: Scope,
  id: string,
  kind: Key['kind'],
  input: ChangeKey,
): Promise<Key> {
  if (kind === 'smtp' && input.grants !== undefined)
    throw invalidField('grants', 'fixed', 'cannot be set: an SMTP user holds smtp:send and nothing else');
  return world.db.scoped(scope, async (tx) => {
    const found = await findKey(tx, id, kind);
    if (found === null || !isReachable(scope, found)) throw refuse('not_found');
    const { name, status, ...bounds } = input;
    const isBounded = Object.keys(bounds).length > 0;
    if (isBounded) notOfPerson(found);
    const checked = isBounded
      ? checkedRequest(world, scope, {
          kind,
          name: found.name,
          reach: found.reach,
          grants: input.grants ?? found.grants,
          domainLimit: input.domainLimit === undefined ? found.domainLimit : input.domainLimit,
          allowedAddresses: input.allowedAddresses ?? found.allowedAddresses,
          expiresAt: input.expiresAt === undefined ? (found.expiresAt?.getTime() ?? null) : input.expiresAt,
          templates: input.templates === undefined ? found.templates : input.templates,
        })
      : null;
    const changed = await updateKey(tx, id, {
      ...(name === undefined ? {} : { name }),
      ...(status === undefined ? {} : { status }),
      ...(checked === null
        ? {}
        : { ...checked, expiresAt: checked.expiresAt === null ? null : new Date(checked.expiresAt) }),
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
  return world.db.scoped(scope, async (tx) => {
    const old = await findKey(tx, id, 'api');
    if (old === null || !isReachable(scope, old)) throw refuse('not_found');
    notOfPerson(old);
    const made = await createWithin(world, tx, scope, old.subaccountId, {
      ...old,
      expiresAt: old.expiresAt?.getTime() ?? null,
    });
    const now = world.clock.now();
    const changed = await updateKey(tx, id, { expiresAt: new Date(now + overlapSeconds * 1000) });
    if (changed === null) throw refuse('not_found');
    await append(tx, new Date(now), [eventOf(made.key, 'key.created'), eventOf(changed, 'key.changed')]);
    return made;
  });
}

function eventOf(key: Key, kind: EventKind): Parameters<typeof append>[2][number] {
  return {
    accountId: key.accountId,
    subaccountId: key.subaccountId,
    kind,
    data: { keyId: key.id, publicId: key.publicId, name: key.name, status: key.status },
  };
}
