import assert from 'node:assert/strict';
import { test } from 'node:test';
import { troubles } from './model.ts';
import { cursorOf, placeOf, placePattern, troublesOf, weightOf } from './rules.ts';

test('one trouble weighs more than all milder ones together, and a weight tells its troubles', () => {
  for (const [at, trouble] of troubles.entries()) {
    const milder = troubles.slice(at + 1);
    const together = milder.reduce((sum, each) => sum + weightOf(each), 0);
    assert.ok(weightOf(trouble) > together, trouble);
    assert.deepEqual(troublesOf(weightOf(trouble) + together), [trouble, ...milder]);
  }
  assert.deepEqual(troublesOf(0), []);
});

test('a cursor is the place that it was made of', () => {
  const weight = troubles.reduce((sum, each) => sum + weightOf(each), 0);
  const place = { weight, id: 2 ** 31 - 1 };
  assert.match(cursorOf(place), new RegExp(placePattern));
  assert.deepEqual(placeOf(cursorOf(place)), place);
});
