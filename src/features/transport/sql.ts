/** Engine: installation-wide, about recipient domains; no tenant's rows. */
import { sql } from 'kysely';
import type { Db } from '../../base/database/database.ts';
import type { PolicyFacts, SessionCount, StsPolicy, TlsResult } from '../../mail/transport/index.ts';
import type { StsInForce } from './model.ts';

type PolicyRow = {
  domain: string;
  policy_id: string;
  mode: StsPolicy['mode'];
  mx: string[];
  max_age_seconds: number;
  fetched_at: Date;
  expires_at: Date;
};

/** Fetched since then, by whatever node. */
export async function readPolicies(db: Db, since: Date): Promise<readonly StsInForce[]> {
  const rows = await sql<PolicyRow>`/* transport.policies */
    select domain, policy_id, mode, mx, max_age_seconds, fetched_at, expires_at from sts_policies
    where fetched_at > ${since} order by fetched_at`.execute(db);
  return rows.rows.map((row) => ({
    domain: row.domain,
    id: row.policy_id,
    policy: { mode: row.mode, mx: row.mx, maxAgeSeconds: row.max_age_seconds },
    fetchedAt: row.fetched_at.getTime(),
    expiresAt: row.expires_at.getTime(),
  }));
}

/** What another node fetched later stays. */
export async function putPolicy(
  db: Db,
  { domain, id, policy, fetchedAt, expiresAt }: StsInForce,
): Promise<void> {
  await sql`/* transport.put_policy */
    insert into sts_policies as p (domain, policy_id, mode, mx, max_age_seconds, fetched_at, expires_at)
    values (${domain}, ${id}, ${policy.mode}, ${[...policy.mx]}::text[], ${policy.maxAgeSeconds}, ${new Date(fetchedAt)}, ${new Date(expiresAt)})
    on conflict (domain) do update set policy_id = excluded.policy_id, mode = excluded.mode, mx = excluded.mx,
      max_age_seconds = excluded.max_age_seconds, fetched_at = excluded.fetched_at, expires_at = excluded.expires_at
    where p.fetched_at < excluded.fetched_at`.execute(db);
}

export async function deleteEndedPolicies(db: Db, now: Date): Promise<void> {
  await sql`/* transport.end_policies */ delete from sts_policies where expires_at <= ${now}`.execute(db);
}

export type StoredCount = SessionCount & {
  readonly day: string;
  readonly domain: string;
  readonly policyKey: string;
};

export async function addSessions(db: Db, counts: readonly StoredCount[]): Promise<void> {
  if (counts.length === 0) return;
  const column = (name: keyof StoredCount): unknown[] => counts.map((count) => count[name]);
  await sql`/* transport.add_sessions */
    insert into tls_sessions as t (day, domain, policy_key, result, mx, address, policy, detail, sessions)
    select * from unnest(${column('day')}::date[], ${column('domain')}::text[], ${column('policyKey')}::text[],
      ${column('result')}::text[], ${column('mx')}::text[], ${column('address')}::text[],
      ${counts.map(({ policy }) => JSON.stringify(policy))}::jsonb[], ${column('detail')}::text[], ${column('sessions')}::bigint[])
      as i (day, domain, policy_key, result, mx, address, policy, detail, sessions)
    order by day, domain, policy_key, result, mx, address
    on conflict (day, domain, policy_key, result, mx, address) do update set sessions = t.sessions + excluded.sessions,
      detail = excluded.detail`.execute(db);
}

export type DueReport = { readonly day: string; readonly domain: string; readonly sentTo: readonly string[] };

/** Days that are over get their reports, once every node has stored its last counts, each at a time of its own within the spread. */
export async function scheduleReports(db: Db, now: Date, spreadSeconds: number): Promise<void> {
  await sql`/* transport.schedule */
    insert into tls_reports (day, domain, state, due_at)
    select distinct day, domain, 'due', (day + 1)::timestamptz + interval '15 minutes' + abs(hashtext(domain) % ${spreadSeconds}::int) * interval '1 s'
    from tls_sessions where day < ${now}::timestamptz::date
    on conflict do nothing`.execute(db);
}

/** Takes what is due for as long as the lease; other nodes take others. */
export async function claimReports(
  db: Db,
  { now, leaseMs, limit }: { readonly now: Date; readonly leaseMs: number; readonly limit: number },
): Promise<readonly DueReport[]> {
  const rows = await sql<{ day: string; domain: string; sent_to: string[] }>`/* transport.claim_reports */
    update tls_reports r set due_at = ${new Date(now.getTime() + leaseMs)}
    from (select day, domain from tls_reports where state = 'due' and due_at <= ${now}
      order by due_at limit ${limit} for update skip locked) d
    where r.day = d.day and r.domain = d.domain
    returning r.day::text as day, r.domain, r.sent_to`.execute(db);
  return rows.rows.map(({ day, domain, sent_to: sentTo }) => ({ day, domain, sentTo }));
}

type CountRow = {
  policy: PolicyFacts;
  result: TlsResult;
  mx: string;
  address: string;
  detail: string;
  sessions: string;
};

export async function countsOf(db: Db, { day, domain }: DueReport): Promise<readonly SessionCount[]> {
  const rows = await sql<CountRow>`/* transport.counts */
    select policy, result, mx, address, detail, sessions from tls_sessions
    where day = ${day}::date and domain = ${domain} order by policy_key, result, mx, address limit 1000`.execute(
    db,
  );
  return rows.rows.map((row) => ({ ...row, sessions: Number(row.sessions) }));
}

export async function noteSent(db: Db, { day, domain }: DueReport, target: string): Promise<void> {
  await sql`/* transport.note_sent */
    update tls_reports set sent_to = array_append(sent_to, ${target}) where day = ${day}::date and domain = ${domain}`.execute(
    db,
  );
}

/** What was counted for it goes with it. */
export async function endReport(
  db: Db,
  { day, domain }: DueReport,
  state: 'sent' | 'given_up',
): Promise<void> {
  await sql`/* transport.end_report */
    with gone as (delete from tls_sessions where day = ${day}::date and domain = ${domain})
    update tls_reports set state = ${state} where day = ${day}::date and domain = ${domain}`.execute(db);
}

export async function putOffReport(db: Db, { day, domain }: DueReport, dueAt: Date): Promise<void> {
  await sql`/* transport.put_off */
    update tls_reports set due_at = ${dueAt} where day = ${day}::date and domain = ${domain}`.execute(db);
}

/** Counts and reports of days before. */
export async function dropOldDays(db: Db, before: string): Promise<void> {
  await sql`/* transport.drop_sessions */ delete from tls_sessions where day < ${before}::date`.execute(db);
  await sql`/* transport.drop_reports */ delete from tls_reports where day < ${before}::date`.execute(db);
}
