import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';

/** Serialises taking and reaping node numbers; held for milliseconds. */
const nodesLock = 5_117_302;

export type NodeRow = {
  readonly number: number;
  readonly incarnation: string;
  /** The newest millisecond that ids of this number may have used, 0 for a fresh number. */
  readonly newest_id_ms: string;
};

/** `isOver`: nothing of its process can reach the store any more. */
export type LostNode = { readonly number: number; readonly incarnation: string; readonly isOver: boolean };

/**
 * How long a lost node's number stays taken, in seconds. Its process may live on until its next sign of life, and what it
 * asked of the store runs for up to the time limit of a statement (30 s): all that may still take leases by the number.
 */
const fencedSeconds = 60;

/**
 * Takes a node number for this data folder: the one that it had before, or the lowest free one. A number whose term
 * ended but whose leases were not given back yet is not free. Returns null when all 512 are taken.
 */
export async function takeNumber(
  db: Db,
  node: { instance: string; host: string; pid: number; termMs: number },
): Promise<NodeRow | null> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(nodesLock)})`.execute(tx);
    const rows = await sql<NodeRow>`/* queue.take_number */
      insert into nodes (number, instance, incarnation, host, pid, term_ends_at, started_at)
      select coalesce((select number from nodes where instance = ${node.instance}),
          (select n from generate_series(0, 511) n where n not in (select number from nodes) order by n limit 1)),
        ${node.instance}, nextval('object_ids'), ${node.host}, ${node.pid}, now() + ${node.termMs} * interval '1 ms', now()
      on conflict (number) do update set incarnation = excluded.incarnation, host = excluded.host, pid = excluded.pid,
        term_ends_at = excluded.term_ends_at, started_at = excluded.started_at
      returning number, incarnation, newest_id_ms`.execute(tx);
    return rows.rows[0] ?? null;
  });
}

/** Prolongs the term; false when the number is no longer ours: stop sending at once. */
export async function prolong(db: Db, node: NodeRow, termMs: number, newestIdMs: number): Promise<boolean> {
  const result = await sql`/* queue.prolong */
    update nodes set term_ends_at = now() + ${termMs} * interval '1 ms', newest_id_ms = ${newestIdMs} where number = ${node.number} and incarnation = ${node.incarnation}`.execute(
    db,
  );
  return (result.numAffectedRows ?? 0n) === 1n;
}

/** Nodes whose term has ended by the database's clock, which all nodes share; locked for whoever reaps them. */
export async function lostNodes(tx: Tx): Promise<readonly LostNode[]> {
  await sql`select pg_advisory_xact_lock(${sql.lit(nodesLock)})`.execute(tx);
  const rows = await sql<LostNode>`/* queue.lost_nodes */
    select number, incarnation, term_ends_at < now() - ${fencedSeconds} * interval '1 s' as "isOver"
    from nodes where term_ends_at < now() order by number`.execute(tx);
  return rows.rows;
}

/** Its process is told by its next sign of life that the number is another's; nobody gets the number yet. */
export async function fenceNode(tx: Tx, node: LostNode): Promise<void> {
  await sql`/* queue.fence_node */
    update nodes set incarnation = nextval('object_ids')
    where number = ${node.number} and incarnation = ${node.incarnation}`.execute(tx);
}

export async function dropNode(tx: Tx, node: LostNode): Promise<void> {
  await sql`/* queue.drop_node */
    delete from nodes where number = ${node.number} and incarnation = ${node.incarnation}`.execute(tx);
}

export type Inherited = {
  readonly accountId: number;
  readonly subaccountId: number;
  readonly messageId: string;
  readonly attempts: number;
  readonly ratherNot: boolean;
  readonly dotAt: Date | null;
};

/** Everything that a node number holds; a full walk of the queue, only at a node's end or start. */
export async function leasedBy(tx: Tx, node: number): Promise<readonly Inherited[]> {
  const rows = await sql<{
    account_id: number;
    subaccount_id: number;
    message_id: string;
    attempts: number;
    rather_not: boolean;
    dot_at: Date | null;
  }>`/* queue.leased_by */
    select account_id, subaccount_id, message_id, attempts, rather_not, dot_at from queue where leased_by = ${node}
    for update`.execute(tx);
  return rows.rows.map((row) => ({
    accountId: row.account_id,
    subaccountId: row.subaccount_id,
    messageId: row.message_id,
    attempts: row.attempts,
    ratherNot: row.rather_not,
    dotAt: row.dot_at,
  }));
}

/** Gives a node's rows back to everyone, due now; those of `except` (attempts counted apart) are left. */
export async function freeLeases(tx: Tx, node: number, now: Date): Promise<number> {
  const result = await sql`/* queue.free_leases */
    update queue set leased_by = null, due_at = ${now} where leased_by = ${node}`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}

/** Engine: ids of all messages that the node has a lease of. */
export async function leasedIds(db: Db, node: number): Promise<readonly string[]> {
  const rows = await sql<{
    message_id: string;
  }>`/* queue.leased_ids */ select message_id from queue where leased_by = ${node}`.execute(db);
  return rows.rows.map(({ message_id }) => message_id);
}

/** Engine: gives named rows of the node back to everyone, due now. */
export async function freeStrays(
  db: Db,
  node: number,
  messageIds: readonly string[],
  now: Date,
): Promise<number> {
  const result = await sql`/* queue.free_strays */
    update queue set leased_by = null, due_at = ${now}
    where leased_by = ${node} and message_id = any(${messageIds}::bigint[])`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}
