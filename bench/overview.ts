// `npm run bench:overview`: how fast the overview of an account with 20,000 subaccounts and the figures of 10,000,000 events is there
// (bench/overview/fill.ts), in the program itself. Asks what the page asks, all of it at once as the page does, first right after a
// start of the program and then again and again, and with a Chromium on the machine loads the page itself: from the navigation to
// the first row of the list. Options: --runs 20, --subaccounts 20000, --events 10000000. Exits 1 when the slowest takes over a second.
import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { fill } from './overview/fill.ts';
import { loadPage } from './overview/page.ts';
import { ownPeer } from './program.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    subaccounts: { type: 'string', default: '20000' },
    events: { type: 'string', default: '10000000' },
  },
});
const runs = Number(values.runs);
const aimMs = 1000;
const password = 'correct horse battery staple';

/** As console/pages/overview.tsx asks them. */
function calls(): readonly string[] {
  const today = new Date();
  today.setHours(0, 0, 0, 0);
  const from = new Date(today.getTime() - 29 * 86_400_000).toISOString();
  return [
    '/messages?limit=1',
    '/captures?limit=1',
    '/subaccounts?limit=2',
    '/domains?limit=100',
    `/figures?from=${from}&step=day&timeZone=Europe%2FVienna`,
    '/why',
    '/overview',
    '/overview/subaccounts?limit=100',
  ];
}

type Took = { readonly wholeMs: number; readonly byCall: ReadonlyMap<string, number> };

async function ask(port: number, secret: string): Promise<Took> {
  const began = performance.now();
  const byCall = new Map<string, number>();
  const one = async (path: string): Promise<void> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    byCall.set(path.replace(/\?.*/, ''), performance.now() - began);
  };
  await Promise.all(calls().map(one));
  return { wholeMs: performance.now() - began, byCall };
}

let worstMs = 0;
function tell(what: string, took: readonly number[]): void {
  const sorted = took.toSorted((a, b) => a - b);
  const [min = 0, median = 0, max = 0] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  const [least, half, most] = [min, median, max].map((ms) => ms.toFixed(0));
  console.log(
    `${what.padEnd(40)} ${half} ms (${least}..${most}), ${(median / aimMs).toFixed(2)} of the aim, at worst ${(max / aimMs).toFixed(2)}`,
  );
}

function judge(what: string, took: readonly number[]): void {
  tell(what, took);
  worstMs = Math.max(worstMs, ...took);
}

const load = (): string => `load average ${loadavg()[0]?.toFixed(1)}`;
const peer = await ownPeer(true, { LETTERSHOP_ADMIN_PASSWORD: password });
try {
  await peer.start(9);
  const db = await peer.database();
  const began = performance.now();
  const filled = await fill(db, { subaccounts: Number(values.subaccounts), events: Number(values.events) });
  await db.end();
  console.log(JSON.stringify({ ...filled, filledS: Math.round((performance.now() - began) / 1000) }));
  await peer.stop();
  await peer.start(9);
  console.log(load());
  judge('all calls at once, right after a start', [(await ask(peer.httpPort(), peer.secret)).wholeMs]);
  const warm: Took[] = [];
  for (let n = 0; n < runs; n++) warm.push(await ask(peer.httpPort(), peer.secret));
  judge(
    'all calls at once',
    warm.map(({ wholeMs }) => wholeMs),
  );
  for (const path of warm[0]?.byCall.keys() ?? [])
    tell(
      `  of these ${path}`,
      warm.map(({ byCall }) => byCall.get(path) ?? 0),
    );
  if (existsSync('/usr/bin/chromium')) {
    const loaded = await loadPage({ url: `http://127.0.0.1:${peer.httpPort()}`, password, runs });
    judge('page in Chromium, nothing cached', loaded.cold);
    judge('page in Chromium, files cached', loaded.warm);
  } else console.log('page in Chromium: not run, there is none');
  console.log(load());
} finally {
  await peer.remove();
}
if (worstMs > aimMs) {
  console.log(`the slowest took ${worstMs.toFixed(0)} ms: over the aim of ${aimMs} ms`);
  process.exitCode = 1;
}
