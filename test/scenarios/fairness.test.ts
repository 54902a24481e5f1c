import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
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
    'many.test': { MX: [[10, 'mx.ok.test']] },
    'single.test': { MX: [[10, 'mx.ok.test']] },
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
  const [ofHeavy = 0, ofLight = 0] = await turnsAfter(before, ['heavy.test', 'light.test']);
  const ratio = ofHeavy / ofLight;
  assert.ok(ratio > 1.7 && ratio < 2.3, `turns: ${ofHeavy} and ${ofLight}`);
});

/** What was put in for later is due now, all of it at once. */
async function comesDue(domains: readonly string[]): Promise<void> {
  await sql`update queue set due_at = now() where due_at > now() + interval '1 hour' and domain = any(${domains}::text[])`.execute(
    world.database.db.engine,
  );
}

/** From when all of these domains get mail, over more messages than the window has: how many each got. */
async function turnsAfter(before: number, domains: readonly string[]): Promise<readonly number[]> {
  const firstOf = (domain: string): number =>
    receiver.kept.findIndex(
      ({ recipient }, n) => n > before && /^r\d+@/.test(recipient) && recipient.endsWith(domain),
    );
  const firsts = await world.until(
    () => Promise.resolve(domains.map(firstOf)),
    (indexes) => indexes.every((index) => index >= 0),
  );
  const began = Math.max(...firsts);
  const [from, to] = [began + 1000, began + 7000];
  await world.until(
    () => Promise.resolve(receiver.kept.length),
    (kept) => kept >= to,
  );
  const window = receiver.kept.slice(from, to);
  return domains.map((domain) => window.filter(({ recipient }) => recipient.endsWith(domain)).length);
}

test('an account with thirty subaccounts has as many turns as one with a single one', async () => {
  const [many, single] = [await another('many'), await another('single')];
  const { items } = await world.ok<{ items: { id: string; name: string }[] }>('GET', '/domains', {
    secret: many.secret,
  });
  const shared = items.find(({ name }) => name === 'from.many.test');
  await world.ok('PATCH', `/domains/${shared?.id}`, { body: { share: 'use' }, secret: many.secret });
  const sendFirst = async (name: string, secret: string): Promise<string> => {
    const from = { email: `a@from.${name}.test` };
    const [id = ''] = await world.send(`first@${name}.test`, { from }, secret);
    return id;
  };
  const likes: string[] = [];
  for (let n = 0; n < 30; n++) {
    const body = { name: `S${n}`, key: { name: 'k' } };
    const { key } = await world.ok<Made>('POST', '/subaccounts', { body, secret: many.secret });
    likes.push(await sendFirst('many', key.secret));
  }
  const like = await sendFirst('single', single.secret);
  const before = receiver.kept.length;
  for (const each of likes) await fillQueue(world, each, 300, { domain: 'many.test', dueInSeconds: 86_400 });
  await fillQueue(world, like, 9000, { domain: 'single.test', dueInSeconds: 86_400 });
  await comesDue(['many.test', 'single.test']);
  const [ofMany = 0, ofSingle = 0] = await turnsAfter(before, ['many.test', 'single.test']);
  const ratio = ofMany / ofSingle;
  assert.ok(ratio > 0.85 && ratio < 1.18, `turns: ${ofMany} and ${ofSingle}`);
});
