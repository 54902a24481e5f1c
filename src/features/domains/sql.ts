import { sql } from 'kysely';
import { present } from '../../base/assert.ts';
import type { Db, Tx } from '../../base/database/database.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { BounceState } from './bounce-proof.ts';
import type { Cover, Holder, ProofResult } from './model.ts';
import type { DomainState } from './rules.ts';

export type ShareLevel = 'none' | 'read' | 'use';

export type DomainRow = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly id: string;
  readonly name: string;
  readonly ownerToken: string;
  readonly share: ShareLevel;
  readonly state: DomainState;
  readonly isBuiltin: boolean;
  readonly proofs: readonly ProofResult[];
  readonly checkedAt: Date | null;
  readonly provenAt: Date | null;
  /** Somebody who administers it has agreed, by a mail. */
  readonly mailProvenAt: Date | null;
  /** DNS showed its bounce host when it last answered. */
  readonly isBounceProven: boolean;
  /** That is the name itself, and no host below it. */
  readonly bouncesToItself: boolean;
  /** Bounces of its holder's mail come back by it. */
  readonly isDefaultBounce: boolean;
  /** Signs its mail in its place, while it may. */
  readonly signingDomainId: string | null;
  readonly createdAt: Date;
};

export type Row = {
  account_id: number;
  subaccount_id: number;
  id: string;
  name: string;
  owner_token: string;
  share: string;
  state: string;
  is_builtin: boolean;
  proofs: unknown;
  checked_at: Date | null;
  proven_at: Date | null;
  mail_proven_at: Date | null;
  is_bounce_proven: boolean;
  bounces_to_itself: boolean;
  is_default_bounce: boolean;
  signing_domain_id: string | null;
  created_at: Date;
};

const columns = sql`account_id, subaccount_id, id, name, owner_token, share, state, is_builtin, proofs, checked_at,
  proven_at, mail_proven_at, is_bounce_proven, bounces_to_itself, is_default_bounce, signing_domain_id, created_at`;

export function toDomain(row: Row): DomainRow {
  return {
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    id: row.id,
    name: row.name,
    ownerToken: row.owner_token,
    share: row.share as ShareLevel,
    state: row.state as DomainState,
    isBuiltin: row.is_builtin,
    proofs: row.proofs as readonly ProofResult[],
    checkedAt: row.checked_at,
    provenAt: row.proven_at,
    mailProvenAt: row.mail_proven_at,
    isBounceProven: row.is_bounce_proven,
    bouncesToItself: row.bounces_to_itself,
    isDefaultBounce: row.is_default_bounce,
    signingDomainId: row.signing_domain_id,
    createdAt: row.created_at,
  };
}

export async function insertDomain(
  tx: Tx,
  domain: {
    accountId: AccountId;
    subaccountId: SubaccountId;
    name: string;
    ownerToken: string;
    share: ShareLevel;
    isBuiltin: boolean;
    nextCheckAt: Date | null;
  },
): Promise<DomainRow | null> {
  const rows = await sql<Row>`/* domains.insert */
    insert into domains (account_id, subaccount_id, name, owner_token, share, is_builtin, next_check_at, state, proven_at)
    values (${domain.accountId}, ${domain.subaccountId}, ${domain.name}, ${domain.ownerToken}, ${domain.share},
      ${domain.isBuiltin}, ${domain.nextCheckAt}, ${domain.isBuiltin ? 'proven' : 'unproven'},
      ${domain.isBuiltin ? sql`now()` : null})
    on conflict (subaccount_id, name) do nothing
    returning ${columns}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toDomain(row);
}

export type KeyRow = {
  readonly selector: string;
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
  readonly sealedPrivateKey: Buffer;
  readonly record: string;
  readonly state: 'signing' | 'reserve' | 'retired';
};

export async function insertKeys(tx: Tx, domain: DomainRow, keys: readonly KeyRow[]): Promise<void> {
  for (const key of keys) {
    await sql`/* domains.insert_key */
      insert into domain_keys (account_id, subaccount_id, domain_id, selector, algorithm, sealed_private_key, record, state)
      values (${domain.accountId}, ${domain.subaccountId}, ${domain.id}, ${key.selector}, ${key.algorithm},
        ${key.sealedPrivateKey}, ${key.record}, ${key.state})`.execute(tx);
  }
}

/** Null: no key was brought. */
export async function setOwnSelector(tx: Tx, id: string, selector: string | null): Promise<void> {
  await sql`/* domains.own_selector */ update domains set own_selector = ${selector} where id = ${id}`.execute(
    tx,
  );
}

export async function dropKeys(tx: Tx, domainId: string, chosen: readonly string[]): Promise<void> {
  await sql`/* domains.drop_keys */
    delete from domain_keys where domain_id = ${domainId} and selector = any(${chosen}::text[])`.execute(tx);
}

/** Of the keys made here the first of each algorithm signs, but for the algorithm of a key that was brought. */
export async function setKeyStates(
  tx: Tx,
  domainId: string,
  brought: KeyRow['algorithm'] | null,
): Promise<void> {
  await sql`/* domains.key_states */
    update domain_keys set state = case when algorithm is distinct from ${brought} and selector !~ '^ls2(-|$)' then 'signing'
      else 'reserve' end
    where domain_id = ${domainId} and selector ~ '^lse?[0-9]+(-|$)'`.execute(tx);
}

export type StoredKey = KeyRow & { readonly createdAt: Date };

export async function listKeys(db: Db | Tx, domainId: string): Promise<readonly StoredKey[]> {
  const rows = await sql<{
    selector: string;
    algorithm: KeyRow['algorithm'];
    sealed_private_key: Buffer;
    record: string;
    state: KeyRow['state'];
    created_at: Date;
  }>`/* domains.keys */
    select selector, algorithm, sealed_private_key, record, state, created_at from domain_keys where domain_id = ${domainId}
    order by selector`.execute(db);
  return rows.rows.map((row) => ({
    selector: row.selector,
    algorithm: row.algorithm,
    sealedPrivateKey: row.sealed_private_key,
    record: row.record,
    state: row.state,
    createdAt: row.created_at,
  }));
}

/** Domains that the transaction's scope sees, by id; `subaccountId` null means the whole account. */
export async function listDomains(
  tx: Tx,
  page: { subaccountId: SubaccountId | null; after: string; limit: number },
): Promise<readonly DomainRow[]> {
  const rows = await sql<Row>`/* domains.list */
    select ${columns} from domains where id > ${page.after}
      ${page.subaccountId === null ? sql`` : sql`and (subaccount_id = ${page.subaccountId} or share <> 'none')`}
    order by id limit ${page.limit}`.execute(tx);
  return rows.rows.map(toDomain);
}

export async function findDomain(tx: Tx, id: string): Promise<DomainRow | null> {
  const rows = await sql<Row>`/* domains.find */ select ${columns} from domains where id = ${id}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toDomain(row);
}

export async function deleteDomain(tx: Tx, id: string): Promise<boolean> {
  const result = await sql`/* domains.delete */ delete from domains where id = ${id}`.execute(tx);
  return (result.numAffectedRows ?? 0n) === 1n;
}

export async function updateShare(tx: Tx, id: string, share: ShareLevel): Promise<boolean> {
  const result =
    await sql`/* domains.update_share */ update domains set share = ${share} where id = ${id}`.execute(tx);
  return (result.numAffectedRows ?? 0n) === 1n;
}

/** Engine: what a check found. One that needs no proof any more is left as it is, also by a look that began before. */
export async function recordCheck(
  tx: Tx,
  id: string,
  check: {
    state: DomainState;
    proofs: unknown;
    at: Date;
    nextCheckAt: Date;
    provenSelectors: readonly string[];
    /** Null: as it was known. */
    bounces: BounceState | null;
  },
): Promise<void> {
  await sql`/* domains.record_check */
    update domains set state = ${check.state}, proofs = ${JSON.stringify(check.proofs)}::jsonb, checked_at = ${check.at},
      next_check_at = ${check.nextCheckAt}, proven_at = case when ${check.state} = 'proven' then coalesce(proven_at, ${check.at}) else proven_at end,
      mail_proven_at = case when state = 'proven' and ${check.state} = 'lost' then null else mail_proven_at end,
      is_bounce_proven = coalesce(${check.bounces?.isProven ?? null}, is_bounce_proven),
      bounces_to_itself = coalesce(${check.bounces?.toItself ?? null}, bounces_to_itself),
      is_default_bounce = is_default_bounce and ${check.state} <> 'unproven'
    where id = ${id} and not is_builtin`.execute(tx);
  await sql`/* domains.record_keys */
    update domain_keys set seen_at = case when selector = any(${check.provenSelectors}::text[]) then ${check.at} else seen_at end
    where domain_id = ${id}`.execute(tx);
}

/** Engine: makes the account the prover of the name; false when another account is. */
export async function takeOwnership(tx: Tx, name: string, accountId: AccountId, at: Date): Promise<boolean> {
  const rows = await sql<{ account_id: number }>`/* domains.take_ownership */
    insert into domain_owners (name, account_id, proven_at) values (${name}, ${accountId}, ${at})
    on conflict (name) do update set proven_at = domain_owners.proven_at
    returning account_id`.execute(tx);
  return rows.rows[0]?.account_id === accountId;
}

/** Engine: gives the name up when no proven domain of the account bears it any more. */
export async function releaseOwnership(tx: Tx, name: string, accountId: AccountId): Promise<void> {
  await sql`/* domains.release_ownership */
    delete from domain_owners o where name = ${name} and account_id = ${accountId}
      and not exists (select from domains d where d.name = o.name and d.account_id = o.account_id and d.state = 'proven')`.execute(
    tx,
  );
}

/** Engine: unproven and proven domains whose next look is due. */
export async function dueForCheck(tx: Tx, now: Date, limit: number): Promise<readonly DomainRow[]> {
  const rows = await sql<Row>`/* domains.due */
    update domains d set next_check_at = ${new Date(now.getTime() + 600_000)}
    from (select id as due_id from domains where next_check_at <= ${now} order by next_check_at limit ${limit} for update skip locked) due
    where d.id = due.due_id returning ${columns}`.execute(tx);
  return rows.rows.map(toDomain);
}

export type AskedCover = {
  readonly accountId: AccountId;
  /** Whose domain comes first; null where the list has room for all of them. */
  readonly subaccountId: SubaccountId | null;
  /** The From domain and its parents. */
  readonly candidates: readonly string[];
};

/** What sends: proven, and its holder is there. */
export const live = `d.state = 'proven' and not exists (select from subaccounts s where s.id = d.subaccount_id and s.mail_dropped)`;

/** What the installation has proven itself needs no DNS. */
export const takesBounces = `(d.is_builtin or d.is_bounce_proven)`;

const coverText = `/* domains.find_cover */
with top as materialized (
  select distinct on (i.ord) i.* from unnest($1::int[], $2::int[], $3::int[], $4::text[]) i (ord, account_id, subaccount_id, name)
  cross join lateral (select from domains d where d.name = i.name and ${live} limit 1) d
  order by i.ord, length(i.name) desc
)
select t.ord, t.name, h.id, h.subaccount_id, h.is_builtin, h.is_shared, h.takes_bounces from top t left join lateral (
  select d.id, d.subaccount_id, d.is_builtin, d.share = 'use' as is_shared, ${takesBounces} as takes_bounces from domains d
  where d.account_id = t.account_id and d.name = t.name and ${live}
  order by (d.subaccount_id = t.subaccount_id) is true desc, d.share = 'use' desc, d.id limit $5
) h on true`;

/**
 * HOT PATH (engine), before a Scope's transaction, for many callers at once: of the proven domains that cover the candidates the most
 * specific one counts, whoever in the installation has proven it: a client's own subdomain is not sent from by those who
 * may use its parent. Up to `limit` of the account's holders: the asked subaccount's own, then shared ones, by id. A
 * retired or deleted subaccount's proof counts for nothing.
 */
export async function findCovers(
  connection: HotConnection,
  asked: readonly AskedCover[],
  limit: number,
): Promise<readonly Cover[]> {
  const flat = asked.flatMap(({ accountId, subaccountId, candidates }, ord) =>
    candidates.map((name) => ({ ord, accountId, subaccountId, name })),
  );
  const rows = await connection.query<{
    ord: number;
    name: string;
    id: string | null;
    subaccount_id: SubaccountId;
    is_builtin: boolean;
    is_shared: boolean;
    takes_bounces: boolean;
  }>('domains.find_cover', coverText, [
    flat.map(({ ord }) => ord),
    flat.map(({ accountId }) => accountId),
    flat.map(({ subaccountId }) => subaccountId),
    flat.map(({ name }) => name),
    limit,
  ]);
  const found = asked.map((): { isProven: boolean; holders: Holder[] } => ({ isProven: false, holders: [] }));
  for (const {
    ord,
    name,
    id,
    subaccount_id: subaccountId,
    is_builtin,
    is_shared,
    takes_bounces,
  } of rows.rows) {
    const cover = present(found[ord], 'only what was asked is answered');
    cover.isProven = true;
    if (id === null) continue;
    const domain = { id, name, isBuiltin: is_builtin };
    cover.holders.push({ subaccountId, isShared: is_shared, takesBounces: takes_bounces, domain });
  }
  return found;
}

/** Engine: the keys that sign as the installation's own domain: notices, and senders that hang on no domain. */
export async function installationKeys(
  db: Db,
  mailDomain: string,
): Promise<readonly { readonly selector: string; readonly record: string }[]> {
  const rows = await sql<{ selector: string; record: string }>`/* domains.installation_keys */
    select k.selector, k.record from domain_keys k join domains d on d.id = k.domain_id join accounts a on a.id = d.account_id
    where a.is_system and d.name = ${mailDomain} order by k.selector`.execute(db);
  return rows.rows;
}
