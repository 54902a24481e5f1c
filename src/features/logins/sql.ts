/** Engine, all of it: logins belong to no account. */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';

export type Login = {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly hasSecondFactor: boolean;
};

type LoginRow = { id: string; email: string; name: string; has_second_factor: boolean };

const loginColumns = sql`u.id, u.email, u.name, u.has_second_factor`;

function toLogin(row: LoginRow): Login {
  return { id: row.id, email: row.email, name: row.name, hasSecondFactor: row.has_second_factor };
}

/** The login with this address, made when missing; its address counts as proven. Its id. */
export async function upsertLogin(tx: Tx, email: string, name: string): Promise<string> {
  const rows = await sql<{ id: string }>`/* logins.upsert */
    insert into users (email, name, is_email_verified) values (${email}, ${name}, true)
    on conflict (email) do update set is_email_verified = true returning id`.execute(tx);
  return rows.rows[0]?.id ?? '';
}

export async function findLoginByEmail(db: Db | Tx, email: string): Promise<Login | null> {
  const rows = await sql<LoginRow>`/* logins.find_by_email */
    select ${loginColumns} from users u where u.email = ${email}`.execute(db);
  const row = rows.rows[0];
  return row === undefined ? null : toLogin(row);
}

export async function findLogins(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, Login>> {
  const rows = await sql<LoginRow>`/* logins.find */
    select ${loginColumns} from users u where u.id = any(${ids}::bigint[])`.execute(db);
  return new Map(rows.rows.map((row) => [row.id, toLogin(row)]));
}

export async function deleteLogin(db: Db, id: string): Promise<void> {
  await sql`/* logins.delete */ delete from users where id = ${id}`.execute(db);
}

/** False when there is one already. */
export async function insertPassword(tx: Tx, userId: string, hash: string): Promise<boolean> {
  const result = await sql`/* logins.insert_password */
    insert into login_methods (user_id, provider, subject, password_hash) values (${userId}, 'credential', ${userId}, ${hash})
    on conflict do nothing`.execute(tx);
  return (result.numAffectedRows ?? 0n) === 1n;
}

export async function upsertPassword(tx: Tx, userId: string, hash: string): Promise<void> {
  await sql`/* logins.upsert_password */
    insert into login_methods (user_id, provider, subject, password_hash) values (${userId}, 'credential', ${userId}, ${hash})
    on conflict (provider, subject) do update set password_hash = excluded.password_hash, updated_at = now()`.execute(
    tx,
  );
}

export async function insertLink(db: Db, userId: string, hash: Buffer, expiresAt: Date): Promise<void> {
  await sql`/* logins.insert_link */
    insert into login_links (token_hash, user_id, expires_at) values (${hash}, ${userId}, ${expiresAt})`.execute(
    db,
  );
}

/** Uses a link up; the user it was for, null when it is unknown, used or too old. */
export async function takeLink(db: Db, hash: Buffer, now: Date): Promise<string | null> {
  const rows = await sql<{ user_id: string; is_fresh: boolean }>`/* logins.take_link */
    delete from login_links where token_hash = ${hash} returning user_id, expires_at > ${now} as is_fresh`.execute(
    db,
  );
  const row = rows.rows[0];
  return row?.is_fresh === true ? row.user_id : null;
}

export async function insertSession(
  db: Db,
  session: { readonly userId: string; readonly tokenHash: string; readonly expiresAt: Date },
): Promise<string> {
  const rows = await sql<{ id: string }>`/* logins.insert_session */
    insert into sessions (user_id, token_hash, expires_at)
    values (${session.userId}, ${session.tokenHash}, ${session.expiresAt}) returning id`.execute(db);
  return rows.rows[0]?.id ?? '';
}

export type Session = {
  readonly id: string;
  readonly userId: string;
  readonly currentAccount: number | null;
  readonly currentSubaccount: number | null;
};

type SessionRow = {
  id: string;
  user_id: string;
  current_account: number | null;
  current_subaccount: number | null;
};

/** `host`: of a brand, where the session must have been opened; null: it must be of the installation's own. */
export async function findSession(
  db: Db,
  tokenHash: string,
  host: string | null,
  now: Date,
): Promise<Session | null> {
  const rows = await sql<SessionRow>`/* logins.find_session */
    select id, user_id, current_account, current_subaccount from sessions
    where token_hash = ${tokenHash} and host is not distinct from ${host} and expires_at > ${now}`.execute(
    db,
  );
  const row = rows.rows[0];
  if (row === undefined) return null;
  return {
    id: row.id,
    userId: row.user_id,
    currentAccount: row.current_account,
    currentSubaccount: row.current_subaccount,
  };
}

export type ListedSession = {
  readonly id: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly remoteAddress: string;
  readonly userAgent: string;
};

type ListedRow = {
  id: string;
  created_at: Date;
  expires_at: Date;
  remote_address: string | null;
  user_agent: string | null;
};

/** The sessions of its person that a session may know: at a brand's host those of that host, else all. */
const within = (own: string): ReturnType<typeof sql> =>
  sql`own.id = ${own} and s.user_id = own.user_id and (own.host is null or s.host = own.host)`;

export async function listSessions(db: Db, own: string, now: Date): Promise<readonly ListedSession[]> {
  const rows = await sql<ListedRow>`/* logins.list_sessions */
    select s.id, s.created_at, s.expires_at, s.remote_address, s.user_agent from sessions own, sessions s
    where ${within(own)} and s.expires_at > ${now} order by s.id limit 500`.execute(db);
  return rows.rows.map((row) => ({
    id: row.id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    remoteAddress: row.remote_address ?? '',
    userAgent: row.user_agent ?? '',
  }));
}

export async function deleteSession(db: Db, own: string, id: string): Promise<boolean> {
  const result = await sql`/* logins.delete_session */
    delete from sessions s using sessions own where s.id = ${id} and ${within(own)}`.execute(db);
  return (result.numAffectedRows ?? 0n) === 1n;
}

export async function deleteOtherSessions(db: Db, userId: string, but: string): Promise<void> {
  await sql`/* logins.delete_other_sessions */
    delete from sessions where user_id = ${userId} and id <> ${but}`.execute(db);
}

export async function updateCurrent(
  db: Db,
  sessionId: string,
  current: { readonly accountId: number; readonly subaccountId: number | null },
): Promise<void> {
  await sql`/* logins.update_current */
    update sessions set current_account = ${current.accountId}, current_subaccount = ${current.subaccountId}
    where id = ${sessionId}`.execute(db);
}

export type ListedPasskey = {
  readonly id: string;
  readonly name: string | null;
  /** Its relying party. */
  readonly host: string | null;
  readonly createdAt: Date | null;
};

/** A person's own; `host`: only those of it. */
export async function listPasskeys(
  db: Db,
  userId: string,
  host: string | null,
): Promise<readonly ListedPasskey[]> {
  const rows = await sql<{
    id: string;
    name: string | null;
    rp_id: string | null;
    created_at: Date | null;
  }>`/* logins.list_passkeys */
    select id, name, rp_id, created_at from passkeys
    where user_id = ${userId} and (${host}::text is null or rp_id = ${host}) order by id limit 500`.execute(
    db,
  );
  return rows.rows.map(({ id, name, rp_id: at, created_at: createdAt }) => ({
    id,
    name,
    host: at,
    createdAt,
  }));
}

export async function findPasskeyOwner(db: Db, credentialId: string): Promise<string | null> {
  const rows = await sql<{ user_id: string }>`/* logins.passkey_owner */
    select user_id from passkeys where credential_id = ${credentialId}`.execute(db);
  return rows.rows[0]?.user_id ?? null;
}

/** Those that were registered before hosts were told apart are of the installation's own. */
export async function nameOldPasskeys(db: Db, host: string): Promise<void> {
  await sql`/* logins.name_old_passkeys */ update passkeys set rp_id = ${host} where rp_id is null`.execute(
    db,
  );
}

/** How often something was tried in the running window, this time included. */
export async function countTry(db: Db, key: string, now: number, windowMs: number): Promise<number> {
  const from = now - windowMs;
  const rows = await sql<{ count: number }>`/* logins.count_try */
    insert into login_rates as r (key, count, last_request) values (${key}, 1, ${now})
    on conflict (key) do update set count = case when r.last_request < ${from} then 1 else r.count + 1 end,
      last_request = case when r.last_request < ${from} then ${now} else r.last_request end
    returning count`.execute(db);
  return rows.rows[0]?.count ?? 0;
}

export async function forgetTries(db: Db, key: string): Promise<void> {
  await sql`/* logins.forget_tries */ delete from login_rates where key = ${key}`.execute(db);
}

/** Background: what is over; a day later, so that nothing of ours depends on it. */
export async function deleteOver(db: Db, now: Date): Promise<void> {
  const before = new Date(now.getTime() - 86_400_000);
  await sql`/* logins.delete_sessions_over */ delete from sessions where expires_at < ${before}`.execute(db);
  await sql`/* logins.delete_links_over */ delete from login_links where expires_at < ${before}`.execute(db);
  await sql`/* logins.delete_proofs_over */ delete from login_proofs where expires_at < ${before}`.execute(
    db,
  );
  await sql`/* logins.delete_rates_over */ delete from login_rates where last_request < ${before.getTime()}`.execute(
    db,
  );
}
