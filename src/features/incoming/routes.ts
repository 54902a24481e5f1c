/** Inbound routes: which mail of a domain goes to which address of its holder's. */
import type { Tx } from '../../base/database/database.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { Scope } from '../../base/scope.ts';
import { findClaim } from '../claims/index.ts';
import { append } from '../events/index.ts';
import type { EventKind, NewEvent } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { checkAuth, checkUrl, makeSigningSecret, sealedAuth, sealText } from '../webhooks/index.ts';
import type { Auth } from '../webhooks/index.ts';
import type { RouteFormat } from './kinds.ts';
import { inboundDomains } from './model.ts';
import type { InboundRoute, RouteWithHealth, RouteWorld } from './model.ts';
import { patternProblem } from './rules.ts';
import { giveUpOf } from './sql-mails.ts';
import {
  countRoutes,
  deleteRoute,
  findRoute,
  insertRoute,
  listRoutes,
  nextRouteId,
  resumeRoute,
  updateRoute,
} from './sql-routes.ts';

/** Per domain. */
const routesMax = 200;
const dayMs = 86_400_000;

export type CreateRoute = {
  readonly domainId: string;
  readonly name: string;
  readonly format: RouteFormat;
  readonly pattern: string;
  readonly url: string;
  readonly auth: Auth;
  readonly status: InboundRoute['status'];
};

export type MadeRoute = RouteWithHealth & { readonly secret: string };

function checkPattern(pattern: string): void {
  const problem = patternProblem(pattern);
  if (problem !== null) throw invalidField('pattern', 'format', problem);
}

const taken = (pattern: string): Error =>
  refuse('conflict.exists', { message: `The domain has a route for ${pattern} already` });

/** Makes a route of a domain that the scope sees; its signing secret is known here only. */
export async function create(world: RouteWorld, scope: Scope, input: CreateRoute): Promise<MadeRoute> {
  const pattern = input.pattern.toLowerCase();
  checkPattern(pattern);
  await checkUrl(world, input.url);
  await checkAuth(world, input.auth);
  const secret = makeSigningSecret();
  const now = new Date(world.clock.now());
  return world.db.scoped(scope, async (tx) => {
    const domain = await findClaim(tx, inboundDomains, input.domainId);
    if (domain === null) throw invalidField('inboundDomainId', 'known', 'is no inbound domain of yours');
    if ((await countRoutes(tx, domain.id)) >= routesMax)
      throw refuse('limit.reached', { message: `The domain has ${routesMax} routes already` });
    const id = await nextRouteId(tx);
    const { accountId, subaccountId } = domain;
    const { name, format, url, status } = input;
    const sealed = {
      ...sealedAuth(world.ring, id, input.auth),
      sealedSecret: sealText(world.ring, id, secret),
    };
    const named = { accountId, subaccountId, id, domainId: domain.id, name, format };
    const route = { ...named, pattern, url, status, ...sealed };
    if (!(await insertRoute(tx, route, now))) throw taken(pattern);
    const made = await existing(tx, id);
    await append(tx, now, [eventOf(made.route, 'inbound_route.created')]);
    return { ...made, secret };
  });
}

/** Within a transaction of the scope's: what it does not see is not found. */
async function existing(tx: Tx, id: string): Promise<RouteWithHealth> {
  const found = await findRoute(tx, id);
  if (found === null) throw refuse('not_found');
  return found;
}

export function get({ db }: RouteWorld, scope: Scope, id: string): Promise<RouteWithHealth> {
  return db.scoped(scope, (tx) => existing(tx, id));
}

export function list(
  { db }: RouteWorld,
  scope: Scope,
  page: { readonly domainId: string | null; readonly after: string; readonly limit: number },
): Promise<readonly RouteWithHealth[]> {
  const subaccountId = onlySubaccount(scope.reach);
  return db.scoped(scope, (tx) => listRoutes(tx, { ...page, subaccountId }));
}

export type ChangeRoute = {
  /** Another domain of the same holder. */
  readonly domainId?: string;
  readonly name?: string;
  readonly pattern?: string;
  readonly url?: string;
  readonly auth?: Auth;
  readonly status?: InboundRoute['status'];
};

/** Another address, or the status active, also gives an endpoint that fails a new start. */
export async function change(
  world: RouteWorld,
  scope: Scope,
  id: string,
  input: ChangeRoute,
): Promise<RouteWithHealth> {
  const pattern = input.pattern?.toLowerCase();
  if (pattern !== undefined) checkPattern(pattern);
  if (input.url !== undefined) await checkUrl(world, input.url);
  if (input.auth !== undefined) await checkAuth(world, input.auth);
  const now = new Date(world.clock.now());
  return world.db.scoped(scope, async (tx) => {
    const { route } = await existing(tx, id);
    const domain = input.domainId === undefined ? null : await findClaim(tx, inboundDomains, input.domainId);
    if (input.domainId !== undefined && domain?.subaccountId !== route.subaccountId)
      throw invalidField('inboundDomainId', 'known', 'is no inbound domain of its holder');
    const wanted: InboundRoute = {
      ...route,
      domainId: domain?.id ?? route.domainId,
      name: input.name ?? route.name,
      pattern: pattern ?? route.pattern,
      url: input.url ?? route.url,
      status: input.status ?? route.status,
      ...(input.auth === undefined ? {} : sealedAuth(world.ring, id, input.auth)),
    };
    if (!(await updateRoute(tx, wanted, now))) throw taken(wanted.pattern);
    if (input.status === 'active' || input.url !== undefined) await resumeRoute(tx, id);
    await append(tx, now, [eventOf(wanted, 'inbound_route.changed')]);
    return existing(tx, id);
  });
}

/** A new signing secret; for a day requests are signed with both. */
export async function rotate(world: RouteWorld, scope: Scope, id: string): Promise<MadeRoute> {
  const secret = makeSigningSecret();
  const now = new Date(world.clock.now());
  return world.db.scoped(scope, async (tx) => {
    const { route } = await existing(tx, id);
    const wanted: InboundRoute = {
      ...route,
      sealedSecret: sealText(world.ring, id, secret),
      sealedOldSecret: route.sealedSecret,
      oldSecretUntil: new Date(now.getTime() + dayMs),
    };
    await updateRoute(tx, wanted, now);
    await append(tx, now, [eventOf(wanted, 'inbound_route.changed')]);
    return { ...(await existing(tx, id)), secret };
  });
}

/** Mail that waits for it is given up, and stays to be read. */
export async function remove({ db, clock }: RouteWorld, scope: Scope, id: string): Promise<void> {
  const now = new Date(clock.now());
  await db.scoped(scope, async (tx) => {
    const { route } = await existing(tx, id);
    await deleteRoute(tx, id);
    const given = await giveUpOf(tx, { routeId: id }, 'its route is gone', now);
    await append(tx, now, [...given, eventOf(route, 'inbound_route.deleted')]);
  });
}

function eventOf({ accountId, subaccountId, id, domain, pattern }: InboundRoute, kind: EventKind): NewEvent {
  return { accountId, subaccountId, kind, data: { inboundRouteId: id, domain, pattern } };
}
