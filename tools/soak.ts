// `npm run soak`: the long kill runs. Options: --kills 200 (in all), --seed N. Exits 1 on anything lost, half, stuck or unexplained.
// `npm run soak -- --import 1000000`: a long suppression list instead. Exits 1 when a row is missing or memory grows with it.
import { parseArgs } from 'node:util';
import { listRun } from '../test/kills/lists.ts';
import { killRun } from '../test/kills/run.ts';
import type { KillPlan, KillResult } from '../test/kills/run.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string' },
    import: { type: 'string' },
  },
});

const grownMiBMax = 400;
if (values.import !== undefined) {
  const result = await listRun(Number(values.import));
  console.log(JSON.stringify(result, null, 2));
  const grownMiB = result.residentMaxMiB - result.residentBeforeMiB;
  process.exit(result.wrong.length === 0 && grownMiB < grownMiBMax ? 0 : 1);
}

const total = Number(values.kills);
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
const perRun = 10;

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
    `doubles ${sum('doubles')}, unexplained ${unexplained}, ledger ${sum('ledger')}`,
);
process.exitCode = sum('lost') + sum('half') + sum('stuck') + unexplained === 0 ? 0 : 1;
