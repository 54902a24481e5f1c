import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import type { Brand, Logo, LogoType, ShownBrand } from './model.ts';
import { defaultName } from './rules.ts';

type Row = {
  name: string;
  color: string | null;
  support_address: string | null;
  logo_hash: string | null;
};

function toBrand(row: Row): Brand {
  return {
    name: row.name,
    color: row.color,
    supportAddress: row.support_address,
    logoHash: row.logo_hash,
  };
}

export const defaultBrand: ShownBrand = {
  name: defaultName,
  color: null,
  supportAddress: null,
  logoHash: null,
  source: 'installation',
};

export async function findBrand(tx: Tx, subaccountId: SubaccountId): Promise<Brand | null> {
  const rows = await sql<Row>`/* brands.find */
    select name, color, support_address, logo_hash from brands where subaccount_id = ${subaccountId}`.execute(
    tx,
  );
  const [row] = rows.rows;
  return row === undefined ? null : toBrand(row);
}

export async function putBrand(
  tx: Tx,
  { accountId, subaccountId }: Scope,
  { name, color, supportAddress }: Omit<Brand, 'logoHash'>,
  at: Date,
): Promise<void> {
  await sql`/* brands.put */
    insert into brands (account_id, subaccount_id, name, color, support_address, updated_at)
    values (${accountId}, ${subaccountId}, ${name}, ${color}, ${supportAddress}, ${at})
    on conflict (subaccount_id) do update set name = excluded.name, color = excluded.color,
      support_address = excluded.support_address, updated_at = excluded.updated_at`.execute(tx);
}

/** With its logo. */
export async function deleteBrand(tx: Tx, subaccountId: SubaccountId): Promise<boolean> {
  const result = await sql`/* brands.delete */
    delete from brands where subaccount_id = ${subaccountId}`.execute(tx);
  return (result.numAffectedRows ?? 0n) === 1n;
}

/** False without a brand. */
export async function setLogoHash(
  tx: Tx,
  subaccountId: SubaccountId,
  hash: string | null,
  at: Date,
): Promise<boolean> {
  const result = await sql`/* brands.set_logo_hash */
    update brands set logo_hash = ${hash}, updated_at = ${at}
    where subaccount_id = ${subaccountId} and (${hash}::text is not null or logo_hash is not null)`.execute(
    tx,
  );
  return (result.numAffectedRows ?? 0n) === 1n;
}

export async function putLogo(
  tx: Tx,
  { accountId, subaccountId }: Scope,
  { type, bytes }: Logo,
): Promise<void> {
  await sql`/* brands.put_logo */
    insert into brand_logos (account_id, subaccount_id, type, bytes)
    values (${accountId}, ${subaccountId}, ${type}, ${bytes})
    on conflict (subaccount_id) do update set type = excluded.type, bytes = excluded.bytes`.execute(tx);
}

export async function deleteLogo(tx: Tx, subaccountId: SubaccountId): Promise<void> {
  await sql`/* brands.delete_logo */ delete from brand_logos where subaccount_id = ${subaccountId}`.execute(
    tx,
  );
}

/** Engine: a logo is public by its hash. Two tenants may have the same picture. */
export async function findLogo(db: Db, hash: string): Promise<Logo | null> {
  const rows = await sql<{ type: string; bytes: Buffer }>`/* brands.find_logo */
    select l.type, l.bytes from brands b join brand_logos l on l.subaccount_id = b.subaccount_id
    where b.logo_hash = ${hash} limit 1`.execute(db);
  const [row] = rows.rows;
  return row === undefined ? null : { type: row.type as LogoType, bytes: row.bytes };
}

/** Engine: what people of the subaccount see; the account's brand is there for all of its subaccounts. */
export async function findShown(
  db: Db,
  { accountId, subaccountId }: { readonly accountId: AccountId; readonly subaccountId: SubaccountId },
): Promise<ShownBrand> {
  const rows = await sql<Row & { source: 'own' | 'account' }>`/* brands.shown */
    select b.name, b.color, b.support_address, b.logo_hash,
      case when b.subaccount_id = ${subaccountId} then 'own' else 'account' end as source
    from brands b join subaccounts s on s.id = b.subaccount_id
    where b.account_id = ${accountId} and (b.subaccount_id = ${subaccountId} or s.is_own)
    order by (b.subaccount_id = ${subaccountId}) desc limit 1`.execute(db);
  const [row] = rows.rows;
  return row === undefined ? defaultBrand : { ...toBrand(row), source: row.source };
}

export type HostRow = {
  /** Of the claim. */
  readonly id: string;
  readonly checkedAt: Date | null;
  readonly host: string;
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  /** It is the account's own, and not one of a subaccount below it. */
  readonly isOfAccount: boolean;
  /** Null: its tenant is suspended, and the host shows the installation's. */
  readonly shown: ShownBrand | null;
};

/** Engine: every proven host whose people may still log in, with what it shows. */
export async function provenHosts(db: Db): Promise<readonly HostRow[]> {
  const rows = await sql<
    Partial<Row> & {
      id: string;
      checked_at: Date | null;
      host: string;
      account_id: number;
      subaccount_id: number;
      is_of_account: boolean;
      is_shown: boolean;
      is_own: boolean;
    }
  >`/* brands.proven_hosts */
    select h.id, h.checked_at, h.name as host, h.account_id, h.subaccount_id, s.is_own as is_of_account, s.can_change and a.can_change as is_shown,
      coalesce(own.subaccount_id is not null, false) as is_own,
      b.name, b.color, b.support_address, b.logo_hash
    from brand_hosts h
      join subaccounts s on s.id = h.subaccount_id
      join accounts a on a.id = h.account_id
      left join subaccounts whole on whole.account_id = h.account_id and whole.is_own
      left join brands own on own.subaccount_id = h.subaccount_id
      left join brands b on b.subaccount_id = coalesce(own.subaccount_id, whole.id)
    where h.state = 'proven' and s.can_read and a.can_read`.execute(db);
  return rows.rows.map((row) => ({
    id: row.id,
    checkedAt: row.checked_at,
    host: row.host,
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    isOfAccount: row.is_of_account,
    shown: row.is_shown ? shownOf(row) : null,
  }));
}

function shownOf({ name, is_own: isOwn, ...row }: Partial<Row> & { is_own: boolean }): ShownBrand {
  if (name === undefined || name === null) return defaultBrand;
  const { color = null, support_address: address = null, logo_hash: hash = null } = row;
  const brand = toBrand({ name, color, support_address: address, logo_hash: hash });
  return { ...brand, source: isOwn ? 'own' : 'account' };
}
