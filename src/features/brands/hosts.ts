/** Hosts of a brand: added, looked at, removed. */
import { onlySubaccount } from '../../base/scope.ts';
import type { Scope } from '../../base/scope.ts';
import type { DomainName } from '../../mail/address.ts';
import {
  checkDue,
  countClaims,
  deleteClaim,
  existing,
  findClaim,
  insertClaim,
  isApex,
  judgeCname,
  listClaims,
  look,
  newToken,
} from '../claims/index.ts';
import type { Claim, ClaimKind } from '../claims/index.ts';
import { append } from '../events/index.ts';
import type { EventKind, NewEvent } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import type { BrandWorld } from './model.ts';
import { brandLimits, hostTarget, provenLookMs } from './rules.ts';

/** Adds one for the scope's subaccount; it shows the brand once its CNAME is seen. */
export async function create(world: BrandWorld, scope: Scope, name: DomainName): Promise<Claim> {
  if (isApex(name))
    throw invalidField(
      'name',
      'subdomain',
      'must be below a domain: a CNAME cannot stand at the domain itself',
    );
  if (world.ownNames().some((own) => name === own || name.endsWith(`.${own}`)))
    throw invalidField('name', 'own', 'must be a host of your own, not one of this installation');
  const now = new Date(world.clock.now());
  const kind = claimsOf(world);
  const { hostsMax } = brandLimits;
  return world.db.scoped(scope, async (tx) => {
    if ((await countClaims(tx, kind, scope.subaccountId)) >= hostsMax)
      throw refuse('limit.reached', { message: `There are ${hostsMax} hosts already` });
    const made = await insertClaim(tx, kind, scope, { name, ownerToken: newToken(), at: now });
    if (made === null) throw refuse('conflict.exists', { message: `The host ${name} exists already` });
    await append(tx, now, [eventOf(made, 'brand_host.created')]);
    return made;
  });
}

export function list(
  world: BrandWorld,
  scope: Scope,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly Claim[]> {
  // Of the brand that is meant, as the account has one of its own.
  const subaccountId = onlySubaccount(scope.reach) ?? scope.subaccountId;
  return world.db.scoped(scope, (tx) => listClaims(tx, claimsOf(world), { ...page, subaccountId }));
}

export async function remove(world: BrandWorld, scope: Scope, id: string): Promise<void> {
  const now = new Date(world.clock.now());
  await world.db.scoped(scope, async (tx) => {
    const found = await existing(tx, claimsOf(world), id);
    await deleteClaim(tx, claimsOf(world), id);
    await append(tx, now, [eventOf(found, 'brand_host.deleted')]);
  });
}

/** Looks at DNS now. */
export async function check(world: BrandWorld, scope: Scope, id: string): Promise<Claim> {
  const get = (): Promise<Claim> => world.db.scoped(scope, (tx) => existing(tx, claimsOf(world), id));
  await look(world, claimsOf(world), await get());
  return get();
}

/** Engine: looks at DNS now, whoever's host it is. */
export async function lookAgain(world: BrandWorld, id: string): Promise<void> {
  const found = await world.db.asEngine((tx) => findClaim(tx, claimsOf(world), id));
  if (found !== null) await look(world, claimsOf(world), found);
}

/** Background: those whose next look is due; how many. */
export function checkDueHosts(world: BrandWorld, limit: number): Promise<number> {
  return checkDue(world, claimsOf(world), limit);
}

function claimsOf({ mailDomain }: Pick<BrandWorld, 'mailDomain'>): ClaimKind {
  return {
    table: 'brand_hosts',
    recordType: 'CNAME',
    judge: ({ state, name, ownerToken }, outcome) =>
      judgeCname(state, name, hostTarget(ownerToken, mailDomain), outcome),
    deposed: 'DNS shows the target of another owner.',
    events: { proven: 'brand_host.proven', lost: 'brand_host.lost' },
    idField: 'brandHostId',
    provenLookMs,
  };
}

function eventOf({ accountId, subaccountId, id, name }: Claim, kind: EventKind): NewEvent {
  return { accountId, subaccountId, kind, data: { brandHostId: id, name } };
}
