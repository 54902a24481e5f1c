import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSlowClientBounded, sweepRoute } from '../../test/sweeps/http-input.ts';
import { demoRoutes, demoSecret, startDemo } from '../../test/sweeps/http-input-demo.ts';

const credential = `Bearer ${demoSecret}`;

for (const route of demoRoutes) {
  test(`${route.method} ${route.path} refuses every broken call by name and stays up`, async () => {
    await using demo = await startDemo();
    const { calls } = await sweepRoute(demo.url, route, credential);
    assert.ok(calls >= (route.body === undefined ? 3 : 60), `only ${calls} calls`);
    assert.deepEqual(
      demo.lines.filter(({ level }) => level === 'error'),
      [],
    );
  });
}

test('a client that never finishes its body is cut with 408', async () => {
  const [route] = demoRoutes;
  assert.ok(route);
  await using demo = await startDemo({ timeouts: { requestMs: 200, headersMs: 200, checkMs: 50 } });
  await assertSlowClientBounded(demo.url, route, credential, 5_000);
});
