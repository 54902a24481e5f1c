import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayRun } from '../kills/day.ts';

test('of three nodes, their database and their receivers any may fail at any time: nothing is lost or stuck, each double is explained', async (t) => {
  const seed = Math.floor(Math.random() * 1e9);
  const result = await dayRun({ faults: 12, nodes: 3, seed, clients: 20 });
  t.diagnostic(JSON.stringify(result));
  assert.ok(result.answered > 20, `only ${result.answered} answered`);
  const { lost, half, stuck, doubles, explained } = result;
  assert.deepEqual(
    { lost, half, stuck, unexplained: doubles - explained },
    { lost: 0, half: 0, stuck: 0, unexplained: 0 },
    `seed ${seed}`,
  );
});
