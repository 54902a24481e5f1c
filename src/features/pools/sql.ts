import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import { sqlState } from '../../base/database/store-lost.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';

export type Pool = {
  readonly id: string;
  readonly name: string;
  readonly isDefault: boolean;
  /** Signs what leaves by it, besides the domain that it is from. */
  readonly signingDomainId: string | null;
  /** Signs it, too, and is where complaints about it go. */
  readonly feedbackDomainId: string | null;
  readonly createdAt: Date;
};

type Row = {
  id: string;
  name: string;
  is_default: boolean;
  signing_domain_id: string | null;
  feedback_domain_id: string | null;
  created_at: Date;
};

const columns = sql`id, name, is_default, signing_domain_id, feedback_domain_id, created_at`;

function toPool(row: Row): Pool {
  return {
    id: row.id,
    name: row.name,
    isDefault: row.is_default,
    signingDomainId: row.signing_domain_id,
    feedbackDomainId: row.feedback_domain_id,
    createdAt: row.created_at,
  };
}

/** One after the other: the first is the default, and there is a bound. */
export async function lockPools(tx: Tx, accountId: AccountId): Promise<void> {
  await sql`/* pools.lock */ select from accounts where id = ${accountId} for no key update`.execute(tx);
}

/** Null when the name is taken. The first pool of an account is its default. */
export async function insertPool(tx: Tx, scope: Scope, name: string, now: Date): Promise<Pool | null> {
  const rows = await sql<Row>`/* pools.insert */
    insert into pools (account_id, subaccount_id, name, is_default, created_at)
    select ${scope.accountId}, ${scope.subaccountId}, ${name}::text, not exists (select from pools where is_default), ${now}
    on conflict (account_id, name) do nothing returning ${columns}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toPool(row);
}

export async function listPools(tx: Tx, after: string, limit: number): Promise<readonly Pool[]> {
  const rows = await sql<Row>`/* pools.list */
    select ${columns} from pools where id > ${after} order by id limit ${limit}`.execute(tx);
  return rows.rows.map(toPool);
}

export async function findPool(tx: Tx, id: string): Promise<Pool | null> {
  const rows = await sql<Row>`/* pools.find */ select ${columns} from pools where id = ${id}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toPool(row);
}

/** The one default of the account; the old one steps down first. */
export async function makeDefault(tx: Tx, id: string): Promise<void> {
  await sql`/* pools.clear_default */ update pools set is_default = false where is_default and id <> ${id}`.execute(
    tx,
  );
  await sql`/* pools.make_default */ update pools set is_default = true where id = ${id}`.execute(tx);
}

/** False when another pool of the account has the name; the transaction can do nothing more then. */
export async function renamePool(tx: Tx, id: string, name: string): Promise<boolean> {
  try {
    await sql`/* pools.rename */ update pools set name = ${name} where id = ${id}`.execute(tx);
    return true;
  } catch (error) {
    if (sqlState(error) === '23505') return false;
    throw error;
  }
}

/** Who signs what leaves by it. */
export async function setSigners(tx: Tx, { id, signingDomainId, feedbackDomainId }: Pool): Promise<void> {
  await sql`/* pools.set_signers */
    update pools set signing_domain_id = ${signingDomainId}, feedback_domain_id = ${feedbackDomainId}
    where id = ${id}`.execute(tx);
}

/** How many subaccounts it binds. */
export async function usersOf(tx: Tx, id: string): Promise<number> {
  const rows = await sql<{ n: number }>`/* pools.users */
    select count(*)::int as n from subaccounts where pool_id = ${id}`.execute(tx);
  return rows.rows[0]?.n ?? 0;
}

export async function deletePool(tx: Tx, id: string): Promise<void> {
  await sql`/* pools.delete */ delete from pools where id = ${id}`.execute(tx);
}

export type PoolChoice = { readonly boundId: string | null; readonly askedId: string | null };

/** Engine: the pool that binds the subaccount, and the one that the call names (by id or name, in any case if no other has it as it stands), if the account has it. */
export async function choosePool(
  db: Db,
  accountId: AccountId,
  subaccountId: SubaccountId,
  asked: string,
): Promise<PoolChoice> {
  const rows = await sql<{ bound_id: string | null; asked_id: string | null }>`/* pools.choose */
    select s.pool_id as bound_id, (select p.id from pools p where p.account_id = s.account_id
      and (lower(p.name) = lower(${asked}) or p.id::text = ${asked})
      order by p.name = ${asked} desc, p.id::text = ${asked} desc, p.id limit 1) as asked_id
    from subaccounts s where s.account_id = ${accountId} and s.id = ${subaccountId}`.execute(db);
  const row = rows.rows[0];
  return { boundId: row?.bound_id ?? null, askedId: row?.asked_id ?? null };
}
