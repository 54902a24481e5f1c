import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { leavingStatuses } from './rules.ts';
import type { SubaccountStatus } from './rules.ts';

export type Subaccount = {
  readonly id: SubaccountId;
  readonly accountId: AccountId;
  readonly isOwn: boolean;
  readonly name: string;
  readonly externalId: string | null;
  readonly status: SubaccountStatus;
  readonly notes: string;
  readonly createdAt: Date;
};

type Row = {
  id: number;
  account_id: number;
  is_own: boolean;
  name: string;
  external_id: string | null;
  status: string;
  notes: string;
  created_at: Date;
};

const columns = sql`id, account_id, is_own, name, external_id, status, notes, created_at`;

function toSubaccount(row: Row): Subaccount {
  return {
    id: row.id as SubaccountId,
    accountId: row.account_id as AccountId,
    isOwn: row.is_own,
    name: row.name,
    externalId: row.external_id,
    status: row.status as SubaccountStatus,
    notes: row.notes,
    createdAt: row.created_at,
  };
}

/** Null when the external id is taken in this account. */
export async function insertSubaccount(
  tx: Tx,
  input: { accountId: AccountId; name: string; externalId: string | null; notes: string; isOwn: boolean },
): Promise<Subaccount | null> {
  const rows = await sql<Row>`/* subaccounts.insert */
    insert into subaccounts (account_id, name, external_id, notes, is_own)
    values (${input.accountId}, ${input.name}, ${input.externalId}, ${input.notes}, ${input.isOwn})
    on conflict do nothing returning ${columns}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toSubaccount(row);
}

export type SubaccountFilter = {
  readonly after: number;
  readonly limit: number;
  readonly status: SubaccountStatus | null;
  readonly search: string | null;
};

/** By id, under the transaction's scope; `search` is a part of name or external id. Deleted ones are not listed. */
export async function listSubaccounts(tx: Tx, filter: SubaccountFilter): Promise<readonly Subaccount[]> {
  const like =
    filter.search === null ? null : `%${filter.search.replaceAll(/[%_\\]/g, '\\$&').toLowerCase()}%`;
  const rows = await sql<Row>`/* subaccounts.list */
    select ${columns} from subaccounts where id > ${filter.after}::bigint and status <> 'deleted'
      ${filter.status === null ? sql`` : sql`and status = ${filter.status}`}
      ${like === null ? sql`` : sql`and (lower(name) like ${like} or lower(external_id) like ${like})`}
    order by id limit ${filter.limit}`.execute(tx);
  return rows.rows.map(toSubaccount);
}

export async function findSubaccount(tx: Tx, id: number): Promise<Subaccount | null> {
  const rows =
    await sql<Row>`/* subaccounts.find */ select ${columns} from subaccounts where id = ${id}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toSubaccount(row);
}

export async function findByExternalId(tx: Tx, externalId: string): Promise<Subaccount | null> {
  const rows = await sql<Row>`/* subaccounts.find_external */
    select ${columns} from subaccounts where external_id = ${externalId} and status <> 'deleted'`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toSubaccount(row);
}

export async function updateSubaccount(
  tx: Tx,
  id: SubaccountId,
  change: { name: string | null; notes: string | null; status: SubaccountStatus | null },
  at: Date,
): Promise<Subaccount | null> {
  const rows = await sql<Row>`/* subaccounts.update */
    update subaccounts set name = coalesce(${change.name}, name), notes = coalesce(${change.notes}, notes),
      status = coalesce(${change.status}, status), updated_at = ${at}
    where id = ${id} returning ${columns}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toSubaccount(row);
}

/** Engine, before a Scope exists: the subaccount that a credential acts for, by id or `external:x`, with its statuses. */
export type ActingFor = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly status: SubaccountStatus;
  readonly accountStatus: SubaccountStatus;
};

export async function findActingFor(
  db: Db,
  accountId: AccountId,
  target: { readonly id: number } | { readonly externalId: string },
): Promise<ActingFor | null> {
  const rows = await sql<{ id: number; status: string; account_status: string }>`/* subaccounts.acting_for */
    select s.id, s.status, a.status as account_status from subaccounts s join accounts a on a.id = s.account_id
    where s.account_id = ${accountId}
      and ${'id' in target ? sql`s.id = ${target.id}` : sql`s.external_id = ${target.externalId} and s.status <> 'deleted'`}`.execute(
    db,
  );
  const row = rows.rows[0];
  if (row === undefined) return null;
  return {
    accountId,
    subaccountId: row.id as SubaccountId,
    status: row.status as SubaccountStatus,
    accountStatus: row.account_status as SubaccountStatus,
  };
}

/** Engine: subaccounts whose accepted mail must not leave now. */
export async function listStopped(db: Db): Promise<ReadonlySet<number>> {
  const rows = await sql<{ id: number }>`/* subaccounts.stopped */
    select s.id from subaccounts s join accounts a on a.id = s.account_id
    where s.status <> all(${leavingStatuses}::text[]) or a.status <> all(${leavingStatuses}::text[])`.execute(
    db,
  );
  return new Set(rows.rows.map(({ id }) => id));
}

/** The status that stops the mail of a subaccount, its own or its account's; null when nothing does. */
export async function findStop(tx: Tx, id: SubaccountId): Promise<string | null> {
  const rows = await sql<{ status: string }>`/* subaccounts.stop */
    select case when s.status <> all(${leavingStatuses}::text[]) then s.status else a.status end as status
    from subaccounts s join accounts a on a.id = s.account_id
    where s.id = ${id} and (s.status <> all(${leavingStatuses}::text[]) or a.status <> all(${leavingStatuses}::text[]))`.execute(
    tx,
  );
  return rows.rows[0]?.status ?? null;
}
