import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import type { InboundDomain, InboundDomainState } from './model.ts';
import type { MxProof } from './rules.ts';

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

const columns = sql`d.account_id, d.subaccount_id, d.id, d.name, d.owner_token, d.state, d.seen, d.explain, d.checked_at, d.created_at`;

function toDomain(row: Row): InboundDomain {
  return {
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    id: row.id,
    name: row.name,
    ownerToken: row.owner_token,
    state: row.state as InboundDomainState,
    seen: row.seen,
    explain: row.explain,
    checkedAt: row.checked_at,
    createdAt: row.created_at,
  };
}

function only(rows: readonly Row[]): InboundDomain | null {
  const [row] = rows;
  return row === undefined ? null : toDomain(row);
}

/** Null when the holder has one of that name. */
export async function insertInbound(
  tx: Tx,
  scope: Scope,
  made: { readonly name: string; readonly ownerToken: string; readonly at: Date },
): Promise<InboundDomain | null> {
  const rows = await sql<Row>`/* incoming.insert_domain */
    insert into inbound_domains as d (account_id, subaccount_id, name, owner_token, next_check_at, created_at)
    values (${scope.accountId}, ${scope.subaccountId}, ${made.name}, ${made.ownerToken}, ${made.at}, ${made.at})
    on conflict (subaccount_id, name) do nothing returning ${columns}`.execute(tx);
  return only(rows.rows);
}

export async function countInbound(tx: Tx, subaccountId: SubaccountId): Promise<number> {
  const rows = await sql<{ n: number }>`/* incoming.count_domains */
    select count(*)::int as n from inbound_domains where subaccount_id = ${subaccountId}`.execute(tx);
  return rows.rows[0]?.n ?? 0;
}

export async function findInbound(tx: Tx, id: string): Promise<InboundDomain | null> {
  const rows = await sql<Row>`/* incoming.find_domain */
    select ${columns} from inbound_domains d where d.id = ${id}`.execute(tx);
  return only(rows.rows);
}

export async function listInbound(
  tx: Tx,
  page: { readonly subaccountId: SubaccountId | null; readonly after: string; readonly limit: number },
): Promise<readonly InboundDomain[]> {
  const mine = page.subaccountId === null ? sql`` : sql`and d.subaccount_id = ${page.subaccountId}`;
  const rows = await sql<Row>`/* incoming.list_domains */
    select ${columns} from inbound_domains d where d.id > ${page.after} ${mine} order by d.id limit ${page.limit}`.execute(
    tx,
  );
  return rows.rows.map(toDomain);
}

/** With its routes; mail that waited for them is given up, as `giveUpOf` says. */
export async function deleteInbound(tx: Tx, id: string): Promise<void> {
  await sql`/* incoming.delete_domain */ delete from inbound_domains where id = ${id}`.execute(tx);
}

/** Engine: those whose next look is due; the look is taken for ten minutes. */
export async function dueInbound(tx: Tx, now: Date, limit: number): Promise<readonly InboundDomain[]> {
  const rows = await sql<Row>`/* incoming.due_domains */
    update inbound_domains d set next_check_at = ${new Date(now.getTime() + 600_000)}
    from (select id as due_id from inbound_domains where next_check_at <= ${now} order by next_check_at limit ${limit}
      for update skip locked) due
    where d.id = due.due_id returning ${columns}`.execute(tx);
  return rows.rows.map(toDomain);
}

/** Engine: the name has one prover, whom DNS shows now; whoever was it before is told `lost`. */
export async function deposeOthers(tx: Tx, { id, name }: InboundDomain): Promise<readonly InboundDomain[]> {
  const rows = await sql<Row>`/* incoming.depose */
    update inbound_domains d set state = 'lost', next_check_at = null, seen = '', explain = 'DNS shows the host of another owner.'
    where d.name = ${name} and d.state = 'proven' and d.id <> ${id} returning ${columns}`.execute(tx);
  return rows.rows.map(toDomain);
}

/** Engine: what a look found; false when the row is gone. */
export async function recordLook(
  tx: Tx,
  id: string,
  { state, seen, explain }: MxProof,
  at: Date,
  nextCheckAt: Date,
): Promise<boolean> {
  const result = await sql`/* incoming.record_look */
    update inbound_domains set state = ${state}, seen = ${seen}, explain = ${explain}, checked_at = ${at},
      next_check_at = ${nextCheckAt}, proven_at = case when ${state} = 'proven' then coalesce(proven_at, ${at}) else proven_at end
    where id = ${id}`.execute(tx);
  return (result.numAffectedRows ?? 0n) === 1n;
}
