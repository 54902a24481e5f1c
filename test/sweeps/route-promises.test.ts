import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { routesAsData } from '../../src/isolation/index.ts';
import { nativeRoutes } from '../../src/main/routes.ts';
import { sweepRoute } from './http-input.ts';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';

const routes = routesAsData(nativeRoutes);

let world: World;
before(async () => {
  world = await startWorld();
  await world.ok('POST', '/subaccounts', { body: { name: 'b', externalId: 'b' } });
});
after(() => world[Symbol.asyncDispose]());

type Made = { readonly id: string; readonly secret: string };

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
