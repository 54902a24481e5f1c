import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, double, integer, property } from 'fast-check';
import { defaultRetryPolicy, nextAttempt } from './rules.ts';

const hour = 3_600_000;

test('gaps double from 5 minutes to 4 hours and end after 72 hours', () => {
  const gaps: number[] = [];
  let now = 0;
  for (let attempts = 1; ; attempts++) {
    const next = nextAttempt(now, { beganAt: 0, heldMs: 0, attempts }, 0.5);
    if (next.kind === 'expired') break;
    gaps.push((next.dueAt - now) / 60_000);
    now = next.dueAt;
  }
  assert.deepEqual(gaps.slice(0, 8), [5, 10, 20, 40, 80, 160, 240, 240]);
  assert.equal(now, 72 * hour);
});

test('held time does not use up the retry clock', () => {
  const clock = { beganAt: 0, attempts: 30 };
  assert.deepEqual(nextAttempt(73 * hour, { ...clock, heldMs: 0 }, 0.5), { kind: 'expired' });
  assert.deepEqual(nextAttempt(73 * hour, { ...clock, heldMs: 10 * hour }, 0.5), {
    kind: 'retry',
    dueAt: 77 * hour,
  });
});

test('the next attempt is always later than now and never after the lifetime', () => {
  check(
    property(
      integer({ min: 0, max: 80 * hour }),
      integer({ min: 1, max: 200 }),
      integer({ min: 0, max: 10 * hour }),
      double({ min: 0, max: 0.999, noNaN: true }),
      (now, attempts, heldMs, random) => {
        const next = nextAttempt(now, { beganAt: 0, heldMs, attempts }, random);
        if (next.kind === 'expired') return now >= heldMs + defaultRetryPolicy.lifetimeMs;
        return next.dueAt > now && next.dueAt <= heldMs + defaultRetryPolicy.lifetimeMs;
      },
    ),
  );
});
