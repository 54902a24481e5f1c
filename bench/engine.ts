// `npm run bench:engine`: the rows of the engine's aims that the other benches leave out, each a ratio within one run:
// one submission to 10,000 recipients, HTTP's p50 over a commit, CPU of a signed message over a bare signature, accepting
// and claiming with a backlog over an empty queue, memory with it, and a start with it until the first delivery.
// Options: --runs 5, --messages 6000, --waiting 2000000, --recipients 10000.
import { generateKeyPairSync, sign } from 'node:crypto';
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import type { Client } from 'pg';
import { httpLoad, smtpLoad, startSink } from './load.ts';
import type { SinkRun } from './load.ts';
import { cpuSeconds, pssMiB } from './proc.ts';
import { ownPeer } from './program.ts';
import type { OwnPeer } from './program.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    messages: { type: 'string', default: '6000' },
    waiting: { type: 'string', default: '2000000' },
    recipients: { type: 'string', default: '10000' },
  },
});
const [runs, messages, waiting, recipientsMax] = [
  values.runs,
  values.messages,
  values.waiting,
  values.recipients,
].map(Number) as [number, number, number, number];
const size = 2048;

const at = (list: readonly number[], part: number): number => {
  const sorted = list.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
};
const spread = (list: readonly number[], digits = 0): string =>
  `${at(list, 0.5).toFixed(digits)} (${at(list, 0).toFixed(digits)}..${at(list, 1).toFixed(digits)})`;
const ratio = (over: readonly number[], under: readonly number[]): string =>
  (at(over, 0.5) / at(under, 0.5)).toFixed(2);

type Bench = {
  readonly peer: OwnPeer;
  readonly sink: SinkRun;
  db: Client;
  port: number;
  pids: readonly number[];
};

async function opened(signs: boolean): Promise<Bench> {
  const sink = await startSink(0);
  const peer = await ownPeer(signs);
  const { port, pids } = await peer.start(sink.port);
  const db = await peer.database();
  await db.query('set statement_timeout = 0');
  return { peer, sink, db, port, pids };
}

async function closed({ peer, sink, db }: Bench): Promise<void> {
  await db.end();
  await peer.remove();
  sink.end();
}

async function call<T>({ peer }: Bench, path: string, body: object): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${peer.httpPort()}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${peer.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Resolves when nothing is left that may leave now. */
async function drained({ db }: Bench): Promise<void> {
  for (;;) {
    const { rows } = await db.query<{ waits: boolean }>(
      'select exists (select from queue where hold is null and due_at <= now()) as waits',
    );
    if (rows[0]?.waits === false) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

type Timed = { readonly accepted: number; readonly delivered: number; readonly cpuUs: number };

/** Messages per second to the last answer and to the last delivery; CPU of the program for each. */
async function smtpRun(bench: Bench): Promise<Timed> {
  const before = cpuSeconds(bench.pids);
  const counts = await smtpLoad({
    port: bench.port,
    messages,
    size,
    connections: 50,
    from: bench.peer.from,
    auth: bench.peer.auth,
  });
  await drained(bench);
  const endMs = performance.timeOrigin + performance.now();
  const perSecond = (untilMs: number): number => counts.messages / ((untilMs - counts.firstMs) / 1000);
  return {
    accepted: perSecond(counts.lastMs),
    delivered: perSecond(endMs),
    cpuUs: ((cpuSeconds(bench.pids) - before) * 1e6) / counts.messages,
  };
}

/** A stored template with substitution for all recipients of one call. */
async function toMany(bench: Bench, template: string, name: string): Promise<number> {
  const recipients = Array.from({ length: recipientsMax }, (_, n) => ({
    to: { email: `${name}-${n}@d${n % 50}.rcpt.test` },
    data: { n },
  }));
  const began = performance.now();
  await call(bench, '/messages', {
    from: { email: bench.peer.from },
    template: { id: template },
    recipients,
  });
  await drained(bench);
  return recipientsMax / ((performance.now() - began) / 1000);
}

async function recipientsRow(bench: Bench): Promise<void> {
  const text = `Hello {{ n }}. ${'The quick launch of a parcel needs a calm hand. '.repeat(43)}`.slice(
    0,
    size,
  );
  const made = { name: 'Measured', subject: 'No {{ n }}', text };
  const { id } = await call<{ id: string }>(bench, '/templates', made);
  await call(bench, `/templates/${id}/publish`, {});
  const [one, many]: [number[], number[]] = [[], []];
  for (let run = 0; run <= runs; run++) {
    const single = (await smtpRun(bench)).delivered;
    const all = await toMany(bench, id, `m${run}`);
    if (run > 0) one.push(single);
    if (run > 0) many.push(all);
  }
  console.log(
    `one submission to ${recipientsMax}: ${spread(many)}/s, single ones ${spread(one)}/s, ratio ${ratio(many, one)}`,
  );
}

/** A row of its own transaction on a warm connection, as accept does it. */
async function commitMs(db: Client): Promise<number> {
  const taken: number[] = [];
  for (let n = 0; n < 300; n++) {
    const began = performance.now();
    await db.query({ name: 'c', text: 'insert into bench_commits (n) values ($1)', values: [n] });
    taken.push(performance.now() - began);
  }
  return at(taken, 0.5);
}

/** Door, login and answer without a statement of the call's own: half of what a mail over HTTP takes is this or less. */
async function doorMs(bench: Bench): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const path = '/api/v1/messages';
  const headers = { authorization: `Bearer ${bench.peer.secret}`, 'content-type': 'application/json' };
  const taken: number[] = [];
  for (let n = 0; n < 300; n++) {
    const began = performance.now();
    await new Promise<void>((resolve, reject) => {
      const to = { port: bench.peer.httpPort(), host: '127.0.0.1', path, method: 'POST', agent, headers };
      const sent = request(to, (reply) => reply.resume().once('end', resolve));
      // Refused by its schema: everything before and after the work is done, the work is not.
      sent.once('error', reject).end('{"subject":1}');
    });
    taken.push(performance.now() - began);
  }
  agent.destroy();
  return at(taken, 0.5);
}

async function httpRow(bench: Bench): Promise<void> {
  await bench.db.query('set role none; create table if not exists bench_commits (n int)');
  const [http, commits, door]: [number[], number[], number[]] = [[], [], []];
  for (let run = 0; run < runs; run++) {
    door.push(await doorMs(bench));
    commits.push(await commitMs(bench.db));
    const load = { messages: 500, size, connections: 1, from: bench.peer.from, secret: bench.peer.secret };
    http.push((await httpLoad({ port: bench.peer.httpPort(), ...load })).p50Ms);
    await drained(bench);
  }
  await bench.db.query('drop table bench_commits; set role lettershop_engine');
  console.log(
    `HTTP, one connection: p50 ${spread(http, 2)} ms, commit ${spread(commits, 2)} ms, ratio ${ratio(http, commits)}; ` +
      `door and login alone ${spread(door, 2)} ms`,
  );
}

async function signatureRow(bench: Bench): Promise<void> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const data = Buffer.alloc(600, 'x');
  const [whole, bare]: [number[], number[]] = [[], []];
  for (let run = 0; run <= runs; run++) {
    const began = process.cpuUsage();
    for (let n = 0; n < 1000; n++) sign('sha256', data, privateKey);
    const { user, system } = process.cpuUsage(began);
    const { cpuUs } = await smtpRun(bench);
    if (run > 0) {
      bare.push((user + system) / 1000);
      whole.push(cpuUs);
    }
  }
  console.log(
    `CPU of a signed message ${spread(whole)} us, of a signature ${spread(bare)} us, ratio ${ratio(whole, bare)}`,
  );
}

/** Mail that nobody has in hand: it waits in the store and is due, so that it has to be claimed. */
async function claimed(bench: Bench, like: string, from: number): Promise<number> {
  await fill(bench.db, like, { from, count: messages, dueInSeconds: 2 });
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const began = performance.now();
  await drained(bench);
  return messages / ((performance.now() - began) / 1000);
}

type Fill = { readonly from: number; readonly count: number; readonly dueInSeconds: number };

async function fill(db: Client, like: string, { from, count, dueInSeconds }: Fill): Promise<void> {
  await db.query(
    `insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, state, state_at)
     select account_id, subaccount_id, id + n, retention_days, submission_id, 'r' || n || '@d' || n % 1000 || '.test', 'queued', state_at
     from messages, generate_series($2::int + 1, $2::int + $3::int) n where id = $1`,
    [like, from, count],
  );
  await db.query(
    `insert into queue (account_id, subaccount_id, message_id, submission_id, retention_days, lane, domain, due_at, began_at)
     select account_id, subaccount_id, id + n, submission_id, retention_days, 0, 'd' || n % 1000 || '.test',
       now() + make_interval(secs => $4::int), now()
     from messages, generate_series($2::int + 1, $2::int + $3::int) n where id = $1`,
    [like, from, count, dueInSeconds],
  );
}

async function backlogRows(bench: Bench): Promise<void> {
  const sendAt = new Date(Date.now() + 86_400_000).toISOString();
  const mail = {
    from: { email: bench.peer.from },
    to: [{ email: 'x@y.test' }],
    subject: 's',
    text: 'x'.repeat(size),
    sendAt,
  };
  const like = (await call<{ messages: { id: string }[] }>(bench, '/messages', mail)).messages[0]?.id ?? '';
  const measured = async (from: number): Promise<[accepted: number[], claims: number[]]> => {
    const [accepted, claims]: [number[], number[]] = [[], []];
    for (let run = 0; run <= runs; run++) {
      const rate = (await smtpRun(bench)).accepted;
      const claim = await claimed(bench, like, from + run * messages);
      if (run > 0) accepted.push(rate);
      if (run > 0) claims.push(claim);
    }
    return [accepted, claims];
  };
  const [acceptedEmpty, claimsEmpty] = await measured(0);
  const emptyMiB = pssMiB(bench.pids);
  await fill(bench.db, like, { from: 1_000_000, count: waiting, dueInSeconds: 86_400 });
  await bench.db.query('set role none; analyze queue; set role lettershop_engine');
  const [accepted, claims] = await measured(500_000);
  const fullMiB = pssMiB(bench.pids);
  console.log(
    `accepting with ${waiting} waiting ${spread(accepted)}/s, empty ${spread(acceptedEmpty)}/s, ratio ${ratio(accepted, acceptedEmpty)}`,
  );
  console.log(
    `claiming with ${waiting} waiting ${spread(claims)}/s, empty ${spread(claimsEmpty)}/s, ratio ${ratio(claims, claimsEmpty)}`,
  );
  console.log(
    `memory with ${waiting} waiting ${fullMiB.toFixed(0)} MiB PSS, before ${emptyMiB.toFixed(0)}, ratio ${(fullMiB / emptyMiB).toFixed(2)}`,
  );
  await startRow(bench, like);
}

/** From the start of the program to the first of the mail that was due when it stopped. */
async function startRow(bench: Bench, like: string): Promise<void> {
  await fill(bench.db, like, { from: 900_000, count: 1000, dueInSeconds: 3 });
  await bench.db.end();
  await bench.peer.stop();
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const sink = await startSink(1);
  const began = performance.timeOrigin + performance.now();
  bench.pids = (await bench.peer.start(sink.port)).pids;
  const { firstMs } = await sink.done;
  console.log(
    `start with ${waiting} waiting: first delivery after ${((firstMs - began) / 1000).toFixed(2)} s`,
  );
  bench.db = await bench.peer.database();
}

/** Signed or not, one program for the rows. */
async function withBench(signs: boolean, rows: readonly ((bench: Bench) => Promise<void>)[]): Promise<void> {
  const bench = await opened(signs);
  try {
    for (const row of rows) await row(bench);
  } finally {
    await closed(bench);
  }
}

await withBench(false, [recipientsRow, httpRow]);
await withBench(true, [signatureRow]);
await withBench(false, [backlogRows]);
