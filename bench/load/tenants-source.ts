// Load tool: one message a login, by keys drawn at random or each in turn, to receiving domains in turn. Prints a JSON line at
// its end.
// usage: tenants-source.ts KIND(http|smtp) PORT MESSAGES CONNECTIONS KEYS DOMAINS ORDER(random|each)
// The secrets are ls_bench_1 ... ls_bench_KEYS; `each` goes through all of them once for each domain.
import { connect } from 'node:net';

const kind = process.argv[2];
const [port, total, connections, keys, domains] = process.argv.slice(3, 8).map(Number) as [
  number,
  number,
  number,
  number,
  number,
];
const isEach = process.argv[8] === 'each';
const counts = { messages: 0, refused: 0, firstMs: 0, lastMs: 0 };
const now = (): number => performance.timeOrigin + performance.now();
const text = 'The quick launch of a parcel needs a calm hand. '.repeat(43);
const from = 'a@lettershop.test';
let started = 0;
let live = connections;

const secret = (): string => `ls_bench_${1 + (isEach ? started % keys : Math.floor(Math.random() * keys))}`;
const recipient = (): string => {
  const domain = isEach ? Math.floor((started - 1) / keys) % domains : started % domains;
  return `user${started}@d${domain}.rcpt.test`;
};

function finish(): void {
  console.log(JSON.stringify(counts));
  process.exit(0);
}

function fail(error: Error): void {
  console.error(`tenants-source: ${error.message}`);
  process.exit(1);
}

function took(isAccepted: boolean): void {
  if (isAccepted) {
    counts.messages += 1;
    counts.lastMs = now();
  } else counts.refused += 1;
}

/** True when there is one more to send. */
function next(): boolean {
  if (started >= total) {
    live -= 1;
    if (live === 0) finish();
    return false;
  }
  if (counts.firstMs === 0) counts.firstMs = now();
  started += 1;
  return true;
}

function overHttp(): void {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let buffer = '';
  const send = (): void => {
    if (!next()) return void socket.destroy();
    const to = [{ email: recipient() }];
    const body = JSON.stringify({ from: { email: from }, to, subject: 'Measured', text });
    socket.write(
      `POST /api/v1/messages HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${secret()}\r\n` +
        `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
  };
  socket.on('connect', send);
  socket.on('error', fail);
  socket.on('data', (chunk: Buffer) => {
    buffer += chunk.toString('latin1');
    const head = buffer.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(buffer.slice(0, head))?.[1] ?? 0);
    if (buffer.length < head + 4 + length) return;
    took(buffer.startsWith('HTTP/1.1 202'));
    buffer = '';
    send();
  });
}

/** A connection of its own for each message: every one is a login. */
function overSmtp(): void {
  if (!next()) return;
  const to = recipient();
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const login = Buffer.from(`\0lettershop\0${secret()}`).toString('base64');
  const steps = [
    'EHLO bench.test\r\n',
    `AUTH PLAIN ${login}\r\n`,
    `MAIL FROM:<${from}>\r\n`,
    `RCPT TO:<${to}>\r\n`,
    'DATA\r\n',
    `From: ${from}\r\nTo: ${to}\r\nSubject: Measured\r\n\r\n${text}\r\n.\r\n`,
  ];
  let buffer = '';
  let isOver = false;
  socket.on('error', fail);
  socket.on('data', (chunk: Buffer) => {
    if (isOver) return;
    buffer += chunk.toString('latin1');
    const last = /(?:^|\r\n)(\d{3}) [^\r\n]*\r\n$/.exec(buffer);
    if (last === null) return;
    buffer = '';
    const step = Number(last[1]) >= 400 ? undefined : steps.shift();
    if (step !== undefined) return void socket.write(step);
    isOver = true;
    took(Number(last[1]) < 400);
    socket.end('QUIT\r\n');
    overSmtp();
  });
}

for (let index = 0; index < connections; index++) (kind === 'smtp' ? overSmtp : overHttp)();
