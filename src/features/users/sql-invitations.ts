import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Part, Reached } from './model.ts';
import { partColumns, toPart } from './sql.ts';
import type { PartRow } from './sql.ts';

export type Invitation = {
  readonly id: string;
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly email: string;
  readonly note: string;
  readonly invitedBy: string;
  readonly sentAt: Date;
  readonly sentCount: number;
  readonly expiresAt: Date;
  readonly createdAt: Date;
  /** What will be theirs; as far as the caller reaches. */
  readonly parts: readonly (Part & Reached)[];
};

type Row = {
  id: string;
  account_id: number;
  subaccount_id: number;
  email: string;
  note: string;
  invited_by: string;
  sent_at: Date;
  sent_count: number;
  expires_at: Date;
  created_at: Date;
};

const columns = sql`i.id, i.account_id, i.subaccount_id, i.email, i.note, i.invited_by, i.sent_at, i.sent_count, i.expires_at, i.created_at`;

function toInvitation(row: Row, parts: Invitation['parts']): Invitation {
  return {
    id: row.id,
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    email: row.email,
    note: row.note,
    invitedBy: row.invited_by,
    sentAt: row.sent_at,
    sentCount: row.sent_count,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    parts,
  };
}

async function withParts(tx: Tx, rows: readonly Row[]): Promise<readonly Invitation[]> {
  const ids = rows.map(({ id }) => id);
  const found = await sql<PartRow & { invitation_id: string }>`/* invitations.parts */
    select m.invitation_id, ${partColumns} from invitation_memberships m
    where m.invitation_id = any(${ids}::bigint[]) order by m.subaccount_id`.execute(tx);
  const byInvitation = Map.groupBy(found.rows, (row) => row.invitation_id);
  return rows.map((row) => toInvitation(row, (byInvitation.get(row.id) ?? []).map(toPart)));
}

export type NewInvitation = Pick<
  Invitation,
  'accountId' | 'subaccountId' | 'email' | 'note' | 'invitedBy' | 'expiresAt'
> & { readonly tokenHash: Buffer; readonly at: Date };

/** Its id; null when the same caller's place has invited this address already. */
export async function insertInvitation(tx: Tx, given: NewInvitation): Promise<string | null> {
  const rows = await sql<{ id: string }>`/* invitations.insert */
    insert into invitations (account_id, subaccount_id, email, token_hash, note, invited_by, sent_at, expires_at, created_at)
    values (${given.accountId}, ${given.subaccountId}, ${given.email}, ${given.tokenHash}, ${given.note}, ${given.invitedBy},
      ${given.at}, ${given.expiresAt}, ${given.at})
    on conflict (subaccount_id, email) do nothing returning id`.execute(tx);
  return rows.rows[0]?.id ?? null;
}

/** What an invitation gives, instead of what it gave so far. */
export async function replaceParts(
  tx: Tx,
  { id, accountId }: Pick<Invitation, 'id' | 'accountId'>,
  parts: Invitation['parts'],
): Promise<void> {
  await sql`/* invitations.delete_parts */ delete from invitation_memberships where invitation_id = ${id}`.execute(
    tx,
  );
  for (const { subaccountId, reach, role, grants, templates, hiddenPages } of parts) {
    await sql`/* invitations.insert_part */
      insert into invitation_memberships (account_id, subaccount_id, invitation_id, reach, role, grants, templates, hidden_pages)
      values (${accountId}, ${subaccountId}, ${id}, ${reach}, ${role}, ${grants}::text[], ${templates}::bigint[], ${hiddenPages}::text[])`.execute(
      tx,
    );
  }
}

/** Below the account nobody sees what was promised in all of it. */
function seen(ofAccount: boolean): RawBuilder<unknown> {
  return ofAccount
    ? sql`true`
    : sql`not exists (select from invitation_memberships m where m.invitation_id = i.id and m.reach = 'account')`;
}

export async function listInvitations(
  tx: Tx,
  page: { readonly after: string; readonly limit: number; readonly ofAccount: boolean },
): Promise<readonly Invitation[]> {
  const rows = await sql<Row>`/* invitations.list */
    select ${columns} from invitations i where i.id > ${page.after}::bigint and ${seen(page.ofAccount)}
    order by i.id limit ${page.limit}`.execute(tx);
  return withParts(tx, rows.rows);
}

export async function findInvitation(
  tx: Tx,
  id: string,
  { ofAccount, lock }: { readonly ofAccount: boolean; readonly lock: boolean },
): Promise<Invitation | null> {
  const rows = await sql<Row>`/* invitations.find */
    select ${columns} from invitations i where i.id = ${id} and ${seen(ofAccount)} ${lock ? sql`for update` : sql``}`.execute(
    tx,
  );
  const [found] = await withParts(tx, rows.rows);
  return found ?? null;
}

export async function updateInvitation(tx: Tx, id: string, note: string): Promise<void> {
  await sql`/* invitations.update */ update invitations set note = ${note} where id = ${id}`.execute(tx);
}

export async function updateSent(
  tx: Tx,
  id: string,
  sent: { readonly tokenHash: Buffer; readonly at: Date; readonly expiresAt: Date },
): Promise<void> {
  await sql`/* invitations.update_sent */
    update invitations set token_hash = ${sent.tokenHash}, sent_at = ${sent.at}, sent_count = sent_count + 1,
      expires_at = ${sent.expiresAt} where id = ${id}`.execute(tx);
}

export async function deleteInvitation(tx: Tx, id: string): Promise<void> {
  await sql`/* invitations.delete */ delete from invitations where id = ${id}`.execute(tx);
}

export type Offer = Invitation & { readonly accountName: string };

/** Engine: the invitation that a link opens, locked when it is to be accepted; null when it is over. */
export async function findOffer(tx: Tx, tokenHash: Buffer, now: Date, lock: boolean): Promise<Offer | null> {
  const rows = await sql<Row & { account_name: string }>`/* invitations.offer */
    select ${columns}, a.name as account_name from invitations i join accounts a on a.id = i.account_id
    where i.token_hash = ${tokenHash} and i.expires_at > ${now} and a.can_read ${lock ? sql`for update of i` : sql``}`.execute(
    tx,
  );
  const row = rows.rows[0];
  const [found] = await withParts(tx, rows.rows);
  return found === undefined || row === undefined ? null : { ...found, accountName: row.account_name };
}

/** Engine: from here on the transaction is the person's, for the audit. */
export async function actAsUser(tx: Tx, userId: string, subaccountId: SubaccountId): Promise<void> {
  await sql`/* invitations.act */
    select set_config('app.actor', ${`user:${userId}`}, true), set_config('app.subaccount', ${String(subaccountId)}, true)`.execute(
    tx,
  );
}

/** Engine: what was promised becomes theirs; what they have already stays as it is. */
export async function insertPromised(tx: Tx, invitationId: string, userId: string): Promise<void> {
  await sql`/* invitations.join_whole */
    delete from memberships m using invitation_memberships i
    where i.invitation_id = ${invitationId} and i.reach = 'account' and m.user_id = ${userId}
      and m.account_id = i.account_id and m.reach = 'subaccount'`.execute(tx);
  await sql`/* invitations.join */
    insert into memberships (account_id, subaccount_id, user_id, reach, role, grants, templates, hidden_pages)
    select i.account_id, i.subaccount_id, ${userId}, i.reach, i.role, i.grants, i.templates, i.hidden_pages
    from invitation_memberships i
    where i.invitation_id = ${invitationId} and not exists (
      select from memberships m where m.user_id = ${userId} and m.account_id = i.account_id and m.reach = 'account')
    on conflict do nothing`.execute(tx);
}

/** Background: invitations whose time was over before then. */
export async function deleteOldInvitations(db: Db, before: Date): Promise<void> {
  await sql`/* invitations.delete_old */ delete from invitations where expires_at < ${before}`.execute(db);
}
