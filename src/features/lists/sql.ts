import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import { sqlState } from '../../base/database/store-lost.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import type { CountedList, List, ListNames, ListRecipient, NewRecipient, Values } from './model.ts';
import { sizeOf } from './rules.ts';

type Row = {
  account_id: number;
  subaccount_id: number;
  id: string;
  slug: string;
  name: string;
  description: string;
  attributes: Values;
  created_at: Date;
  updated_at: Date;
};

const columns = sql`l.account_id, l.subaccount_id, l.id, l.slug, l.name, l.description, l.attributes, l.created_at, l.updated_at`;
const counted = sql`(select count(*)::int from list_recipients r where r.list_id = l.id) as recipients`;

function toList(row: Row): List {
  return {
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    id: row.id,
    slug: row.slug,
    name: row.name,
    description: row.description,
    attributes: row.attributes,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function only(rows: readonly Row[]): List | null {
  const [row] = rows;
  return row === undefined ? null : toList(row);
}

type Owner = Pick<List, 'accountId' | 'subaccountId'>;

export async function countLists(tx: Tx, subaccountId: SubaccountId): Promise<number> {
  const rows = await sql<{ n: number }>`/* lists.count */
    select count(*)::int as n from recipient_lists where subaccount_id = ${subaccountId}`.execute(tx);
  return rows.rows[0]?.n ?? 0;
}

/** Null when the holder has one of that slug. */
export async function insertList(tx: Tx, owner: Owner, names: ListNames, at: Date): Promise<List | null> {
  const rows = await sql<Row>`/* lists.insert */
    insert into recipient_lists as l (account_id, subaccount_id, slug, name, description, attributes, created_at, updated_at)
    values (${owner.accountId}, ${owner.subaccountId}, ${names.slug}, ${names.name}, ${names.description},
      ${JSON.stringify(names.attributes)}::jsonb, ${at}, ${at})
    on conflict (subaccount_id, slug) do nothing returning ${columns}`.execute(tx);
  return only(rows.rows);
}

export async function findList(tx: Tx, id: string): Promise<CountedList | null> {
  const rows = await sql<Row & { recipients: number }>`/* lists.find */
    select ${columns}, ${counted} from recipient_lists l where id = ${id}`.execute(tx);
  const [row] = rows.rows;
  return row === undefined ? null : { ...toList(row), recipients: row.recipients };
}

/** Locked, so that its bounds hold whoever else changes it. */
export async function lockList(tx: Tx, id: string): Promise<List | null> {
  const rows = await sql<Row>`/* lists.lock */
    select ${columns} from recipient_lists l where id = ${id} for update`.execute(tx);
  return only(rows.rows);
}

/** One of the scope's subaccount; by id the account knows all that it sees. */
export async function findUsable(
  tx: Tx,
  { reach, subaccountId }: Pick<Scope, 'reach' | 'subaccountId'>,
  { id, slug }: { readonly id?: string | undefined; readonly slug?: string | undefined },
): Promise<List | null> {
  const isOurs = sql`l.subaccount_id = ${subaccountId}`;
  const named =
    id === undefined
      ? sql`l.slug = ${slug ?? ''} and ${isOurs}`
      : reach === 'account'
        ? sql`l.id = ${id}`
        : sql`l.id = ${id} and ${isOurs}`;
  const rows = await sql<Row>`/* lists.find_usable */
    select ${columns} from recipient_lists l where ${named}`.execute(tx);
  return only(rows.rows);
}

export type ListPage = {
  readonly subaccountId: SubaccountId | null;
  readonly after: string;
  readonly limit: number;
  readonly search: string | null;
  readonly slug: string | null;
};

export async function listLists(tx: Tx, page: ListPage): Promise<readonly CountedList[]> {
  const { subaccountId, search, slug } = page;
  const rows = await sql<Row & { recipients: number }>`/* lists.list */
    select ${columns}, ${counted} from recipient_lists l where l.id > ${page.after}
      ${subaccountId === null ? sql`` : sql`and l.subaccount_id = ${subaccountId}`}
      ${search === null ? sql`` : sql`and position(lower(${search}) in lower(l.name || ' ' || l.slug)) > 0`}
      ${slug === null ? sql`` : sql`and l.slug = ${slug}`}
    order by l.id limit ${page.limit}`.execute(tx);
  return rows.rows.map((row) => ({ ...toList(row), recipients: row.recipients }));
}

/** Null when its slug is taken; the transaction is then over. The row is locked. */
export async function updateList(tx: Tx, list: List, at: Date): Promise<List | null> {
  const { id, slug, name, description, attributes } = list;
  try {
    const rows = await sql<Row>`/* lists.update */
      update recipient_lists l set slug = ${slug}, name = ${name}, description = ${description},
        attributes = ${JSON.stringify(attributes)}::jsonb, updated_at = ${at}
      where id = ${id} returning ${columns}`.execute(tx);
    return only(rows.rows);
  } catch (error) {
    if (sqlState(error) === '23505') return null;
    throw error;
  }
}

/** Others are in it now: its row says so, and the audit with it. */
export async function touchList(tx: Tx, id: string, at: Date): Promise<void> {
  await sql`/* lists.touch */
    update recipient_lists set revision = revision + 1, updated_at = ${at} where id = ${id}`.execute(tx);
}

/** Its recipients go with it. */
export async function deleteList(tx: Tx, id: string): Promise<void> {
  await sql`/* lists.delete */ delete from recipient_lists where id = ${id}`.execute(tx);
}

/** Addresses are different from each other. The list is locked. */
export async function putRecipients(
  tx: Tx,
  { accountId, subaccountId, id }: Pick<List, 'accountId' | 'subaccountId' | 'id'>,
  recipients: readonly NewRecipient[],
  at: Date,
): Promise<{ readonly added: number; readonly changed: number }> {
  const given = recipients.map((each) => ({ ...each, size_bytes: sizeOf(each) }));
  const rows = await sql<{ added: number; changed: number }>`/* lists.put */
    with put as (
      insert into list_recipients as r (account_id, subaccount_id, list_id, address, name, data, metadata, tags, size_bytes, created_at)
      select ${accountId}::int, ${subaccountId}::int, ${id}::bigint, address, name, data, metadata,
        array(select jsonb_array_elements_text(tags)), size_bytes, ${at}
      from jsonb_to_recordset(${JSON.stringify(given)}::jsonb)
        as g (address text, name text, data jsonb, metadata jsonb, tags jsonb, size_bytes int)
      on conflict (list_id, lower(address)) do update set address = excluded.address, name = excluded.name, data = excluded.data,
        metadata = excluded.metadata, tags = excluded.tags, size_bytes = excluded.size_bytes
      returning r.xmax = 0 as is_new
    )
    select count(*) filter (where is_new)::int as added, count(*) filter (where not is_new)::int as changed from put`.execute(
    tx,
  );
  return rows.rows[0] ?? { added: 0, changed: 0 };
}

/** Those with none of these addresses (lower case) go. */
export async function keepOnly(tx: Tx, listId: string, addresses: readonly string[]): Promise<void> {
  await sql`/* lists.keep_only */
    delete from list_recipients r where list_id = ${listId} and not exists (
      select from unnest(${addresses}::text[]) a (address) where a.address = lower(r.address))`.execute(tx);
}

export async function measure(
  tx: Tx,
  listId: string,
): Promise<{ readonly recipients: number; readonly bytes: number }> {
  const rows = await sql<{ recipients: number; bytes: number }>`/* lists.measure */
    select count(*)::int as recipients, coalesce(sum(size_bytes), 0)::float8 as bytes
    from list_recipients where list_id = ${listId}`.execute(tx);
  return rows.rows[0] ?? { recipients: 0, bytes: 0 };
}

type RecipientRow = {
  id: string;
  address: string;
  name: string;
  data: Values;
  metadata: Values;
  tags: readonly string[];
  created_at: Date;
};

/** By id, from `after` on; `address`: that one only. */
export async function listRecipients(
  tx: Tx,
  listId: string,
  page: { readonly after: string; readonly limit: number; readonly address: string | null },
): Promise<readonly ListRecipient[]> {
  const rows = await sql<RecipientRow>`/* lists.recipients */
    select id, address, name, data, metadata, tags, created_at from list_recipients
    where list_id = ${listId} and id > ${page.after}
      ${page.address === null ? sql`` : sql`and lower(address) = lower(${page.address})`}
    order by id limit ${page.limit}`.execute(tx);
  return rows.rows.map(({ created_at, ...row }) => ({ ...row, createdAt: created_at }));
}

export async function findRecipient(tx: Tx, listId: string, id: string): Promise<ListRecipient | null> {
  const rows = await sql<RecipientRow>`/* lists.find_recipient */
    select id, address, name, data, metadata, tags, created_at from list_recipients
    where list_id = ${listId} and id = ${id}`.execute(tx);
  const [row] = rows.rows;
  if (row === undefined) return null;
  const { created_at, ...rest } = row;
  return { ...rest, createdAt: created_at };
}

/** False when another recipient of the list has its address; the transaction is then over. */
export async function updateRecipient(tx: Tx, recipient: ListRecipient): Promise<boolean> {
  const { id, address, name, data, metadata, tags } = recipient;
  try {
    await sql`/* lists.update_recipient */
      update list_recipients set address = ${address}, name = ${name}, data = ${JSON.stringify(data)}::jsonb,
        metadata = ${JSON.stringify(metadata)}::jsonb, tags = ${tags}::text[], size_bytes = ${sizeOf(recipient)}
      where id = ${id}`.execute(tx);
    return true;
  } catch (error) {
    if (sqlState(error) === '23505') return false;
    throw error;
  }
}

/** True when it was there. */
export async function deleteRecipient(tx: Tx, listId: string, id: string): Promise<boolean> {
  const result = await sql`/* lists.delete_recipient */
    delete from list_recipients where list_id = ${listId} and id = ${id}`.execute(tx);
  return (result.numAffectedRows ?? 0n) === 1n;
}
