import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { create as createKey } from '../../src/features/keys/index.ts';
import { allAccounts, createAccount } from '../../src/features/accounts/index.ts';
import { nativeRoutes } from '../../src/main/doors.ts';
import type { Route } from '../../src/base/route.ts';
import { examplePath, sweepRoute } from './http-input.ts';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
let routes: readonly Route[];
/** Keys of others: another account, a sibling subaccount, and one of no grants. */
const others: Record<'account' | 'sibling' | 'grantless', string> = {
  account: '',
  sibling: '',
  grantless: '',
};
/** Ids of things that belong to subaccount A, by the first word of the path. */
const owned: Record<string, string> = {};

type Made = { readonly id: string; readonly secret: string };

before(async () => {
  world = await startWorld();
  const { program, database, clock } = world;
  routes = nativeRoutes({
    config: {} as never,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    clock,
    store: program.store,
    access: program.access,
    messages: program.messages,
    domains: program.domains,
    delivery: program.delivery,
  });
  const stranger = await createAccount(database.db, 'Stranger', new Date());
  const request = {
    kind: 'api',
    name: 'k',
    reach: 'account',
    grants: null,
    domainLimit: null,
    allowedAddresses: [],
    expiresAt: null,
  } as const;
  const made = await createKey({ db: database.db, clock }, program.access.operatorScope(stranger), request);
  others.account = made.secret;
  const [own] = await allAccounts(database.db);
  assert.ok(own !== undefined);
  for (const name of ['a', 'b']) await world.ok('POST', '/subaccounts', { body: { name, externalId: name } });
  const inA = { headers: { 'lettershop-subaccount': 'external:a' } };
  const keyA = await world.ok<Made>('POST', '/keys', { body: { name: 'a' }, ...inA });
  const keyB = await world.ok<Made>('POST', '/keys', {
    body: { name: 'b' },
    headers: { 'lettershop-subaccount': 'external:b' },
  });
  others.sibling = keyB.secret;
  others.grantless = (await world.ok<Made>('POST', '/keys', { body: { name: 'none', grants: [] } })).secret;
  owned['keys'] = keyA.id;
  owned['smtp-users'] = (await world.ok<Made>('POST', '/smtp-users', { body: { name: 'p' }, ...inA })).id;
  owned['subaccounts'] = 'external:a';
  owned['domains'] = (
    await world.ok<{ id: string }>('POST', '/domains', { body: { name: 'a.example.com' }, ...inA })
  ).id;
  owned['pools'] = (await world.ok<{ id: string }>('POST', '/pools', { body: { name: 'own-pool' } })).id;
  const [hard = '', you = ''] = await world.send(['hard@inbox.test', 'you@inbox.test'], {}, keyA.secret);
  await Promise.all([world.settled(hard, ['bounced']), world.settled(you, ['delivered'])]);
  owned['messages'] = you;
  owned['captures'] =
    (await world.ok<{ items: { id: string }[] }>('GET', '/captures', inA)).items[0]?.id ?? '';
  owned['suppressions'] =
    (await world.ok<{ items: { id: string }[] }>('GET', '/suppressions', inA)).items[0]?.id ?? '';
});
after(() => world[Symbol.asyncDispose]());

async function call(
  route: Route,
  path: string,
  secret: string | null,
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${world.url}/api/v1${path}`, {
    method: route.method,
    headers: {
      ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
      ...(route.example.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(route.example.body === undefined ? {} : { body: JSON.stringify(route.example.body) }),
  });
  return { status: response.status, text: (await response.text()).replace(/"requestId":"[^"]*"/, '') };
}

const name = (route: Route): string => `${route.method} ${route.path}`;

test('every route refuses no key, a wrong key, and a key without its grant', async () => {
  assert.ok(routes.length > 30, `${routes.length} routes`);
  for (const route of routes) {
    world.clock.move(11 * 60_000);
    const path = examplePath(route);
    assert.equal((await call(route, path, null)).status, 401, `${name(route)} without a key`);
    assert.equal(
      (await call(route, path, 'ls_wrongwrongwrongwrongwrong')).status,
      401,
      `${name(route)} with a wrong key`,
    );
    assert.equal((await call(route, path, others.grantless)).status, 403, `${name(route)} without the grant`);
  }
});

test('a foreign thing is not found: same words as for an id that nobody has', async () => {
  let looked = 0;
  for (const route of routes.filter(({ path }) => path.includes('/:id'))) {
    const noun = route.path.split('/')[1] ?? '';
    const id = owned[noun] ?? '';
    assert.notEqual(id, '', `a thing of ${noun}`);
    for (const who of ['account', 'sibling'] as const) {
      const foreign = await call(route, route.path.replace(':id', encodeURIComponent(id)), others[who]);
      const nobody = await call(
        route,
        route.path.replace(':id', id.startsWith('external') ? 'external:nobody' : '999999999'),
        others[who],
      );
      assert.deepEqual(foreign, nobody, `${name(route)} as ${who}`);
      assert.ok([403, 404].includes(foreign.status), `${name(route)} as ${who}: ${foreign.status}`);
      looked += 1;
    }
  }
  assert.ok(looked > 30, `looked at ${looked}`);
  assert.equal(
    (await world.api('GET', `/messages/${owned['messages']}`)).status,
    200,
    'its owner still sees it',
  );
});

test('lists, counters and events of another account and of a sibling show nothing of it', async () => {
  for (const who of ['account', 'sibling'] as const) {
    for (const path of [
      '/messages',
      '/captures',
      '/suppressions',
      '/queue',
      '/events?kind=message.delivered',
    ]) {
      const page = await world.ok<{ items: unknown[] }>('GET', path, { secret: others[who] });
      assert.deepEqual(page.items, [], `${path} as ${who}`);
    }
  }
  const subaccounts = await world.ok<{ items: { externalId: string }[] }>('GET', '/subaccounts', {
    secret: others.sibling,
  });
  assert.deepEqual(
    subaccounts.items.map(({ externalId }) => externalId),
    ['b'],
  );
});

test("a subaccount's key is fixed, whatever the call says", async () => {
  const headers = { 'lettershop-subaccount': 'external:a' };
  const page = await world.ok<{ items: unknown[] }>('GET', '/messages', { secret: others.sibling, headers });
  assert.deepEqual(page.items, []);
  assert.equal(
    (await world.api('GET', '/messages', { headers: { 'lettershop-subaccount': 'external:nobody' } })).status,
    404,
  );
});

test('a deactivated key fails within a second', async () => {
  const made = await world.ok<Made>('POST', '/keys', { body: { name: 'short-lived' } });
  assert.equal((await world.api('GET', '/messages', { secret: made.secret })).status, 200);
  await world.ok('PATCH', `/keys/${made.id}`, { body: { status: 'inactive' } });
  const started = performance.now();
  await world.until(
    () => world.api('GET', '/messages', { secret: made.secret }),
    ({ status }) => status === 401,
  );
  assert.ok(performance.now() - started < 1500);
});

test('a suspended subaccount accepts nothing; a paused one keeps its mail until it resumes', async () => {
  const key = await world.ok<Made>('POST', '/keys', {
    body: { name: 'p' },
    headers: { 'lettershop-subaccount': 'external:b' },
  });
  await world.ok('PATCH', '/subaccounts/external:b', { body: { status: 'suspended' } });
  const refused = await world.api('POST', '/messages', {
    secret: key.secret,
    body: { from: { email: 'a@lettershop.test' }, to: [{ email: 'x@inbox.test' }], subject: 's', text: 't' },
  });
  assert.deepEqual([refused.status, (refused.body as { code: string }).code], [403, 'subaccount.inactive']);
  await world.ok('PATCH', '/subaccounts/external:b', { body: { status: 'paused' } });
  // Within two seconds, as every change of a status.
  const [id = ''] = await world.until(
    () => world.send('paused@inbox.test', {}, key.secret).catch(() => []),
    ({ length }) => length === 1,
  );
  const why = await world.ok<{ state: string; reasons: { code: string }[] }>('GET', `/messages/${id}/why`);
  assert.deepEqual([why.state, why.reasons.map(({ code }) => code)], ['held', ['status', 'paused']]);
  await world.ok('PATCH', '/subaccounts/external:b', { body: { status: 'active' } });
  await world.settled(id, ['delivered']);
});

test('bad input to any route gets a clear refusal that names the field', { timeout: 300_000 }, async () => {
  let calls = 0;
  for (const route of routes)
    calls += (await sweepRoute(`${world.url}/api/v1`, route, `Bearer ${testKey.secret}`)).calls;
  assert.ok(calls > 500, `${calls} calls`);
});
