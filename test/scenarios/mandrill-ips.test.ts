import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allAccounts } from '../../src/features/accounts/index.ts';
import { addAddress } from '../../src/features/pools/index.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { Sdk } from './mandrill-client.ts';

let world: World;
let sdk: Sdk;
before(async () => {
  world = await startWorld();
  sdk = new Sdk(world);
});
after(() => world[Symbol.asyncDispose]());

type Fields = Readonly<Record<string, unknown>>;
type Pool = { readonly name: string; readonly created_at: string; readonly ips: readonly Fields[] };

async function giveAddress(address: string, node = 'node-1'): Promise<void> {
  const [account] = await allAccounts(world.database.db);
  assert.ok(account !== undefined);
  const tenants = { db: world.database.db, clock: world.clock };
  const ehloName = `mx-${address.replaceAll('.', '-')}.test`;
  await addAddress(tenants, world.program.access.operatorScope(account), { address, ehloName, node });
}

test('without a dedicated IP there is the default pool alone; pools are made once, read and deleted', async () => {
  assert.deepEqual(await sdk.call('ips.list'), []);
  const [main, ...others] = await sdk.call<Pool[]>('ips.listPools');
  assert.deepEqual([main?.name, main?.ips, others], ['Main Pool', [], []]);
  assert.match(String(main?.created_at), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.deepEqual(await sdk.call('ips.poolInfo', { pool: 'main pool' }), main);
  assert.deepEqual(await sdk.call('ips.createPool', { pool: 'Main Pool' }), main, 'it is there');

  const together = ['Letters', 'Letters', 'Letters'].map((name) =>
    sdk.call<Pool>('ips.createPool', { pool: name }),
  );
  const [made, ...again] = await Promise.all(together);
  assert.ok(made !== undefined);
  assert.deepEqual(again, [made, made], 'at the same time, too');
  assert.deepEqual([made.name, made.ips], ['Letters', []]);
  assert.deepEqual(await sdk.call('ips.createPool', { pool: 'Letters' }), made, 'made once');
  const names = (await sdk.call<Pool[]>('ips.listPools')).map(({ name }) => name);
  assert.deepEqual(names, ['Main Pool', 'Letters']);
  const { items } = await world.ok<{ items: Fields[] }>('GET', '/pools');
  assert.deepEqual(
    items.map(({ name, isDefault }) => [name, isDefault]),
    [
      ['main', true],
      ['Letters', false],
    ],
    'the first is the default, so that mail goes on through it',
  );
  assert.deepEqual(await sdk.call('ips.deletePool', { pool: 'Letters' }), { pool: 'Letters', deleted: true });
  for (const method of ['poolInfo', 'deletePool'])
    assert.deepEqual(await sdk.refused(`ips.${method}`, { pool: 'Letters' }), [
      404,
      15,
      'Unknown_Pool',
      'No pool named Letters',
    ]);
  assert.deepEqual(await sdk.refused('ips.deletePool', { pool: 'Main Pool' }), [
    400,
    17,
    'Invalid_DeleteDefaultPool',
    'You cannot delete your default pool',
  ]);
  assert.deepEqual(await sdk.refused('ips.createPool', { pool: 'Two Words' }), [
    422,
    -2,
    'ValidationError',
    'Validation error: {"pool":"Please enter at most 64 letters, digits, underscores or dashes"}',
  ]);
  assert.deepEqual(await sdk.refused('ips.createPool'), [
    422,
    -2,
    'ValidationError',
    'Validation error: {"pool":"Please enter a value"}',
  ]);
});

test('a dedicated IP is shown, put into a pool, warmed up and told by its name', async () => {
  const ip = '192.0.2.10';
  await giveAddress(ip);
  await giveAddress(ip, 'node-2');
  await giveAddress('192.0.2.11');
  const cold = { warming_up: false, start_at: null, end_at: null };
  const shown = await sdk.call<Fields>('ips.info', { ip });
  assert.partialDeepStrictEqual(shown, {
    ip,
    pool: 'Main Pool',
    domain: 'mx-192-0-2-10.test',
    custom_dns: { enabled: false, valid: false, error: null },
    warmup: cold,
  });
  assert.match(String(shown['created_at']), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  const listed = await sdk.call<Fields[]>('ips.list');
  assert.deepEqual(
    listed.map((each) => each['ip']),
    [ip, '192.0.2.11'],
    'an address of two nodes stands once',
  );
  assert.equal((await sdk.refused('ips.setPool', { ip, pool: 'hot' }))[2], 'Unknown_Pool');
  const moved = await sdk.call<Fields>('ips.setPool', { ip, pool: 'hot', create_pool: true });
  assert.deepEqual(moved, { ...shown, pool: 'hot' });
  assert.deepEqual((await sdk.call<Pool>('ips.poolInfo', { pool: 'hot' })).ips, [moved]);
  assert.deepEqual((await sdk.refused('ips.deletePool', { pool: 'hot' })).slice(0, 3), [
    400,
    18,
    'Invalid_DeleteNonEmptyPool',
  ]);

  const warming = await sdk.call<{ warmup: Fields }>('ips.startWarmup', { ip });
  const { start_at: start, end_at: end } = warming.warmup;
  assert.equal(warming.warmup['warming_up'], true);
  assert.equal((Date.parse(`${String(end)}Z`) - Date.parse(`${String(start)}Z`)) / 86_400_000, 30);
  assert.deepEqual(await sdk.call('ips.startWarmup', { ip }), warming, 'it goes on');
  type Native = {
    address: string;
    poolId: string;
    warmup: { caps: number[]; overflowPoolId: string } | null;
  };
  const addresses = async (): Promise<readonly Native[]> =>
    (await world.ok<{ items: Native[] }>('GET', '/addresses')).items;
  const [first] = await addresses();
  const { items: pools } = await world.ok<{ items: { id: string; name: string }[] }>('GET', '/pools');
  const idOf = (name: string) => pools.find((each) => each.name === name)?.id;
  assert.deepEqual(
    [first?.poolId, first?.warmup?.caps.slice(0, 4), first?.warmup?.overflowPoolId],
    [idOf('hot'), [50, 70, 98, 140], idOf('main')],
    'what is over leaves from the default pool',
  );
  // Moved on, it goes on warming; into the pool that it overflows into, what is over waits.
  const back = await sdk.call<Fields>('ips.setPool', { ip, pool: 'Main Pool' });
  assert.deepEqual([back['pool'], back['warmup']], ['Main Pool', warming.warmup]);
  assert.equal((await addresses())[0]?.warmup?.overflowPoolId, null);
  const cancelled = await sdk.call<Fields>('ips.cancelWarmup', { ip });
  assert.deepEqual([cancelled['warmup'], cancelled['pool']], [cold, 'Main Pool']);
  assert.deepEqual(await sdk.call('ips.cancelWarmup', { ip }), cancelled);
  assert.deepEqual(
    (await addresses()).map(({ warmup }) => warmup),
    [null, null, null],
    'on both nodes',
  );

  const domain = 'MX-192-0-2-10.test';
  assert.deepEqual(await sdk.call('ips.checkCustomDns', { ip, domain }), { valid: true, error: null });
  assert.deepEqual(await sdk.call('ips.setCustomDns', { ip, domain }), cancelled);
  const fault = 'The name of 192.0.2.10 is mx-192-0-2-10.test; the operator gives names';
  const other = { ip, domain: 'mta.example.com' };
  assert.deepEqual(await sdk.call('ips.checkCustomDns', other), { valid: false, error: fault });
  assert.deepEqual(await sdk.refused('ips.setCustomDns', other), [400, 19, 'Invalid_CustomDNS', fault]);

  const asked = { ip: '192.0.2.99', pool: 'hot', domain };
  for (const method of ['info', 'startWarmup', 'cancelWarmup', 'setPool', 'checkCustomDns', 'setCustomDns'])
    assert.deepEqual(await sdk.refused(`ips.${method}`, asked), [
      404,
      13,
      'Unknown_IP',
      "No dedicated IP exists with the address '192.0.2.99'",
    ]);
  for (const method of ['provision', 'delete'])
    assert.deepEqual((await sdk.refused(`ips.${method}`, { ip })).slice(0, 3), [501, -99, 'GeneralError']);
});

test('pools and IPs are the account’s: a subaccount’s key is refused', async () => {
  const { key } = await world.ok<{ key: { secret: string } }>('POST', '/subaccounts', {
    body: { name: 'below', key: { name: 'k' } },
  });
  const below = new Sdk(world, key.secret);
  for (const method of ['list', 'listPools', 'info', 'startWarmup', 'setPool', 'createPool', 'deletePool'])
    assert.deepEqual(
      await below.refused(`ips.${method}`, { ip: '192.0.2.10', pool: 'mine', create_pool: true }),
      [401, -1, 'Invalid_Key', 'Invalid API key'],
    );
});

test('one address is changed by itself; what is wrong is told by its name', async () => {
  await giveAddress('192.0.2.20');
  await giveAddress('192.0.2.21');
  const make = (name: string) => world.ok<{ id: string }>('POST', '/pools', { body: { name } });
  const [warm, over] = [await make('warm'), await make('over')];
  const path = `/pools/${warm.id}/addresses`;
  const patch = (body: Fields) => world.api('PATCH', '/addresses', { body });
  const members = async () =>
    (await world.ok<{ items: { address: string }[] }>('GET', path)).items.map(({ address }) => address);
  await Promise.all(
    ['192.0.2.20', '192.0.2.21'].map((address) => patch({ address, poolId: warm.id, warmup: { caps: [5] } })),
  );
  assert.deepEqual(await members(), ['192.0.2.20', '192.0.2.21'], 'neither takes the other out');
  const plan = (more: Fields): Fields => ({ address: '192.0.2.20', warmup: { caps: [5], ...more } });
  const wrong: readonly (readonly [Fields, string])[] = [
    [{ address: '192.0.2.99', poolId: warm.id }, 'address'],
    [{ address: '192.0.2.20', poolId: '1' }, 'poolId'],
    [plan({ overflowPoolId: warm.id }), 'warmup.overflowPoolId'],
    [plan({ overflowPoolId: '1' }), 'warmup.overflowPoolId'],
    [{ ...plan({}), poolId: null }, 'warmup'],
    [{ address: '192.0.2.20', warmup: { caps: [0] } }, 'warmup.caps[0]'],
  ];
  for (const [body, field] of wrong) {
    const { status, body: told } = await patch(body);
    const { errors } = told as { errors: { field: string }[] };
    assert.deepEqual([status, errors[0]?.field], [400, field], JSON.stringify(body));
  }
  await patch(plan({ overflowPoolId: over.id }));
  assert.equal((await patch({ address: '192.0.2.20', poolId: null })).status, 200);
  assert.deepEqual(await members(), ['192.0.2.21']);
  const { items } = await world.ok<{ items: Fields[] }>('GET', '/addresses');
  const out = items.find(({ address }) => address === '192.0.2.20');
  assert.deepEqual([out?.['poolId'], out?.['warmup']], [null, null]);
  const { items: told } = await world.ok<{ items: { data: Fields }[] }>(
    'GET',
    '/events?kind=pool.changed&limit=500',
  );
  assert.ok(told.some(({ data }) => JSON.stringify(data['addresses']) === '["192.0.2.21"]'));
});
