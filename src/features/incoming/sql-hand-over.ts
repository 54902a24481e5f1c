/** Engine role, across tenants: which mail is looked at and handed over next, and what came of it. */
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { Authentication } from '../../mail/authentication/index.ts';
import type { IncomingMail, InboundRoute } from './model.ts';
import { mailColumns, toMail } from './sql-mails.ts';
import type { MailRow } from './sql-mails.ts';
import { routeColumns, toRoute } from './sql-routes.ts';
import type { RouteRow } from './sql-routes.ts';

/** A try takes at most four requests of 15 s, two of them for a token. */
const leaseSeconds = 120;
/** A look that was cut off comes again after so long; one waits for DNS at most half of it. */
const lookSeconds = 20;

/** Mail whose sender nobody has looked at yet, oldest first; taken for a while. */
export async function claimLooks(db: Db, now: Date, limit: number): Promise<readonly IncomingMail[]> {
  const rows = await looksStatement(now, limit).execute(db);
  return rows.rows.map(toMail);
}

export function looksStatement(now: Date, limit: number): RawBuilder<MailRow> {
  return sql<MailRow>`/* incoming.claim_looks */
    update inbound_mails m set due_at = ${new Date(now.getTime() + lookSeconds * 1000)}
    from (select id as looked_id from inbound_mails where authentication is null and due_at <= ${now} order by due_at limit ${limit}
      for update skip locked) l
    where m.id = l.looked_id returning ${mailColumns}`;
}

export async function recordAuthentication(
  db: Db,
  id: string,
  found: Authentication,
  now: Date,
): Promise<void> {
  await sql`/* incoming.record_authentication */
    update inbound_mails set authentication = ${JSON.stringify(found)}::jsonb, due_at = ${now} where id = ${id}`.execute(
    db,
  );
}

export type ClaimedMail = {
  readonly mail: IncomingMail;
  readonly route: InboundRoute;
  readonly failures: number;
  readonly failingSince: Date | null;
};

type ClaimedRow = MailRow &
  Omit<RouteRow, 'name'> & { route_name: string; failures: number; failing_since: Date | null };

export type ClaimRequest = {
  readonly node: number;
  readonly now: Date;
  readonly limit: number;
  readonly perAccount: number;
  readonly perRoute: number;
  /** Of routes that fail, all together. */
  readonly troubled: number;
  /** Of contents together; one that is larger comes alone. */
  readonly bytes: number;
};

/** Mail that is due, by route: a few of each, one of a route that fails. Mail of a stopped tenant waits. */
export async function claim(db: Db, request: ClaimRequest): Promise<readonly ClaimedMail[]> {
  const rows = await claimStatement(request).execute(db);
  return rows.rows.map((row) => ({
    mail: toMail({ ...row, state: 'waiting' }),
    route: toRoute({ ...row, name: row.route_name }),
    failures: row.failures,
    failingSince: row.failing_since,
  }));
}

/**
 * Walks the routes that have mail waiting from one to the next in the index, so that a long queue of one route costs no other,
 * and what is done with costs nothing. What is taken is looked up one by one (`offset 0`): by statistics of a time when nothing
 * waited the planner would read all that waits for each of them.
 */
export function claimStatement(request: ClaimRequest): RawBuilder<ClaimedRow> {
  const { node, now, limit, perAccount, perRoute, troubled, bytes } = request;
  return sql<ClaimedRow>`/* incoming.claim, plan kept */
    with recursive waiting (route_id) as (
      (select route_id from inbound_mails where state = 'waiting' order by route_id limit 1)
      union all
      select (select m.route_id from inbound_mails m where m.state = 'waiting' and m.route_id > w.route_id order by m.route_id limit 1)
      from waiting w where w.route_id is not null
    ),
    leased as materialized (
      select account_id, route_id, count(*)::int as n from inbound_mails where leased_by is not null and leased_until > now()
      group by account_id, route_id
    ),
    ready as materialized (
      select r.id as route_id, r.account_id, h.failures > 0 as is_troubled,
        case when h.failures > 0 then 1 else ${perRoute}::int end - coalesce((select l.n from leased l where l.route_id = r.id), 0) as places
      from waiting w join inbound_routes r on r.id = w.route_id join inbound_route_health h on h.route_id = r.id
      join subaccounts s on s.account_id = r.account_id and s.id = r.subaccount_id join accounts a on a.id = r.account_id
      where r.status = 'active' and h.next_at <= ${now} and s.mail_leaves and a.mail_leaves
    ),
    due as materialized (
      select m.id, m.due_at, m.account_id, m.size_bytes, f.is_troubled from ready f cross join lateral (
        select id, due_at, account_id, size_bytes from inbound_mails
        where route_id = f.route_id and state = 'waiting' and due_at <= ${now} and authentication is not null
          and (leased_until is null or leased_until <= now())
        order by due_at, id limit greatest(f.places, 0)) m
    ),
    ranked as materialized (
      select d.*, row_number() over (partition by d.account_id order by d.due_at, d.id)
          + coalesce((select sum(l.n) from leased l where l.account_id = d.account_id), 0) as account_place,
        row_number() over (partition by d.is_troubled order by d.due_at, d.id) as kind_place
      from due d
    ),
    allowed as materialized (
      select *, sum(size_bytes) over (order by due_at, id) as total, row_number() over (order by due_at, id) as place
      from ranked where account_place <= ${perAccount} and (not is_troubled or kind_place <= ${troubled})
    ),
    mine as materialized (
      select m.id from allowed d cross join lateral (
        select id, state, leased_until from inbound_mails where id = d.id offset 0 for update skip locked) m
      where d.place <= ${limit} and (d.total <= ${bytes} or d.place = 1) and m.state = 'waiting'
        and (m.leased_until is null or m.leased_until <= now())
    ),
    taken as (
      update inbound_mails m set leased_by = ${node}, leased_until = now() + make_interval(secs => ${leaseSeconds}),
        attempts = m.attempts + 1
      from mine where m.id = mine.id returning m.*
    )
    select ${mailColumns}, d.name as domain, r.name as route_name, r.format, r.pattern, r.url, r.status, r.auth_kind, r.auth_name, r.sealed_auth, r.sealed_secret,
      r.sealed_old_secret, r.old_secret_until, r.created_at, r.updated_at, h.failures, h.failing_since
    from taken m join inbound_routes r on r.id = m.route_id join inbound_domains d on d.id = r.domain_id
    join inbound_route_health h on h.route_id = r.id order by m.due_at, m.id`;
}

/** For a test by hand: the route with its secrets, as its holder's scope sees it. */
export async function findSealed(tx: Tx, id: string): Promise<InboundRoute | null> {
  const rows = await sql<RouteRow>`/* incoming.find_sealed */
    select ${routeColumns} from inbound_routes r join inbound_domains d on d.id = r.domain_id where r.id = ${id}`.execute(
    tx,
  );
  const row = rows.rows[0];
  return row === undefined ? null : toRoute(row);
}

export type Tried = {
  readonly at: Date;
  readonly status: number | null;
  readonly error: string;
} & (
  | { readonly state: 'handed_over' | 'given_up' }
  | { readonly state: 'waiting'; readonly dueAt: Date; readonly refusedSince: Date | null }
);

/** Ends the lease; false when the mail is no longer this node's or was finished otherwise: nothing was written. */
export async function recordTry(tx: Tx, id: string, node: number, tried: Tried): Promise<boolean> {
  const isWaiting = tried.state === 'waiting';
  const result = await sql`/* incoming.record_try */
    update inbound_mails set state = ${tried.state}, finished_at = ${isWaiting ? null : tried.at}, last_tried_at = ${tried.at},
      last_status = ${tried.status}, last_error = ${tried.error}, leased_by = null, leased_until = null,
      due_at = coalesce(${isWaiting ? tried.dueAt : null}, due_at), refused_since = ${isWaiting ? tried.refusedSince : null}
    where id = ${id} and state = 'waiting' and leased_by = ${node}`.execute(tx);
  return (result.numAffectedRows ?? 0n) === 1n;
}

/** The failures in a row after this one; null when the route is gone. Several at once count once. */
export async function recordFailing(
  tx: Tx,
  routeId: string,
  failed: { readonly at: Date; readonly nextAt: Date; readonly error: string; readonly before: number },
): Promise<number | null> {
  const rows = await sql<{ failures: number }>`/* incoming.record_failing */
    update inbound_route_health set failures = greatest(failures, ${failed.before} + 1), failing_since = coalesce(failing_since, ${failed.at}),
      next_at = greatest(next_at, ${failed.nextAt}), last_failure = ${failed.error}, last_failure_at = ${failed.at}
    where route_id = ${routeId} returning failures`.execute(tx);
  return rows.rows[0]?.failures ?? null;
}

/** The endpoint took something; how many failures in a row that ends. */
export async function recordTaken(tx: Tx, routeId: string, at: Date): Promise<number> {
  const rows = await sql<{ before: number }>`/* incoming.record_taken */
    with old as (select failures from inbound_route_health where route_id = ${routeId} for update)
    update inbound_route_health set failures = 0, failing_since = null, next_at = '-infinity', last_taken_at = ${at}
    where route_id = ${routeId} returning (select failures from old) as before`.execute(tx);
  return rows.rows[0]?.before ?? 0;
}

/** It refused one mail and not mail: what it said is readable on the route, too. */
export async function recordRefused(tx: Tx, routeId: string, at: Date, error: string): Promise<void> {
  await sql`/* incoming.record_refused */
    update inbound_route_health set last_failure = ${error}, last_failure_at = ${at} where route_id = ${routeId}`.execute(
    tx,
  );
}

/** At a node's start: whatever an earlier life of it (its data folder is ours alone) held; or what it cannot go on with. */
export async function releaseOf(db: Db, node: number, id: string | null = null): Promise<void> {
  await sql`/* incoming.release_of */
    update inbound_mails set leased_by = null, leased_until = null
    where leased_by = ${node} and (${id}::bigint is null or id = ${id}::bigint)`.execute(db);
}

/** Mail of tenants that are no more: at most `limit`, with what is told of it. */
export async function giveUpDropped(tx: Tx, now: Date, limit: number): Promise<readonly IncomingMail[]> {
  const rows = await sql<MailRow>`/* incoming.give_up_dropped */
    update inbound_mails m set state = 'given_up', finished_at = ${now}, last_error = 'its subaccount is no more', leased_by = null,
      leased_until = null
    from (select w.id as dropped_id from subaccounts s join inbound_mails w on w.subaccount_id = s.id and w.state = 'waiting'
      where s.mail_dropped limit ${limit} for update of w skip locked) x
    where m.id = x.dropped_id returning ${mailColumns}`.execute(tx);
  return rows.rows.map(toMail);
}
