import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Outcomes } from '../outcomes/index.ts';
import { measureNames, steps } from './model.ts';
import type { Finding, Reputation, Step } from './model.ts';
import {
  builtInLimits,
  find,
  hourMs,
  judge,
  lifeMs,
  limitsProblem,
  mayUndo,
  nextLook,
  rank,
  slowedHourly,
  spanOf,
} from './rules.ts';

const now = Date.parse('2026-11-25T10:20:00Z');
const none: Outcomes = {
  accepted: 0,
  delivered: 0,
  deferred: 0,
  hardBounces: 0,
  otherBounces: 0,
  complaints: 0,
  unknownUsers: 0,
  trapBlocks: 0,
  suppressed: 0,
};
const good: Reputation = {
  accountId: 1 as AccountId,
  subaccountId: 2 as SubaccountId,
  step: 'none',
  setBy: 'system',
  since: null,
  until: null,
  evidence: [],
  reason: '',
  exemptUntil: null,
  exemptBy: null,
  countedFrom: null,
};
const span = { from: now - 24 * hourMs, until: now };

function found(step: Step): Finding {
  return { measure: 'hard_bounces', harm: 1, volume: 1, rate: 1, from: '', until: '', step, limit: null };
}

function at(step: Step, more: Partial<Reputation> = {}): Reputation {
  return { ...good, step, since: now - hourMs, until: now + hourMs, ...more };
}

test('a rate leads to the strictest step whose limit it reaches, and to none below the minima', () => {
  const cases: readonly (readonly [hardBounces: number, delivered: number, step: Step])[] = [
    [0, 1000, 'none'],
    [49, 951, 'none'],
    [50, 950, 'warn'],
    [80, 920, 'slow'],
    [120, 880, 'review'],
    [200, 800, 'pause'],
    // Half of it fails, and yet it proves nothing: too few.
    [40, 40, 'none'],
    [4, 96, 'none'],
  ];
  for (const [hardBounces, delivered, step] of cases) {
    const finding = find(
      'hard_bounces',
      builtInLimits.hard_bounces,
      { ...none, hardBounces, delivered },
      span,
    );
    assert.equal(finding.step, step, `${hardBounces} of ${hardBounces + delivered}`);
    assert.equal(finding.limit, step === 'none' ? null : builtInLimits.hard_bounces[step]);
  }
  const complained = find(
    'complaints',
    builtInLimits.complaints,
    { ...none, delivered: 1000, complaints: 3 },
    span,
  );
  assert.deepEqual([complained.step, complained.rate, complained.volume], ['review', 0.003, 1000]);
  const switchedOff = { ...builtInLimits.hard_bounces, pause: null };
  const worst = find('hard_bounces', switchedOff, { ...none, hardBounces: 500 }, span);
  assert.equal(worst.step, 'review');
});

test('a worse finding rises at once, a better one waits for the end of the step', () => {
  assert.equal(judge(good, [found('none')], now), null);
  const paused = judge(good, [found('warn'), found('pause')], now);
  assert.deepEqual(
    [paused?.step, paused?.until, paused?.cause, paused?.evidence.length],
    ['pause', now + lifeMs.pause, 'figures', 2],
  );
  assert.equal(judge(at('slow'), [found('warn')], now), null);
  assert.equal(judge(at('slow'), [found('slow')], now), null);
});

test('at its end a step goes on while the figures say so, and falls from review and pause through slow', () => {
  const over = { until: now - 1 };
  const cases: readonly (readonly [Step, Step, Step, string])[] = [
    ['warn', 'none', 'none', 'ended'],
    ['slow', 'none', 'none', 'ended'],
    ['slow', 'warn', 'warn', 'figures'],
    ['slow', 'slow', 'slow', 'figures'],
    ['review', 'none', 'slow', 'ended'],
    ['pause', 'none', 'slow', 'ended'],
    ['pause', 'pause', 'pause', 'figures'],
    ['pause', 'review', 'review', 'figures'],
  ];
  for (const [step, says, next, cause] of cases) {
    const decision = judge(at(step, over), [found(says)], now);
    assert.deepEqual([decision?.step, decision?.cause], [next, cause], `${step}, ${says}`);
    assert.equal(decision?.until, next === 'none' ? null : now + lifeMs[next]);
  }
});

test('what was set by hand stays to its end and does not keep the figures from a stricter step', () => {
  const raised = at('warn', { setBy: 'operator', until: now + 300 * hourMs });
  assert.equal(judge(raised, [found('none')], now), null);
  const worse = judge(raised, [found('pause')], now);
  assert.deepEqual([worse?.step, worse?.setBy, worse?.until], ['pause', 'operator', now + 300 * hourMs]);
  assert.deepEqual(
    [mayUndo('parent', 'operator'), mayUndo('parent', 'system'), mayUndo('operator', 'parent')],
    [false, true, true],
  );
});

test('an exemption ends a step of the system, keeps what was raised by hand, and is over at its end', () => {
  const exempt = { exemptUntil: now + hourMs, exemptBy: 'parent' } as const;
  assert.deepEqual(judge(at('pause', exempt), [found('pause')], now)?.cause, 'exempted');
  assert.equal(judge(at('pause', { ...exempt, setBy: 'parent' }), [found('pause')], now), null);
  assert.equal(judge({ ...good, ...exempt }, [found('pause')], now), null);
  assert.equal(judge({ ...good, ...exempt }, [found('pause')], now + hourMs)?.step, 'pause');
  assert.equal(nextLook({ step: 'none', until: null, exemptUntil: now + hourMs }, now), now + hourMs);
  assert.equal(nextLook(at('warn'), now), now + hourMs);
  assert.equal(nextLook(good, now), null);
});

test('windows are whole hours, and after a reset begin with the next full one', () => {
  const measure = builtInLimits.hard_bounces;
  const from = (countedFrom: number | null): string =>
    new Date(spanOf(measure, countedFrom, now).from).toISOString();
  assert.equal(from(null), '2026-11-24T11:00:00.000Z');
  assert.equal(from(now - 30 * 60_000), '2026-11-25T10:00:00.000Z');
  assert.equal(from(now), '2026-11-25T11:00:00.000Z');
});

test('limits of a stricter step are not below those of a milder one; the built-in ones are in order', () => {
  assert.equal(limitsProblem(builtInLimits), null);
  const wrong = { ...builtInLimits, complaints: { ...builtInLimits.complaints, slow: null, pause: 0.0001 } };
  assert.equal(limitsProblem(wrong)?.field, 'complaints.pause');
});

test('a slowed subaccount keeps a quarter of its busiest hour, and never nothing', () => {
  assert.deepEqual([slowedHourly(0), slowedHourly(100), slowedHourly(40_000)], [20, 25, 10_000]);
});

test('whatever the figures, a step has an end, its evidence, and is none that the findings and slow do not give', () => {
  const outcome = fc.record({
    delivered: fc.nat(5000),
    hardBounces: fc.nat(500),
    otherBounces: fc.nat(500),
    complaints: fc.nat(50),
    unknownUsers: fc.nat(500),
    trapBlocks: fc.nat(100),
  });
  fc.assert(
    fc.property(outcome, fc.constantFrom(...steps), fc.boolean(), (counts, step, isOver) => {
      const findings = measureNames.map((name) =>
        find(name, builtInLimits[name], { ...none, ...counts }, span),
      );
      const before = step === 'none' ? good : at(step, isOver ? { until: now } : {});
      const decision = judge(before, findings, now);
      if (decision === null) return;
      assert.equal(decision.step === 'none', decision.until === null);
      assert.ok((decision.until ?? Infinity) > now);
      const worst = Math.max(...findings.map((each) => rank(each.step)));
      assert.ok(rank(decision.step) === worst || (decision.step === 'slow' && worst < rank('slow')));
      if (rank(decision.step) === worst && worst > 0) assert.ok(decision.evidence.length > 0);
    }),
  );
});
