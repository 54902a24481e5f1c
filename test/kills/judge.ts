/** What must be true after a run of faults, as the database tells it. */
import { chmodSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One that the user of an embedded cluster may pass through. */
export function freshFolder(base: string, name: string): string {
  const folder = mkdtempSync(join(base, `${name}-`));
  chmodSync(folder, 0o711);
  return folder;
}

export async function count(db: Client, query: string): Promise<number> {
  return Number((await db.query<{ n: string }>(query)).rows[0]?.n ?? 0);
}

/** Messages without their submission, waiting ones without a queue row, and queue rows of no waiting message. */
export function halfStored(db: Client): Promise<number> {
  return count(
    db,
    `select (select count(*) from messages m where not exists (select from submissions s
         where s.subaccount_id = m.subaccount_id and s.id = m.submission_id))
       + (select count(*) from messages m where state in ('queued', 'deferred', 'held') and not exists (select from queue q
         where q.subaccount_id = m.subaccount_id and q.message_id = m.id))
       + (select count(*) from queue q where not exists (select from messages m
         where m.subaccount_id = q.subaccount_id and m.id = q.message_id and state in ('queued', 'deferred', 'held'))) as n`,
  );
}

/** Recipients of mail that was perhaps delivered before it was sent again. */
export async function ledgerOf(db: Client): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ recipient: string }>(
    `select m.recipient from perhaps_delivered p join messages m on m.subaccount_id = p.subaccount_id and m.id = p.message_id`,
  );
  return new Set(rows.map(({ recipient }) => recipient));
}

/** What the retry schedule spreads over hours happens now. */
export async function hasten(db: Client): Promise<void> {
  await db.query(
    'update queue set due_at = now() where leased_by is null and hold is null and due_at > now()',
  );
}

/** Waits until nothing waits, making deferred mail due; what is left after a bounded time is stuck. */
export async function drain(db: Client, withinMs = 60_000): Promise<number> {
  const endsAt = performance.now() + withinMs;
  for (;;) {
    await hasten(db);
    const waiting = await count(db, 'select count(*) as n from queue');
    if (waiting === 0 || performance.now() > endsAt) return waiting;
    await wait(100);
  }
}

export type Waiting = {
  readonly leased_by: number | null;
  /** Whether that node's term lasts; null without a lease, or when there is no such node. */
  readonly is_alive: boolean | null;
  readonly hold: string | null;
  readonly is_due: boolean;
  readonly attempts: number;
  readonly n: number;
};

/** What waits, by who holds it: where to look for what is stuck. */
export async function waitingWhere(db: Client): Promise<readonly Waiting[]> {
  const { rows } = await db.query<Waiting>(
    `select q.leased_by, n.term_ends_at > now() as is_alive, q.hold, q.due_at <= now() as is_due, q.attempts, count(*)::int as n
     from queue q left join nodes n on n.number = q.leased_by group by 1, 2, 3, 4, 5 order by n desc limit 20`,
  );
  return rows;
}
