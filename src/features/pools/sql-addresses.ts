/** Source addresses: the account's view (scoped), and what nodes ask about all of them (engine). */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, Scope } from '../../base/scope.ts';

export type SourceAddress = {
  readonly id: string;
  readonly accountId: AccountId;
  readonly address: string;
  readonly ehloName: string;
  readonly node: string;
  readonly poolId: string | null;
  readonly warmupCaps: readonly number[];
  readonly warmupStartedOn: string | null;
  readonly overflowPoolId: string | null;
  /** Taken today by a warming address. */
  readonly takenToday: number;
  /** Of that, what its node had not sent when it last said so. */
  readonly unsentToday: number;
  /** When the operator gave it. */
  readonly createdAt: Date;
};

type Row = {
  id: string;
  account_id: number;
  address: string;
  ehlo_name: string;
  node: string;
  pool_id: string | null;
  warmup_caps: number[];
  warmup_started_on: string | null;
  overflow_pool_id: string | null;
  taken: number | null;
  unsent: number | null;
  created_at: Date;
};

const columns = sql`a.id, a.account_id, host(a.address) as address, a.ehlo_name, a.node, a.pool_id, a.warmup_caps,
  a.warmup_started_on::text as warmup_started_on, a.overflow_pool_id, a.created_at, d.taken, d.unsent`;

const withDay = (day: string) =>
  sql`source_addresses a left join warmup_days d on d.address_id = a.id and d.day = ${day}::date`;

function toAddress(row: Row): SourceAddress {
  return {
    id: row.id,
    accountId: row.account_id as AccountId,
    address: row.address,
    ehloName: row.ehlo_name,
    node: row.node,
    poolId: row.pool_id,
    warmupCaps: row.warmup_caps,
    warmupStartedOn: row.warmup_started_on,
    overflowPoolId: row.overflow_pool_id,
    takenToday: row.taken ?? 0,
    unsentToday: row.unsent ?? 0,
    createdAt: row.created_at,
  };
}

/** Addresses that the operator gave to the account; of one pool when it is named. */
export async function listAddresses(
  tx: Tx,
  filter: { readonly poolId: string | null; readonly day: string },
): Promise<readonly SourceAddress[]> {
  const rows = await sql<Row>`/* pools.addresses */
    select ${columns} from ${withDay(filter.day)}
    ${filter.poolId === null ? sql`` : sql`where a.pool_id = ${filter.poolId}`} order by a.id`.execute(tx);
  return rows.rows.map(toAddress);
}

/** Null when the node has the address already. */
export async function insertAddress(
  tx: Tx,
  scope: Scope,
  input: { readonly address: string; readonly ehloName: string; readonly node: string },
): Promise<string | null> {
  const rows = await sql<{ id: string }>`/* pools.insert_address */
    insert into source_addresses (account_id, subaccount_id, address, ehlo_name, node)
    values (${scope.accountId}, ${scope.subaccountId}, ${input.address}::inet, ${input.ehloName}, ${input.node})
    on conflict (address, node) do nothing returning id`.execute(tx);
  return rows.rows[0]?.id ?? null;
}

export async function deleteAddress(tx: Tx, address: string, node: string): Promise<boolean> {
  const result = await sql`/* pools.delete_address */
    delete from source_addresses where address = ${address}::inet and node = ${node}`.execute(tx);
  return (result.numAffectedRows ?? 0n) > 0n;
}

export type Membership = {
  readonly id: string;
  readonly poolId: string | null;
  readonly warmupCaps: readonly number[];
  readonly warmupStartedOn: string | null;
  readonly overflowPoolId: string | null;
};

export async function setMembership(tx: Tx, input: Membership): Promise<boolean> {
  const result = await sql`/* pools.set_membership */
    update source_addresses set pool_id = ${input.poolId}, warmup_caps = ${input.warmupCaps}::int[],
      warmup_started_on = ${input.warmupStartedOn}::date, overflow_pool_id = ${input.overflowPoolId}
    where id = ${input.id}`.execute(tx);
  return result.numAffectedRows === 1n;
}

/** Takes the addresses out of the pool that are not among `keep`. */
export async function clearMembership(tx: Tx, poolId: string, keep: readonly string[]): Promise<void> {
  await sql`/* pools.clear_membership */
    update source_addresses set pool_id = null, warmup_caps = '{}', warmup_started_on = null, overflow_pool_id = null
    where pool_id = ${poolId} and id <> all(${keep}::bigint[])`.execute(tx);
}

/** Whether addresses are in the pool, or overflow into it. */
export async function addressesUsing(tx: Tx, poolId: string): Promise<number> {
  const rows = await sql<{ n: number }>`/* pools.addresses_using */
    select count(*)::int as n from source_addresses where pool_id = ${poolId} or overflow_pool_id = ${poolId}`.execute(
    tx,
  );
  return rows.rows[0]?.n ?? 0;
}

/** Ids of domains. */
export type PoolSigners = { readonly signing: string | null; readonly feedback: string | null };

export type SourceSnapshot = {
  readonly addresses: readonly SourceAddress[];
  /** Of accounts with addresses, or with pools that sign: the pools there are, the default one, and those that bind subaccounts. */
  readonly pools: ReadonlyMap<number, ReadonlySet<string>>;
  readonly defaults: ReadonlyMap<number, string>;
  readonly bound: ReadonlyMap<number, string>;
  /** Of pools: the domains that sign what leaves by them. */
  readonly signers: ReadonlyMap<string, PoolSigners>;
};

export const noSources: SourceSnapshot = {
  addresses: [],
  pools: new Map(),
  defaults: new Map(),
  bound: new Map(),
  signers: new Map(),
};

type PoolRow = {
  account_id: number;
  id: string;
  is_default: boolean;
  signing: string | null;
  feedback: string | null;
};

/** Engine: everything that a node must know to choose an address. */
export async function readSources(db: Db, day: string): Promise<SourceSnapshot> {
  const addresses = await sql<Row>`/* pools.all_addresses */
    select ${columns} from ${withDay(day)} where a.pool_id is not null order by a.id`.execute(db);
  const given = [...new Set(addresses.rows.map((row) => row.account_id))];
  const pools = await sql<PoolRow>`/* pools.all */
    select account_id, id, is_default, signing_domain_id as signing, feedback_domain_id as feedback from pools
    where account_id = any(${given}::int[]) or account_id in (
      select account_id from pools where signing_domain_id is not null
      union select account_id from pools where feedback_domain_id is not null)`.execute(db);
  if (pools.rows.length === 0) return noSources;
  const accounts = [...new Set(pools.rows.map((row) => row.account_id))];
  const bound = await sql<{ id: number; pool_id: string }>`/* pools.all_bound */
    select id, pool_id from subaccounts where pool_id is not null and account_id = any(${accounts}::int[])`.execute(
    db,
  );
  return {
    addresses: addresses.rows.map(toAddress),
    pools: new Map(
      accounts.map((account) => [
        account,
        new Set(pools.rows.filter((row) => row.account_id === account).map(({ id }) => id)),
      ]),
    ),
    defaults: new Map(pools.rows.filter((row) => row.is_default).map((row) => [row.account_id, row.id])),
    bound: new Map(bound.rows.map((row) => [row.id, row.pool_id])),
    signers: new Map(
      pools.rows
        .filter(({ signing, feedback }) => signing !== null || feedback !== null)
        .map(({ id, signing, feedback }) => [id, { signing, feedback }]),
    ),
  };
}

/** Engine: the pool that counts for a subaccount's message now, and its addresses. */
export async function findEffectivePool(
  db: Db,
  of: {
    readonly accountId: number;
    readonly subaccountId: number;
    readonly poolId: string;
    readonly day: string;
  },
): Promise<{ readonly poolId: string | null; readonly addresses: readonly SourceAddress[] }> {
  const pools = await sql<{ id: string | null }>`/* pools.effective */
    select coalesce((select p.id from pools p where p.account_id = s.account_id and p.id = ${of.poolId}), s.pool_id, d.id) as id
    from subaccounts s left join pools d on d.account_id = s.account_id and d.is_default
    where s.account_id = ${of.accountId} and s.id = ${of.subaccountId}`.execute(db);
  const poolId = pools.rows[0]?.id ?? null;
  if (poolId === null) return { poolId, addresses: [] };
  const rows = await sql<Row>`/* pools.of_effective */
    select ${columns} from ${withDay(of.day)} where a.account_id = ${of.accountId} and a.pool_id = ${poolId}`.execute(
    db,
  );
  return { poolId, addresses: rows.rows.map(toAddress) };
}

/** Engine: takes up to `block` of what the day's cap has left for a warming address; how much it got. */
export async function takeBlock(
  db: Db,
  id: string,
  at: { readonly day: string; readonly cap: number; readonly block: number },
): Promise<number> {
  const rows = await sql<{ got: number }>`/* pools.take_block */
    with had as (
      select a.account_id, a.subaccount_id, a.id, coalesce(d.taken, 0) as taken
      from source_addresses a left join warmup_days d on d.address_id = a.id and d.day = ${at.day}::date
      where a.id = ${id} for update of a
    ), got as (
      select *, greatest(0, least(${at.block}::int, ${at.cap}::int - taken)) as n from had
    ), put as (
      insert into warmup_days (account_id, subaccount_id, address_id, day, taken)
      select account_id, subaccount_id, id, ${at.day}::date, n from got where n > 0
      on conflict (address_id, day) do update set taken = warmup_days.taken + excluded.taken
    )
    select n as got from got`.execute(db);
  return rows.rows[0]?.got ?? 0;
}

/** Engine: how much of what was taken for the day its node has left. */
export async function putUnsent(db: Db, id: string, day: string, unsent: number): Promise<void> {
  await sql`/* pools.put_unsent */
    update warmup_days set unsent = ${unsent} where address_id = ${id} and day = ${day}::date`.execute(db);
}

/** Engine: days that are over. */
export async function dropOldDays(db: Db, before: string): Promise<void> {
  await sql`/* pools.drop_days */ delete from warmup_days where day < ${before}::date`.execute(db);
}
