/** Entries as their owners see and change them: under the transaction's scope, whose reach row security knows. */
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { SubaccountId } from '../../base/scope.ts';
import type { Kind, Layer, NewEntry, Owner, Source, Suppression } from './model.ts';
import { entryKey } from './sql-renew.ts';

type Row = {
  id: string;
  account_id: number;
  subaccount_id: number;
  layer: Layer;
  address: string;
  is_erased: boolean;
  kind: Kind;
  source: string;
  stops_transactional: boolean;
  stops_bulk: boolean;
  expires_at: Date | null;
  reason: string;
  sender: string;
  list: string;
  only_list: string;
  only_sender: string;
  message_id: string | null;
  last_event_at: Date;
  renewals: number;
  created_at: Date;
  updated_at: Date;
};

const columns = sql`s.id, s.account_id, s.subaccount_id, s.layer, s.address, s.is_erased, s.kind, s.source, s.stops_transactional,
  s.stops_bulk, s.expires_at, s.reason, s.sender, s.list, s.only_list, s.only_sender,
  s.message_id, s.last_event_at, s.renewals, s.created_at, s.updated_at`;

function toSuppression(row: Row): Suppression {
  return {
    id: row.id,
    subaccountId: row.subaccount_id as SubaccountId,
    layer: row.layer,
    address: row.is_erased ? null : row.address,
    kind: row.kind,
    source: row.source,
    stopsTransactional: row.stops_transactional,
    stopsBulk: row.stops_bulk,
    expiresAt: row.expires_at,
    reason: row.reason,
    sender: row.sender,
    list: row.list,
    onlyList: row.only_list,
    onlySender: row.only_sender,
    messageId: row.message_id,
    lastEventAt: row.last_event_at,
    renewals: row.renewals,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** One subaccount and its own layer; null for all that the account has. */
export type Within = SubaccountId | null;

/** The account's list lies with its own subaccount, whose fixed keys are no keys of the account. */
function within(subaccountId: Within): RawBuilder<unknown> {
  return subaccountId === null
    ? sql`true`
    : sql`s.subaccount_id = ${subaccountId} and s.layer = 'subaccount'`;
}

export type Filter = {
  readonly within: Within;
  /** Beginning of the address. */
  readonly prefix: string | null;
  readonly domain: string | null;
  /** Anywhere in the address. */
  readonly search: string | null;
  readonly kind: Kind | null;
  readonly layer: Layer | null;
  /** Empty: those that are bound to no list. */
  readonly onlyList: string | null;
  /** In its compared form; empty: those that are bound to no sender. */
  readonly onlySender: string | null;
  /** Also those that have expired. */
  readonly includeExpired: boolean;
  /** When it was made. */
  readonly since: Date | null;
  readonly until: Date | null;
  readonly updatedSince: Date | null;
  readonly updatedUntil: Date | null;
};

export type Page = { readonly after: string; readonly limit: number; readonly now: Date };

/** By id; live entries unless the expired are asked for, too. */
export async function listSuppressions(tx: Tx, filter: Filter, page: Page): Promise<readonly Suppression[]> {
  const rows = await sql<Row>`/* suppressions.list */
    select ${columns} from suppressions s where s.id > ${page.after} and ${matching(filter, page.now)}
    order by s.id limit ${page.limit}`.execute(tx);
  return rows.rows.map(toSuppression);
}

function matching(filter: Filter, now: Date): RawBuilder<unknown> {
  const { prefix, domain, search, kind, layer, since, until, updatedSince, updatedUntil } = filter;
  const { onlyList, onlySender, includeExpired } = filter;
  return sql`${within(filter.within)} ${includeExpired ? sql`` : sql`and (s.expires_at is null or s.expires_at > ${now})`}
      ${prefix === null ? sql`` : sql`and s.address like ${`${escaped(prefix)}%`} and not s.is_erased`}
      ${search === null ? sql`` : sql`and s.address like ${`%${escaped(search)}%`} and not s.is_erased`}
      ${domain === null ? sql`` : sql`and s.domain = ${domain}`}
      ${kind === null ? sql`` : sql`and s.kind = ${kind}`}
      ${layer === null ? sql`` : sql`and s.layer = ${layer}`}
      ${onlyList === null ? sql`` : sql`and s.only_list = ${onlyList}`}
      ${onlySender === null ? sql`` : sql`and s.only_sender = ${onlySender}`}
      ${since === null ? sql`` : sql`and s.created_at >= ${since}`}
      ${until === null ? sql`` : sql`and s.created_at < ${until}`}
      ${updatedSince === null ? sql`` : sql`and s.updated_at >= ${updatedSince}`}
      ${updatedUntil === null ? sql`` : sql`and s.updated_at < ${updatedUntil}`}`;
}

export type EntryCount = Pick<Suppression, 'kind' | 'source'> & {
  readonly entries: number;
  readonly stopTransactional: number;
  readonly stopBulk: number;
};

/** Entries by kind and where they come from. */
export async function countSuppressions(tx: Tx, filter: Filter, now: Date): Promise<readonly EntryCount[]> {
  const rows = await sql<EntryCount>`/* suppressions.count */
    select s.kind, s.source, count(*)::int as entries, count(*) filter (where s.stops_transactional)::int as "stopTransactional",
      count(*) filter (where s.stops_bulk)::int as "stopBulk"
    from suppressions s where ${matching(filter, now)} group by 1, 2 order by 1, 2`.execute(tx);
  return rows.rows;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}

/** One entry that the scope sees, null otherwise; locked when it is to be changed. */
export async function findSuppression(
  tx: Tx,
  id: string,
  subaccountId: Within,
  lock: boolean,
): Promise<Suppression | null> {
  const rows = await sql<Row>`/* suppressions.get */
    select ${columns} from suppressions s where s.id = ${id} and ${within(subaccountId)}
    ${lock ? sql`for update` : sql``}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toSuppression(row);
}

export type Change = Pick<
  NewEntry,
  'stopsTransactional' | 'stopsBulk' | 'expiresAt' | 'reason' | 'sender' | 'list'
>;

export async function updateSuppression(tx: Tx, id: string, change: Change, now: Date): Promise<void> {
  await sql`/* suppressions.update */
    update suppressions set stops_transactional = ${change.stopsTransactional}, stops_bulk = ${change.stopsBulk},
      expires_at = ${change.expiresAt}, reason = ${change.reason}, sender = ${change.sender}, list = ${change.list},
      updated_at = ${now}, is_over = false
    where id = ${id}`.execute(tx);
}

/** Takes one entry off its list; what it was, null when the scope has no such entry. */
export async function removeSuppression(
  tx: Tx,
  id: string,
  subaccountId: Within,
): Promise<Suppression | null> {
  const rows = await sql<Row>`/* suppressions.remove */
    delete from suppressions s where s.id = ${id} and ${within(subaccountId)} returning ${columns}`.execute(
    tx,
  );
  const row = rows.rows[0];
  return row === undefined ? null : toSuppression(row);
}

/** Makes room for entries that are put anew where they have expired: then they are new to whoever hears of them. */
export async function dropExpired(
  tx: Tx,
  owner: Owner,
  entries: readonly NewEntry[],
  now: Date,
): Promise<void> {
  const of = <Key extends keyof NewEntry>(key: Key): NewEntry[Key][] => entries.map((entry) => entry[key]);
  await sql`/* suppressions.drop_expired */
    delete from suppressions s using unnest(${of('address')}::text[], ${of('kind')}::text[], ${of('onlyList')}::text[],
      ${of('onlySender')}::text[]) as i (address, kind, only_list, only_sender)
    where s.subaccount_id = ${owner.subaccountId} and s.layer = ${owner.layer} and s.address = i.address and s.kind = i.kind
      and s.only_list = i.only_list and s.only_sender = i.only_sender and s.expires_at <= ${now}`.execute(tx);
}

/** Takes what stands under any of the forms off one owner's list, of one kind or of all, bound to one sender or to any. */
export async function removeForms(
  tx: Tx,
  owner: Owner,
  forms: readonly string[],
  { kind, onlySender }: { readonly kind: Kind | null; readonly onlySender: string | null },
): Promise<readonly Suppression[]> {
  const rows = await sql<Row>`/* suppressions.remove_forms */
    delete from suppressions s where s.subaccount_id = ${owner.subaccountId} and s.layer = ${owner.layer}
      and s.address = any(${forms}::text[]) ${kind === null ? sql`` : sql`and s.kind = ${kind}`}
      ${onlySender === null ? sql`` : sql`and s.only_sender = ${onlySender}`}
    returning ${columns}`.execute(tx);
  return rows.rows.map(toSuppression);
}

export type Put = Suppression & { readonly isNew: boolean };
export type Origin = {
  readonly source: Source;
  readonly now: Date;
  /** What an entry stops already stays stopped. */
  readonly adds?: boolean;
};

/** Puts entries on one owner's list, or changes those that are there; no address, kind, list and sender may come twice. */
export async function putEntries(
  tx: Tx,
  owner: Owner,
  entries: readonly NewEntry[],
  origin: Origin,
): Promise<readonly Put[]> {
  const rows = await sql<Row & { is_new: boolean }>`/* suppressions.put */
    ${insertion(owner, entries, origin)} returning ${columns}, s.xmax = 0 as is_new`.execute(tx);
  return rows.rows.map((row) => ({ ...toSuppression(row), isNew: row.is_new }));
}

/** As `putEntries`, for imports: what stands there already costs no write; answers how many were new and how many changed. */
export async function putCounted(
  tx: Tx,
  owner: Owner,
  entries: readonly NewEntry[],
  origin: Origin,
): Promise<{ readonly added: number; readonly changed: number }> {
  const rows = await sql<{ added: number; changed: number }>`/* suppressions.put_counted */
    with put as (
      ${insertion(owner, entries, origin)}
      where (s.stops_transactional, s.stops_bulk, s.expires_at, s.reason, s.sender, s.list)
        is distinct from (excluded.stops_transactional or (${origin.adds ?? false} and s.stops_transactional),
          excluded.stops_bulk or (${origin.adds ?? false} and s.stops_bulk), excluded.expires_at, excluded.reason, excluded.sender, excluded.list)
      returning s.xmax = 0 as is_new
    )
    select count(*) filter (where is_new)::int as added, count(*) filter (where not is_new)::int as changed from put`.execute(
    tx,
  );
  return rows.rows[0] ?? { added: 0, changed: 0 };
}

function insertion(owner: Owner, entries: readonly NewEntry[], origin: Origin): RawBuilder<unknown> {
  const { source, now, adds = false } = origin;
  const of = <Key extends keyof NewEntry>(key: Key): NewEntry[Key][] => entries.map((entry) => entry[key]);
  return sql`insert into suppressions as s (account_id, subaccount_id, layer, source, address, kind, stops_transactional, stops_bulk,
      expires_at, reason, sender, list, only_list, only_sender, created_at, updated_at, last_event_at)
    select ${owner.accountId}, ${owner.subaccountId}, ${owner.layer}, ${source}, i.address, i.kind, i.stops_transactional, i.stops_bulk,
      i.expires_at, i.reason, i.sender, i.list, i.only_list, i.only_sender, least(coalesce(i.created_at, ${now}), ${now}), ${now},
      least(coalesce(i.created_at, ${now}), ${now})
    from unnest(${of('address')}::text[], ${of('kind')}::text[], ${of('stopsTransactional')}::boolean[], ${of('stopsBulk')}::boolean[],
      ${of('expiresAt')}::timestamptz[], ${of('reason')}::text[], ${of('sender')}::text[], ${of('list')}::text[],
      ${of('onlyList')}::text[], ${of('onlySender')}::text[], ${of('createdAt')}::timestamptz[])
      as i (address, kind, stops_transactional, stops_bulk, expires_at, reason, sender, list, only_list, only_sender, created_at)
    on conflict (${entryKey}) do update set
      stops_transactional = excluded.stops_transactional or (${adds} and s.stops_transactional),
      stops_bulk = excluded.stops_bulk or (${adds} and s.stops_bulk), expires_at = excluded.expires_at, reason = excluded.reason, sender = excluded.sender,
      list = excluded.list, updated_at = excluded.updated_at, last_event_at = excluded.last_event_at, is_over = false`;
}

/** Space of advisory locks; the other half of the key is the subaccount. */
const patternsLock = 5_117_303;

/** The live patterns on an owner's list; nobody else adds one to it before the transaction's end. */
export async function lockPatterns(tx: Tx, owner: Owner, now: Date): Promise<ReadonlySet<string>> {
  await sql`/* suppressions.lock_patterns */
    select pg_advisory_xact_lock(${sql.lit(patternsLock)}, ${owner.subaccountId})`.execute(tx);
  const rows = await sql<{ address: string }>`/* suppressions.patterns */
    select address from suppressions where subaccount_id = ${owner.subaccountId} and layer = ${owner.layer} and kind = 'pattern'
      and (expires_at is null or expires_at > ${now})`.execute(tx);
  return new Set(rows.rows.map(({ address }) => address));
}
