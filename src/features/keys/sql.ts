import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { hashBytes } from '../../base/secrets.ts';

export type Key = {
  readonly id: string;
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  /** `embed`: of a view inside another product (the feature `embeds`), and in no list here. */
  readonly kind: 'api' | 'smtp' | 'embed';
  /** `person`: what its person reaches, whatever that is at the time. */
  readonly reach: 'account' | 'subaccount' | 'person';
  /** Of the reach `person`. */
  readonly userId: string | null;
  readonly publicId: string;
  readonly name: string;
  readonly grants: readonly string[];
  /** From domains must end in it. */
  readonly domainLimit: string | null;
  readonly allowedAddresses: readonly string[];
  readonly status: 'active' | 'inactive';
  readonly expiresAt: Date | null;
  /** Named templates, these only; null for all. */
  readonly templates: readonly string[] | null;
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
};

type Row = {
  id: string;
  account_id: number;
  subaccount_id: number;
  kind: string;
  reach: string;
  user_id: string | null;
  public_id: string;
  name: string;
  grants: string[];
  domain_limit: string | null;
  allowed_addresses: string[];
  status: string;
  expires_at: Date | null;
  template_ids: string[] | null;
  last_used_at: Date | null;
  created_at: Date;
};

const columns = sql`k.id, k.account_id, k.subaccount_id, k.kind, k.reach, k.user_id, k.public_id, k.name, k.grants, k.domain_limit,
  k.allowed_addresses::text[] as allowed_addresses, k.status, k.expires_at, k.template_ids::text[] as template_ids, k.last_used_at, k.created_at`;

function toKey(row: Row): Key {
  return {
    id: row.id,
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    kind: row.kind as Key['kind'],
    reach: row.reach as Key['reach'],
    userId: row.user_id,
    publicId: row.public_id,
    name: row.name,
    grants: row.grants,
    domainLimit: row.domain_limit,
    allowedAddresses: row.allowed_addresses,
    status: row.status as Key['status'],
    expiresAt: row.expires_at,
    templates: row.template_ids,
    lastUsedAt: row.last_used_at,
    createdAt: row.created_at,
  };
}

export type NewKey = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly kind: Key['kind'];
  readonly reach: Key['reach'];
  readonly userId: string | null;
  readonly publicId: string;
  readonly secretHash: Buffer;
  readonly name: string;
  readonly status: Key['status'];
  /** Of an embed alone. */
  readonly madeByKey: string | null;
  readonly madeByUser: string | null;
  readonly grants: readonly string[];
  /** From domains must end in it. */
  readonly domainLimit: string | null;
  readonly allowedAddresses: readonly string[];
  readonly expiresAt: Date | null;
  readonly templates: readonly string[] | null;
};

/** Null when the public id or the secret is taken. */
export async function insertKey(tx: Tx, key: NewKey): Promise<Key | null> {
  const rows = await sql<Row>`/* keys.insert */
    insert into keys as k (account_id, subaccount_id, kind, reach, user_id, public_id, secret_hash, name, status, made_by_key,
      made_by_user, grants, domain_limit, allowed_addresses, expires_at, template_ids)
    values (${key.accountId}, ${key.subaccountId}, ${key.kind}, ${key.reach}, ${key.userId}, ${key.publicId}, ${key.secretHash}, ${key.name},
      ${key.status}, ${key.madeByKey}, ${key.madeByUser}, ${key.grants}::text[], ${key.domainLimit}, ${key.allowedAddresses}::cidr[], ${key.expiresAt},
      ${key.templates}::bigint[])
    on conflict do nothing returning ${columns}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toKey(row);
}

export async function listKeys(
  tx: Tx,
  page: {
    after: string;
    limit: number;
    kind: Key['kind'];
    subaccountId: SubaccountId | null;
    /** Of this person only; null: of everybody, people's own keys for those who reach the account. */
    userId: string | null;
    ofAccount: boolean;
  },
): Promise<readonly Key[]> {
  const rows = await sql<Row>`/* keys.list */
    select ${columns} from keys k where k.id > ${page.after} and k.kind = ${page.kind}
      ${page.subaccountId === null ? sql`` : sql`and k.subaccount_id = ${page.subaccountId}`}
      ${page.userId === null ? sql`` : sql`and k.user_id = ${page.userId}`}
      ${page.userId !== null || page.ofAccount ? sql`` : sql`and k.reach <> 'person'`}
    order by k.id limit ${page.limit}`.execute(tx);
  return rows.rows.map(toKey);
}

export async function findKey(tx: Tx, id: string, kind: Key['kind']): Promise<Key | null> {
  const rows =
    await sql<Row>`/* keys.find */ select ${columns} from keys k where k.id = ${id} and k.kind = ${kind}`.execute(
      tx,
    );
  const row = rows.rows[0];
  return row === undefined ? null : toKey(row);
}

/** What is left out stays; null takes a bound away. */
export type KeyChange = {
  readonly name?: string;
  readonly status?: Key['status'];
  readonly grants?: readonly string[];
  readonly domainLimit?: string | null;
  readonly allowedAddresses?: readonly string[];
  readonly expiresAt?: Date | null;
  readonly templates?: readonly string[] | null;
};

export async function updateKey(tx: Tx, id: string, change: KeyChange): Promise<Key | null> {
  const rows = await sql<Row>`/* keys.update */
    update keys k set name = coalesce(${change.name ?? null}, name), status = coalesce(${change.status ?? null}, status),
      grants = coalesce(${change.grants ?? null}::text[], grants),
      domain_limit = case when ${change.domainLimit !== undefined} then ${change.domainLimit ?? null}::text else domain_limit end,
      allowed_addresses = coalesce(${change.allowedAddresses ?? null}::cidr[], allowed_addresses),
      expires_at = case when ${change.expiresAt !== undefined} then ${change.expiresAt ?? null}::timestamptz else expires_at end,
      template_ids = case when ${change.templates !== undefined} then ${change.templates ?? null}::bigint[] else template_ids end
    where id = ${id} returning ${columns}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toKey(row);
}

export async function deleteKey(tx: Tx, id: string): Promise<boolean> {
  const result = await sql`/* keys.delete */ delete from keys where id = ${id}`.execute(tx);
  return (result.numAffectedRows ?? 0n) === 1n;
}

/** A key as logging in sees it: with the statuses of what it belongs to. */
export type LoginKey = Pick<
  Key,
  | 'id'
  | 'accountId'
  | 'subaccountId'
  | 'kind'
  | 'reach'
  | 'userId'
  | 'publicId'
  | 'domainLimit'
  | 'allowedAddresses'
  | 'status'
  | 'expiresAt'
  | 'templates'
> & {
  /** Of an embed: one of them. */
  readonly madeByKey: string | null;
  readonly madeByUser: string | null;
  /** With commas between them: most keys have one of a few lists. */
  readonly grantList: string;
  /** Of what it belongs to, subaccount and account together. */
  readonly canRead: boolean;
  readonly canChange: boolean;
  /** Of its account: mail over SMTP that names a subaccount which is not there is taken, and rejected. */
  readonly takesUnknown: boolean;
};

const loginColumns = `k.id, k.account_id, k.subaccount_id, k.kind, k.reach, k.user_id, k.public_id, k.domain_limit, k.status, k.expires_at,
  k.made_by_key, k.made_by_user,
  array_to_string(k.grants, ',') as grant_list, array_to_string(k.allowed_addresses, ',') as address_list,
  array_to_string(k.template_ids, ',') as template_list, (k.reach = 'person' or s.can_read) and a.can_read as can_read,
  (k.reach = 'person' or s.can_change) and a.can_change as can_change, a.unknown_subaccount_mail = 'rejected' as takes_unknown`;
const withOwners = 'join subaccounts s on s.id = k.subaccount_id join accounts a on a.id = k.account_id';

/** The hashes come as one binary piece and lists go as text: a login for each message pays for every array. */
const loginText = `/* keys.login */
select h.n, ${loginColumns}
from generate_series(0, length($1::bytea) / ${hashBytes} - 1) h (n)
join keys k on k.secret_hash = substring($1 from h.n * ${hashBytes} + 1 for ${hashBytes})
${withOwners}`;

type LoginRow = Pick<
  Row,
  | 'id'
  | 'account_id'
  | 'subaccount_id'
  | 'kind'
  | 'reach'
  | 'user_id'
  | 'public_id'
  | 'domain_limit'
  | 'status'
  | 'expires_at'
> & {
  made_by_key: string | null;
  made_by_user: string | null;
  grant_list: string;
  address_list: string;
  template_list: string | null;
  can_read: boolean;
  can_change: boolean;
  takes_unknown: boolean;
};

/** HOT PATH (engine), before a Scope exists: by the hashes of secrets, those of many callers at once; null for an unknown one. */
export async function findLoginKeys(
  connection: HotConnection,
  secretHashes: readonly Buffer[],
): Promise<readonly (LoginKey | null)[]> {
  const found = secretHashes.map((): LoginKey | null => null);
  const { rows } = await connection.query<LoginRow & { n: number }>('keys.login', loginText, [
    Buffer.concat(secretHashes),
  ]);
  for (const row of rows) found[row.n] = toLoginKey(row);
  return found;
}

/** Engine: as `findLoginKeys`, for one whose id is known and not its secret. */
export async function findLoginKeyById(db: Db, id: string): Promise<LoginKey | null> {
  const { rows } = await sql<LoginRow>`/* keys.login_by_id */
    select ${sql.raw(loginColumns)} from keys k ${sql.raw(withOwners)} where k.id = ${id}`.execute(db);
  return rows[0] === undefined ? null : toLoginKey(rows[0]);
}

function toLoginKey(row: LoginRow): LoginKey {
  return {
    id: row.id,
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    kind: row.kind as Key['kind'],
    reach: row.reach as Key['reach'],
    userId: row.user_id,
    madeByKey: row.made_by_key,
    madeByUser: row.made_by_user,
    publicId: row.public_id,
    domainLimit: row.domain_limit,
    allowedAddresses: row.address_list === '' ? [] : row.address_list.split(','),
    status: row.status as Key['status'],
    expiresAt: row.expires_at,
    templates: row.template_list === null ? null : row.template_list.split(',').filter((id) => id !== ''),
    grantList: row.grant_list,
    canRead: row.can_read,
    canChange: row.can_change,
    takesUnknown: row.takes_unknown,
  };
}

/** Engine: last uses, many in one statement. */
export async function recordUses(db: Db, uses: ReadonlyMap<string, Date>): Promise<void> {
  await sql`/* keys.record_uses */
    update keys k set last_used_at = u.at from unnest(${[...uses.keys()]}::bigint[], ${[...uses.values()]}::timestamptz[]) as u (id, at)
    where k.id = u.id`.execute(db);
}

/** Everything of a subaccount that is no more: its keys and SMTP users. */
export async function deleteKeysOf(tx: Tx, subaccountId: SubaccountId): Promise<void> {
  await sql`/* keys.delete_of */ delete from keys where subaccount_id = ${subaccountId}`.execute(tx);
}
