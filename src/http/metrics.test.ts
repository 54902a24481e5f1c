import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demoSecret, startDemo } from '../../test/sweeps/http-input-demo.ts';
import { makeMetrics, startMetrics } from './metrics.ts';

test('metrics come on their own port, by route pattern and without any tenant', async () => {
  const metrics = makeMetrics();
  await using server = await startMetrics({ host: '127.0.0.1', port: 0, registry: metrics.registry });
  await using demo = await startDemo({ observe: metrics.observe });
  const headers = { authorization: `Bearer ${demoSecret}` };
  await (await fetch(`${demo.url}/letters/7`, { headers })).text();
  await (await fetch(`${demo.url}/no/such/path`, { headers })).text();
  const base = `http://127.0.0.1:${server.port}`;
  const text = await (await fetch(`${base}/metrics`)).text();
  const name = 'lettershop_http_request_duration_seconds_count';
  assert.ok(text.includes(`${name}{method="GET",route="/api/v1/letters/:id",status="200"} 1`));
  assert.ok(text.includes(`${name}{method="GET",route="none",status="404"} 1`));
  assert.doesNotMatch(text, /account|letters\/7|no\/such/);
  assert.equal((await fetch(base)).status, 404);
});
