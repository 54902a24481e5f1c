/**
 * Two nodes take a burst against an hourly quota while one of them is killed, over and over. What must be true afterwards:
 * exactly the quota was admitted in the window, the counter says so, everything answered is there, and what was held leaves
 * in the next windows.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { clientConfig } from '../../src/base/database/database.ts';
import type { ConnectionTarget } from '../../src/base/database/database.ts';
import { silentLog } from '../../src/base/log.ts';
import { startPostgres } from '../../src/base/postgres/postgres.ts';
import { killKey, NodeProcess } from './node.ts';
import { seeded } from '../doubles/receivers.ts';
import { newFolder } from '../folder.ts';

export type QuotaPlan = {
  readonly quota: number;
  /** Messages that the clients hand in; more than the quota. */
  readonly messages: number;
  readonly recipientsPerCall: number;
  readonly kills: number;
  readonly clients: number;
  readonly seed: number;
};

export type QuotaResult = {
  readonly stored: number;
  readonly answered: number;
  /** Answered, and not in the store. */
  readonly lost: number;
  /** Messages that the first window let go: what is not held for the quota. */
  readonly admitted: number;
  /** What the counter of the first window says. */
  readonly counted: number;
  /** Windows that it took until nothing was held any more; admitted in each. */
  readonly windows: readonly number[];
};

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function quotaRun(plan: QuotaPlan): Promise<QuotaResult> {
  const base = newFolder('lettershop-quota');
  chmodSync(base, 0o711);
  const folder = (name: string): string => {
    const made = mkdtempSync(join(base, `${name}-`));
    chmodSync(made, 0o711);
    return made;
  };
  const postgres = await startPostgres({ folder: folder('pg'), log: silentLog });
  const settings = {
    LETTERSHOP_NODE_TERM_SECONDS: '6',
    LETTERSHOP_MASTER_KEY: randomBytes(32).toString('base64'),
    DATABASE_URL: `postgres://postgres@localhost/postgres?host=${encodeURIComponent(postgres.connection.host)}`,
  };
  const nodes = [new NodeProcess(folder('n0'), settings), new NodeProcess(folder('n1'), settings)];
  try {
    for (const node of nodes) await node.start();
    return await burst(plan, nodes, postgres.connection);
  } finally {
    for (const node of nodes) await node.stop();
    await postgres.stop();
    rmSync(base, { recursive: true, force: true });
  }
}

async function burst(
  plan: QuotaPlan,
  nodes: readonly NodeProcess[],
  target: ConnectionTarget,
): Promise<QuotaResult> {
  const owner = new Client(clientConfig(target, 'owner', 'quota run'));
  await owner.connect();
  const db = await (nodes[0] as NodeProcess).database();
  try {
    // The windows stand still while the burst lasts, however slow the machine is.
    await setClock(owner, 0);
    const subaccount = await makeSubaccount(nodes[0] as NodeProcess, plan.quota);
    const answered = await handIn(plan, nodes, subaccount.secret);
    const count = counter(db, subaccount.id);
    const stored = await count(`select count(*) as n from messages where subaccount_id = $1`);
    const known = await db.query<{ id: string }>('select id from messages where subaccount_id = $1', [
      subaccount.id,
    ]);
    const ids = new Set(known.rows.map(({ id }) => id));
    const admitted = stored - (await count(held));
    const counted = await count(
      `select hour_used as n from quotas where subaccount_id = $1 and level = 'subaccount'`,
    );
    const windows = await laterWindows(owner, count);
    return {
      stored,
      answered: answered.length,
      lost: answered.filter((id) => !ids.has(id)).length,
      admitted,
      counted,
      windows,
    };
  } finally {
    await db.end();
    await owner.end();
  }
}

const held = `select count(*) as n from queue where subaccount_id = $1 and hold = 'quota'`;

function counter(db: Client, subaccountId: number): (query: string) => Promise<number> {
  return async (query) => Number((await db.query<{ n: string }>(query, [subaccountId])).rows[0]?.n ?? 0);
}

/** Windows turn by the database's clock: it stands on the hour, so many hours after the run began. */
async function setClock(owner: Client, hours: number): Promise<void> {
  await owner.query(
    `create table if not exists quota_run as select date_trunc('day', now()) + interval '1 minute' as t`,
  );
  await owner.query('grant select on quota_run to lettershop_tenant, lettershop_engine');
  await owner.query(`create or replace function quota_clock() returns timestamptz language sql stable
    as 'select t + interval ''${hours} hours'' from quota_run'`);
}

async function makeSubaccount(
  node: NodeProcess,
  quota: number,
): Promise<{ readonly id: number; readonly secret: string }> {
  const response = await fetch(`http://127.0.0.1:${node.ports.http}/api/v1/subaccounts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${killKey.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'burst', quota: { hour: quota }, key: { name: 'k' } }),
  });
  const made = (await response.json()) as { id: number; key: { secret: string } };
  return { id: made.id, secret: made.key.secret };
}

/** The burst over both nodes, with kills spread over it; the ids that were answered. */
async function handIn(
  plan: QuotaPlan,
  nodes: readonly NodeProcess[],
  secret: string,
): Promise<readonly string[]> {
  const random = seeded(plan.seed);
  const up = new Set(nodes);
  const answered: string[] = [];
  const left = { calls: Math.ceil(plan.messages / plan.recipientsPerCall) };
  const client = async (index: number): Promise<void> => {
    while (left.calls > 0) {
      const node = [...up][index % Math.max(1, up.size)];
      const ids = node === undefined ? null : await send(node, secret, plan.recipientsPerCall);
      if (ids === null) await wait(20);
      else {
        left.calls -= 1;
        answered.push(...ids);
      }
    }
  };
  const clients = Promise.all(Array.from({ length: plan.clients }, (_, index) => client(index)));
  for (let kill = 0; kill < plan.kills; kill++) {
    const wanted = (plan.messages * (kill + random())) / plan.kills;
    while (answered.length < wanted && left.calls > 0) await wait(2);
    const victim = nodes[kill % nodes.length] as NodeProcess;
    up.delete(victim);
    await victim.kill();
    await victim.start();
    up.add(victim);
  }
  await clients;
  return answered;
}

/** Null when nobody knows what became of it: the client asks again, as clients do. */
async function send(
  node: NodeProcess,
  secret: string,
  recipients: number,
): Promise<readonly string[] | null> {
  try {
    const response = await fetch(`http://127.0.0.1:${node.ports.http}/api/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        from: { email: 'a@lettershop.test' },
        recipients: Array.from({ length: recipients }, (_, index) => ({
          to: { email: `r${index}@inbox.test` },
        })),
        subject: 's',
        text: 't',
      }),
      signal: AbortSignal.timeout(30_000),
    });
    if (response.status !== 202) return null;
    return ((await response.json()) as { messages: { id: string }[] }).messages.map(({ id }) => id);
  } catch {
    return null;
  }
}

/** Moves the clock window by window until nothing is held; how many each let go. */
async function laterWindows(
  owner: Client,
  count: (query: string) => Promise<number>,
): Promise<readonly number[]> {
  const windows: number[] = [];
  const endsAt = performance.now() + 300_000;
  for (let left = await count(held); left > 0 && performance.now() < endsAt;) {
    await setClock(owner, windows.length + 1);
    const before = left;
    // Full when what was let go is a quota's worth and nothing more leaves.
    const full = await count(
      `select hour_max as n from quotas where subaccount_id = $1 and level = 'subaccount'`,
    );
    while (before - left < Math.min(full, before) && performance.now() < endsAt) {
      await wait(20);
      left = await count(held);
    }
    windows.push(before - left);
  }
  return windows;
}
