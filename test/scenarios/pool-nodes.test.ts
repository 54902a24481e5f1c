import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allAccounts } from '../../src/features/accounts/index.ts';
import { addAddress } from '../../src/features/pools/index.ts';
import type { Program } from '../../src/main/program.ts';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { Receiver } from '../doubles/receivers.ts';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
let second: Program;
let receiver: Receiver;
let dns: DnsServerDouble;

before(async () => {
  receiver = await Receiver.start({ seed: 7, host: '0.0.0.0' });
  dns = await DnsServerDouble.start({
    'ok.test': { MX: [[10, 'mx.ok.test']] },
    'mx.ok.test': { A: ['127.0.0.1'] },
  });
  world = await startWorld({
    LETTERSHOP_OUTBOUND: 'direct',
    LETTERSHOP_DNS_SERVERS: dns.address,
    LETTERSHOP_MX_PORT: String(receiver.port),
    LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
    LETTERSHOP_NODE_NAME: 'node-1',
  });
  second = await world.another({ LETTERSHOP_NODE_NAME: 'node-2' });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

type Member = { readonly address: string; readonly warmup?: Record<string, unknown> };

async function empty(name: string): Promise<string> {
  return (await world.ok<{ id: string }>('POST', '/pools', { body: { name } })).id;
}

/** A pool with these addresses, once both nodes know it. */
async function pool(name: string, members: readonly Member[]): Promise<string> {
  const id = await empty(name);
  await fill(id, members);
  return id;
}

async function fill(id: string, members: readonly Member[]): Promise<void> {
  await world.ok('PUT', `/pools/${id}/addresses`, { body: { addresses: members } });
  for (const { delivery } of [world.program, second]) {
    await world.until(
      () => Promise.resolve(delivery.standing.sources),
      (sources) => sources.knows(id),
    );
  }
}

async function give(address: string, node: string): Promise<void> {
  const [account] = await allAccounts(world.database.db);
  assert.ok(account !== undefined);
  const scope = world.program.access.operatorScope(account);
  const tenants = { db: world.database.db, clock: world.clock };
  await addAddress(tenants, scope, { address, ehloName: `${node}.test`, node });
}

/** Sends so many mails; where each came from, by the receiver's word. */
async function sources(many: number, poolName: string): Promise<readonly string[]> {
  const names = Array.from({ length: many }, (_, index) => `${poolName}-${index}@ok.test`);
  const ids = (await Promise.all(names.map((name) => world.send(name, { pool: poolName })))).flat();
  for (const id of ids) await world.settled(id, ['delivered']);
  return names.flatMap((name) => {
    const found = sourcesOf(name);
    assert.equal(found.length, 1, name);
    return found;
  });
}

function sourcesOf(to: string): readonly string[] {
  return receiver.kept
    .filter(({ recipient }) => recipient === to)
    .map(({ source, ehlo }) => `${source} ${ehlo}`);
}

test('two nodes have an address each of one pool, and each message leaves from one of the node that sends it', async () => {
  await give('127.0.0.31', 'node-1');
  await give('127.0.0.32', 'node-2');
  await pool('shared', [{ address: '127.0.0.31' }, { address: '127.0.0.32' }]);
  // What a node has just accepted it sends itself.
  const byNode = await Promise.all(
    [world.program, second].map(async ({ doors }) => {
      const to = [1, 2, 3].map((each) => ({ email: `shared-${doors.httpPort}-${each}@ok.test` }));
      const response = await fetch(`http://127.0.0.1:${doors.httpPort}/api/v1/messages`, {
        method: 'POST',
        headers: { authorization: `Bearer ${testKey.secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          from: { email: 'a@lettershop.test' },
          to,
          subject: 'x',
          text: 'x',
          pool: 'shared',
        }),
      });
      assert.equal(response.status, 202);
      const { messages } = (await response.json()) as { messages: { id: string }[] };
      for (const { id } of messages) await world.settled(id, ['delivered']);
      return [...new Set(to.flatMap(({ email }) => sourcesOf(email)))];
    }),
  );
  assert.deepEqual(byNode, [['127.0.0.31 node-1.test'], ['127.0.0.32 node-2.test']]);
});

test('mail accepted by a node without the pool’s address is sent by the node that has it', async () => {
  await give('127.0.0.33', 'node-2');
  await pool('remote', [{ address: '127.0.0.33' }]);
  assert.deepEqual([...new Set(await sources(5, 'remote'))], ['127.0.0.33 node-2.test']);
});

test('what a warming address may not send today leaves from the overflow pool, also when another node has it', async () => {
  await give('127.0.0.34', 'node-1');
  await give('127.0.0.35', 'node-2');
  const overflowPoolId = await pool('warm', [{ address: '127.0.0.35' }]);
  await pool('warming', [{ address: '127.0.0.34', warmup: { caps: [2, 4], overflowPoolId } }]);
  const left = await sources(6, 'warming');
  assert.deepEqual(
    Object.fromEntries(
      [...Map.groupBy(left, (source) => source)].map(([source, all]) => [source, all.length]),
    ),
    { '127.0.0.34 node-1.test': 2, '127.0.0.35 node-2.test': 4 },
  );
});

test('pools on two nodes that overflow into each other keep what neither may send for tomorrow', async () => {
  await give('127.0.0.36', 'node-1');
  await give('127.0.0.37', 'node-2');
  const [a, b] = [await empty('a'), await empty('b')];
  await fill(b, [{ address: '127.0.0.37', warmup: { caps: [1, 100], overflowPoolId: a } }]);
  await fill(a, [{ address: '127.0.0.36', warmup: { caps: [1, 100], overflowPoolId: b } }]);
  const ids = (
    await Promise.all([1, 2, 3, 4].map((each) => world.send(`circle-${each}@ok.test`, { pool: 'a' })))
  ).flat();
  const states = async (): Promise<string[]> =>
    Promise.all(ids.map(async (id) => (await world.ok<{ state: string }>('GET', `/messages/${id}`)).state));
  const isDone = (found: readonly string[]): boolean =>
    found.filter((state) => state === 'delivered').length === 2;
  await world.until(states, isDone);
  const codes = async (): Promise<string[]> => {
    const waiting = (await states()).map((state, index) => (state === 'delivered' ? '' : (ids[index] ?? '')));
    const reasons = await Promise.all(
      waiting
        .filter((id) => id !== '')
        .map((id) => world.ok<{ reasons: { movesAt: string | null }[] }>('GET', `/messages/${id}/why`)),
    );
    return reasons.map(({ reasons: [first] }) => first?.movesAt?.slice(11) ?? '');
  };
  await world.until(codes, (found) => found.length === 2 && found.every((at) => at.startsWith('00:00:00')));
});

test('mail that waits and named a pool that is deleted meanwhile leaves from the default pool', async () => {
  const { id } = await world.ok<{ id: string }>('POST', '/pools', { body: { name: 'short-lived' } });
  const at = (ms: number): string => new Date(world.clock.now() + ms).toISOString();
  const to = 'waits@ok.test';
  const [message = ''] = await world.send(to, { pool: 'short-lived', sendAt: at(3_600_000) });
  await world.ok('DELETE', `/pools/${id}`);
  await world.ok('POST', `/messages/${message}/reschedule`, { body: { sendAt: at(0) } });
  await world.settled(message, ['delivered']);
  const { items } = await world.ok<{ items: { name: string; isDefault: boolean }[] }>('GET', '/pools');
  assert.equal(items.find(({ isDefault }) => isDefault)?.name, 'shared');
  assert.match(sourcesOf(to).join(), /^127\.0\.0\.3[12] node-[12]\.test$/);
});
