import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Endpoint } from '../webhooks/index.ts';
import type { RouteFormat } from './kinds.ts';
import type { InboundRoute, RouteWithHealth } from './model.ts';

export type RouteRow = {
  account_id: number;
  subaccount_id: number;
  route_id: string;
  domain_id: string;
  domain: string;
  name: string;
  format: string;
  pattern: string;
  url: string;
  status: string;
  auth_kind: string;
  auth_name: string;
  sealed_auth: Buffer | null;
  sealed_secret: Buffer;
  sealed_old_secret: Buffer | null;
  old_secret_until: Date | null;
  created_at: Date;
  updated_at: Date;
};

/** Of `inbound_routes r` and `inbound_domains d`. */
export const routeColumns = sql`r.account_id, r.subaccount_id, r.id as route_id, r.domain_id, d.name as domain, r.name, r.format, r.pattern, r.url,
  r.status, r.auth_kind, r.auth_name, r.sealed_auth, r.sealed_secret, r.sealed_old_secret, r.old_secret_until, r.created_at, r.updated_at`;

export function toRoute(row: RouteRow): InboundRoute {
  return {
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    id: row.route_id,
    domainId: row.domain_id,
    domain: row.domain,
    name: row.name,
    format: row.format as RouteFormat,
    pattern: row.pattern,
    url: row.url,
    status: row.status as InboundRoute['status'],
    authKind: row.auth_kind as Endpoint['authKind'],
    authName: row.auth_name,
    sealedAuth: row.sealed_auth,
    sealedSecret: row.sealed_secret,
    sealedOldSecret: row.sealed_old_secret,
    oldSecretUntil: row.old_secret_until,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

type HealthRow = RouteRow & {
  failures: number;
  failing_since: Date | null;
  next_at: Date | null;
  last_failure: string;
  last_failure_at: Date | null;
  last_taken_at: Date | null;
};

const healthColumns = sql`h.failures, h.failing_since, nullif(h.next_at, '-infinity') as next_at, h.last_failure, h.last_failure_at, h.last_taken_at`;

function toBoth(row: HealthRow): RouteWithHealth {
  return {
    route: toRoute(row),
    health: {
      failures: row.failures,
      failingSince: row.failing_since,
      nextAt: row.next_at,
      lastFailure: row.last_failure,
      lastFailureAt: row.last_failure_at,
      lastTakenAt: row.last_taken_at,
    },
  };
}

const joined = sql`inbound_routes r join inbound_domains d on d.id = r.domain_id join inbound_route_health h on h.route_id = r.id`;

/** An id of its own before the row is there: sealed values are bound to it. */
export async function nextRouteId(tx: Tx): Promise<string> {
  const rows = await sql<{ id: string }>`/* incoming.next_route_id */
    select nextval('object_ids') as id`.execute(tx);
  return rows.rows[0]?.id ?? '';
}

export type NewRoute = Omit<
  InboundRoute,
  'domain' | 'sealedOldSecret' | 'oldSecretUntil' | 'createdAt' | 'updatedAt'
>;

/** False when the domain has a route of that pattern. */
export async function insertRoute(tx: Tx, route: NewRoute, now: Date): Promise<boolean> {
  const result = await sql`/* incoming.insert_route */
    insert into inbound_routes (account_id, subaccount_id, id, domain_id, name, format, pattern, url, status, auth_kind, auth_name,
      sealed_auth, sealed_secret, created_at, updated_at)
    values (${route.accountId}, ${route.subaccountId}, ${route.id}, ${route.domainId}, ${route.name}, ${route.format}, ${route.pattern}, ${route.url},
      ${route.status}, ${route.authKind}, ${route.authName}, ${route.sealedAuth}, ${route.sealedSecret}, ${now}, ${now})
    on conflict (domain_id, pattern) do nothing`.execute(tx);
  if ((result.numAffectedRows ?? 0n) === 0n) return false;
  await sql`/* incoming.insert_health */
    insert into inbound_route_health (account_id, subaccount_id, route_id)
    values (${route.accountId}, ${route.subaccountId}, ${route.id})`.execute(tx);
  return true;
}

export async function countRoutes(tx: Tx, domainId: string): Promise<number> {
  const rows = await sql<{ n: number }>`/* incoming.count_routes */
    select count(*)::int as n from inbound_routes where domain_id = ${domainId}`.execute(tx);
  return rows.rows[0]?.n ?? 0;
}

export async function findRoute(tx: Tx, id: string): Promise<RouteWithHealth | null> {
  const rows = await sql<HealthRow>`/* incoming.find_route */
    select ${routeColumns}, ${healthColumns} from ${joined} where r.id = ${id}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toBoth(row);
}

export async function listRoutes(
  tx: Tx,
  page: {
    readonly subaccountId: SubaccountId | null;
    readonly domainId: string | null;
    readonly after: string;
    readonly limit: number;
  },
): Promise<readonly RouteWithHealth[]> {
  const rows = await sql<HealthRow>`/* incoming.list_routes */
    select ${routeColumns}, ${healthColumns} from ${joined} where r.id > ${page.after}
      ${page.subaccountId === null ? sql`` : sql`and r.subaccount_id = ${page.subaccountId}`}
      ${page.domainId === null ? sql`` : sql`and r.domain_id = ${page.domainId}`}
    order by r.id limit ${page.limit}`.execute(tx);
  return rows.rows.map(toBoth);
}

/** Everything that may change, as it is to be; false when another of the domain has the pattern. */
export async function updateRoute(tx: Tx, route: InboundRoute, now: Date): Promise<boolean> {
  const result = await sql`/* incoming.update_route */
    update inbound_routes r set domain_id = ${route.domainId}, name = ${route.name}, pattern = ${route.pattern}, url = ${route.url}, status = ${route.status},
      auth_kind = ${route.authKind}, auth_name = ${route.authName}, sealed_auth = ${route.sealedAuth}, sealed_secret = ${route.sealedSecret},
      sealed_old_secret = ${route.sealedOldSecret}, old_secret_until = ${route.oldSecretUntil}, updated_at = ${now}
    where r.id = ${route.id} and not exists (
      select from inbound_routes o where o.domain_id = ${route.domainId} and o.pattern = ${route.pattern} and o.id <> r.id)`.execute(
    tx,
  );
  return (result.numAffectedRows ?? 0n) === 1n;
}

/** A new start for an endpoint that waits for its next try. */
export async function resumeRoute(tx: Tx, id: string): Promise<void> {
  await sql`/* incoming.resume_route */
    update inbound_route_health set failures = 0, failing_since = null, next_at = '-infinity' where route_id = ${id}`.execute(
    tx,
  );
}

export async function deleteRoute(tx: Tx, id: string): Promise<void> {
  await sql`/* incoming.delete_route */ delete from inbound_routes where id = ${id}`.execute(tx);
}

export type Receiving = {
  readonly route: InboundRoute;
  readonly retentionDays: number;
  /** Subaccount and account accept mail. */
  readonly accepts: boolean;
};

type ReceivingRow = RouteRow & { retention_days: number; accepts: boolean };

const receiving = sql`${routeColumns}, a.retention_days, s.can_accept and a.can_accept as accepts
  from inbound_domains d join inbound_routes r on r.domain_id = d.id
  join subaccounts s on s.account_id = d.account_id and s.id = d.subaccount_id join accounts a on a.id = d.account_id`;

function toReceiving(row: ReceivingRow): Receiving {
  return { route: toRoute(row), retentionDays: row.retention_days, accepts: row.accepts };
}

/** Engine: the routes of proven domains of these names, whoever holds them. */
export async function provenRoutes(tx: Tx, names: readonly string[]): Promise<readonly Receiving[]> {
  const rows = await sql<ReceivingRow>`/* incoming.proven_routes */
    select ${receiving} where d.name = any(${names}::text[]) and d.state = 'proven'`.execute(tx);
  return rows.rows.map(toReceiving);
}

/** Engine: the routes of one holder's domains of these names, proven or not; those of nobody else. */
export async function ownRoutes(
  tx: Tx,
  { accountId, subaccountId }: { readonly accountId: AccountId; readonly subaccountId: SubaccountId },
  names: readonly string[],
): Promise<readonly Receiving[]> {
  const rows = await sql<ReceivingRow>`/* incoming.own_routes */
    select ${receiving} where d.name = any(${names}::text[]) and d.account_id = ${accountId} and d.subaccount_id = ${subaccountId}`.execute(
    tx,
  );
  return rows.rows.map(toReceiving);
}
