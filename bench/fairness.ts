// `npm run bench:fairness`: how long B's single mails take from accept to delivered while A has 100,000 waiting, over how long
// they take alone: signed RSA-2048, the same site and source address. Options: --samples 2000, --waiting 100000, --quick.
// B sends over HTTP, one after the other; the receiver tells when each arrived. Trust the ratio, not the milliseconds.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Receiver } from '../test/doubles/receivers.ts';
import { ownPeer } from './program.ts';
import type { OwnPeer } from './program.ts';

const { values } = parseArgs({
  options: {
    samples: { type: 'string', default: '2000' },
    waiting: { type: 'string', default: '100000' },
    quick: { type: 'boolean', default: false },
  },
});
const samples = values.quick ? 200 : Number(values.samples);
const waiting = values.quick ? 20_000 : Number(values.waiting);

type Made = { readonly id: number; readonly key: { readonly secret: string } };

async function api<T>(peer: OwnPeer, secret: string, path: string, body: object): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${peer.httpPort()}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

const text = 'x'.repeat(1900);
const mailTo = (from: string, to: string): object => ({
  from: { email: from },
  to: [{ email: to }],
  subject: 's',
  text,
});

const arrivals = new Map<string, (at: number) => void>();
const receiver = await Receiver.start({
  seed: 1,
  onKept: ({ recipient }) => arrivals.get(recipient)?.(performance.now()),
});

/** Milliseconds from the accepted answer's request to the final dot, one mail after the other. */
async function latencies(peer: OwnPeer, secret: string, count: number, name: string): Promise<number[]> {
  const taken: number[] = [];
  for (let n = 0; n < count; n++) {
    const to = `${name}${n}@inbox.test`;
    const arrived = new Promise<number>((resolve) => arrivals.set(to, resolve));
    const began = performance.now();
    await api(peer, secret, '/messages', mailTo(peer.from, to));
    taken.push((await arrived) - began);
    arrivals.delete(to);
  }
  return taken.sort((a, b) => a - b);
}

const at = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

const peer = await ownPeer(true);
try {
  await peer.start(receiver.port);
  const [a, b] = [
    await api<Made>(peer, peer.secret, '/subaccounts', { name: 'A', key: { name: 'k' } }),
    await api<Made>(peer, peer.secret, '/subaccounts', { name: 'B', key: { name: 'k' } }),
  ];
  await latencies(peer, b.key.secret, 100, 'warm');
  const alone = await latencies(peer, b.key.secret, samples, 'alone');
  const chunk = 500;
  let given = 0;
  // The same mail to many: A gives away more than leaves meanwhile, and keeps its backlog up while B is measured.
  const giveMore = async (count: number): Promise<void> => {
    for (let from = 0; from < count; from += chunk) {
      const recipients = Array.from({ length: chunk }, (_, n) => ({
        to: { email: `a${given + n}@inbox.test` },
      }));
      given += chunk;
      await api(peer, a.key.secret, '/messages', {
        from: { email: peer.from },
        subject: 's',
        text,
        recipients,
      });
    }
  };
  await giveMore(waiting);
  const before = receiver.kept.length;
  const beside = await latencies(peer, b.key.secret, samples, 'beside');
  const left = given - receiver.kept.filter(({ recipient }) => /^a\d/.test(recipient)).length;
  const row = {
    samples,
    waitingAtEnd: left,
    othersMeanwhile: receiver.kept.length - before - samples,
    aloneMs: { p50: at(alone, 0.5), p99: at(alone, 0.99) },
    besideMs: { p50: at(beside, 0.5), p99: at(beside, 0.99) },
    ratioP99: at(beside, 0.99) / at(alone, 0.99),
  };
  console.log(JSON.stringify(row, null, 2));
  mkdirSync('bench/results', { recursive: true });
  writeFileSync(
    `bench/results/fairness-${new Date().toISOString().replaceAll(':', '-')}.json`,
    JSON.stringify(row),
  );
} finally {
  await peer.remove();
  await receiver[Symbol.asyncDispose]();
}
