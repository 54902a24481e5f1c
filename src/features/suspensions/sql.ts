import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { Scope } from '../../base/scope.ts';
import type { Suspension, SuspensionAuthority, SuspensionKind } from './rules.ts';

type Row = {
  id: string;
  account_id: number;
  authority: string;
  for_subaccount: number | null;
  kind: string;
  value: string;
  reason: string;
  set_by: string;
  until: Date | null;
  created_at: Date;
};

const columns = sql`id, account_id, authority, for_subaccount, kind, value, reason, set_by, until, created_at`;

function toSuspension(row: Row): Suspension {
  return {
    id: row.id,
    accountId: row.account_id,
    authority: row.authority as SuspensionAuthority,
    forSubaccount: row.for_subaccount,
    kind: row.kind as SuspensionKind,
    value: row.value,
    reason: row.reason,
    setBy: row.set_by,
    until: row.until,
    createdAt: row.created_at,
  };
}

export type NewSuspension = Omit<Suspension, 'id' | 'accountId' | 'createdAt'>;

/** A second one of the same authority for the same thing replaces reason and end. */
export async function upsertSuspension(
  tx: Tx,
  scope: Scope,
  input: NewSuspension,
  now: Date,
): Promise<Suspension> {
  const rows = await sql<Row>`/* suspensions.upsert */
    insert into suspensions (account_id, subaccount_id, authority, for_subaccount, kind, value, reason, set_by, until, created_at)
    values (${scope.accountId}, ${scope.subaccountId}, ${input.authority}, ${input.forSubaccount}, ${input.kind}, ${input.value},
      ${input.reason}, ${input.setBy}, ${input.until}, ${now})
    on conflict (account_id, authority, coalesce(for_subaccount, 0), kind, value)
      do update set reason = excluded.reason, set_by = excluded.set_by, until = excluded.until
    returning ${columns}`.execute(tx);
  return toSuspension(rows.rows[0] as Row);
}

export async function listSuspensions(
  tx: Tx,
  page: { readonly after: string; readonly limit: number; readonly now: Date },
): Promise<readonly Suspension[]> {
  const rows = await sql<Row>`/* suspensions.list */
    select ${columns} from suspensions where id > ${page.after} and (until is null or until > ${page.now})
    order by id limit ${page.limit}`.execute(tx);
  return rows.rows.map(toSuspension);
}

export async function findSuspension(tx: Tx, id: string): Promise<Suspension | null> {
  const rows =
    await sql<Row>`/* suspensions.find */ select ${columns} from suspensions where id = ${id}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toSuspension(row);
}

export async function deleteSuspension(tx: Tx, id: string): Promise<void> {
  await sql`/* suspensions.delete */ delete from suspensions where id = ${id}`.execute(tx);
}

/** Engine: all that hold now, for the nodes. */
export async function readActive(db: Db, now: Date): Promise<readonly Suspension[]> {
  const rows = await sql<Row>`/* suspensions.active */
    select ${columns} from suspensions where until is null or until > ${now} order by id`.execute(db);
  return rows.rows.map(toSuspension);
}

/** Engine: those that may concern one subaccount of the account: why its mail waits, whoever set them. */
export async function activeFor(
  db: Db,
  of: { readonly accountId: number; readonly subaccountId: number; readonly now: Date },
): Promise<readonly Suspension[]> {
  const rows = await sql<Row>`/* suspensions.active_for */
    select ${columns} from suspensions where account_id = ${of.accountId}
      and (for_subaccount is null or for_subaccount = ${of.subaccountId}) and (until is null or until > ${of.now})
    order by id limit 200`.execute(db);
  return rows.rows.map(toSuspension);
}

/** Engine: a day after their end they are history: events and audit tell of them. */
export async function dropEnded(db: Db, before: Date): Promise<void> {
  await sql`/* suspensions.drop_ended */ delete from suspensions where until < ${before}`.execute(db);
}

/** Engine: which of these hold now. */
export async function activeIds(db: Db, ids: readonly string[], now: Date): Promise<ReadonlySet<string>> {
  const rows = await sql<{ id: string }>`/* suspensions.active_ids */
    select id from suspensions where id = any(${ids}::bigint[]) and (until is null or until > ${now})`.execute(
    db,
  );
  return new Set(rows.rows.map(({ id }) => id));
}
