/** Received mail: written by the engine as it comes, read and asked for again by its holder's scope. */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Authentication } from '../../mail/authentication/index.ts';
import type { NewEvent } from '../events/index.ts';
import type { IncomingMail, InboundRoute, MailState } from './model.ts';

export type MailRow = {
  account_id: number;
  subaccount_id: number;
  id: string;
  content_id: string;
  domain_id: string;
  route_id: string;
  recipient: string;
  mail_from: string;
  remote_address: string;
  helo: string;
  from_address: string;
  subject: string;
  size_bytes: number;
  is_automatic: boolean;
  received_at: Date;
  authentication: Authentication | null;
  state: string;
  is_replay: boolean;
  attempts: number;
  due_at: Date;
  refused_since: Date | null;
  last_tried_at: Date | null;
  last_status: number | null;
  last_error: string;
  finished_at: Date | null;
};

/** Of `inbound_mails m`. */
export const mailColumns = sql`m.account_id, m.subaccount_id, m.id, m.content_id, m.domain_id, m.route_id, m.recipient, m.mail_from,
  host(m.remote_address) as remote_address, m.helo, m.from_address, m.subject, m.size_bytes, m.is_automatic, m.received_at, m.authentication,
  m.state, m.is_replay, m.attempts, m.due_at, m.refused_since, m.last_tried_at, m.last_status, m.last_error, m.finished_at`;

export function toMail(row: MailRow): IncomingMail {
  return {
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    id: row.id,
    contentId: row.content_id,
    domainId: row.domain_id,
    routeId: row.route_id,
    recipient: row.recipient,
    mailFrom: row.mail_from,
    remoteAddress: row.remote_address,
    helo: row.helo,
    from: row.from_address,
    subject: row.subject,
    sizeBytes: row.size_bytes,
    isAutomatic: row.is_automatic,
    receivedAt: row.received_at,
    authentication: row.authentication,
    state: row.state as MailState,
    isReplay: row.is_replay,
    attempts: row.attempts,
    dueAt: row.due_at,
    refusedSince: row.refused_since,
    lastTriedAt: row.last_tried_at,
    lastStatus: row.last_status,
    lastError: row.last_error,
    finishedAt: row.finished_at,
  };
}

export function mailEvent(
  mail: Pick<IncomingMail, 'accountId' | 'subaccountId' | 'id' | 'routeId' | 'recipient' | 'mailFrom'>,
  kind: 'inbound.received' | 'inbound.handed_over' | 'inbound.given_up',
  more: Readonly<Record<string, unknown>> = {},
): NewEvent {
  const { accountId, subaccountId, id, routeId: inboundRouteId, recipient, mailFrom } = mail;
  const data = { inboundMailId: id, inboundRouteId, recipient, mailFrom, ...more };
  return { accountId, subaccountId, kind, data };
}

/** Engine: whether the subaccount has so much waiting that no more is taken. */
export async function isFull(tx: Tx, subaccountId: SubaccountId, waitingMax: number): Promise<boolean> {
  const rows = await sql<{ is_full: boolean }>`/* incoming.is_full */
    select count(*) >= ${waitingMax} as is_full from (
      select from inbound_mails where subaccount_id = ${subaccountId} and state = 'waiting' limit ${waitingMax}) w`.execute(
    tx,
  );
  return rows.rows[0]?.is_full ?? false;
}

/** Engine. The routes stay until the transaction ends, so that none of their mail is left without one. */
export async function holdRoutes(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await sql<{ id: string }>`/* incoming.hold_routes */
    select id from inbound_routes where id = any(${ids}::bigint[]) order by id for key share`.execute(tx);
  return new Set(rows.rows.map(({ id }) => id));
}

/** Engine. */
export async function insertContent(
  tx: Tx,
  content: {
    readonly accountId: AccountId;
    readonly subaccountId: SubaccountId;
    readonly bytes: Buffer;
    readonly endsAt: Date;
  },
): Promise<string> {
  const rows = await sql<{ id: string }>`/* incoming.insert_content */
    insert into inbound_contents (account_id, subaccount_id, bytes, ends_at)
    values (${content.accountId}, ${content.subaccountId}, ${content.bytes}, ${content.endsAt}) returning id`.execute(
    tx,
  );
  return rows.rows[0]?.id ?? '';
}

/** Engine: one mail for one recipient. */
export async function insertMail(
  tx: Tx,
  { accountId, subaccountId, domainId, id: routeId }: InboundRoute,
  mail: Pick<
    IncomingMail,
    | 'contentId'
    | 'recipient'
    | 'mailFrom'
    | 'remoteAddress'
    | 'helo'
    | 'from'
    | 'subject'
    | 'sizeBytes'
    | 'isAutomatic'
    | 'receivedAt'
  >,
): Promise<IncomingMail> {
  const rows = await sql<MailRow>`/* incoming.insert_mail */
    insert into inbound_mails as m (account_id, subaccount_id, content_id, domain_id, route_id, recipient, mail_from, remote_address,
      helo, from_address, subject, size_bytes, is_automatic, received_at, due_at)
    values (${accountId}, ${subaccountId}, ${mail.contentId}, ${domainId}, ${routeId}, ${mail.recipient}, ${mail.mailFrom},
      ${mail.remoteAddress}, ${mail.helo}, ${mail.from}, ${mail.subject}, ${mail.sizeBytes}, ${mail.isAutomatic}, ${mail.receivedAt},
      ${mail.receivedAt}) returning ${mailColumns}`.execute(tx);
  const [row] = rows.rows;
  if (row === undefined) throw new Error('an insert gave no row');
  return toMail(row);
}

export type MailFilter = {
  readonly subaccountId: SubaccountId | null;
  readonly domainId: string | null;
  readonly routeId: string | null;
  readonly state: MailState | null;
  readonly recipient: string | null;
  readonly before: string | null;
  readonly limit: number;
};

/** Newest first. */
export async function listMails(tx: Tx, filter: MailFilter): Promise<readonly IncomingMail[]> {
  const rows = await sql<MailRow>`/* incoming.list_mails */
    select ${mailColumns} from inbound_mails m where true
      ${filter.subaccountId === null ? sql`` : sql`and m.subaccount_id = ${filter.subaccountId}`}
      ${filter.domainId === null ? sql`` : sql`and m.domain_id = ${filter.domainId}`}
      ${filter.routeId === null ? sql`` : sql`and m.route_id = ${filter.routeId}`}
      ${filter.state === null ? sql`` : sql`and m.state = ${filter.state}`}
      ${filter.recipient === null ? sql`` : sql`and lower(m.recipient) = ${filter.recipient}`}
      ${filter.before === null ? sql`` : sql`and m.id < ${filter.before}`}
    order by m.id desc limit ${filter.limit}`.execute(tx);
  return rows.rows.map(toMail);
}

export async function findMail(tx: Tx, id: string): Promise<IncomingMail | null> {
  const rows = await sql<MailRow>`/* incoming.find_mail */
    select ${mailColumns} from inbound_mails m where m.id = ${id}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toMail(row);
}

export async function readContent(db: Db | Tx, contentId: string): Promise<Buffer | null> {
  const rows = await sql<{ bytes: Buffer }>`/* incoming.read_content */
    select bytes from inbound_contents where id = ${contentId}`.execute(db);
  return rows.rows[0]?.bytes ?? null;
}

/** Waits again, with the route's own health; false when its route is gone. */
export async function replayMail(tx: Tx, id: string, now: Date): Promise<boolean> {
  const result = await sql`/* incoming.replay_mail */
    update inbound_mails m set state = 'waiting', is_replay = true, attempts = 0, due_at = ${now}, refused_since = null, finished_at = null
    where m.id = ${id} and exists (select from inbound_routes r where r.id = m.route_id)`.execute(tx);
  return (result.numAffectedRows ?? 0n) === 1n;
}

/** Its content goes with the last of its recipients. */
export async function deleteMail(tx: Tx, { id, contentId }: IncomingMail): Promise<void> {
  await sql`/* incoming.delete_mail */ delete from inbound_mails where id = ${id}`.execute(tx);
  await sql`/* incoming.delete_content */
    delete from inbound_contents c where c.id = ${contentId} and not exists (select from inbound_mails m where m.content_id = c.id)`.execute(
    tx,
  );
}

/** What waits for a route or domain that is gone; the events that tell of it. */
export async function giveUpOf(
  tx: Tx,
  of: { readonly routeId: string } | { readonly domainId: string },
  why: string,
  now: Date,
): Promise<readonly NewEvent[]> {
  const which = 'routeId' in of ? sql`m.route_id = ${of.routeId}` : sql`m.domain_id = ${of.domainId}`;
  const rows = await sql<MailRow>`/* incoming.give_up_of */
    update inbound_mails m set state = 'given_up', finished_at = ${now}, last_error = ${why}, leased_by = null, leased_until = null
    where ${which} and m.state = 'waiting' returning ${mailColumns}`.execute(tx);
  return rows.rows.map((row) => mailEvent(toMail(row), 'inbound.given_up', { error: why }));
}

/** Engine: mail whose time is over goes with its content; how many contents. */
export async function endContents(tx: Tx, now: Date, limit: number): Promise<number> {
  const result = await sql`/* incoming.end_contents */
    delete from inbound_contents where id = any(array(
      select id from inbound_contents where ends_at < ${now} order by ends_at limit ${limit}))`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}
