import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextLookMs } from './bulk.ts';

test('a call to many that is not settled is looked at every second at first and each five minutes at last', () => {
  assert.deepEqual([0, 4000, 80_000, 86_400_000].map(nextLookMs), [1000, 1000, 10_000, 300_000]);
});
