import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';
import { ask, failure, makeSubaccount, sdk } from './sparkpost-calls.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

test('subaccounts are made with a key, listed, read and changed; faults come all at once', async () => {
  const client = sdk(world);
  await world.ok('POST', '/pools', { body: { name: 'pool_a' } });
  const made = (await client.subaccounts.create({
    name: 'Blue Kite',
    key_label: 'kite key',
    key_grants: ['smtp/inject', 'transmissions/modify'],
    key_valid_ips: ['127.0.0.1'],
    ip_pool: 'pool_a',
  })) as { readonly results: { subaccount_id: number; key: string; short_key: string; label: string } };
  const { subaccount_id: id, key, short_key: short, label } = made.results;
  assert.match(key, /^[0-9a-f]{40}$/);
  assert.deepEqual([short, label], [key.slice(0, 4), 'kite key']);
  const shown = {
    id,
    name: 'Blue Kite',
    status: 'active',
    compliance_status: 'active',
    ip_pool: 'pool_a',
    customer_id: await customerId(),
  };
  assert.deepEqual((await client.subaccounts.get(String(id))).results, shown);
  assert.deepEqual((await client.subaccounts.list()).results, [shown]);
  assert.deepEqual((await client.subaccounts.update(String(id), { name: 'Red Kite', ip_pool: '' })).results, {
    message: 'Successfully updated subaccount information',
  });
  const { ip_pool: _pool, ...unbound } = shown;
  assert.deepEqual((await client.subaccounts.get(String(id))).results, { ...unbound, name: 'Red Kite' });
  assert.deepEqual((await ask(world, 'GET', '/api/v1/subaccounts/summary')).body, { results: { total: 1 } });

  assert.deepEqual(
    await failure(client.subaccounts.create({ key_grants: ['metrics/view'], key_valid_ips: 'x' })),
    [
      400,
      [
        { message: '`name` is a required field', param: 'name', value: null },
        { message: '`key_label` is a required field', param: 'key_label', value: null },
        {
          message:
            "Invalid `key_grants value`. Supported values are: 'smtp/inject', 'sending_domains/manage', 'tracking_domains/view', " +
            "'tracking_domains/manage', 'message_events/view', 'suppression_lists/manage', 'transmissions/view', " +
            "'transmissions/modify', 'webhooks/view', 'webhooks/modify', 'templates/view', 'templates/modify', 'templates/preview'",
          param: 'key_grants',
          value: ['metrics/view'],
        },
        { message: '`key_valid_ips` must be an Array', param: 'key_valid_ips', value: 'x' },
      ],
    ],
  );
  const { results } = await client.subaccounts.create({ name: 'no key', setup_api_key: false });
  assert.deepEqual(Object.keys(results), ['subaccount_id']);
  const missing = [404, [{ message: 'Resource could not be found' }]];
  assert.deepEqual(await failure(client.subaccounts.get('999999999')), missing);
  // The account's own one is no subaccount.
  const { ownSubaccountId } = await world.ok<{ ownSubaccountId: number }>('GET', '/account');
  assert.deepEqual(await failure(client.subaccounts.get(String(ownSubaccountId))), missing);
});

async function customerId(): Promise<number> {
  return (await world.ok<{ id: number }>('GET', '/account')).id;
}

test('with a filter the list of subaccounts comes page by page', async () => {
  for (const name of ['page one', 'page two', 'page three'])
    await sdk(world).subaccounts.create({ name, setup_api_key: false });
  const first = await ask(world, 'GET', '/api/v1/subaccounts?name=page&per_page=2&order=asc');
  const {
    results,
    total_count: total,
    links,
  } = first.body as {
    readonly results: readonly { readonly name: string }[];
    readonly total_count: number;
    readonly links: { readonly next: string };
  };
  assert.deepEqual([results.map(({ name }) => name), total], [['page one', 'page two'], 3]);
  const rest = await ask(world, 'GET', links.next.replace(/^\/sparkpost/, ''));
  assert.deepEqual(
    [
      (rest.body as { results: { name: string }[] }).results.map(({ name }) => name),
      (rest.body as { links: object }).links,
    ],
    [['page three'], {}],
  );
  assert.equal((await ask(world, 'GET', '/api/v1/subaccounts?per_page=101')).status, 400);
});

test('a suspended subaccount reads and changes nothing until it is active again', async () => {
  const { id, key } = await makeSubaccount(world, 'stopped');
  await sdk(world).subaccounts.update(String(id), { status: 'suspended' });
  const forbidden = [403, [{ message: 'Forbidden.' }]];
  const entry = { recipient: 'a@b.test', type: 'transactional' };
  await world.until(
    () => ask(world, 'PUT', '/api/v1/suppression-list', { key, body: { recipients: [entry] } }),
    ({ status }) => status === 403,
  );
  assert.deepEqual(await failure(sdk(world, key).suppressionList.upsert(entry)), forbidden);
  assert.equal((await ask(world, 'GET', '/api/v1/suppression-list', { key })).status, 200);
  await sdk(world).subaccounts.update(String(id), { status: 'terminated' });
  const { results } = await sdk(world).subaccounts.get(String(id));
  assert.equal((results as { status: string }).status, 'terminated');
  await sdk(world).subaccounts.update(String(id), { status: 'active' });
  await world.until(
    () => ask(world, 'PUT', '/api/v1/suppression-list', { key, body: { recipients: [entry] } }),
    ({ status }) => status === 200,
  );
  assert.equal(
    (await ask(world, 'PUT', `/api/v1/subaccounts/${id}`, { body: { status: 'gone' } })).status,
    400,
  );
});

test('the header says whose API key it is; a key is shown once and known by its first four digits', async () => {
  const { id } = await makeSubaccount(world, 'with keys');
  type Made = {
    results: { id: string; key: string; short_key: string; label: string; link: { href: string } };
  };
  const body = { label: 'second', grants: ['transmissions/modify'], valid_ips: ['127.0.0.1', '10.0.0.0/8'] };
  const made = (await ask(world, 'POST', '/api/v1/api-keys', { subaccount: id, body })).body as Made;
  const { key, link, ...told } = made.results;
  assert.match(key, /^[0-9a-f]{40}$/);
  assert.match(told.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(link.href, `/sparkpost/api/v1/api-keys/${told.id}`);
  const path = `/api/v1/api-keys/${told.id}`;
  const shown = (await ask(world, 'GET', path, { subaccount: id })).body as { results: object };
  const { created_at: at, ...rest } = shown.results as { created_at: string };
  assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
  assert.deepEqual(rest, {
    id: told.id,
    label: 'second',
    short_key: key.slice(0, 4),
    grants: ['transmissions/modify', 'transmissions/view'],
    valid_ips: ['127.0.0.1', '10.0.0.0/8'],
    username: '',
    subaccount_id: id,
  });
  // Without the header it is not the primary account's, and not found.
  assert.equal((await ask(world, 'GET', path)).status, 404);
  const everyone = (await ask(world, 'GET', '/api/v1/api-keys')).body as { results: { id: string }[] };
  assert.ok(everyone.results.some((each) => each.id === told.id));
  const primary = (await ask(world, 'GET', '/api/v1/api-keys', { subaccount: 0 })).body as typeof everyone;
  assert.ok(primary.results.length > 0 && primary.results.every((each) => each.id !== told.id));
  const change = { label: 'third', grants: ['smtp/inject'] };
  const changed = (await ask(world, 'PUT', path, { subaccount: id, body: change })).body as {
    results: object;
  };
  assert.partialDeepStrictEqual(changed.results, { label: 'third', grants: ['smtp/inject'], valid_ips: [] });
  assert.equal(
    (
      await ask(world, 'POST', '/api/v1/api-keys', {
        subaccount: id,
        body: { label: 'x', grants: ['users/manage'] },
      })
    ).status,
    400,
  );
  assert.equal((await ask(world, 'DELETE', path, { subaccount: id })).status, 204);
  assert.equal((await ask(world, 'GET', path, { subaccount: id })).status, 404);
});

test('what a key may be granted can be asked for', async () => {
  const { body } = await ask(world, 'GET', '/api/v1/authenticate/grants?role=subaccount');
  const { results } = body as { results: { key: string }[] };
  assert.ok(
    results.some(({ key }) => key === 'templates/preview') &&
      results.every(({ key }) => key !== 'users/manage'),
  );
});

test('strangers, unknown paths and wrong verbs are told in SparkPost words', async () => {
  const told = async (method: string, path: string, headers: Record<string, string>): Promise<unknown> => {
    const answer = await fetch(`${world.url}/sparkpost${path}`, { method, headers });
    return [answer.status, await answer.json()];
  };
  const unauthorized = [401, { errors: [{ message: 'Unauthorized.' }] }];
  assert.deepEqual(await told('GET', '/api/v1/subaccounts', {}), unauthorized);
  assert.deepEqual(await told('GET', '/api/v1/subaccounts', { authorization: 'wrong' }), unauthorized);
  assert.deepEqual(
    await told('GET', '/api/v1/subaccounts', { authorization: `Bearer ${testKey.secret}` }),
    unauthorized,
  );
  const basic = { authorization: `Basic ${btoa(`${testKey.secret}:`)}` };
  assert.deepEqual(
    await told('GET', '/api/v1/subaccounts/summary/', basic),
    await told('GET', '/api/v1/subaccounts/summary', { authorization: testKey.secret }),
  );
  assert.deepEqual(await told('GET', '/api/v1/nowhere', basic), [
    404,
    { errors: [{ message: 'Resource could not be found' }] },
  ]);
  const description = 'PATCH is not supported on /api/v1/subaccounts';
  assert.deepEqual(await told('PATCH', '/api/v1/subaccounts', basic), [
    405,
    { errors: [{ message: 'invalid http method', description, code: '1102' }] },
  ]);
  const noJson = await fetch(`${world.url}/sparkpost/api/v1/subaccounts`, {
    method: 'POST',
    headers: { ...basic, 'content-type': 'application/json' },
    body: '{',
  });
  assert.deepEqual(
    [noJson.status, await noJson.json()],
    [
      422,
      {
        errors: [
          {
            message: 'invalid data format/type',
            description: 'Problems parsing request as json',
            code: '1300',
          },
        ],
      },
    ],
  );
  const noType = await fetch(`${world.url}/sparkpost/api/v1/subaccounts`, {
    method: 'POST',
    headers: basic,
    body: 'name=x',
  });
  assert.deepEqual(
    [noType.status, ((await noType.json()) as { errors: { code: string }[] }).errors[0]?.code],
    [415, '1700'],
  );
});

test('a key without the grant is forbidden, and a subaccount has no account-wide services', async () => {
  const forbidden = [403, [{ message: 'Forbidden.' }]];
  const { key } = await makeSubaccount(world, 'small', ['smtp/inject']);
  assert.deepEqual(await failure(sdk(world, key).suppressionList.list()), forbidden);
  const { key: full } = await makeSubaccount(world, 'full');
  for (const path of ['subaccounts', 'api-keys'])
    assert.equal((await ask(world, 'GET', `/api/v1/${path}`, { key: full })).status, 403, path);
});

test('the header must be a number and name a subaccount of the account; a subaccount key ignores it', async () => {
  const wrong = (await ask(world, 'GET', '/api/v1/api-keys', { subaccount: 'x' })) as {
    status: number;
    body: unknown;
  };
  assert.deepEqual(
    [wrong.status, wrong.body],
    [400, { errors: [{ message: 'X-MSYS-SUBACCOUNT must be a number' }] }],
  );
  const nobody = await ask(world, 'GET', '/api/v1/api-keys', { subaccount: 999_999_999 });
  assert.deepEqual(
    [nobody.status, nobody.body],
    [400, { errors: [{ message: 'X-MSYS-SUBACCOUNT names no subaccount of this account' }] }],
  );
  const [a, b] = [await makeSubaccount(world, 'a'), await makeSubaccount(world, 'b')];
  await sdk(world, a.key, b.id).suppressionList.upsert({ recipient: 'a@only.test', type: 'transactional' });
  assert.equal((await ask(world, 'GET', '/api/v1/suppression-list/a@only.test', { key: a.key })).status, 200);
  assert.equal((await ask(world, 'GET', '/api/v1/suppression-list/a@only.test', { key: b.key })).status, 404);
});
