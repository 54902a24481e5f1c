import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Outcome } from './model.ts';
import { batchSize, healthy, judge, limits, retryDelayMs } from './rules.ts';
import type { Health } from './rules.ts';

const dayMs = 86_400_000;
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const failing: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({ kind: fc.constant('unreachable' as const), error: fc.string(), ms: fc.nat() }),
  fc.record({
    kind: fc.constant('refused' as const),
    status: fc.integer({ min: 300, max: 599 }).filter((status) => status !== 410),
    ms: fc.nat(),
    retryAfterMs: fc.option(fc.nat(10 * dayMs)),
  }),
);

/** Every answer is as given; each try is at the earliest instant that the rules allow. */
function follow(
  outcomes: readonly Outcome[],
  count: number,
  random: number,
): { health: Health; now: number; news: string[]; moved: number } {
  let [health, now, moved] = [healthy, 0, 0];
  const news: string[] = [];
  for (const outcome of outcomes) {
    if (health.breaker === 'stopped') break;
    const judged = judge(health, outcome, { now, random, count: batchSize(health, count) });
    if (judged.news !== null) news.push(judged.news);
    if (judged.moves) moved += 1;
    health = judged.health;
    now = Math.max(now, judged.nextAt);
  }
  return { health, now, news, moved };
}

test('delays grow from a second to half an hour, and are never below what the endpoint asked for up to an hour', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), unit, fc.nat(dayMs), (failures, random, asked) => {
      const delay = retryDelayMs(failures, random, asked);
      assert.ok(delay >= Math.min(asked, limits.retryAfterMaxMs));
      assert.ok(delay >= limits.firstDelayMs * 0.8 && delay <= limits.retryAfterMaxMs);
      assert.ok(retryDelayMs(failures + 1, 0.5, null) >= retryDelayMs(failures, 0.5, null));
    }),
  );
});

test('an endpoint that only fails is tried for five days, more than once an hour, and is then stopped with one notice each', () => {
  fc.assert(
    fc.property(failing, unit, fc.integer({ min: 1, max: 1000 }), (outcome, random, count) => {
      const long = follow(
        Array.from({ length: 2000 }, () => outcome),
        count,
        random,
      );
      assert.equal(long.health.breaker, 'stopped');
      assert.ok(long.now >= limits.givesUpAfterMs && long.now < limits.givesUpAfterMs + dayMs);
      assert.deepEqual(long.news, ['failing', 'stopped']);
      assert.ok(long.health.failures > 5 * 23);
    }),
    { numRuns: 30 },
  );
});

test('any success closes the breaker and forgets the past; events move on only by success, or alone refused for a day', () => {
  fc.assert(
    fc.property(fc.array(failing, { maxLength: 40 }), unit, (outcomes, random) => {
      const before = follow(outcomes, 500, random);
      const isRefusal = (outcome: Outcome): boolean =>
        outcome.kind === 'refused' && outcome.status >= 400 && outcome.status < 500;
      if (!outcomes.some(isRefusal)) assert.equal(before.moved, 0);
      const taken = judge(
        before.health,
        { kind: 'taken', status: 200, ms: 1 },
        { now: before.now, random, count: 1 },
      );
      assert.deepEqual([taken.health, taken.moves, taken.isPassedOver], [healthy, true, false]);
      assert.equal(taken.news, before.health.breaker === 'closed' ? null : 'recovered');
    }),
  );
});

test('a batch refused for its content shrinks to one event; a batch that met a dead endpoint stays as it is', () => {
  const refused: Outcome = { kind: 'refused', status: 422, ms: 1, retryAfterMs: null };
  const dead: Outcome = { kind: 'unreachable', error: 'no', ms: 1 };
  const sizes = (outcome: Outcome): number[] => {
    let health = healthy;
    return Array.from({ length: 6 }, () => {
      const count = batchSize(health, 500);
      health = judge(health, outcome, { now: 0, random: 0, count }).health;
      return count;
    });
  };
  assert.deepEqual(sizes(refused), [500, 125, 31, 7, 1, 1]);
  assert.deepEqual(sizes(dead), [500, 500, 500, 500, 500, 500]);
});

test('gone is gone: a 410 stops at once', () => {
  const gone: Outcome = { kind: 'refused', status: 410, ms: 1, retryAfterMs: null };
  const { health, news } = judge(healthy, gone, { now: 0, random: 0, count: 9 });
  assert.deepEqual([health.breaker, news], ['stopped', 'stopped']);
});
