import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killRun } from '../kills/run.ts';

const clean = { lost: 0, half: 0, stuck: 0, unexplained: 0, miscounted: 0 };

for (const [name, plan] of [
  [
    'one node killed at random instants loses nothing, and explains each double',
    { kills: 3, nodes: 1, neverBack: false },
  ],
  [
    'of two nodes one never comes back: its mail moves on, each double is explained',
    { kills: 2, nodes: 2, neverBack: true },
  ],
] as const) {
  test(name, async (t) => {
    const seed = Math.floor(Math.random() * 1e9);
    const result = await killRun({ ...plan, seed, clients: 20 });
    t.diagnostic(`seed ${seed}: ${JSON.stringify(result)}`);
    assert.ok(result.answered > 50, `only ${result.answered} answered`);
    const { lost, half, stuck, doubles, explained, miscounted, recounted } = result;
    const found = { lost, half, stuck, unexplained: doubles - explained, miscounted };
    assert.deepEqual(found, clean, `seed ${seed}`);
    // What was accepted stands in each of the six that all mail is in.
    assert.ok(recounted >= 6, `${recounted} rows of figures`);
  });
}
