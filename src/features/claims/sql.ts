/** Statements over tables of claims: all have the same columns, whatever else they have. */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import type { Claim, ClaimKind, ClaimState, Proof } from './model.ts';

type Table = Pick<ClaimKind, 'table'>;

type Row = {
  account_id: number;
  subaccount_id: number;
  id: string;
  name: string;
  owner_token: string;
  state: string;
  seen: string;
  explain: string;
  checked_at: Date | null;
  created_at: Date;
};

const columns = sql`c.account_id, c.subaccount_id, c.id, c.name, c.owner_token, c.state, c.seen, c.explain, c.checked_at, c.created_at`;

function toClaim(row: Row): Claim {
  return {
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    id: row.id,
    name: row.name,
    ownerToken: row.owner_token,
    state: row.state as ClaimState,
    seen: row.seen,
    explain: row.explain,
    checkedAt: row.checked_at,
    createdAt: row.created_at,
  };
}

function only(rows: readonly Row[]): Claim | null {
  const [row] = rows;
  return row === undefined ? null : toClaim(row);
}

/** Null when the holder has one of that name. */
export async function insertClaim(
  tx: Tx,
  { table }: Table,
  scope: Scope,
  made: { readonly name: string; readonly ownerToken: string; readonly at: Date },
): Promise<Claim | null> {
  const rows = await sql<Row>`/* claims.insert */
    insert into ${sql.table(table)} as c (account_id, subaccount_id, name, owner_token, next_check_at, created_at)
    values (${scope.accountId}, ${scope.subaccountId}, ${made.name}, ${made.ownerToken}, ${made.at}, ${made.at})
    on conflict (subaccount_id, name) do nothing returning ${columns}`.execute(tx);
  return only(rows.rows);
}

export async function countClaims(tx: Tx, { table }: Table, subaccountId: SubaccountId): Promise<number> {
  const rows = await sql<{ n: number }>`/* claims.count */
    select count(*)::int as n from ${sql.table(table)} where subaccount_id = ${subaccountId}`.execute(tx);
  return rows.rows[0]?.n ?? 0;
}

export async function findClaim(tx: Tx, { table }: Table, id: string): Promise<Claim | null> {
  const rows = await sql<Row>`/* claims.find */
    select ${columns} from ${sql.table(table)} c where c.id = ${id}`.execute(tx);
  return only(rows.rows);
}

/** `subaccountId` null: whatever the scope sees. */
export async function listClaims(
  tx: Tx,
  { table }: Table,
  page: { readonly subaccountId: SubaccountId | null; readonly after: string; readonly limit: number },
): Promise<readonly Claim[]> {
  const mine = page.subaccountId === null ? sql`` : sql`and c.subaccount_id = ${page.subaccountId}`;
  const rows = await sql<Row>`/* claims.list */
    select ${columns} from ${sql.table(table)} c where c.id > ${page.after} ${mine} order by c.id limit ${page.limit}`.execute(
    tx,
  );
  return rows.rows.map(toClaim);
}

export async function deleteClaim(tx: Tx, { table }: Table, id: string): Promise<void> {
  await sql`/* claims.delete */ delete from ${sql.table(table)} where id = ${id}`.execute(tx);
}

/** Engine: those whose next look is due; the look is taken for ten minutes. */
export async function dueClaims(
  tx: Tx,
  { table }: Table,
  now: Date,
  limit: number,
): Promise<readonly Claim[]> {
  const rows = await sql<Row>`/* claims.due */
    update ${sql.table(table)} c set next_check_at = ${new Date(now.getTime() + 600_000)}
    from (select id as due_id from ${sql.table(table)} where next_check_at <= ${now} order by next_check_at limit ${limit}
      for update skip locked) due
    where c.id = due.due_id returning ${columns}`.execute(tx);
  return rows.rows.map(toClaim);
}

/** Engine: the name has one prover, whom DNS shows now; whoever was it before is told `lost`. */
export async function deposeOthers(
  tx: Tx,
  { table, deposed }: Pick<ClaimKind, 'table' | 'deposed'>,
  { id, name }: Claim,
): Promise<readonly Claim[]> {
  const rows = await sql<Row>`/* claims.depose */
    update ${sql.table(table)} c set state = 'lost', next_check_at = null, seen = '', explain = ${deposed}
    where c.name = ${name} and c.state = 'proven' and c.id <> ${id} returning ${columns}`.execute(tx);
  return rows.rows.map(toClaim);
}

/** Engine: what a look found; false when the row is gone. */
export async function recordLook(
  tx: Tx,
  { table }: Table,
  id: string,
  { state, seen, explain }: Proof,
  at: Date,
  nextCheckAt: Date,
): Promise<boolean> {
  const result = await sql`/* claims.record_look */
    update ${sql.table(table)} set state = ${state}, seen = ${seen}, explain = ${explain}, checked_at = ${at},
      next_check_at = ${nextCheckAt}, proven_at = case when ${state} = 'proven' then coalesce(proven_at, ${at}) else proven_at end
    where id = ${id}`.execute(tx);
  return (result.numAffectedRows ?? 0n) === 1n;
}

/** Engine. */
export async function hastenLook(
  tx: Tx,
  { table }: Table,
  id: string,
  now: Date,
  notSince: Date,
): Promise<void> {
  await sql`/* claims.hasten */
    update ${sql.table(table)} set next_check_at = ${now}
    where id = ${id} and (checked_at is null or checked_at < ${notSince})`.execute(tx);
}
