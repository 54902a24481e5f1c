import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allAccounts } from '../../src/features/accounts/index.ts';
import { addAddress } from '../../src/features/pools/index.ts';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { Receiver } from '../doubles/receivers.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
let receiver: Receiver;
let dns: DnsServerDouble;

before(async () => {
  receiver = await Receiver.start({ seed: 7, host: '0.0.0.0' });
  dns = await DnsServerDouble.start({
    'ok.test': { MX: [[10, 'mx.ok.test']] },
    'mx.ok.test': { A: ['127.0.0.1'] },
    'storm.test': { MX: [[10, 'mx.storm.test']] },
    'mx.storm.test': { A: ['127.0.0.1'] },
  });
  world = await startWorld({
    LETTERSHOP_OUTBOUND: 'direct',
    LETTERSHOP_DNS_SERVERS: dns.address,
    LETTERSHOP_MX_PORT: String(receiver.port),
    LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
    LETTERSHOP_NODE_NAME: 'node-1',
  });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

type Made = { readonly id: number; readonly key: { readonly secret: string } };
type Pool = { readonly id: string };
type Why = {
  readonly reasons: readonly { code: string; owner: string; text: string; movesAt: string | null }[];
};

const make = (name: string): Promise<Made> =>
  world.ok<Made>('POST', '/subaccounts', { body: { name, key: { name: 'k' } } });
const codesOf = async (id: string, secret?: string): Promise<string[]> => {
  const { reasons } = await world.ok<Why>(
    'GET',
    `/messages/${id}/why`,
    secret === undefined ? {} : { secret },
  );
  return reasons.map(({ code }) => code);
};

async function giveAddress(address: string, node = 'node-1'): Promise<void> {
  const [account] = await allAccounts(world.database.db);
  assert.ok(account !== undefined);
  const scope = world.program.access.operatorScope(account);
  const tenants = { db: world.database.db, clock: world.clock };
  await addAddress(tenants, scope, { address, ehloName: `mx-${address.replaceAll('.', '-')}.test`, node });
}

/** Waits until this node has read a change of pools. */
const known = (poolId: string): Promise<unknown> =>
  world.until(
    () => Promise.resolve(world.program.delivery.standing.sources),
    (sources) => sources.knows(poolId),
  );

test('mail leaves from an address of its pool, under its name; without addresses from the system’s own', async () => {
  await giveAddress('127.0.0.21');
  const { id } = await world.ok<Pool>('POST', '/pools', { body: { name: 'dedicated' } });
  const [plain = ''] = await world.send('plain@ok.test');
  await world.settled(plain, ['delivered']);
  await world.ok('PUT', `/pools/${id}/addresses`, { body: { addresses: [{ address: '127.0.0.21' }] } });
  const foreign = await world.api('PUT', `/pools/${id}/addresses`, {
    body: { addresses: [{ address: '127.0.0.99' }] },
  });
  assert.equal(foreign.status, 400, 'only addresses that the operator gave');
  await known(id);
  const [sent = ''] = await world.send('pooled@ok.test', { pool: 'dedicated' });
  const { timeline } = await world.settled(sent, ['delivered']);
  assert.equal(timeline.at(-1)?.data['source'], '127.0.0.21');
  const by = (to: string) => receiver.kept.find(({ recipient }) => recipient === to);
  assert.deepEqual(
    [by('pooled@ok.test')?.source, by('pooled@ok.test')?.ehlo],
    ['127.0.0.21', 'mx-127-0-0-21.test'],
  );
  assert.deepEqual([by('plain@ok.test')?.source, by('plain@ok.test')?.ehlo], ['127.0.0.1', 'mx.sender.test']);
});

test('a pool whose addresses another node has is left to it; taken over here its mail leaves', async () => {
  await giveAddress('127.0.0.22', 'node-2');
  const { id } = await world.ok<Pool>('POST', '/pools', { body: { name: 'elsewhere' } });
  await world.ok('PUT', `/pools/${id}/addresses`, { body: { addresses: [{ address: '127.0.0.22' }] } });
  await known(id);
  const [sent = ''] = await world.send('away@ok.test', { pool: id });
  type Page = { items: { messageId: string; state: string }[] };
  await world.until(
    () => world.ok<Page>('GET', `/queue?pool=${id}`),
    ({ items }) => items[0]?.messageId === sent && items[0].state === 'waiting',
  );
  await giveAddress('127.0.0.23');
  const addresses = [{ address: '127.0.0.22' }, { address: '127.0.0.23' }];
  await world.ok('PUT', `/pools/${id}/addresses`, { body: { addresses } });
  await world.settled(sent, ['delivered']);
  assert.equal(receiver.kept.find(({ recipient }) => recipient === 'away@ok.test')?.source, '127.0.0.23');
});

test('a warming address sends its cap of the day exactly, the overflow pool the rest; without one it waits and says so', async () => {
  await giveAddress('127.0.0.24');
  await giveAddress('127.0.0.25');
  const warm = await world.ok<Pool>('POST', '/pools', { body: { name: 'warm' } });
  const cold = await world.ok<Pool>('POST', '/pools', { body: { name: 'cold' } });
  await world.ok('PUT', `/pools/${warm.id}/addresses`, { body: { addresses: [{ address: '127.0.0.25' }] } });
  const plan = (more: object) => ({
    addresses: [{ address: '127.0.0.24', warmup: { caps: [3, 5], ...more } }],
  });
  await world.ok('PUT', `/pools/${cold.id}/addresses`, { body: plan({ overflowPoolId: warm.id }) });
  await known(cold.id);
  for (let n = 0; n < 8; n++) {
    const [sent = ''] = await world.send(`warm${n}@ok.test`, { pool: cold.id });
    await world.settled(sent, ['delivered']);
  }
  const from = (source: string): number =>
    receiver.kept.filter((each) => each.recipient.startsWith('warm') && each.source === source).length;
  assert.deepEqual([from('127.0.0.24'), from('127.0.0.25')], [3, 5]);
  await world.ok('PUT', `/pools/${cold.id}/addresses`, { body: plan({}) });
  await world.until(
    () => Promise.resolve(world.program.delivery.standing.sources),
    (sources) => sources.choose({ accountId: 0, subaccountId: 0, poolId: cold.id }).kind === 'spent',
  );
  const [late = ''] = await world.send('warm-late@ok.test', { pool: cold.id });
  await world.until(
    () => codesOf(late),
    (codes) => codes.includes('warmup'),
  );
  await world.ok('POST', `/messages/${late}/cancel`);
});

test('suspended mail is held by name, nobody below lifts it, and it leaves when it is lifted', async () => {
  const [a, b] = [await make('suspended'), await make('untouched')];
  type Suspension = { readonly id: string };
  const made = await world.ok<Suspension>('POST', '/suspensions', {
    body: { kind: 'tag', value: 'promo', reason: 'wrong link', subaccount: String(a.id) },
  });
  await world.until(
    () => Promise.resolve(world.program.delivery.standing.suspensions.isEmpty),
    (isEmpty) => !isEmpty,
  );
  const [held = ''] = await world.send('held@ok.test', { tags: ['promo'] }, a.key.secret);
  const [other = ''] = await world.send('other@ok.test', { tags: ['promo'] }, b.key.secret);
  const [untagged = ''] = await world.send('untagged@ok.test', {}, a.key.secret);
  await world.settled(held, ['held']);
  await world.settled(other, ['delivered']);
  await world.settled(untagged, ['delivered']);
  const { reasons } = await world.ok<Why>('GET', `/messages/${held}/why`, { secret: a.key.secret });
  assert.deepEqual([reasons[0]?.code, reasons[0]?.owner], ['suspended', 'parent']);
  assert.match(reasons[0]?.text ?? '', /with the tag promo .*wrong link/);
  assert.equal((await world.api('DELETE', `/suspensions/${made.id}`, { secret: a.key.secret })).status, 404);
  await world.ok('DELETE', `/suspensions/${made.id}`);
  const { timeline } = await world.settled(held, ['delivered']);
  assert.ok(timeline.some(({ kind }) => kind === 'message.released'));
});

test('a site that storms is left alone, probed, and met at its pace again; an account sees it by its own mail only', async () => {
  const [a, b] = [await make('storming'), await make('elsewhere')];
  const secret = a.key.secret;
  receiver.temper = { stormEvery: 1, stormLength: 1_000_000 };
  const ids = await world.send(
    Array.from({ length: 12 }, (_, n) => `s${n}@storm.test`),
    {},
    secret,
  );
  type Site = { states: { reason: string; nextProbeAt: string | null }[]; waiting: number };
  const site = await world.until(
    () => world.api('GET', '/sites/storm.test', { secret }),
    ({ status, body }) => status === 200 && (body as Site).states.some(({ reason }) => reason === 'busy'),
  );
  assert.ok((site.body as Site).states.some(({ nextProbeAt }) => nextProbeAt !== null));
  assert.equal((await world.api('GET', '/sites/storm.test', { secret: b.key.secret })).status, 404);
  const [late = ''] = await world.send('late@storm.test', {}, secret);
  await world.until(
    () => codesOf(late, secret),
    (codes) => codes.includes('site_backs_off'),
  );
  receiver.temper = {};
  world.clock.move(3_600_000);
  for (const id of [...ids, late]) await world.settled(id, ['delivered']);
});
