// Load tool: follows links over kept connections, one after the other on each. Prints a JSON line at its end.
// usage: click-source.ts PORT CLICKS CONNECTIONS HOST FILE (of paths, one a line)
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const [port, total, connections] = process.argv.slice(2, 5).map(Number) as [number, number, number];
const host = process.argv[5] ?? '';
const paths = readFileSync(process.argv[6] ?? '', 'utf8')
  .split('\n')
  .filter((path) => path !== '');
const now = (): number => performance.timeOrigin + performance.now();
const counts = { messages: 0, refused: 0, firstMs: now(), lastMs: 0 };
const latenciesMs: number[] = [];
const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const asked = paths.map((path) =>
  Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: ${userAgent}\r\nAccept: */*\r\n\r\n`,
    'latin1',
  ),
);
let started = 0;
let live = connections;

function percentile(share: number): number {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2));
}

function finish(): void {
  const { user, system } = process.cpuUsage();
  const cpuSeconds = (user + system) / 1e6;
  console.log(JSON.stringify({ ...counts, p50Ms: percentile(0.5), p99Ms: percentile(0.99), cpuSeconds }));
}

for (let each = 0; each < connections; each++) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let sentAtMs = 0;
  let head = '';
  const next = (): void => {
    if (started >= total) {
      socket.end();
      live -= 1;
      if (live === 0) finish();
      return;
    }
    sentAtMs = now();
    socket.write(asked[started++ % asked.length] ?? '');
  };
  socket.on('connect', next);
  // A redirect has no body: the empty line ends it.
  socket.on('data', (chunk: Buffer) => {
    head += chunk.toString('latin1');
    if (!head.endsWith('\r\n\r\n')) return;
    if (head.startsWith('HTTP/1.1 302')) {
      counts.messages += 1;
      counts.lastMs = now();
      latenciesMs.push(counts.lastMs - sentAtMs);
    } else counts.refused += 1;
    head = '';
    next();
  });
  socket.on('error', (error) => {
    throw error;
  });
}
