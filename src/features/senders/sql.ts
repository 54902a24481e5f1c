import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import type { Letter, Policy, Sender } from './model.ts';

type Row = {
  account_id: number;
  subaccount_id: number;
  id: string;
  email: string;
  name: string;
  reply_to_email: string | null;
  reply_to_name: string | null;
  note: string;
  domain_id: string | null;
  domain_name: string | null;
  state: string;
  resends: number;
  sent_at: Date;
  expires_at: Date;
  proven_at: Date | null;
  policy: string;
  policy_checked_at: Date | null;
  created_at: Date;
};

const columns = sql`s.account_id, s.subaccount_id, s.id, s.email, s.name, s.reply_to_email, s.reply_to_name, s.note, s.domain_id,
  (select d.name from domains d where d.id = s.domain_id) as domain_name, s.state, s.resends, s.sent_at, s.expires_at,
  s.proven_at, s.policy, s.policy_checked_at, s.created_at`;

function toSender(row: Row): Sender {
  return {
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    id: row.id,
    email: row.email,
    name: row.name,
    replyTo: row.reply_to_email === null ? null : { email: row.reply_to_email, name: row.reply_to_name },
    note: row.note,
    domainId: row.domain_id,
    domainName: row.domain_name,
    state: row.state as Sender['state'],
    resends: row.resends,
    sentAt: row.sent_at,
    expiresAt: row.expires_at,
    provenAt: row.proven_at,
    policy: row.policy as Policy,
    policyCheckedAt: row.policy_checked_at,
    createdAt: row.created_at,
  };
}

function only(rows: readonly Row[]): Sender | null {
  const [row] = rows;
  return row === undefined ? null : toSender(row);
}

export type NewSender = {
  readonly email: string;
  readonly address: string;
  readonly name: string;
  readonly replyTo: Sender['replyTo'];
  readonly note: string;
  readonly domainId: string | null;
  readonly policy: Policy;
};

export type NewLink = { readonly tokenHash: Buffer; readonly at: Date; readonly expiresAt: Date };

/** Null when the subaccount has a sender with that address. */
export async function insertSender(
  tx: Tx,
  scope: Scope,
  sender: NewSender,
  link: NewLink,
  nextCheckAt: Date,
): Promise<Sender | null> {
  const checkedAt = sender.policy === 'unknown' ? null : link.at;
  const rows = await sql<Row>`/* senders.insert */
    insert into senders as s (account_id, subaccount_id, email, address, name, reply_to_email, reply_to_name, note, domain_id,
      token_hash, expires_at, sent_at, policy, policy_checked_at, next_check_at, created_at)
    values (${scope.accountId}, ${scope.subaccountId}, ${sender.email}, ${sender.address}, ${sender.name},
      ${sender.replyTo?.email ?? null}, ${sender.replyTo?.name ?? null}, ${sender.note}, ${sender.domainId},
      ${link.tokenHash}, ${link.expiresAt}, ${link.at}, ${sender.policy}, ${checkedAt}, ${nextCheckAt}, ${link.at})
    on conflict (subaccount_id, address) do nothing returning ${columns}`.execute(tx);
  return only(rows.rows);
}

export async function findSender(tx: Tx, id: string): Promise<Sender | null> {
  const rows = await sql<Row>`/* senders.find */
    select ${columns} from senders s where s.id = ${id}`.execute(tx);
  return only(rows.rows);
}

export type SenderPage = {
  readonly subaccountId: SubaccountId | null;
  readonly after: string;
  readonly limit: number;
  readonly state: string | null;
  readonly domainId: string | null;
  /** Lower case. */
  readonly address: string | null;
};

export async function listSenders(tx: Tx, page: SenderPage): Promise<readonly Sender[]> {
  const rows = await sql<Row>`/* senders.list */
    select ${columns} from senders s where s.id > ${page.after}
      ${page.subaccountId === null ? sql`` : sql`and s.subaccount_id = ${page.subaccountId}`}
      ${page.state === null ? sql`` : sql`and s.state = ${page.state}`}
      ${page.domainId === null ? sql`` : sql`and s.domain_id = ${page.domainId}`}
      ${page.address === null ? sql`` : sql`and s.address = ${page.address}`}
    order by s.id limit ${page.limit}`.execute(tx);
  return rows.rows.map(toSender);
}

export type SenderChange = {
  readonly name: string;
  readonly replyTo: Sender['replyTo'];
  readonly note: string;
};

export async function updateSender(
  tx: Tx,
  id: string,
  { name, replyTo, note }: SenderChange,
): Promise<Sender | null> {
  const rows = await sql<Row>`/* senders.update */
    update senders s set name = ${name}, reply_to_email = ${replyTo?.email ?? null}, reply_to_name = ${replyTo?.name ?? null},
      note = ${note} where s.id = ${id} returning ${columns}`.execute(tx);
  return only(rows.rows);
}

/** A new link; the one before it is good no longer. Null when it is proven meanwhile. */
export async function renewLink(tx: Tx, id: string, link: NewLink): Promise<Sender | null> {
  const rows = await sql<Row>`/* senders.renew_link */
    update senders s set token_hash = ${link.tokenHash}, expires_at = ${link.expiresAt}, sent_at = ${link.at}, resends = resends + 1
    where s.id = ${id} and s.state = 'unproven' returning ${columns}`.execute(tx);
  return only(rows.rows);
}

export async function deleteSender(tx: Tx, id: string): Promise<void> {
  await sql`/* senders.delete */ delete from senders where id = ${id}`.execute(tx);
}

/** Those that hang on a sending domain and that the scope may remove. */
export async function deleteOfDomain(tx: Tx, domainId: string): Promise<readonly Sender[]> {
  const rows = await sql<Row>`/* senders.delete_of_domain */
    delete from senders s where s.domain_id = ${domainId} returning ${columns}`.execute(tx);
  return rows.rows.map(toSender);
}

/** Engine: whose link it is, and the account that asks; null when nobody's. */
export async function findByLink(
  db: Db,
  tokenHash: Buffer,
): Promise<{ readonly sender: Sender; readonly accountName: string } | null> {
  const rows = await sql<Row & { account_name: string }>`/* senders.find_by_link */
    select ${columns}, a.name as account_name from senders s join accounts a on a.id = s.account_id
    where s.token_hash = ${tokenHash}`.execute(db);
  const [row] = rows.rows;
  return row === undefined ? null : { sender: toSender(row), accountName: row.account_name };
}

/** Engine: null when the link is another's by now, too old, or was used. */
export async function proveByLink(tx: Tx, tokenHash: Buffer, at: Date): Promise<Sender | null> {
  const rows = await sql<Row>`/* senders.prove */
    update senders s set state = 'proven', proven_at = ${at}
    where s.token_hash = ${tokenHash} and s.state = 'unproven' and s.expires_at > ${at} returning ${columns}`.execute(
    tx,
  );
  return only(rows.rows);
}

/** Engine: the letter of the subaccount, else of its account, else null. */
export async function findLetter(
  db: Db,
  accountId: AccountId,
  subaccountId: SubaccountId,
): Promise<Letter | null> {
  const rows = await sql<Letter>`/* senders.find_letter */
    select l.subject, l.body from sender_letters l join subaccounts s on s.id = l.subaccount_id
    where l.account_id = ${accountId} and (l.subaccount_id = ${subaccountId} or s.is_own)
    order by l.subaccount_id = ${subaccountId} desc limit 1`.execute(db);
  return rows.rows[0] ?? null;
}

export async function putLetter(tx: Tx, scope: Scope, { subject, body }: Letter): Promise<void> {
  await sql`/* senders.put_letter */
    insert into sender_letters (account_id, subaccount_id, subject, body)
    values (${scope.accountId}, ${scope.subaccountId}, ${subject}, ${body})
    on conflict (subaccount_id) do update set subject = excluded.subject, body = excluded.body`.execute(tx);
}

export async function deleteLetter(tx: Tx, scope: Scope): Promise<void> {
  await sql`/* senders.delete_letter */
    delete from sender_letters where subaccount_id = ${scope.subaccountId}`.execute(tx);
}
