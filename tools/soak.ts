// `npm run soak`: the long kill runs. Options: --kills 200 (in all), --seed N. Exits 1 on anything lost, half, stuck, unexplained or miscounted.
// `npm run soak -- --import 1000000`: a long suppression list instead. Exits 1 when a row is missing or memory grows with it.
// `npm run soak -- --day 1000`: three nodes, receivers of every temper and so many faults instead; exits 1 as the kill runs do.
// `npm run soak -- --quota`: bursts of two nodes against an hourly quota of 10,000 and of 10 instead; exits 1 unless exact.
// `npm run soak -- --webhooks 1000000`: so many messages told to a healthy, a flapping and a revived endpoint instead; exits 1 unless exact.
import { parseArgs } from 'node:util';
import { dayRun } from '../test/kills/day.ts';
import { listRun } from '../test/kills/lists.ts';
import { quotaRun } from '../test/kills/quota-run.ts';
import { killRun } from '../test/kills/run.ts';
import type { KillPlan, KillResult } from '../test/kills/run.ts';
import { webhookRun } from '../test/kills/webhook-run.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string' },
    import: { type: 'string' },
    quota: { type: 'boolean', default: false },
    day: { type: 'string' },
    webhooks: { type: 'string' },
  },
});

const total = Number(values.kills);
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
const perRun = 10;

const grownMiBMax = 400;

async function longList(rows: number): Promise<boolean> {
  const result = await listRun(rows);
  console.log(JSON.stringify(result, null, 2));
  return result.wrong.length === 0 && result.residentMaxMiB - result.residentBeforeMiB < grownMiBMax;
}

async function quotas(): Promise<boolean> {
  let isExact = true;
  for (const quota of [10_000, 10]) {
    const messages = quota === 10 ? 100 : 25_000;
    const plan = { quota, messages, recipientsPerCall: quota === 10 ? 1 : 10, kills: 10, clients: 20 };
    const result = await quotaRun({ ...plan, seed: seed + quota });
    console.log(`quota ${quota} seed ${seed + quota} ${JSON.stringify(result)}`);
    const rest = result.windows.reduce((sum, n) => sum + n, 0);
    isExact &&=
      result.admitted === quota &&
      result.counted === quota &&
      result.lost === 0 &&
      quota + rest === result.stored;
  }
  return isExact;
}

async function day(faults: number): Promise<boolean> {
  const result = await dayRun({ faults, nodes: 3, seed, clients: 20 });
  console.log(JSON.stringify(result, null, 2));
  const { lost, half, stuck, doubles, explained } = result;
  return lost + half + stuck + doubles - explained === 0;
}

/** A fault each 20,000 messages, five at least. */
async function webhooks(messages: number): Promise<boolean> {
  const faults = Math.max(5, Math.round(messages / 20_000));
  const result = await webhookRun({ messages, faults, seed, clients: 16 });
  console.log(JSON.stringify(result, null, 2));
  return result.wrong.length === 0;
}

async function kills(): Promise<boolean> {
  const rows: (KillResult & { nodes: number; neverBack: boolean })[] = [];
  for (let run = 0; run * perRun < total; run++) {
    // Three runs of four have two nodes; in half of all runs nodes die for good.
    const kind = run % 4;
    const plan: KillPlan = {
      kills: Math.min(perRun, total - run * perRun),
      nodes: kind === 0 ? 1 : 2,
      neverBack: kind === 1 || kind === 3,
      seed: seed + run,
      clients: 20,
    };
    const result = await killRun(plan);
    rows.push({ ...result, nodes: plan.nodes, neverBack: plan.neverBack });
    console.log(`run ${run} seed ${plan.seed} ${JSON.stringify(rows.at(-1))}`);
  }
  const sum = (name: keyof KillResult): number => rows.reduce((all, row) => all + row[name], 0);
  const unexplained = sum('doubles') - sum('explained');
  console.log(
    `\nkills ${sum('kills')}, answered ${sum('answered')}, lost ${sum('lost')}, half ${sum('half')}, stuck ${sum('stuck')}, ` +
      `doubles ${sum('doubles')}, unexplained ${unexplained}, ledger ${sum('ledger')}, ` +
      `miscounted ${sum('miscounted')} of ${sum('recounted')}`,
  );
  return sum('lost') + sum('half') + sum('stuck') + unexplained + sum('miscounted') === 0;
}

const run = (): Promise<boolean> => {
  if (values.import !== undefined) return longList(Number(values.import));
  if (values.day !== undefined) return day(Number(values.day));
  if (values.webhooks !== undefined) return webhooks(Number(values.webhooks));
  return values.quota ? quotas() : kills();
};
// At once: what a run has started holds no one up.
process.exit((await run()) ? 0 : 1);
