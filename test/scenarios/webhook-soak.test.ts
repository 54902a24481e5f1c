import assert from 'node:assert/strict';
import { test } from 'node:test';
import { webhookRun } from '../kills/webhook-run.ts';

test('a healthy, a flapping and a revived subscriber have every event, whatever is killed meanwhile, and the figures equal a recount', async (t) => {
  const seed = Math.floor(Math.random() * 1e9);
  const result = await webhookRun({ messages: 1000, faults: 3, seed, clients: 8 });
  t.diagnostic(JSON.stringify(result));
  assert.deepEqual(result.wrong, [], `seed ${seed}`);
  assert.ok(result.answered >= 1000 && result.recounted > 10);
  assert.ok(Object.values(result.subscribers).every(({ events }) => events >= 2000));
});
