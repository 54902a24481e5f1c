import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, Grant, SubaccountId } from '../../base/scope.ts';
import type { Usable } from './acting.ts';
import type { Membership, Page, Part, Reached, Role } from './model.ts';

export type PartRow = {
  account_id: number;
  subaccount_id: number;
  reach: string;
  role: string;
  grants: string[] | null;
  templates: string[] | null;
  hidden_pages: string[];
};
type Row = PartRow & { user_id: string };

export const partColumns = sql`m.account_id, m.subaccount_id, m.reach, m.role, m.grants, m.templates::text[] as templates, m.hidden_pages`;

export function toPart(row: PartRow): Part & Reached & { readonly accountId: AccountId } {
  return {
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    reach: row.reach as Reached['reach'],
    role: row.role as Role,
    grants: row.grants as Grant[] | null,
    templates: row.templates,
    hiddenPages: row.hidden_pages as Page[],
  };
}

function toMembership(row: Row): Membership {
  return { ...toPart(row), userId: row.user_id };
}

/** Engine, before a Scope exists: where a person may read at all. */
export async function usableMemberships(db: Db, userId: string): Promise<readonly Usable[]> {
  const rows = await sql<
    Row & {
      account_name: string;
      subaccount_name: string;
      external_id: string | null;
      can_change: boolean;
      is_told: boolean;
    }
  >`/* users.usable */
    select ${partColumns}, m.user_id, a.name as account_name, s.name as subaccount_name, s.external_id,
      a.can_change and s.can_change as can_change, m.is_told
    from memberships m join accounts a on a.id = m.account_id join subaccounts s on s.id = m.subaccount_id
    where m.user_id = ${userId} and a.can_read and s.can_read order by m.account_id, m.subaccount_id`.execute(
    db,
  );
  return rows.rows.map((row) => ({
    ...toMembership(row),
    accountName: row.account_name,
    subaccountName: row.subaccount_name,
    externalId: row.external_id,
    canChange: row.can_change,
    isTold: row.is_told,
  }));
}

/** Below the account nobody sees who reaches all of it. */
function seen(ofAccount: boolean): RawBuilder<unknown> {
  return ofAccount ? sql`true` : sql`m.reach = 'subaccount'`;
}

/** By user, under the transaction's scope: the memberships of one page of people. */
export async function listMemberships(
  tx: Tx,
  page: { readonly after: string; readonly limit: number; readonly ofAccount: boolean },
): Promise<readonly Membership[]> {
  const rows = await sql<Row>`/* users.list */
    select ${partColumns}, m.user_id from memberships m where ${seen(page.ofAccount)} and m.user_id in (
      select distinct m.user_id from memberships m where m.user_id > ${page.after}::bigint and ${seen(page.ofAccount)}
      order by m.user_id limit ${page.limit})
    order by m.user_id, m.subaccount_id`.execute(tx);
  return rows.rows.map(toMembership);
}

/** Under the transaction's scope, locked until its end when it is to be changed. */
export async function findMemberships(
  tx: Tx,
  userId: string,
  { ofAccount, lock }: { readonly ofAccount: boolean; readonly lock: boolean },
): Promise<readonly Membership[]> {
  const rows = await sql<Row>`/* users.find */
    select ${partColumns}, m.user_id from memberships m where m.user_id = ${userId} and ${seen(ofAccount)}
    order by m.subaccount_id ${lock ? sql`for update` : sql``}`.execute(tx);
  return rows.rows.map(toMembership);
}

export async function upsertMembership(tx: Tx, membership: Membership): Promise<void> {
  const { accountId, subaccountId, userId, reach, role, grants, templates, hiddenPages } = membership;
  await sql`/* users.upsert */
    insert into memberships as m (account_id, subaccount_id, user_id, reach, role, grants, templates, hidden_pages)
    values (${accountId}, ${subaccountId}, ${userId}, ${reach}, ${role}, ${grants}::text[], ${templates}::bigint[], ${hiddenPages}::text[])
    on conflict (user_id, account_id, subaccount_id) do update set reach = excluded.reach, role = excluded.role,
      grants = excluded.grants, templates = excluded.templates, hidden_pages = excluded.hidden_pages`.execute(
    tx,
  );
}

export async function deleteMembership(tx: Tx, { userId, subaccountId }: Membership): Promise<void> {
  await sql`/* users.delete */
    delete from memberships where user_id = ${userId} and subaccount_id = ${subaccountId}`.execute(tx);
}

/** Engine: whether notices go to this person there. */
export async function updateTold(
  tx: Tx,
  { userId, accountId, subaccountId }: Pick<Membership, 'userId' | 'accountId' | 'subaccountId'>,
  isTold: boolean,
): Promise<void> {
  await sql`/* users.update_told */
    update memberships set is_told = ${isTold}
    where user_id = ${userId} and account_id = ${accountId} and subaccount_id = ${subaccountId} and is_told <> ${isTold}`.execute(
    tx,
  );
}

/** Of the scope's account, locked: who leaves last is seen by whoever comes second. */
export async function lockOwners(tx: Tx): Promise<readonly string[]> {
  const rows = await sql<{ user_id: string }>`/* users.lock_owners */
    select user_id from memberships where role = 'owner' order by user_id for update`.execute(tx);
  return rows.rows.map(({ user_id }) => user_id);
}

/** Everything of a subaccount that is no more: who reached it, and who was to. */
export async function deletePeopleOf(tx: Tx, subaccountId: SubaccountId): Promise<void> {
  await sql`/* users.delete_of */ delete from memberships where subaccount_id = ${subaccountId}`.execute(tx);
  await sql`/* users.delete_invitations_of */ delete from invitations where subaccount_id = ${subaccountId}`.execute(
    tx,
  );
  await sql`/* users.delete_invited_of */
    delete from invitation_memberships where subaccount_id = ${subaccountId}`.execute(tx);
}

/** Which of the ids are subaccounts that the scope sees, the account's own one left out. */
export async function seenSubaccounts(tx: Tx, ids: readonly number[]): Promise<ReadonlySet<number>> {
  const rows = await sql<{ id: number }>`/* users.seen_subaccounts */
    select id from subaccounts where id = any(${ids}::int[]) and not is_own and stage <> 'deleted'`.execute(
    tx,
  );
  return new Set(rows.rows.map(({ id }) => id));
}

/** Engine: a person in the whole account, or in one of its subaccounts; who is there already stays as they are. */
export async function insertMember(
  tx: Tx,
  member: {
    readonly userId: string;
    readonly accountId: AccountId;
    readonly subaccountId: string | null;
    readonly role: Role;
  },
): Promise<void> {
  const { userId, accountId, subaccountId, role } = member;
  await sql`/* users.insert_member */
    insert into memberships (account_id, subaccount_id, user_id, reach, role)
    select s.account_id, s.id, ${userId}, case when s.is_own then 'account' else 'subaccount' end, ${role}
    from subaccounts s where s.account_id = ${accountId}
      and ${subaccountId === null ? sql`s.is_own` : sql`s.id = ${subaccountId} and not s.is_own`} on conflict do nothing`.execute(
    tx,
  );
}

/** Engine: the owner of an account, for the operator's login link. */
export async function findOwnerOf(
  db: Db,
  accountId: AccountId,
): Promise<{ readonly id: string; readonly email: string } | null> {
  const rows = await sql<{ id: string; email: string }>`/* users.find_owner */
    select u.id, u.email from memberships m join users u on u.id = m.user_id
    where m.account_id = ${accountId} and m.role = 'owner' order by u.id limit 1`.execute(db);
  return rows.rows[0] ?? null;
}

/** Engine: the named people with a membership in this very subaccount (the own one: in the whole account). */
export async function membersOf(
  db: Db,
  accountId: AccountId,
  subaccountId: SubaccountId,
  userIds: readonly string[],
): Promise<readonly { readonly membership: Membership; readonly email: string }[]> {
  const rows = await sql<Row & { email: string }>`/* users.members_of */
    select ${partColumns}, m.user_id, u.email from memberships m join users u on u.id = m.user_id
    where m.account_id = ${accountId} and m.subaccount_id = ${subaccountId} and m.user_id = any(${userIds}::bigint[])
    order by m.user_id`.execute(db);
  return rows.rows.map((row) => ({ membership: toMembership(row), email: row.email }));
}

/** Engine: who reaches all of these accounts as an owner, or just these subaccounts, may read there, and wants to be told. */
export async function hearingMembers(
  db: Db,
  accountIds: readonly AccountId[],
  subaccountIds: readonly SubaccountId[],
): Promise<readonly { readonly membership: Membership; readonly email: string }[]> {
  const rows = await sql<Row & { email: string }>`/* users.hearing */
    select ${partColumns}, m.user_id, u.email from memberships m
    join users u on u.id = m.user_id join accounts a on a.id = m.account_id join subaccounts s on s.id = m.subaccount_id
    where a.can_read and s.can_read and m.is_told and ((m.account_id = any(${accountIds}::int[]) and m.role = 'owner')
      or (m.subaccount_id = any(${subaccountIds}::int[]) and m.reach = 'subaccount'))
    order by m.user_id, m.subaccount_id`.execute(db);
  return rows.rows.map((row) => ({ membership: toMembership(row), email: row.email }));
}

type Place = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  /** All of the account, and not only one of its subaccounts. */
  readonly isWholeAccount: boolean;
};

type PlaceRow = { account_id: number; subaccount_id: number; is_whole: boolean };

function toPlaces(rows: readonly PlaceRow[]): readonly Place[] {
  return rows.map((row) => ({
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    isWholeAccount: row.is_whole,
  }));
}

/** Engine: everywhere that a person belongs, suspended or not. */
export async function placesOf(db: Db, userId: string): Promise<readonly Place[]> {
  const rows = await sql<PlaceRow>`/* users.places */
    select account_id, subaccount_id, reach = 'account' as is_whole from memberships where user_id = ${userId}`.execute(
    db,
  );
  return toPlaces(rows.rows);
}

/** Engine: the same by an address, in lower case; none for one without a login. */
export async function placesOfEmail(db: Db, email: string): Promise<readonly Place[]> {
  const rows = await sql<PlaceRow>`/* users.places_of_email */
    select m.account_id, m.subaccount_id, m.reach = 'account' as is_whole from memberships m join users u on u.id = m.user_id
    where u.email = ${email}`.execute(db);
  return toPlaces(rows.rows);
}
