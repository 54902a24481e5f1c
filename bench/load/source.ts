// Load tool: an SMTP sender of generated mail over many pipelined connections. Prints a JSON line at its end.
// usage: source.ts PORT MESSAGES SIZE CONNECTIONS FROM [AUTH_PLAIN_BASE64] [DOMAINS=50] [LINKS=0]
// With links the mail is HTML with so many of them.
import { connect } from 'node:net';
import type { Socket } from 'node:net';

const [port, total, size, connections] = process.argv.slice(2, 6).map(Number) as [
  number,
  number,
  number,
  number,
];
const from = process.argv[6] ?? 'sender@sender.test';
const auth = process.argv[7] ?? '';
const domains = Number(process.argv[8] ?? 50);
const links = Number(process.argv[9] ?? 0);

const counts = { messages: 0, refused: 0, firstMs: 0, lastMs: 0 };
const latenciesMs: number[] = [];
let started = 0;
let live = connections;

function body(length: number): Buffer {
  const line = 'The quick launch of a parcel needs a calm hand and a steady list of names here.\r\n';
  return Buffer.from(
    line.repeat(Math.ceil(length / line.length)).slice(0, Math.max(2, length - 2)) + '\r\n',
    'latin1',
  );
}

function linkHtml(at: number): string {
  return `<a href="https://shop.example/offers/${at}?campaign=spring&amp;item=${at}">offer</a>\r\n`;
}

function html(length: number): Buffer {
  const all = Array.from({ length: links }, (_, at) => linkHtml(at)).join('');
  const room = Math.max(2, length - all.length - 30);
  return Buffer.from(`<html><body>${body(room).toString('latin1')}${all}</body></html>\r\n`, 'latin1');
}

const filler = links === 0 ? body(size - 330) : html(size - 330);
const now = (): number => performance.timeOrigin + performance.now();

function message(id: number): Buffer {
  const header =
    `From: Bench <${from}>\r\nTo: <user${id}@d${id % domains}.rcpt.test>\r\nSubject: Measured message ${id}\r\n` +
    `Date: Tue, 24 Nov 2026 00:00:00 +0000\r\nMessage-ID: <${id}.${process.pid}@sender.test>\r\nMIME-Version: 1.0\r\n` +
    `Content-Type: text/${links === 0 ? 'plain' : 'html'}; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n`;
  return Buffer.concat([Buffer.from(header, 'latin1'), filler, Buffer.from('.\r\n')]);
}

type Step = 'greeting' | 'ehlo' | 'auth' | 'envelope' | 'final' | 'done';

function run(socket: Socket): void {
  let step: Step = 'greeting';
  let rest = '';
  let waiting = 1;
  let current = 0;
  let sentAtMs = 0;
  let isBad = false;
  const next = (): void => {
    if (started >= total) {
      step = 'done';
      socket.end('QUIT\r\n');
      live -= 1;
      if (live === 0) finish();
      return;
    }
    current = started++;
    step = 'envelope';
    waiting = 3;
    isBad = false;
    sentAtMs = now();
    if (counts.firstMs === 0) counts.firstMs = sentAtMs;
    socket.write(
      `MAIL FROM:<${from}>\r\nRCPT TO:<user${current}@d${current % domains}.rcpt.test>\r\nDATA\r\n`,
      'latin1',
    );
  };
  const reply = (code: string): void => {
    if (step === 'done') return;
    if (code >= '400') isBad = true;
    waiting -= 1;
    if (waiting > 0) return;
    waiting = 1;
    if (step === 'greeting') {
      step = 'ehlo';
      socket.write('EHLO source.test\r\n');
    } else if (step === 'ehlo' && auth !== '') {
      step = 'auth';
      socket.write(`AUTH PLAIN ${auth}\r\n`);
    } else if (step === 'envelope' && code === '354') {
      step = 'final';
      socket.write(message(current));
    } else {
      if (step === 'auth' && isBad) throw new Error('the server refused the login');
      if (step === 'final' && !isBad) {
        counts.messages += 1;
        counts.lastMs = now();
        latenciesMs.push(counts.lastMs - sentAtMs);
      } else if (step === 'final' || step === 'envelope') counts.refused += 1;
      next();
    }
  };
  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => {
    const text = rest + chunk.toString('latin1');
    let at = 0;
    for (let line = text.indexOf('\n', at); line >= 0; line = text.indexOf('\n', at)) {
      if (text[at + 3] !== '-') reply(text.slice(at, at + 3));
      at = line + 1;
    }
    rest = text.slice(at);
  });
  socket.on('error', (error) => {
    console.error(`source: ${error.message}`);
    process.exit(1);
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

for (let index = 0; index < connections; index++) run(connect(port, '127.0.0.1'));
