import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import { readInOrder } from '../../base/database/pin.ts';
import type { AccountId, Scope } from '../../base/scope.ts';
import type { OwnLimits } from './rules.ts';

/** What a node knows of a site from one source address ('0': the system's own). */
export type SiteState = {
  readonly site: string;
  readonly addressId: string;
  readonly profile: string;
  readonly level: number;
  readonly reason: string;
  readonly since: number;
  readonly until: number | null;
  readonly connections: number;
  readonly messagesPerSecond: number | null;
};

const instant = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

/** Engine: a node writes down what it knows. */
export async function recordStates(
  db: Db,
  node: number,
  states: readonly SiteState[],
  now: Date,
): Promise<void> {
  if (states.length === 0) return;
  await sql`/* sites.record */
    insert into site_states (node, site, address_id, profile, level, reason, since, until, connections, messages_per_second, seen_at)
    select ${node}, i.*, ${now}::timestamptz from unnest(${states.map((s) => s.site)}::text[], ${states.map((s) => s.addressId)}::bigint[],
      ${states.map((s) => s.profile)}::text[], ${states.map((s) => s.level)}::smallint[], ${states.map((s) => s.reason)}::text[],
      ${states.map((s) => instant(s.since))}::timestamptz[], ${states.map((s) => instant(s.until))}::timestamptz[],
      ${states.map((s) => s.connections)}::int[], ${states.map((s) => s.messagesPerSecond)}::real[]) i
    on conflict (site, address_id, node) do update set profile = excluded.profile, level = excluded.level, reason = excluded.reason,
      since = excluded.since, until = excluded.until, connections = excluded.connections,
      messages_per_second = excluded.messages_per_second, seen_at = excluded.seen_at`.execute(db);
}

/** Engine: which site each recipient domain was resolved to. */
export async function recordDomains(
  db: Db,
  found: readonly { readonly domain: string; readonly site: string; readonly transport: string | null }[],
  now: Date,
): Promise<void> {
  if (found.length === 0) return;
  await sql`/* sites.record_domains */
    insert into domain_sites (domain, site, transport, seen_at)
    select d, s, t, ${now}::timestamptz from unnest(${found.map(({ domain }) => domain)}::text[], ${found.map(({ site }) => site)}::text[],
      ${found.map(({ transport }) => transport)}::text[]) i (d, s, t)
    order by d
    on conflict (domain) do update set site = excluded.site, transport = excluded.transport, seen_at = excluded.seen_at`.execute(
    db,
  );
}

/** Engine: states that no node keeps up any more, and domains that nobody writes to. */
export async function dropOldSites(db: Db, now: number): Promise<void> {
  await sql`/* sites.drop_states */ delete from site_states where seen_at < ${new Date(now - 120_000)}`.execute(
    db,
  );
  await sql`/* sites.drop_domains */
    delete from domain_sites where domain = any(array(
      select domain from domain_sites where seen_at < ${new Date(now - 30 * 86_400_000)} limit 5000))`.execute(
    db,
  );
}

export type DomainCount = {
  readonly domain: string;
  readonly waiting: number;
  readonly inHand: number;
  readonly held: number;
  readonly oldest: Date;
};

/** The scope's own waiting mail by recipient domain, of the first `most` messages. */
export async function countByDomain(
  tx: Tx,
  most: number,
): Promise<{ readonly counts: readonly DomainCount[]; readonly isExact: boolean }> {
  await readInOrder(tx);
  const rows = await sql<{
    domain: string;
    n: number;
    leased: number;
    held: number;
    oldest: Date;
  }>`/* sites.count */
    select domain, count(*)::int as n, count(leased_by)::int as leased, count(hold)::int as held, min(began_at) as oldest
    from (
      select q.domain, q.leased_by, q.hold, q.began_at from subaccounts s cross join lateral (
        select domain, leased_by, hold, began_at from queue where subaccount_id = s.id order by message_id limit ${most + 1}
      ) q limit ${most + 1}
    ) own group by domain`.execute(tx);
  const counts = rows.rows.map((row) => ({
    domain: row.domain,
    waiting: row.n,
    inHand: row.leased,
    held: row.held,
    oldest: row.oldest,
  }));
  return { counts, isExact: counts.reduce((sum, { waiting }) => sum + waiting, 0) <= most };
}

/** Engine: the sites of domains, as last resolved. */
export async function findSites(db: Db, domains: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await sql<{ domain: string; site: string }>`/* sites.of_domains */
    select domain, site from domain_sites where domain = any(${domains}::text[])`.execute(db);
  return new Map(rows.rows.map(({ domain, site }) => [domain, site]));
}

/** Engine: those of the domains whose hosts must meet a transport policy, and how it is called. */
export async function findTransport(
  db: Db,
  domains: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await sql<{ domain: string; transport: string }>`/* sites.transport */
    select domain, transport from domain_sites where domain = any(${domains}::text[]) and transport is not null`.execute(
    db,
  );
  return new Map(rows.rows.map(({ domain, transport }) => [domain, transport]));
}

/** Engine: the domains of a site. */
export async function findDomains(db: Db, site: string, limit: number): Promise<readonly string[]> {
  const rows = await sql<{ domain: string }>`/* sites.domains */
    select domain from domain_sites where site = ${site} limit ${limit}`.execute(db);
  return rows.rows.map(({ domain }) => domain);
}

export type StoredState = SiteState & { readonly node: number; readonly address: string | null };

/** Engine: what the nodes know of sites, from the system's addresses and the account's own. */
export async function findStates(
  db: Db,
  accountId: AccountId,
  sites: readonly string[],
  since: Date,
): Promise<readonly StoredState[]> {
  type Row = Omit<StoredState, 'since' | 'until' | 'addressId' | 'messagesPerSecond'> & {
    address_id: string;
    since: Date;
    until: Date | null;
    messages_per_second: number | null;
  };
  const rows = await sql<Row>`/* sites.states */
    select t.node, t.site, t.address_id, t.profile, t.level, t.reason, t.since, t.until, t.connections, t.messages_per_second,
      host(a.address) as address
    from site_states t left join source_addresses a on a.id = t.address_id and a.account_id = ${accountId}
    where t.site = any(${sites}::text[]) and (t.address_id = 0 or a.id is not null) and t.seen_at > ${since}
    order by t.site, t.address_id, t.node`.execute(db);
  return rows.rows.map(
    ({ address_id: addressId, messages_per_second: messagesPerSecond, since: began, until, ...rest }) => ({
      ...rest,
      addressId,
      messagesPerSecond,
      since: began.getTime(),
      until: until?.getTime() ?? null,
    }),
  );
}

export type SiteLimits = OwnLimits & { readonly site: string };
type LimitsRow = {
  account_id: number;
  site: string;
  connections: number | null;
  messages_per_connection: number | null;
  messages_per_hour: number | null;
};

function toLimits(row: LimitsRow): SiteLimits {
  return {
    site: row.site,
    connections: row.connections,
    messagesPerConnection: row.messages_per_connection,
    messagesPerHour: row.messages_per_hour,
  };
}

export async function listLimits(tx: Tx): Promise<readonly SiteLimits[]> {
  const rows = await sql<LimitsRow>`/* sites.limits */
    select account_id, site, connections, messages_per_connection, messages_per_hour from site_limits order by site limit 1000`.execute(
    tx,
  );
  return rows.rows.map(toLimits);
}

export async function putLimits(tx: Tx, scope: Scope, limits: SiteLimits): Promise<void> {
  await sql`/* sites.put_limits */
    insert into site_limits (account_id, subaccount_id, site, connections, messages_per_connection, messages_per_hour)
    values (${scope.accountId}, ${scope.subaccountId}, ${limits.site}, ${limits.connections}, ${limits.messagesPerConnection}, ${limits.messagesPerHour})
    on conflict (account_id, site) do update set connections = excluded.connections,
      messages_per_connection = excluded.messages_per_connection, messages_per_hour = excluded.messages_per_hour`.execute(
    tx,
  );
}

export async function deleteLimits(tx: Tx, site: string): Promise<void> {
  await sql`/* sites.delete_limits */ delete from site_limits where site = ${site}`.execute(tx);
}

/** Engine: every account's own limits, by `account site`. */
export async function readLimits(db: Db): Promise<ReadonlyMap<string, OwnLimits>> {
  const rows = await sql<LimitsRow>`/* sites.all_limits */
    select account_id, site, connections, messages_per_connection, messages_per_hour from site_limits`.execute(
    db,
  );
  return new Map(rows.rows.map((row) => [`${row.account_id} ${row.site}`, toLimits(row)]));
}
