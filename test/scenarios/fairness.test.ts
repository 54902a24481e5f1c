import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTurnWeight } from '../../src/features/accounts/index.ts';
import { makeOperator } from '../../src/isolation/index.ts';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { Receiver } from '../doubles/receivers.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { fillQueue } from './waiting.ts';

let world: World;
let receiver: Receiver;
let dns: DnsServerDouble;

before(async () => {
  receiver = await Receiver.start({ seed: 1 });
  dns = await DnsServerDouble.start({
    'ok.test': { MX: [[10, 'mx.ok.test']] },
    'heavy.test': { MX: [[10, 'mx.ok.test']] },
    'light.test': { MX: [[10, 'mx.ok.test']] },
    'mx.ok.test': { A: ['127.0.0.1'] },
  });
  world = await startWorld({
    LETTERSHOP_OUTBOUND: 'direct',
    LETTERSHOP_DNS_SERVERS: dns.address,
    LETTERSHOP_MX_PORT: String(receiver.port),
    LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
  });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

type Made = { readonly id: number; readonly key: { readonly secret: string } };
const make = (name: string): Promise<Made> =>
  world.ok<Made>('POST', '/subaccounts', { body: { name, key: { name: 'k' } } });

/** Connections of the default profile: messages that may be under way when another's turn comes. */
const connections = 20;

test('while one subaccount has 20,000 waiting, single mails of another leave within a few turns', async () => {
  const [a, b] = [await make('A'), await make('B')];
  const [like = ''] = await world.send('first@ok.test', {}, a.key.secret);
  await world.settled(like, ['delivered']);
  await fillQueue(world, like, 20_000);
  await world.until(
    () => Promise.resolve(receiver.kept.length),
    (kept) => kept > 500,
  );
  const late: number[] = [];
  for (let n = 0; n < 40; n++) {
    const to = `b${n}@ok.test`;
    await world.send(to, {}, b.key.secret);
    const before = receiver.kept.length;
    const at = await world.until(
      () => Promise.resolve(receiver.kept.findIndex(({ recipient }) => recipient === to)),
      (index) => index >= 0,
    );
    late.push(at - before);
  }
  // Who goes next is exact (turns.test.ts); what the lanes have in hand finishes in any order, some of it several rounds.
  const bound = connections * 10;
  assert.ok(
    late.every((turns) => turns <= bound),
    `turns until it left: ${late.join(' ')}; the bound is ${bound}`,
  );
  assert.ok(receiver.kept.length < 20_000, 'A was still waiting');
  assert.ok(world.program.delivery.window.size <= 4000, 'the window is bounded');
});

test('weights are set by the account, within its own share, and not by the subaccount', async () => {
  const c = await make('C');
  const set = (secret?: string) =>
    world.api('PUT', `/subaccounts/${c.id}/turns`, {
      body: { weight: 5 },
      ...(secret === undefined ? {} : { secret }),
    });
  assert.equal((await set(c.key.secret)).status, 403);
  assert.equal((await set()).status, 200);
  assert.deepEqual(await world.ok('GET', `/subaccounts/${c.id}/turns`, { secret: c.key.secret }), {
    subaccountId: c.id,
    weight: 5,
  });
  await world.until(
    () => Promise.resolve(world.program.delivery.standing.weightOf(c.id)),
    (weight) => weight === 5,
  );
});

type Stranger = { readonly id: number; readonly secret: string };

async function another(name: string): Promise<Stranger> {
  const { clock, database, program } = world;
  const operator = makeOperator({ db: database.db, clock, access: program.access, captures: false });
  const { id, secret } = await operator.makeAccount(name);
  const domain = await world.ok<{ id: string }>('POST', '/domains', {
    body: { name: `from.${name}.test` },
    secret,
  });
  await operator.proveDomain(id, domain.id);
  return { id: Number(id), secret };
}

test('an account of weight 2 has two turns for one of another, its backlog much larger than the window', async () => {
  const { clock, database, program } = world;
  const [heavy, light] = [await another('heavy'), await another('light')];
  await setTurnWeight({ db: database.db, clock }, heavy.id, 2);
  await world.until(
    () => Promise.resolve(program.delivery.standing.weightOf(heavy.id)),
    (weight) => weight === 2,
  );
  const likes: string[] = [];
  for (const [name, { secret }] of Object.entries({ heavy, light })) {
    const from = { email: `a@from.${name}.test` };
    const [id = ''] = await world.send(`first@${name}.test`, { from }, secret);
    likes.push(id);
    await world.until(
      () => world.ok<{ state: string }>('GET', `/messages/${id}`, { secret }),
      ({ state }) => state === 'delivered',
    );
  }
  const before = receiver.kept.length;
  await fillQueue(world, likes, 9000);
  const of = (domain: string, from: number, to: number): number =>
    receiver.kept.slice(from, to).filter(({ recipient }) => recipient.endsWith(domain)).length;
  // From when both are under way, over more messages than the window has.
  const began = await world.until(
    () =>
      Promise.resolve(
        receiver.kept.findIndex(({ recipient }, n) => n > before + 2 && /^r\d+@light/.test(recipient)),
      ),
    (index) => index >= 0,
  );
  const [from, to] = [began + 1000, began + 7000];
  await world.until(
    () => Promise.resolve(receiver.kept.length),
    (kept) => kept >= to,
  );
  const turns = { heavy: of('@heavy.test', from, to), light: of('@light.test', from, to) };
  const ratio = turns.heavy / turns.light;
  assert.ok(ratio > 1.7 && ratio < 2.3, `turns: ${JSON.stringify(turns)}`);
});
