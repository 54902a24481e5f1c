// `npm run bench`: accepting and delivering beside the peers, run by run in turn. Options: --runs 3, --messages N, --quick.
// Prints a table and writes bench/results/<time>.json. A peer that is not here prints "not run", never a figure.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { harakaMissing, harakaPeer } from './haraka.ts';
import { httpLoad, smtpLoad, startSink } from './load.ts';
import type { Peer } from './peer.ts';
import { postfixMissing, postfixPeer } from './postfix.ts';
import { cpuSeconds, pssMiB } from './proc.ts';
import { ownPeer } from './program.ts';
import type { OwnPeer } from './program.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    messages: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const runs = values.quick ? 1 : Number(values.runs);
const connections = 50;

type Row = {
  readonly name: string;
  readonly size: number;
  readonly acceptedPerSecond: number;
  readonly deliveredPerSecond: number;
  readonly cpuPer10k: number;
  readonly pssMiB: number;
};

async function endToEnd(peer: Peer, size: number, messages: number): Promise<Row> {
  const sink = await startSink(messages);
  const guard = setTimeout(() => sink.end(), 180_000);
  try {
    const { port, pids } = await peer.start(sink.port);
    const before = cpuSeconds(pids);
    const source = await smtpLoad({ port, messages, size, connections, from: peer.from, auth: peer.auth });
    const arrived = await sink.done;
    const row = {
      name: peer.name,
      size,
      acceptedPerSecond: source.messages / ((source.lastMs - source.firstMs) / 1000),
      deliveredPerSecond: arrived.messages / ((arrived.lastMs - source.firstMs) / 1000),
      cpuPer10k: ((cpuSeconds(pids) - before) / arrived.messages) * 10_000,
      pssMiB: pssMiB(pids),
    };
    if (source.refused > 0 || arrived.messages < messages)
      throw new Error(`${peer.name}: ${source.refused} refused, ${arrived.messages} arrived`);
    return row;
  } finally {
    clearTimeout(guard);
    sink.end();
    await peer.stop();
  }
}

type HttpRow = {
  readonly connections: number;
  readonly acceptedPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

async function overHttp(peer: OwnPeer, count: number, messages: number): Promise<HttpRow> {
  const sink = await startSink(0);
  await peer.start(sink.port);
  const source = await httpLoad({
    port: peer.httpPort(),
    messages,
    size: 2048,
    connections: count,
    from: peer.from,
    secret: peer.secret,
  });
  await peer.stop();
  sink.end();
  return {
    connections: count,
    acceptedPerSecond: source.messages / ((source.lastMs - source.firstMs) / 1000),
    p50Ms: source.p50Ms,
    p99Ms: source.p99Ms,
  };
}

async function loadToolsAlone(): Promise<number> {
  const sink = await startSink(20_000);
  const source = await smtpLoad({
    port: sink.port,
    messages: 20_000,
    size: 2048,
    connections,
    from: 'a@b.test',
    auth: '',
  });
  await sink.done;
  return source.messages / ((source.lastMs - source.firstMs) / 1000);
}

function spread(values: readonly number[], digits = 0): string {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[sorted.length >> 1] ?? 0;
  return `${middle.toFixed(digits)} (${(sorted[0] ?? 0).toFixed(digits)}..${(sorted.at(-1) ?? 0).toFixed(digits)})`;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

async function idle(): Promise<number> {
  const peer = await ownPeer(true);
  const { pids } = await peer.start(9);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const mib = pssMiB(pids);
  await peer.remove();
  return mib;
}

/** The peers that are installed; a line for each that is not. */
async function othersHere(signs: boolean): Promise<Peer[]> {
  const peers: Peer[] = [];
  const noPostfix = postfixMissing(signs);
  if (noPostfix === null) peers.push(await postfixPeer(signs));
  else console.log(`not run: postfix${signs ? ' + opendkim' : ''} (${noPostfix})`);
  const noHaraka = harakaMissing();
  if (noHaraka === null) peers.push(await harakaPeer(signs));
  else console.log(`not run: haraka (${noHaraka})`);
  return peers;
}

async function compare(signs: boolean, size: number, rows: Row[]): Promise<void> {
  const own = await ownPeer(signs);
  const peers: Peer[] = [own, ...(await othersHere(signs))];
  try {
    for (let run = 0; run < runs; run++) {
      for (const peer of peers) {
        const messages = Number(values.messages ?? (values.quick ? 1000 : peer === own ? 8000 : 2000));
        const row = await endToEnd(peer, size, messages);
        rows.push(row);
        console.log(
          `  ${row.name} ${size} B: accepted ${row.acceptedPerSecond.toFixed(0)}/s, delivered ${row.deliveredPerSecond.toFixed(0)}/s, ${row.cpuPer10k.toFixed(1)} CPU s per 10,000`,
        );
      }
    }
  } finally {
    for (const peer of peers) await peer.remove();
  }
}

const rows: Row[] = [];
const alone = await loadToolsAlone();
console.log(`load tools alone: ${alone.toFixed(0)}/s`);
const idleMiB = await idle();
console.log(`idle, whole program with PostgreSQL: ${idleMiB.toFixed(0)} MiB PSS`);
for (const signs of [false, true])
  for (const size of values.quick ? [2048] : [2048, 10_240]) await compare(signs, size, rows);
const http: HttpRow[] = [];
const own = await ownPeer(true);
for (const count of [1, 50]) {
  for (let run = 0; run < runs; run++)
    http.push(await overHttp(own, count, values.quick ? 300 : count === 1 ? 1500 : 8000));
}
await own.remove();

console.log(
  '\n| server | size | accepted/s | delivered/s | CPU s per 10,000 | PSS MiB |\n|---|---|---|---|---|---|',
);
const groups = Map.groupBy(rows, ({ name, size }) => `${name} | ${size}`);
for (const [name, group] of groups) {
  const of = (key: 'acceptedPerSecond' | 'deliveredPerSecond' | 'cpuPer10k' | 'pssMiB', digits = 0): string =>
    spread(
      group.map((row) => row[key]),
      digits,
    );
  console.log(
    `| ${name} | ${of('acceptedPerSecond')} | ${of('deliveredPerSecond')} | ${of('cpuPer10k', 1)} | ${of('pssMiB')} |`,
  );
}
for (const [mine, theirs] of [
  ['lettershop', 'postfix'],
  ['lettershop', 'haraka'],
  ['lettershop RSA-2048', 'postfix + opendkim RSA-2048'],
  ['lettershop RSA-2048', 'haraka RSA-2048'],
] as const) {
  for (const size of [2048, 10_240]) {
    const [a, b] = [groups.get(`${mine} | ${size}`), groups.get(`${theirs} | ${size}`)];
    if (a === undefined || b === undefined) continue;
    const ratio = (key: 'acceptedPerSecond' | 'deliveredPerSecond'): string =>
      (median(a.map((row) => row[key])) / median(b.map((row) => row[key]))).toFixed(1);
    console.log(
      `ratio ${mine} / ${theirs}, ${size} B: accepted ${ratio('acceptedPerSecond')}x, delivered ${ratio('deliveredPerSecond')}x`,
    );
  }
}
for (const count of [1, 50]) {
  const group = http.filter((row) => row.connections === count);
  console.log(
    `HTTP, one message a request, ${count} connections: ${spread(group.map((row) => row.acceptedPerSecond))}/s, p50 ${spread(
      group.map((row) => row.p50Ms),
      1,
    )} ms`,
  );
}
mkdirSync('bench/results', { recursive: true });
writeFileSync(
  `bench/results/${new Date().toISOString().replaceAll(':', '-')}.json`,
  JSON.stringify({ alone, idleMiB, rows, http }, null, 2),
);
