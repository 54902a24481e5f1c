import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allAccounts } from '../../src/features/accounts/index.ts';
import { addAddress, removeAddress } from '../../src/features/pools/index.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { ask, makeSubaccount, transmit } from './sparkpost-calls.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Fields = Readonly<Record<string, unknown>>;
const results = (told: { readonly body: never }): Fields => (told.body as { results: Fields }).results;
const message = (told: { readonly body: never }): unknown =>
  (told.body as { errors: Fields[] }).errors[0]?.['message'];

const pools = '/api/v1/ip-pools';

test('pools are made, listed, renamed and deleted; the default one is reserved', async () => {
  assert.equal(results(await ask(world, 'GET', `${pools}/default`))['id'], 'default');
  const made = await ask(world, 'POST', pools, { body: { name: 'Marketing Pool' } });
  assert.deepEqual([made.status, results(made)], [200, { id: 'marketing_pool' }]);
  assert.deepEqual(results(await ask(world, 'GET', `${pools}/marketing_pool`)), {
    id: 'marketing_pool',
    name: 'marketing_pool',
    ips: [],
  });
  const listed = results(await ask(world, 'GET', pools)) as unknown as Fields[];
  assert.deepEqual(listed.map(({ id }) => String(id)).toSorted(), ['default', 'marketing_pool']);
  const used = { recipients: [{ address: 'a@inbox.test' }], options: { ip_pool: 'MARKETING_POOL' } };
  assert.equal((await transmit(world, used)).total_accepted_recipients, 1);
  const renamed = await ask(world, 'PUT', `${pools}/marketing_pool`, { body: { name: 'news' } });
  assert.equal(results(renamed)['id'], 'news');
  const reserved = await ask(world, 'PUT', `${pools}/default`, { body: { name: 'x' } });
  assert.deepEqual(
    [reserved.status, message(reserved)],
    [400, 'IP Pool default is reserved and cannot be updated.'],
  );
  const kept = await ask(world, 'DELETE', `${pools}/default`);
  assert.deepEqual([kept.status, message(kept)], [400, 'IP Pool default is reserved.']);
  assert.equal((await ask(world, 'DELETE', `${pools}/news`)).status, 204);
  const gone = await ask(world, 'GET', `${pools}/news`);
  assert.deepEqual([gone.status, message(gone)], [404, 'IP pool not found.']);
  const missing = await ask(world, 'DELETE', `${pools}/news`);
  assert.deepEqual([missing.status, message(missing)], [404, 'IP Pool news does not exist.']);
  const { key } = await makeSubaccount(world, 'pools');
  assert.equal((await ask(world, 'GET', pools, { key })).status, 403);
});

test('the warm-up of an address is switched on and off, and set back by stage', async () => {
  const [account] = await allAccounts(world.database.db);
  const scope = world.program.access.operatorScope(account ?? assert.fail());
  const tenants = { db: world.database.db, clock: world.clock };
  await addAddress(tenants, scope, { address: '192.0.2.77', ehloName: 'mx-77.test', node: 'one' });
  const path = '/api/v1/sending-ips/192.0.2.77';
  const put = async (body: Fields): Promise<unknown> => (await ask(world, 'PUT', path, { body })).status;
  const seen = async (): Promise<unknown> => {
    const { auto_warmup_enabled: isOn, auto_warmup_stage: stage } = results(await ask(world, 'GET', path));
    return stage === undefined ? isOn : stage;
  };
  assert.equal(await seen(), false);
  assert.equal(await put({ auto_warmup_stage: 2 }), 400);
  assert.equal(await put({ auto_warmup_enabled: true }), 200);
  assert.equal(await seen(), 1);
  const plan = {
    caps: [10, 20, 30, 40],
    startsOn: new Date(world.clock.now() - 2 * 86_400_000).toISOString().slice(0, 10),
  };
  await world.ok('PATCH', '/addresses', { body: { address: '192.0.2.77', warmup: plan } });
  assert.equal(await seen(), 3);
  assert.equal(await put({ auto_warmup_stage: 4 }), 400);
  assert.equal(await put({ auto_warmup_stage: 0 }), 400);
  assert.equal(await put({ auto_warmup_enabled: 'yes' }), 400);
  assert.equal(await put({ auto_warmup_stage: 2 }), 200);
  assert.equal(await seen(), 2);
  const { items } = await world.ok<{ items: { address: string; warmup: { caps: number[] } | null }[] }>(
    'GET',
    '/addresses',
  );
  assert.deepEqual(items.find(({ address }) => address === '192.0.2.77')?.warmup?.caps, [10, 20, 30, 40]);
  assert.equal(await put({ auto_warmup_enabled: false }), 200);
  assert.equal(await seen(), false);
  const node = { address: '192.0.2.77', node: 'one' };
  assert.equal(await removeAddress(tenants, scope, node), true);
});

test('sending IPs are those that the operator gave to the account', async () => {
  assert.deepEqual(results(await ask(world, 'GET', '/api/v1/sending-ips')), []);
  for (const method of ['GET', 'PUT'] as const) {
    const asked = method === 'PUT' ? { body: { ip_pool: 'default' } } : {};
    const told = await ask(world, method, '/api/v1/sending-ips/192.0.2.1', asked);
    assert.deepEqual([told.status, message(told)], [404, 'Sending IP does not exist']);
  }
  const [account] = await allAccounts(world.database.db);
  assert.ok(account !== undefined);
  const tenants = { db: world.database.db, clock: world.clock };
  for (const address of ['192.0.2.30', '192.0.2.31'])
    await addAddress(tenants, world.program.access.operatorScope(account), {
      address,
      ehloName: 'mx.sender.test',
      node: 'node-1',
    });
  await ask(world, 'POST', pools, { body: { name: 'moved' } });
  const put = await Promise.all(
    ['192.0.2.30', '192.0.2.31'].map((ip) =>
      ask(world, 'PUT', `/api/v1/sending-ips/${ip}`, { body: { ip_pool: 'moved' } }),
    ),
  );
  assert.deepEqual(put.map(results), [
    { message: 'Updated Sending IP.' },
    { message: 'Updated Sending IP.' },
  ]);
  const read = results(await ask(world, 'GET', '/api/v1/sending-ips/192.0.2.30'));
  assert.deepEqual(
    [read['external_ip'], read['hostname'], read['ip_pool']],
    ['192.0.2.30', 'mx.sender.test', 'moved'],
  );
  const both = results(await ask(world, 'GET', `${pools}/moved`));
  assert.equal((both['ips'] as unknown[]).length, 2, 'neither takes the other out');
});

test('the account is read with what it used, and renamed; a subaccount has none', async () => {
  const path = '/api/v1/account';
  const put = await ask(world, 'PUT', path, { body: { company_name: 'Example Ltd' } });
  assert.deepEqual(results(put), { message: 'Account has been updated' });
  const read = results(await ask(world, 'GET', `${path}?include=usage`));
  assert.partialDeepStrictEqual(read, {
    company_name: 'Example Ltd',
    status: 'active',
    options: { smtp_tracking_default: false, click_tracking: true },
  });
  assert.match(String(read['created']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
  assert.equal(typeof ((read['usage'] as Fields)['day'] as Fields)['used'], 'number');
  const refused = await ask(world, 'PUT', path, { body: { tfa_required: true } });
  assert.deepEqual([refused.status, message(refused)], [400, 'tfa_required is not supported']);
  const { key } = await makeSubaccount(world, 'account');
  for (const method of ['GET', 'PUT'])
    assert.equal(
      (await ask(world, method, path, { key, ...(method === 'PUT' ? { body: {} } : {}) })).status,
      403,
    );
});
