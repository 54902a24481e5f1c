import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quotaRun } from '../kills/quota-run.ts';

for (const [name, plan] of [
  ['a quota of 10', { quota: 10, messages: 35, recipientsPerCall: 1, kills: 2, clients: 8 }],
  ['a quota of 300', { quota: 300, messages: 700, recipientsPerCall: 7, kills: 2, clients: 8 }],
] as const) {
  test(`two nodes, one killed in the burst: ${name} an hour admits exactly that, the rest leaves in the next windows`, async (t) => {
    const seed = Math.floor(Math.random() * 1e9);
    const result = await quotaRun({ ...plan, seed });
    t.diagnostic(`seed ${seed}: ${JSON.stringify(result)}`);
    const { stored, answered, lost, admitted, counted, windows } = result;
    assert.ok(answered >= plan.messages && stored >= answered, `seed ${seed}: ${answered} of ${stored}`);
    assert.deepEqual(
      { lost, admitted, counted },
      { lost: 0, admitted: plan.quota, counted: plan.quota },
      `seed ${seed}`,
    );
    const rest = Array.from({ length: windows.length }, (_, index) =>
      Math.min(plan.quota, stored - plan.quota * (index + 1)),
    );
    assert.deepEqual(windows, rest, `seed ${seed}`);
    assert.equal(
      windows.reduce((sum, n) => sum + n, plan.quota),
      stored,
    );
  });
}
