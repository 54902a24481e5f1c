// Load tool: POSTs one message a request over keep-alive connections. Prints a JSON line at its end.
// usage: http-source.ts PORT MESSAGES SIZE CONNECTIONS FROM SECRET
import { connect } from 'node:net';

const [port, total, size, connections] = process.argv.slice(2, 6).map(Number) as [
  number,
  number,
  number,
  number,
];
const from = process.argv[6] ?? '';
const secret = process.argv[7] ?? '';
const counts = { messages: 0, refused: 0, firstMs: 0, lastMs: 0 };
const latenciesMs: number[] = [];
let started = 0;
let live = connections;
const now = (): number => performance.timeOrigin + performance.now();
const text = 'The quick launch of a parcel needs a calm hand. '.repeat(Math.ceil(size / 48)).slice(0, size);

function request(id: number): string {
  const body = JSON.stringify({
    from: { email: from },
    to: [{ email: `user${id}@d${id % 50}.rcpt.test` }],
    subject: `Measured message ${id}`,
    text,
  });
  return `POST /api/v1/messages HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${secret}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

function run(): void {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let buffer = '';
  let sentAtMs = 0;
  const next = (): void => {
    if (started >= total) {
      socket.destroy();
      live -= 1;
      if (live === 0) finish();
      return;
    }
    sentAtMs = now();
    if (counts.firstMs === 0) counts.firstMs = sentAtMs;
    socket.write(request(started++), 'latin1');
  };
  socket.on('connect', next);
  socket.on('error', (error) => {
    console.error(`http-source: ${error.message}`);
    process.exit(1);
  });
  socket.on('data', (chunk: Buffer) => {
    buffer += chunk.toString('latin1');
    const head = buffer.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(buffer.slice(0, head))?.[1] ?? 0);
    if (buffer.length < head + 4 + length) return;
    if (buffer.startsWith('HTTP/1.1 202')) {
      counts.messages += 1;
      counts.lastMs = now();
      latenciesMs.push(counts.lastMs - sentAtMs);
    } else counts.refused += 1;
    buffer = '';
    next();
  });
}

function finish(): void {
  const cpu = process.cpuUsage();
  latenciesMs.sort((a, b) => a - b);
  const at = (share: number): number =>
    latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))] ?? 0;
  console.log(
    JSON.stringify({ ...counts, p50Ms: at(0.5), p99Ms: at(0.99), cpuSeconds: (cpu.user + cpu.system) / 1e6 }),
  );
  process.exit(0);
}

for (let index = 0; index < connections; index++) run();
