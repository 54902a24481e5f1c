import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import type { ClaimState } from '../claims/index.ts';
import type { ShareLevel } from '../domains/index.ts';
import type { TrackingDomain } from './model.ts';

type Row = {
  account_id: number;
  subaccount_id: number;
  id: string;
  name: string;
  owner_token: string;
  share: string;
  state: string;
  is_default: boolean;
  is_secure: boolean;
  seen: string;
  explain: string;
  checked_at: Date | null;
  created_at: Date;
};

const names = [
  'account_id',
  'subaccount_id',
  'id',
  'name',
  'owner_token',
  'share',
  'state',
  'is_default',
  'is_secure',
  'seen',
  'explain',
  'checked_at',
  'created_at',
] as const;
const columns = sql.join(names.map((name) => sql.ref(`t.${name}`)));

function toTracking(row: Row): TrackingDomain {
  return {
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    id: row.id,
    name: row.name,
    ownerToken: row.owner_token,
    share: row.share as ShareLevel,
    state: row.state as ClaimState,
    isDefault: row.is_default,
    isSecure: row.is_secure,
    seen: row.seen,
    explain: row.explain,
    checkedAt: row.checked_at,
    createdAt: row.created_at,
  };
}

function only(rows: readonly Row[]): TrackingDomain | null {
  const [row] = rows;
  return row === undefined ? null : toTracking(row);
}

/** Null when the holder has one of that name. */
export async function insertTracking(
  tx: Tx,
  scope: Scope,
  made: {
    readonly name: string;
    readonly ownerToken: string;
    readonly share: ShareLevel;
    readonly isSecure: boolean;
    readonly at: Date;
  },
): Promise<TrackingDomain | null> {
  const rows = await sql<Row>`/* tracking.insert */
    insert into tracking_domains as t (account_id, subaccount_id, name, owner_token, share, is_secure, next_check_at, created_at)
    values (${scope.accountId}, ${scope.subaccountId}, ${made.name}, ${made.ownerToken}, ${made.share}, ${made.isSecure},
      ${made.at}, ${made.at})
    on conflict (subaccount_id, name) do nothing returning ${columns}`.execute(tx);
  return only(rows.rows);
}

export async function findTracking(tx: Tx, id: string): Promise<TrackingDomain | null> {
  const rows = await sql<Row>`/* tracking.find */
    select ${columns} from tracking_domains t where t.id = ${id}`.execute(tx);
  return only(rows.rows);
}

/** What the scope sees, shared ones included; `subaccountId` null means the whole account. */
export async function listTracking(
  tx: Tx,
  page: { readonly subaccountId: SubaccountId | null; readonly after: string; readonly limit: number },
): Promise<readonly TrackingDomain[]> {
  const mine =
    page.subaccountId === null
      ? sql``
      : sql`and (t.subaccount_id = ${page.subaccountId} or t.share <> 'none')`;
  const rows = await sql<Row>`/* tracking.list */
    select ${columns} from tracking_domains t where t.id > ${page.after} ${mine} order by t.id limit ${page.limit}`.execute(
    tx,
  );
  return rows.rows.map(toTracking);
}

export type TrackingChange = {
  readonly share?: ShareLevel;
  readonly isSecure?: boolean;
  readonly isDefault?: boolean;
};

/** One default per holder: the old one steps down first. */
export async function updateTracking(
  tx: Tx,
  { id, subaccountId }: Pick<TrackingDomain, 'id' | 'subaccountId'>,
  { share, isSecure, isDefault }: TrackingChange,
): Promise<void> {
  if (isDefault === true) {
    await sql`/* tracking.clear_default */
      update tracking_domains set is_default = false where subaccount_id = ${subaccountId} and is_default and id <> ${id}`.execute(
      tx,
    );
  }
  await sql`/* tracking.update */
    update tracking_domains set share = coalesce(${share ?? null}, share), is_secure = coalesce(${isSecure ?? null}, is_secure),
      is_default = coalesce(${isDefault ?? null}, is_default) where id = ${id}`.execute(tx);
}

export async function deleteTracking(tx: Tx, id: string): Promise<void> {
  await sql`/* tracking.delete */ delete from tracking_domains where id = ${id}`.execute(tx);
}

export async function linkTracking(
  tx: Tx,
  domain: { readonly accountId: AccountId; readonly subaccountId: SubaccountId; readonly id: string },
  trackingDomainId: string,
): Promise<void> {
  await sql`/* tracking.link */
    insert into tracking_links (account_id, subaccount_id, domain_id, tracking_domain_id)
    values (${domain.accountId}, ${domain.subaccountId}, ${domain.id}, ${trackingDomainId})
    on conflict (domain_id) do update set tracking_domain_id = excluded.tracking_domain_id`.execute(tx);
}

export async function unlinkTracking(tx: Tx, domainId: string): Promise<void> {
  await sql`/* tracking.unlink */ delete from tracking_links where domain_id = ${domainId}`.execute(tx);
}

export type CandidateRows = {
  readonly linked: TrackingDomain | null;
  readonly subaccountDefault: TrackingDomain | null;
  readonly accountDefault: TrackingDomain | null;
};

/**
 * Engine: what a message of the subaccount could get. The account's default is for all of its subaccounts, shared or not:
 * making it the default is the account's word. A link to a domain that is shared no longer counts for nothing.
 */
export async function trackingCandidates(
  tx: Tx,
  accountId: AccountId,
  subaccountId: SubaccountId,
  domainId: string | null,
): Promise<CandidateRows> {
  const rows = await sql<Row & { source: keyof CandidateRows }>`/* tracking.candidates */
    select 'linked' as source, ${columns} from tracking_links l join tracking_domains t on t.id = l.tracking_domain_id
      where l.account_id = ${accountId} and l.domain_id = ${domainId}::bigint
        and (t.subaccount_id = l.subaccount_id or t.share = 'use')
    union all select 'subaccountDefault', ${columns} from tracking_domains t
      where t.account_id = ${accountId} and t.subaccount_id = ${subaccountId} and t.is_default
    union all select 'accountDefault', ${columns} from tracking_domains t join subaccounts s on s.id = t.subaccount_id
      where t.account_id = ${accountId} and s.is_own and t.is_default`.execute(tx);
  const of = (source: keyof CandidateRows): TrackingDomain | null =>
    only(rows.rows.filter((row) => row.source === source));
  return {
    linked: of('linked'),
    subaccountDefault: of('subaccountDefault'),
    accountDefault: of('accountDefault'),
  };
}
