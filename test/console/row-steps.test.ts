/** What of a long table comes into the page in which frame. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stepTo } from '../../console/parts/row-steps.ts';
import type { Range } from '../../console/parts/row-steps.ts';

const rowsAFrame = 8;
const range = (size: number) =>
  fc.tuple(fc.nat(200), fc.nat(size)).map(([first, length]): Range => ({ first, end: first + length }));
const isIn = (at: number, { first, end }: Range): boolean => at >= first && at < end;
const rowsOf = ({ first, end }: Range): number[] =>
  Array.from({ length: Math.max(0, end - first) }, (_, at) => first + at);

test('from any place to any other, few rows a frame, those that are seen before those around them, and it ends', () => {
  fc.assert(
    fc.property(range(40), range(20), fc.nat(200), (before, seen, count) => {
      const wanted = {
        first: Math.max(0, Math.min(seen.first, count) - 12),
        end: Math.min(count, seen.end + 12),
      };
      let drawn = before;
      for (let frame = 0; drawn.first !== wanted.first || drawn.end !== wanted.end; frame++) {
        assert.ok(frame < 12, `still ${JSON.stringify(drawn)} after ${frame} frames`);
        const next = stepTo(drawn, seen, wanted);
        const fresh = rowsOf(next).filter((row) => !isIn(row, drawn));
        assert.ok(fresh.length <= rowsAFrame);
        const isLacking = rowsOf(seen).some((row) => row < count && row >= drawn.end && !isIn(row, drawn));
        if (isLacking && fresh.length > 0) assert.ok(fresh.some((row) => isIn(row, seen)));
        for (const row of rowsOf(next)) assert.ok(isIn(row, wanted));
        drawn = next;
      }
    }),
    { numRuns: 2000 },
  );
});
