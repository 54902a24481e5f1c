import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Outcomes } from '../outcomes/index.ts';
import type { Alert, AlertState } from './model.ts';
import { alertProblem, isTold, measured, nextTryAt, stateAfter, usualClearAt, windowFrom } from './rules.ts';
import { sentenceOf, slackBody } from './words.ts';

const now = Date.parse('2026-11-25T10:20:00Z');
const minuteMs = 60_000;
const alert = {
  id: '7',
  onlySubaccountId: null,
  name: 'Bounces <b> & more',
  measure: 'bounce_rate',
  comparison: 'above',
  threshold: 0.05,
  clearAt: 0.04,
  windowHours: 24,
  volumeMin: 100,
  quietMinutes: 60,
  state: 'ok',
  toldState: 'ok',
  toldAt: null,
  createdAt: new Date(now - 48 * 3_600_000),
} as unknown as Alert;

const outcomes: Outcomes = {
  accepted: 1200,
  delivered: 900,
  deferred: 250,
  hardBounces: 60,
  otherBounces: 40,
  complaints: 9,
  unknownUsers: 10,
  trapBlocks: 0,
  suppressed: 0,
};

test('each measure is what its name says', () => {
  const value = (measure: Alert['measure']): unknown[] => Object.values(measured(measure, outcomes));
  assert.deepEqual(value('bounce_rate'), [0.1, 1000]);
  assert.deepEqual(value('hard_bounce_rate'), [0.06, 1000]);
  assert.deepEqual(value('complaint_rate'), [0.01, 900]);
  assert.deepEqual(value('deferral_rate'), [0.2, 1250]);
  assert.deepEqual(value('sent'), [1200, null]);
  const nothing = Object.fromEntries(Object.keys(outcomes).map((key) => [key, 0])) as Outcomes;
  assert.deepEqual(measured('complaint_rate', nothing), { value: 0, volume: 0 });
});

test('it fires beyond the threshold, is over only at the other value, and proves nothing by too little', () => {
  const cases: readonly (readonly [AlertState, number, number | null, AlertState])[] = [
    ['ok', 0.05, 100, 'ok'],
    ['ok', 0.051, 100, 'firing'],
    ['ok', 0.9, 99, 'ok'],
    ['firing', 0.045, 100, 'firing'],
    ['firing', 0.04, 100, 'ok'],
    ['firing', 0.9, 99, 'ok'],
  ];
  for (const [state, value, volume, next] of cases)
    assert.equal(
      stateAfter({ ...alert, state }, { value, volume }, now),
      next,
      `${state} ${value} of ${volume}`,
    );
  const few = {
    ...alert,
    measure: 'sent',
    comparison: 'below',
    threshold: 10,
    clearAt: 12,
    volumeMin: 0,
  } as const;
  const below = (state: AlertState, value: number, createdAt = alert.createdAt): AlertState =>
    stateAfter({ ...few, state, createdAt }, { value, volume: null }, now);
  assert.deepEqual(
    [below('ok', 10), below('ok', 9), below('firing', 11), below('firing', 12)],
    ['ok', 'firing', 'firing', 'ok'],
  );
  assert.equal(below('ok', 0, new Date(now - 23 * 3_600_000)), 'ok', 'it has not watched for a whole window');
});

test('windows are whole hours with the one that has begun, and one more for what is too little', () => {
  const from = (comparison: Alert['comparison']): string =>
    new Date(windowFrom({ windowHours: 2, comparison }, now)).toISOString();
  assert.deepEqual([from('above'), from('below')], ['2026-11-25T09:00:00.000Z', '2026-11-25T08:00:00.000Z']);
});

test('however the value swings, its target hears at most once within the quiet time, and at last how it stands', () => {
  const swings = fc.array(fc.boolean(), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(swings, (values) => {
      let told: Pick<Alert, 'toldState' | 'toldAt' | 'quietMinutes'> = alert;
      const times: number[] = [];
      const look = (state: AlertState, at: number): void => {
        if (!isTold(told, state, at)) return;
        times.push(at);
        told = { ...told, toldState: state, toldAt: new Date(at) };
      };
      for (const [minute, isHigh] of values.entries())
        look(isHigh ? 'firing' : 'ok', now + minute * minuteMs);
      for (const [index, at] of times.entries())
        assert.ok(index === 0 || at - (times[index - 1] ?? 0) >= 60 * minuteMs);
      const last: AlertState = values.at(-1) === true ? 'firing' : 'ok';
      look(last, now + (values.length + 61) * minuteMs);
      assert.equal(told.toldState, last);
    }),
  );
});

test('a rule that could never be over, or be right, is refused', () => {
  const field = (more: Partial<Alert>): string | undefined => alertProblem({ ...alert, ...more })?.field;
  assert.equal(field({}), undefined);
  assert.equal(field({ clearAt: 0.06 }), 'clearAt');
  assert.equal(field({ threshold: 5, clearAt: 4 }), 'threshold');
  assert.equal(
    field({ measure: 'domains_lost', comparison: 'below', threshold: 1, clearAt: 2 }),
    'comparison',
  );
  assert.ok(Math.abs(usualClearAt('above', 0.05) - 0.04) < 1e-9 && usualClearAt('below', 10) === 12);
});

test('a telling that fails is tried again for about an hour, then no more', () => {
  const delays = [1, 2, 3, 7].map((attempts) => (nextTryAt(attempts, now) ?? 0) - now);
  assert.deepEqual(delays, [30_000, 60_000, 120_000, 1_920_000]);
  assert.equal(nextTryAt(8, now), null);
});

test('the sentence has the figures, and Slack gets no markup of a tenant', () => {
  const told = {
    kind: 'fired',
    at: new Date(now),
    value: 0.0612,
    volume: 1000,
    from: new Date(now),
  } as const;
  assert.equal(
    sentenceOf(alert, told),
    'The bounce rate of the account is 6.12 % (of 1000), counted since 2026-11-25T10:20:00.000Z: above 5 %.',
  );
  assert.match(JSON.parse(slackBody(alert, told)).text, /^\*Alert: Bounces &lt;b&gt; &amp; more\*\n/);
});
