import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

test('subaccounts are made with a key, listed, read and changed; faults come all at once', async () => {
  const answer = await fetch(`${world.url}/sparkpost/api/v1/subaccounts/`, {
    headers: { authorization: testKey.secret },
  });
  assert.deepEqual([answer.status, await answer.json()], [200, { results: [] }]);
});
test('strangers, unknown paths and wrong verbs are told in SparkPost words', async () => {
  const ask = async (method: string, path: string, key: string | null): Promise<unknown> => {
    const answer = await fetch(`${world.url}/sparkpost${path}`, {
      method,
      ...(key === null ? {} : { headers: { authorization: key } }),
    });
    return [answer.status, await answer.json()];
  };
  const unauthorized = [401, { errors: [{ message: 'Unauthorized.' }] }];
  assert.deepEqual(await ask('GET', '/api/v1/subaccounts', null), unauthorized);
  assert.deepEqual(await ask('GET', '/api/v1/subaccounts', 'wrong'), unauthorized);
  assert.deepEqual(await ask('GET', '/api/v1/subaccounts', `Basic ${btoa(`${testKey.secret}:`)}`), [
    200,
    { results: [] },
  ]);
  assert.deepEqual(await ask('GET', '/api/v1/nowhere', testKey.secret), [
    404,
    { errors: [{ message: 'Resource could not be found' }] },
  ]);
  assert.deepEqual(await ask('PATCH', '/api/v1/subaccounts', testKey.secret), [
    405,
    {
      errors: [
        {
          message: 'invalid http method',
          description: 'PATCH is not supported on /api/v1/subaccounts',
          code: '1102',
        },
      ],
    },
  ]);
});
