import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextLookAt } from './rules.ts';

test('looks come often at first, and twice a day once a name is proven or old', () => {
  const minute = 60_000;
  assert.equal(nextLookAt(0, 'unproven', 0), minute);
  assert.equal(nextLookAt(2 * 60 * minute, 'unproven', 0) - 2 * 60 * minute, 15 * minute);
  assert.equal(nextLookAt(0, 'proven', 0), 12 * 60 * minute);
  assert.equal(nextLookAt(0, 'proven', 0, 60 * minute), 60 * minute);
  assert.equal(nextLookAt(30 * 60 * minute, 'lost', 0) - 30 * 60 * minute, 12 * 60 * minute);
});
