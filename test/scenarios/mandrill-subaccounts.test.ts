import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';
import { Sdk } from './mandrill-client.ts';

let world: World;
let sdk: Sdk;
before(async () => {
  world = await startWorld();
  sdk = new Sdk(world);
});
after(() => world[Symbol.asyncDispose]());

type B = Readonly<Record<string, unknown>> & { readonly id: string };

async function post(path: string, body: unknown, type = 'application/json'): Promise<readonly unknown[]> {
  const answer = await fetch(`${world.url}/mandrill${path}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return [answer.status, answer.headers.get('content-type'), await answer.json()];
}

test('every version of the path with and without .json answers, an error is told in four members', async () => {
  const key = testKey.secret;
  for (const version of ['1.0', '1.1', '1.2', '1.3', '1.4'])
    for (const suffix of ['', '.json'])
      assert.deepEqual(await post(`/api/${version}/users/ping${suffix}`, { key }), [
        200,
        'application/json',
        'PONG!',
      ]);
  assert.deepEqual(
    await post('/api/1.0/users/ping2.json', `key=${key}`, 'application/x-www-form-urlencoded'),
    [200, 'application/json', { PING: 'PONG!' }],
  );
  const told = (status: number, code: number, name: string, message: string): unknown => [
    status,
    'application/json',
    { status: 'error', code, name, message },
  ];
  const noKey = told(422, -1, 'ValidationError', 'You must specify a key value');
  for (const body of [{}, 'no json', '[]', { key: null }])
    assert.deepEqual(await post('/api/1.4/users/ping', body), noKey);
  assert.deepEqual(
    await post('/api/1.4/users/ping', { key: 'wrong' }),
    told(401, -1, 'Invalid_Key', 'Invalid API key'),
  );
  assert.deepEqual(
    await post('/api/1.4/users/nothing', { key }),
    told(404, -1, 'GeneralError', 'Unknown method'),
  );
  assert.deepEqual(
    await post('/api/2.0/users/ping', { key }),
    told(404, -1, 'GeneralError', 'Unknown method'),
  );
  assert.deepEqual(
    await post('/api/1.4/users/ping.xml', { key }),
    told(406, -99, 'GeneralError', 'Answers are JSON only, not xml'),
  );
});

test('users/ping, ping2 and info tell who the account is and what waits', async () => {
  assert.equal(await sdk.call('users.ping'), 'PONG!');
  assert.deepEqual(await sdk.call('users.ping2'), { PING: 'PONG!' });
  const info = await sdk.call<Record<string, unknown>>('users.info');
  assert.match(String(info['created_at']), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.deepEqual(
    [info['backlog'], typeof info['reputation'], typeof info['hourly_quota']],
    [0, 'number', 'number'],
  );
  assert.deepEqual(await new Sdk(world, 'wrong').refused('users.ping'), [
    401,
    -1,
    'Invalid_Key',
    'Invalid API key',
  ]);
});

test('a subaccount is added under an id of its own, listed by prefix, read, changed and deleted', async () => {
  const made = await sdk.call<B>('subaccounts.add', {
    id: 'cust-9',
    name: 'Nine Ltd',
    notes: 'since May',
    custom_quota: 40,
  });
  const { created_at: createdAt, reputation, ...rest } = made;
  assert.match(String(createdAt), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.equal(typeof reputation, 'number');
  assert.deepEqual(rest, {
    id: 'cust-9',
    name: 'Nine Ltd',
    custom_quota: 40,
    status: 'active',
    first_sent_at: null,
    sent_weekly: 0,
    sent_monthly: 0,
    sent_total: 0,
  });
  assert.deepEqual(await sdk.refused('subaccounts.add', { id: 'cust-9' }), [
    422,
    -2,
    'ValidationError',
    'Validation error: {"id":"A subaccount with id cust-9 already exists"}',
  ]);
  assert.deepEqual(await sdk.refused('subaccounts.add', {}), [
    422,
    -2,
    'ValidationError',
    'Validation error: {"id":"Please enter a value"}',
  ]);
  assert.equal((await sdk.refused('subaccounts.add', { id: 'x', custom_quota: 0 }))[0], 422);
  await sdk.call('subaccounts.add', { id: '77', name: 'Seventy', custom_quota: null });
  const ids = async (q?: string): Promise<readonly string[]> =>
    (await sdk.call<B[]>('subaccounts.list', q === undefined ? {} : { q })).map(({ id }) => id);
  assert.deepEqual(await ids(), ['cust-9', '77']);
  assert.deepEqual([await ids('CUST'), await ids('nine'), await ids('ust')], [['cust-9'], ['cust-9'], []]);
  const info = await sdk.call<B>('subaccounts.info', { id: 'cust-9' });
  assert.deepEqual([info['notes'], info['sent_hourly'], info['hourly_quota']], ['since May', 0, 40]);
  assert.equal('custom_quota' in (await sdk.call<B>('subaccounts.info', { id: '77' })), false);
  const changed = await sdk.call<B>('subaccounts.update', { id: 'cust-9', name: null, custom_quota: 50 });
  assert.deepEqual([changed['name'], changed['custom_quota'], 'notes' in changed], ['Nine Ltd', 50, false]);
  assert.equal(
    'custom_quota' in (await sdk.call<B>('subaccounts.update', { id: 'cust-9', custom_quota: null })),
    false,
  );
  const gone = await sdk.call<B>('subaccounts.delete', { id: '77' });
  assert.equal(gone.id, '77');
  const unknown = [404, 12, 'Unknown_Subaccount', "No subaccount exists with the id '77'"];
  for (const method of ['info', 'update', 'delete', 'pause', 'resume'])
    assert.deepEqual(await sdk.refused(`subaccounts.${method}`, { id: '77' }), unknown);
  assert.equal((await sdk.call<B>('subaccounts.add', { id: '77' })).id, '77');
});

test('pause and resume are idempotent and show in the status', async () => {
  await sdk.call('subaccounts.add', { id: 'stopped' });
  for (const [method, status] of [
    ['pause', 'paused'],
    ['pause', 'paused'],
    ['resume', 'active'],
    ['resume', 'active'],
  ] as const)
    assert.equal((await sdk.call<B>(`subaccounts.${method}`, { id: 'stopped' }))['status'], status);
});
