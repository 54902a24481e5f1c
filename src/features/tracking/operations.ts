import type { Database, Tx } from '../../base/database/database.ts';
import type { Clock } from '../../base/clock.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { Scope } from '../../base/scope.ts';
import type { DomainName } from '../../mail/address.ts';
import { checkDue, hasten, isApex, judgeCname, look, newToken } from '../claims/index.ts';
import type { ClaimKind } from '../claims/index.ts';
import { checkSharing, findDomain, mayChange, offerConnect } from '../domains/index.ts';
import type { ConnectOffer, ConnectWorld, DomainRow, Resolve, ShareLevel } from '../domains/index.ts';
import { append } from '../events/index.ts';
import type { EventKind, NewEvent } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import type { TrackingDomain } from './model.ts';
import { chooseTracking, cnameTarget } from './rules.ts';
import type { TrackingChoice } from './rules.ts';
import {
  deleteTracking,
  findTracking,
  insertTracking,
  linkTracking,
  listTracking,
  trackingCandidates,
  unlinkTracking,
  updateTracking,
} from './sql.ts';
import type { TrackingChange } from './sql.ts';

export type TrackingWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly resolve: Resolve;
  /** LETTERSHOP_MAIL_DOMAIN. */
  readonly mailDomain: string;
  /** LETTERSHOP_TRACKING_URL. */
  readonly installationUrl: string | null;
};

/** Adds one for the scope's subaccount; it is used once its CNAME is seen. */
export async function create(
  world: TrackingWorld,
  scope: Scope,
  input: { readonly name: DomainName; readonly share: ShareLevel; readonly isSecure: boolean },
): Promise<TrackingDomain> {
  if (input.share !== 'none') checkSharing(scope, scope.subaccountId);
  if (isApex(input.name))
    throw invalidField(
      'name',
      'subdomain',
      'must be below a domain: a CNAME cannot stand at the domain itself',
    );
  const now = new Date(world.clock.now());
  return world.db.scoped(scope, async (tx) => {
    const made = await insertTracking(tx, scope, { ...input, ownerToken: newToken(), at: now });
    if (made === null)
      throw refuse('conflict.exists', { message: `The tracking domain ${input.name} exists already` });
    await append(tx, now, [eventOf(made, 'tracking.created')]);
    return made;
  });
}

export function list(
  world: TrackingWorld,
  scope: Scope,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly TrackingDomain[]> {
  const subaccountId = onlySubaccount(scope.reach);
  return world.db.scoped(scope, (tx) => listTracking(tx, { ...page, subaccountId }));
}

export function get(world: TrackingWorld, scope: Scope, id: string): Promise<TrackingDomain> {
  return world.db.scoped(scope, (tx) => existing(tx, id));
}

async function existing(tx: Tx, id: string): Promise<TrackingDomain> {
  const found = await findTracking(tx, id);
  if (found === null) throw refuse('not_found');
  return found;
}

/** One that the scope may change; a shared one of the account's is not a subaccount's to change. */
async function changeable(tx: Tx, scope: Scope, id: string): Promise<TrackingDomain> {
  const found = await existing(tx, id);
  if (!mayChange(scope, found)) throw refuse('not_found');
  return found;
}

export async function change(
  world: TrackingWorld,
  scope: Scope,
  id: string,
  input: TrackingChange,
): Promise<TrackingDomain> {
  const now = new Date(world.clock.now());
  return world.db.scoped(scope, async (tx) => {
    const found = await changeable(tx, scope, id);
    if (input.share !== undefined && input.share !== 'none') checkSharing(scope, found.subaccountId);
    if (input.isDefault === true && found.state !== 'proven')
      throw refuse('conflict.state', { message: `The tracking domain ${found.name} is not proven` });
    await updateTracking(tx, found, input);
    await append(tx, now, [eventOf(found, 'tracking.changed')]);
    return existing(tx, id);
  });
}

/** Its links are gone with it: those sending domains fall back to the defaults. */
export async function remove(world: TrackingWorld, scope: Scope, id: string): Promise<void> {
  const now = new Date(world.clock.now());
  await world.db.scoped(scope, async (tx) => {
    const found = await changeable(tx, scope, id);
    await deleteTracking(tx, id);
    await append(tx, now, [eventOf(found, 'tracking.deleted')]);
  });
}

/** Looks at DNS now. */
export async function check(world: TrackingWorld, scope: Scope, id: string): Promise<TrackingDomain> {
  const found = await world.db.scoped(scope, (tx) => changeable(tx, scope, id));
  await look(world, claimsOf(world), found);
  return get(world, scope, id);
}

/** Background: those whose next look is due; how many. */
export function checkDueTracking(world: TrackingWorld, limit: number): Promise<number> {
  return checkDue(world, claimsOf(world), limit);
}

/** A browser came back from the DNS provider: the next look is soon. */
export function hastenTracking(world: TrackingWorld, id: string): Promise<void> {
  return hasten(world, claimsOf(world), id);
}

function claimsOf({ mailDomain }: Pick<TrackingWorld, 'mailDomain'>): ClaimKind {
  return {
    table: 'tracking_domains',
    recordType: 'CNAME',
    judge: ({ state, name, ownerToken }, outcome) =>
      judgeCname(state, name, cnameTarget(ownerToken, mailDomain), outcome),
    deposed: 'DNS shows the target of another owner.',
    events: { proven: 'tracking.proven', lost: 'tracking.lost' },
    idField: 'trackingDomainId',
  };
}

/** Mail of the sending domain gets this tracking domain; null: the defaults again. Both must be of one holder, or shared. */
export async function link(
  world: TrackingWorld,
  scope: Scope,
  domainId: string,
  trackingDomainId: string | null,
): Promise<TrackingDomain | null> {
  const now = new Date(world.clock.now());
  return world.db.scoped(scope, async (tx) => {
    const domain = await findDomain(tx, domainId);
    if (domain === null || !mayChange(scope, domain)) throw refuse('not_found');
    const tracking = trackingDomainId === null ? null : await findTracking(tx, trackingDomainId);
    if (trackingDomainId !== null && (tracking === null || !mayLink(domain, tracking)))
      throw invalidField(
        'trackingDomainId',
        'known',
        'is not a tracking domain that this sending domain may have',
      );
    if (tracking === null) await unlinkTracking(tx, domainId);
    else await linkTracking(tx, domain, tracking.id);
    const data = { domainId, trackingDomainId };
    const { accountId, subaccountId } = domain;
    await append(tx, now, [{ accountId, subaccountId, kind: 'domain.changed', data }]);
    return tracking;
  });
}

function mayLink(domain: DomainRow, tracking: TrackingDomain): boolean {
  return tracking.subaccountId === domain.subaccountId || tracking.share === 'use';
}

/** What mail of the scope's subaccount gets, from this sending domain or from any without a link. */
export async function choice(
  world: TrackingWorld,
  scope: Scope,
  domainId: string | null,
): Promise<TrackingChoice | null> {
  if (domainId !== null) {
    const isSeen = await world.db.scoped(scope, (tx) => findDomain(tx, domainId));
    if (isSeen === null) throw refuse('not_found');
  }
  const { accountId, subaccountId } = scope;
  const found = await world.db.asEngine((tx) => trackingCandidates(tx, accountId, subaccountId, domainId));
  return chooseTracking({ ...found, installationUrl: world.installationUrl });
}

/** Where the holder's browser publishes the CNAME at its DNS provider. */
export async function connect(
  world: TrackingWorld,
  connecting: ConnectWorld,
  scope: Scope,
  id: string,
): Promise<ConnectOffer> {
  const found = await world.db.scoped(scope, (tx) => changeable(tx, scope, id));
  return offerConnect(connecting, found.name, {
    service: 'tracking',
    groups: ['tracking'],
    variables: { target: found.ownerToken },
    subject: `tracking-domains.${found.id}`,
  });
}

function eventOf({ accountId, subaccountId, id, name }: TrackingDomain, kind: EventKind): NewEvent {
  return { accountId, subaccountId, kind, data: { trackingDomainId: id, name } };
}
