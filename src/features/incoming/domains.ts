/** Inbound domains: added, looked at, removed. */
import { onlySubaccount } from '../../base/scope.ts';
import type { Scope } from '../../base/scope.ts';
import type { DomainName } from '../../mail/address.ts';
import {
  checkDue,
  countClaims,
  deleteClaim,
  existing,
  insertClaim,
  listClaims,
  look,
  newToken,
} from '../claims/index.ts';
import type { Claim, ClaimKind, LookWorld } from '../claims/index.ts';
import { append } from '../events/index.ts';
import type { EventKind, NewEvent } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { inboundDomains } from './model.ts';
import type { IncomingWorld } from './model.ts';
import { judgeMx, mxTarget } from './rules.ts';
import { giveUpOf } from './sql-mails.ts';

type World = Pick<IncomingWorld, 'db' | 'clock' | 'resolveAnew' | 'mailDomain' | 'hostname'>;

/** Per subaccount. */
const domainsMax = 1000;

/** Adds one for the scope's subaccount; mail is taken for it once its MX is seen. */
export async function create(world: World, scope: Scope, name: DomainName): Promise<Claim> {
  if (isOperators(world, name))
    throw invalidField('name', 'own', 'must be a domain of your own, not one of this installation');
  const now = new Date(world.clock.now());
  const kind = claimsOf(world);
  return world.db.scoped(scope, async (tx) => {
    if ((await countClaims(tx, kind, scope.subaccountId)) >= domainsMax)
      throw refuse('limit.reached', { message: `There are ${domainsMax} inbound domains already` });
    const made = await insertClaim(tx, kind, scope, { name, ownerToken: newToken(), at: now });
    if (made === null)
      throw refuse('conflict.exists', { message: `The inbound domain ${name} exists already` });
    await append(tx, now, [eventOf(made, 'inbound_domain.created')]);
    return made;
  });
}

/** Reports come to these. */
function isOperators({ mailDomain, hostname }: World, name: string): boolean {
  const [mail, host] = [mailDomain.toLowerCase(), hostname.toLowerCase()];
  return name === mail || name === host || name.endsWith(`.${mail}`) || name.endsWith(`.${host}`);
}

export function list(
  world: World,
  scope: Scope,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly Claim[]> {
  const subaccountId = onlySubaccount(scope.reach);
  return world.db.scoped(scope, (tx) => listClaims(tx, claimsOf(world), { ...page, subaccountId }));
}

export function get(world: World, scope: Scope, id: string): Promise<Claim> {
  return world.db.scoped(scope, (tx) => existing(tx, inboundDomains, id));
}

/** Its routes are gone with it; mail that waits for them is given up, and stays to be read. */
export async function remove(world: World, scope: Scope, id: string): Promise<void> {
  const now = new Date(world.clock.now());
  await world.db.scoped(scope, async (tx) => {
    const found = await existing(tx, inboundDomains, id);
    await deleteClaim(tx, claimsOf(world), id);
    const given = await giveUpOf(tx, { domainId: id }, 'its domain is gone', now);
    await append(tx, now, [...given, eventOf(found, 'inbound_domain.deleted')]);
  });
}

/** Looks at DNS now. */
export async function check(world: World, scope: Scope, id: string): Promise<Claim> {
  await look(looking(world), claimsOf(world), await get(world, scope, id));
  return get(world, scope, id);
}

/** Background: those whose next look is due; how many. */
export function checkDueInbound(world: World, limit: number): Promise<number> {
  return checkDue(looking(world), claimsOf(world), limit);
}

function looking({ db, clock, resolveAnew }: World): LookWorld {
  return { db, clock, resolve: resolveAnew };
}

function claimsOf({ mailDomain }: Pick<World, 'mailDomain'>): ClaimKind {
  return {
    ...inboundDomains,
    recordType: 'MX',
    judge: ({ state, name, ownerToken }, outcome) =>
      judgeMx(state, name, mxTarget(ownerToken, mailDomain), outcome),
    deposed: 'DNS shows the host of another owner.',
    events: { proven: 'inbound_domain.proven', lost: 'inbound_domain.lost' },
    idField: 'inboundDomainId',
  };
}

function eventOf({ accountId, subaccountId, id, name }: Claim, kind: EventKind): NewEvent {
  return { accountId, subaccountId, kind, data: { inboundDomainId: id, name } };
}
