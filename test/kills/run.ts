/**
 * Kill runs: SIGKILL at random instants under load, then what must be true. Lost: answered, and never at the sink. Half: a
 * message without its submission, or waiting without a queue row. Stuck: still waiting when all should be through.
 * Unexplained: at the sink twice, and not in the ledger of perhaps-delivered mail.
 */
import { chmodSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { startPostgres } from '../../src/base/postgres/postgres.ts';
import { silentLog } from '../../src/base/log.ts';
import { seeded } from '../doubles/receivers.ts';
import { Clients } from './clients.ts';
import { CountingSink } from './counting-sink.ts';
import { drain, freshFolder, halfStored, ledgerOf, wait } from './judge.ts';
import { NodeProcess } from './node.ts';
import { countedQuery, miscountedQuery } from './recount.ts';
import { newFolder } from '../folder.ts';

export type KillResult = {
  readonly kills: number;
  readonly answered: number;
  readonly lost: number;
  readonly half: number;
  readonly stuck: number;
  readonly doubles: number;
  readonly explained: number;
  readonly ledger: number;
  /** Rows in which the figures differ from a recount of the log, and rows that were compared. */
  readonly miscounted: number;
  readonly recounted: number;
};

export type KillPlan = {
  readonly kills: number;
  readonly nodes: 1 | 2;
  /** With two nodes: every second kill is of a node whose folder is thrown away. */
  readonly neverBack: boolean;
  readonly seed: number;
  readonly clients: number;
};

const termSeconds = '6';

export async function killRun(plan: KillPlan): Promise<KillResult> {
  const base = newFolder('lettershop-kill');
  chmodSync(base, 0o711);
  const random = seeded(plan.seed);
  const sink = await CountingSink.start(random);
  const outside =
    plan.nodes === 2 ? await startPostgres({ folder: freshFolder(base, 'pg'), log: silentLog }) : null;
  const shared: Record<string, string> = {
    LETTERSHOP_NODE_TERM_SECONDS: termSeconds,
    LETTERSHOP_MASTER_KEY: randomBytes(32).toString('base64'),
    ...(outside === null
      ? {}
      : {
          DATABASE_URL: `postgres://postgres@localhost/postgres?host=${encodeURIComponent(outside.connection.host)}`,
        }),
  };
  const relay = { LETTERSHOP_OUTBOUND: 'relay', LETTERSHOP_RELAY_URL: `smtp://127.0.0.1:${sink.port}` };
  const nodes = Array.from(
    { length: plan.nodes },
    (_, index) => new NodeProcess(freshFolder(base, `n${index}`), shared),
  );
  const up = new Set<NodeProcess>();
  try {
    const [first] = nodes;
    if (first === undefined) throw new Error('a kill run needs a node');
    await first.start();
    await first.stop();
    for (const node of nodes) {
      await node.start(relay);
      up.add(node);
    }
    const clients = new Clients(String(plan.seed), () => [...up]);
    clients.start(plan.clients);
    for (let kill = 0; kill < plan.kills; kill++)
      await killOne(kill, { plan, random, nodes, up, relay, base, shared, clients });
    await clients.stop();
    const [last] = up;
    if (last === undefined) throw new Error('no node is left');
    return await judge(plan, last, clients, sink);
  } finally {
    for (const node of up) await node.stop();
    await sink[Symbol.asyncDispose]();
    await outside?.stop();
    rmSync(base, { recursive: true, force: true });
  }
}

type Field = {
  readonly plan: KillPlan;
  readonly random: () => number;
  readonly nodes: NodeProcess[];
  readonly up: Set<NodeProcess>;
  readonly relay: Record<string, string>;
  readonly base: string;
  readonly shared: Record<string, string>;
  readonly clients: Clients;
};

/** Answered between one kill and the next, however slow the machine is. */
const answeredMin = 20;

async function killOne(
  kill: number,
  { plan, random, nodes, up, relay, base, shared, clients }: Field,
): Promise<void> {
  const enough = clients.answered.length + answeredMin;
  while (clients.answered.length < enough) await wait(20);
  await wait(Math.floor(random() * 900));
  const at = Math.floor(random() * nodes.length);
  const victim = nodes[at];
  if (victim === undefined) return;
  up.delete(victim);
  await victim.kill();
  if (plan.nodes === 2 && plan.neverBack && kill % 2 === 1) {
    rmSync(victim.folder, { recursive: true, force: true });
    const next = new NodeProcess(freshFolder(base, `n${kill}`), shared);
    nodes[at] = next;
    await next.start(relay);
    up.add(next);
    return;
  }
  await victim.start(relay);
  up.add(victim);
}

async function judge(
  plan: KillPlan,
  node: NodeProcess,
  clients: Clients,
  sink: CountingSink,
): Promise<KillResult> {
  const db = await node.database();
  try {
    const stuck = await drain(db);
    const half = await halfStored(db);
    const ledger = await ledgerOf(db);
    const doubles = [...sink.dots].filter(([, dots]) => dots > 1).map(([recipient]) => recipient);
    return {
      kills: plan.kills,
      answered: clients.answered.length,
      lost: clients.answered.filter(({ recipient }) => !sink.dots.has(recipient)).length,
      half,
      stuck,
      doubles: doubles.length,
      explained: doubles.filter((recipient) => ledger.has(recipient)).length,
      ledger: ledger.size,
      ...(await recount(db)),
    };
  } finally {
    await db.end();
  }
}

/** When the counters have come to the end of the log, which has one within a bounded time: nothing is sent any more. */
async function recount(db: Client): Promise<Pick<KillResult, 'miscounted' | 'recounted'>> {
  const endsAt = performance.now() + 60_000;
  for (;;) {
    const { rows } = await db.query<{ is_through: boolean }>(countedQuery);
    if (rows[0]?.is_through === true || performance.now() > endsAt) break;
    await wait(100);
  }
  const { rows } = await db.query<{ n: number; looked: number }>(miscountedQuery);
  return { miscounted: rows[0]?.n ?? -1, recounted: rows[0]?.looked ?? 0 };
}
