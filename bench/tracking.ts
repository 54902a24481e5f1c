// `npm run bench:tracking [-- --messages 5000 --clicks 50000 --runs 5 --unsigned]`: CPU of delivery with opens and clicks
// tracked against the same mail untracked (HTML of 10 KiB with ten links), interleaved; then links followed over HTTP while
// each is stored. Everything on one machine. Prints JSON lines.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Keyring } from '../src/base/seal.ts';
import { clickTail, LinkWriter } from '../src/mail/tracking/index.ts';
import { clickLoad, smtpLoad, startSink } from './load.ts';
import { cpuSeconds } from './proc.ts';
import { ownPeer } from './program.ts';
import type { OwnPeer } from './program.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '5000' },
    clicks: { type: 'string', default: '50000' },
    runs: { type: 'string', default: '5' },
    unsigned: { type: 'boolean', default: false },
  },
});
const [messages, clicks, runs] = [Number(values.messages), Number(values.clicks), Number(values.runs)];
const masterKey = randomBytes(32);
const host = 'track.bench.test';
process.env['LETTERSHOP_MASTER_KEY'] = masterKey.toString('base64');
process.env['LETTERSHOP_TRACKING_URL'] = `http://${host}`;

let trackedMails = 0;

async function track(peer: OwnPeer, isOn: boolean): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${peer.httpPort()}/api/v1/tracking-settings`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${peer.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ opens: isOn, clicks: isOn }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  // A change is effective within two seconds.
  await new Promise((resolve) => setTimeout(resolve, 2500));
}

/** CPU milliseconds of the program per message. */
async function deliver(peer: OwnPeer, isOn: boolean): Promise<number> {
  const sink = await startSink(messages);
  const { port, pids } = await peer.start(sink.port);
  await track(peer, isOn);
  const before = cpuSeconds(pids);
  const source = await smtpLoad({
    port,
    messages,
    size: 10_240,
    connections: 50,
    from: peer.from,
    auth: peer.auth,
    links: 10,
  });
  const arrived = await sink.done;
  const cpu = ((cpuSeconds(pids) - before) / messages) * 1000;
  const deliveredPerSecond = Math.round(messages / ((arrived.lastMs - source.firstMs) / 1000));
  const db = await peer.database();
  const { rows } = await db.query<{ n: string }>(
    "select count(*) as n from submissions where options ? 'tracked'",
  );
  await db.end();
  trackedMails += isOn ? messages : 0;
  if (Number(rows[0]?.n) !== trackedMails)
    throw new Error(`${rows[0]?.n} mails are tracked, not ${trackedMails}`);
  console.log(JSON.stringify({ tracked: isOn, cpuMsPerMessage: Number(cpu.toFixed(3)), deliveredPerSecond }));
  await peer.stop();
  return cpu;
}

function spread(figures: readonly number[]): { median: number; min: number; max: number } {
  const sorted = figures.toSorted((a, b) => a - b).map((each) => Number(each.toFixed(3)));
  return { median: sorted[sorted.length >> 1] ?? 0, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 };
}

async function deliveries(peer: OwnPeer): Promise<void> {
  const pairs: { off: number; on: number }[] = [];
  for (let run = 0; run < runs; run++)
    pairs.push({ off: await deliver(peer, false), on: await deliver(peer, true) });
  console.log(
    JSON.stringify({
      signed: !values.unsigned,
      off: spread(pairs.map(({ off }) => off)),
      on: spread(pairs.map(({ on }) => on)),
      onOverOff: spread(pairs.map(({ off, on }) => on / off)),
    }),
  );
}

/** Paths of links of what was delivered. */
async function paths(db: Awaited<ReturnType<OwnPeer['database']>>): Promise<readonly string[]> {
  const ring = new Keyring([masterKey]);
  const { rows } = await db.query<{ id: string; subaccount_id: number; retention_days: number }>(
    'select id, subaccount_id, retention_days from messages order by id desc limit 2000',
  );
  const url = `http://${host}`;
  return rows.map(({ id, subaccount_id: subaccountId, retention_days: retentionDays }) => {
    const writer = new LinkWriter({ subaccountId, messageId: id, retentionDays }, url, ring);
    return writer
      .link('click', clickTail('https://shop.example/offers/1?campaign=spring', 'hero'))
      .slice(url.length);
  });
}

async function follow(peer: OwnPeer): Promise<void> {
  const sink = await startSink(1);
  const { pids } = await peer.start(sink.port);
  const folder = mkdtempSync(join(tmpdir(), 'lettershop-clicks-'));
  const file = join(folder, 'paths');
  const db = await peer.database();
  writeFileSync(file, (await paths(db)).join('\n'));
  const stored = async (): Promise<number> =>
    Number(
      (await db.query<{ n: string }>("select count(*) as n from events where kind = 'message.clicked'"))
        .rows[0]?.n,
    );
  const rates: number[] = [];
  const p99s: number[] = [];
  for (let run = 0; run < runs; run++) {
    const [known, before] = [await stored(), cpuSeconds(pids)];
    const load = { port: peer.httpPort(), clicks, connections: 50, host, file };
    const { messages: followed, refused, firstMs, lastMs, p50Ms, p99Ms } = await clickLoad(load);
    while ((await stored()) < known + clicks) await new Promise((resolve) => setTimeout(resolve, 20));
    const storedAfterMs = Math.round(performance.timeOrigin + performance.now() - lastMs);
    const clicksPerSecond = Math.round(followed / ((lastMs - firstMs) / 1000));
    const cpuUs = Math.round(((cpuSeconds(pids) - before) / clicks) * 1e6);
    console.log(JSON.stringify({ clicksPerSecond, p50Ms, p99Ms, refused, cpuUs, storedAfterMs }));
    rates.push(clicksPerSecond);
    p99s.push(p99Ms);
  }
  console.log(JSON.stringify({ clicksPerSecond: spread(rates), p99Ms: spread(p99s) }));
  await db.end();
  await peer.stop();
  sink.end();
  rmSync(folder, { recursive: true });
}

const peer = await ownPeer(!values.unsigned);
try {
  await deliveries(peer);
  await follow(peer);
} finally {
  await peer.remove();
}
