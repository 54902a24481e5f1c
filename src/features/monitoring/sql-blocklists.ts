/** Source addresses on blocklists: asked for all accounts by the engine role, read by the account under its scope. */
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Answer, DueListing, ListingState, WatchedAddress } from './model.ts';

/** Engine: every source address is asked about at every list, those of removed lists at none. */
export async function plan(tx: Tx, blocklists: readonly string[], now: Date): Promise<void> {
  await sql`/* monitoring.unplan */
    delete from blocklist_states where blocklist <> all(${blocklists}::text[])`.execute(tx);
  await sql`/* monitoring.plan */
    insert into blocklist_states (account_id, subaccount_id, address_id, blocklist, next_check_at)
    select a.account_id, a.subaccount_id, a.id, l.name, ${now}
    from source_addresses a cross join unnest(${blocklists}::text[]) l (name)
    on conflict (address_id, blocklist) do nothing`.execute(tx);
}

/** Engine: what is to be asked now; no other node asks until `again`. */
export async function takeDue(
  tx: Tx,
  at: { readonly now: Date; readonly again: Date },
  limit: number,
): Promise<readonly DueListing[]> {
  const rows = await sql<{
    account_id: number;
    subaccount_id: number;
    address_id: string;
    address: string;
    blocklist: string;
    state: ListingState;
  }>`/* monitoring.take_due */
    update blocklist_states b set next_check_at = ${at.again}
    from (select address_id as due_id, blocklist as due_list from blocklist_states where next_check_at <= ${at.now}
      order by next_check_at limit ${limit} for update skip locked) due, source_addresses a
    where b.address_id = due.due_id and b.blocklist = due.due_list and a.id = b.address_id
    returning b.account_id, b.subaccount_id, b.address_id, host(a.address) as address, b.blocklist, b.state`.execute(
    tx,
  );
  return rows.rows.map((row) => ({
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    addressId: row.address_id,
    address: row.address,
    blocklist: row.blocklist,
    state: row.state,
  }));
}

/** Engine: what the list said; false when the state was changed since it was asked. */
export async function record(
  tx: Tx,
  due: DueListing,
  answer: NonNullable<Answer>,
  at: { readonly now: Date; readonly next: Date },
): Promise<boolean> {
  const result = await sql`/* monitoring.record */
    update blocklist_states set state = ${answer.state}, codes = ${answer.codes}::text[], reason = ${answer.reason},
      since = case when state = ${answer.state} then since else ${at.now} end, checked_at = ${at.now}, next_check_at = ${at.next}
    where address_id = ${due.addressId} and blocklist = ${due.blocklist} and state = ${due.state}`.execute(
    tx,
  );
  return result.numAffectedRows === 1n;
}

type Page = { readonly after: string; readonly limit: number };

/** The account's, under the transaction's scope. */
export function listOfAccount(tx: Tx, page: Page): Promise<readonly WatchedAddress[]> {
  return listWhere(tx, sql`true`, page);
}

/** Engine: those that mail of these subaccounts leaves from when it names no pool: of the pools that bind them, else the account's default. */
export function listOfSubaccounts(
  db: Db,
  accountId: AccountId,
  subaccountIds: readonly SubaccountId[],
  page: Page,
): Promise<readonly WatchedAddress[]> {
  const isTheirs = sql`a.account_id = ${accountId} and a.pool_id in (
    select coalesce(s.pool_id, d.id) from subaccounts s left join pools d on d.account_id = s.account_id and d.is_default
    where s.account_id = ${accountId} and s.id = any(${subaccountIds}::int[]))`;
  return listWhere(db, isTheirs, page);
}

function dateOf(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

async function listWhere(
  db: Db | Tx,
  where: RawBuilder<unknown>,
  page: Page,
): Promise<readonly WatchedAddress[]> {
  const rows = await sql<{
    id: string;
    address: string;
    pool_id: string | null;
    listings: readonly (Omit<WatchedAddress['listings'][number], 'since' | 'checkedAt'> & {
      since: string | null;
      checkedAt: string | null;
    })[];
  }>`/* monitoring.list_addresses */
    select a.id, host(a.address) as address, a.pool_id, coalesce((
      select jsonb_agg(jsonb_build_object('blocklist', b.blocklist, 'state', b.state, 'codes', b.codes, 'reason', b.reason,
        'since', b.since, 'checkedAt', b.checked_at) order by b.blocklist)
      from blocklist_states b where b.address_id = a.id), '[]') as listings
    from source_addresses a where ${where} and a.id > ${page.after} order by a.id limit ${page.limit}`.execute(
    db,
  );
  return rows.rows.map(({ id, address, pool_id: poolId, listings }) => ({
    id,
    address,
    poolId,
    listings: listings.map((each) => ({
      ...each,
      since: dateOf(each.since),
      checkedAt: dateOf(each.checkedAt),
    })),
  }));
}
