/** Engine: what ends by itself, in batches; and what is left of a person who was erased. */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Kind, Layer } from './model.ts';
import { entryKey } from './sql-renew.ts';

export type Ended = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly layer: Layer;
  /** Null: the person was erased. */
  readonly address: string | null;
  readonly kind: Kind;
  readonly onlySender: string;
};

type Row = {
  account_id: number;
  subaccount_id: number;
  layer: Layer;
  address: string | null;
  kind: Kind;
  only_sender: string;
};

/**
 * What has just expired, each told once. A pattern leaves its list at once, as all of a list are tried at each look-up; the others
 * stay for who asks for them. One that is renewed meanwhile is passed over.
 */
export async function takeExpired(tx: Tx, now: Date, limit: number): Promise<readonly Ended[]> {
  const told = sql`s.account_id, s.subaccount_id, s.layer, case when not s.is_erased then s.address end as address, s.kind, s.only_sender`;
  const rows = await sql<Row>`/* suppressions.take_expired */
    with due as materialized (
      select id, kind from suppressions where not is_over and expires_at <= ${now} order by expires_at limit ${limit}
      for update skip locked
    ),
    gone as (
      delete from suppressions s using due where s.id = due.id and due.kind = 'pattern' returning ${told}
    ),
    over as (
      update suppressions s set is_over = true from due where s.id = due.id and due.kind <> 'pattern' returning ${told}
    )
    select * from gone union all select * from over`.execute(tx);
  return rows.rows.map((row) => ({
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    layer: row.layer,
    address: row.address,
    kind: row.kind,
    onlySender: row.only_sender,
  }));
}

/** What expired before. */
export async function dropOldExpired(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`/* suppressions.drop_expired_before */
    delete from suppressions where id in (select id from suppressions where is_over and expires_at <= ${before}
      order by expires_at limit ${limit} for update skip locked)`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}

/** The lists of deleted subaccounts: a tombstone keeps none. */
export async function dropListsOfDeleted(tx: Tx, limit: number): Promise<number> {
  const result = await sql`/* suppressions.drop_deleted */
    delete from suppressions where id in (
      select s.id from subaccounts b cross join lateral (
        select id from suppressions where subaccount_id = b.id order by id limit ${limit}) s
      where b.stage = 'deleted' limit ${limit})`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}

export async function dropOldSoftBounces(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`/* suppressions.drop_soft_bounces */
    delete from soft_bounces where ctid = any(array(
      select ctid from soft_bounces where at < ${before} order by at limit ${limit}))`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}

/** Imports whose process died are over. */
export async function cutStandingImports(tx: Tx, movedBefore: Date, now: Date): Promise<void> {
  await sql`/* suppressions.cut_imports */
    update suppression_imports set state = 'cut', finished_at = ${now} where state = 'running' and moved_at < ${movedBefore}`.execute(
    tx,
  );
}

export async function dropOldImports(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`/* suppressions.drop_imports */
    delete from suppression_imports where id in (
      select id from suppression_imports where state <> 'running' and created_at < ${before} order by id limit ${limit})`.execute(
    tx,
  );
  return Number(result.numAffectedRows ?? 0n);
}

/** Which lists a person is erased from: one subaccount's, or all of an account. */
export type ErasedFrom = { readonly accountId: AccountId; readonly subaccountId: SubaccountId | null };

/**
 * Puts `form` in the place of the address on the lists, with nothing else that tells of the person; how many entries.
 * An entry that is there under the form already takes the place of the new one.
 */
export async function eraseEntries(
  tx: Tx,
  { accountId, subaccountId }: ErasedFrom,
  address: string,
  form: string,
): Promise<number> {
  const of = sql`account_id = ${accountId} and address = ${address} and kind <> 'pattern'
    ${subaccountId === null ? sql`` : sql`and subaccount_id = ${subaccountId} and layer = 'subaccount'`}`;
  const rows = await sql<{ n: number }>`/* suppressions.erase */
    with plain as materialized (
      delete from suppressions where ${of} returning *
    ),
    kept as (
      insert into suppressions as s (account_id, subaccount_id, id, layer, address, kind, source, stops_transactional, stops_bulk,
        only_list, only_sender, expires_at, is_over, renewals, last_event_at, created_at, updated_at)
      select account_id, subaccount_id, id, layer, ${form}, kind, source, stops_transactional, stops_bulk,
        only_list, only_sender, expires_at, is_over, renewals, last_event_at, created_at, updated_at
      from plain
      on conflict (${entryKey}) do update set is_over = s.is_over and excluded.is_over,
        stops_transactional = s.stops_transactional or excluded.stops_transactional, stops_bulk = s.stops_bulk or excluded.stops_bulk,
        expires_at = case when s.expires_at is null or excluded.expires_at is null then null else greatest(s.expires_at, excluded.expires_at) end
    )
    select count(*)::int as n from plain`.execute(tx);
  await sql`/* suppressions.erase_soft_bounces */
    delete from soft_bounces where account_id = ${accountId} and address = ${address}
      ${subaccountId === null ? sql`` : sql`and subaccount_id = ${subaccountId}`}`.execute(tx);
  return rows.rows[0]?.n ?? 0;
}

/** The hash of an erased address on the list of the subaccount, or on the account's for all of them. */
export async function insertErased(
  tx: Tx,
  { accountId, subaccountId }: ErasedFrom,
  form: string,
  now: Date,
): Promise<void> {
  await sql`/* suppressions.insert_erased */
    insert into suppressions (account_id, subaccount_id, layer, address, kind, source, created_at)
    select account_id, id, ${subaccountId === null ? 'account' : 'subaccount'}, ${form}, 'manual', 'erasure', ${now}
    from subaccounts where account_id = ${accountId} and ${subaccountId === null ? sql`is_own` : sql`id = ${subaccountId}`}
    on conflict (${entryKey}) do nothing`.execute(tx);
}
