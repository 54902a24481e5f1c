import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';

/** Engine: the user with this address, made when missing, as owner of the account. */
export async function upsertOwner(
  tx: Tx,
  owner: { email: string; accountId: AccountId; subaccountId: SubaccountId },
): Promise<string> {
  const rows = await sql<{ id: string }>`/* users.upsert_owner */
    with u as (
      insert into users (email) values (${owner.email}) on conflict (email) do update set email = excluded.email returning id
    ),
    m as (
      insert into memberships (account_id, subaccount_id, user_id, reach, role)
      select ${owner.accountId}, ${owner.subaccountId}, id, 'account', 'owner' from u on conflict do nothing
    )
    select id from u`.execute(tx);
  return rows.rows[0]?.id ?? '';
}

/** Engine: the owner of an account, for the operator's login link. */
export async function findOwnerOf(
  db: Db,
  accountId: AccountId,
): Promise<{ id: string; email: string } | null> {
  const rows = await sql<{ id: string; email: string }>`/* users.find_owner */
    select u.id, u.email from memberships m join users u on u.id = m.user_id
    where m.account_id = ${accountId} and m.role = 'owner' order by u.id limit 1`.execute(db);
  return rows.rows[0] ?? null;
}

export async function insertLink(db: Db, userId: string, hash: Buffer, expiresAt: Date): Promise<void> {
  await sql`/* users.insert_link */
    insert into login_links (token_hash, user_id, expires_at) values (${hash}, ${userId}, ${expiresAt})`.execute(
    db,
  );
}

/** Uses a link up; the user it was for, null when it is unknown, used or too old. */
export async function takeLink(tx: Tx, hash: Buffer, now: Date): Promise<string | null> {
  const rows = await sql<{ user_id: string; is_fresh: boolean }>`/* users.take_link */
    delete from login_links where token_hash = ${hash} returning user_id, expires_at > ${now} as is_fresh`.execute(
    tx,
  );
  const row = rows.rows[0];
  return row?.is_fresh === true ? row.user_id : null;
}

export async function insertSession(tx: Tx, userId: string, hash: Buffer, expiresAt: Date): Promise<void> {
  await sql`/* users.insert_session */
    insert into sessions (token_hash, user_id, expires_at) values (${hash}, ${userId}, ${expiresAt})`.execute(
    tx,
  );
}

export async function deleteSession(db: Db, hash: Buffer): Promise<void> {
  await sql`/* users.delete_session */ delete from sessions where token_hash = ${hash}`.execute(db);
}

export type SessionUser = {
  readonly userId: string;
  readonly email: string;
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly canRead: boolean;
  readonly canChange: boolean;
};

export async function findSession(db: Db, hash: Buffer, now: Date): Promise<SessionUser | null> {
  const rows = await sql<{
    user_id: string;
    email: string;
    account_id: number;
    subaccount_id: number;
    can_read: boolean;
    can_change: boolean;
  }>`/* users.find_session */
    select s.user_id, u.email, m.account_id, m.subaccount_id, a.can_read, a.can_change from sessions s
    join users u on u.id = s.user_id join memberships m on m.user_id = u.id and m.role = 'owner'
    join accounts a on a.id = m.account_id
    where s.token_hash = ${hash} and s.expires_at > ${now} order by m.account_id limit 1`.execute(db);
  const row = rows.rows[0];
  if (row === undefined) return null;
  return {
    userId: row.user_id,
    email: row.email,
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    canRead: row.can_read,
    canChange: row.can_change,
  };
}
