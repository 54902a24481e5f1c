import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultProfile, profileOf, profiles } from './profiles.ts';
import {
  allowed,
  fullPace,
  goodPerLevel,
  levelMax,
  limitsProblem,
  moodOf,
  nextSlot,
  reached,
  remember,
  slowDown,
  troubleIn,
  wentWell,
} from './rules.ts';
import type { Mood, Pace, Recent, Trouble } from './rules.ts';

const gmail = profileOf('google.com');
const noChance = { random: 0.5 };

test('trouble pauses, then one connection probes, then level by level the whole profile comes back', () => {
  let pace = slowDown(fullPace, 'busy', { now: 1000, ...noChance });
  assert.deepEqual([pace.level, pace.until, pace.since], [1, 31_000, 1000]);
  assert.equal(allowed(gmail, pace, 30_999).connections, 0);
  assert.deepEqual(allowed(gmail, pace, 31_000), { connections: 1, messagesPerSecond: 25 });
  assert.equal(wentWell(pace, 30_999), pace, 'it was under way before the pause');
  pace = wentWell(pace, 31_000);
  assert.equal(allowed(gmail, pace, 31_000).connections, 5);
  for (let good = 1; good < goodPerLevel; good++) pace = wentWell(pace, 31_000);
  assert.deepEqual(pace, fullPace);
  assert.deepEqual(allowed(gmail, pace, 31_000), { connections: 10, messagesPerSecond: 50 });
});

test('pauses double from strike to strike to their bound; what fails while a pause lasts changes nothing', () => {
  let pace = fullPace;
  const pauses: number[] = [];
  for (let now = 0, strike = 0; strike < 8; strike++) {
    pace = slowDown(pace, 'unreachable', { now, ...noChance });
    assert.equal(slowDown(pace, 'block', { now, ...noChance }), pace);
    pauses.push((pace.until ?? 0) - now);
    now = pace.until ?? 0;
  }
  assert.deepEqual(pauses, [15_000, 30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
  assert.deepEqual(reached(pace), fullPace, 'a site that answers again is met as before');
});

test('whatever happens the pace stays in its bounds, and enough that goes well restores it', () => {
  const trouble = fc.constantFrom<Trouble>('busy', 'storm', 'block', 'unreachable');
  const step = fc.oneof(trouble, fc.constant('well' as const), fc.constant('reached' as const));
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      (steps, random) => {
        let [pace, now]: [Pace, number] = [fullPace, 0];
        for (const each of steps) {
          now = Math.max(now + 1, pace.until ?? 0);
          if (each === 'well') pace = wentWell(pace, now);
          else if (each === 'reached') pace = reached(pace);
          else pace = slowDown(pace, each, { now, random });
          assert.ok(pace.level >= 0 && pace.level <= levelMax);
          assert.ok(pace.until === null || pace.until - now <= 7_200_000 * 1.2);
          const may = allowed(defaultProfile, pace, pace.until ?? now);
          assert.ok(may.connections >= 1 && may.connections <= defaultProfile.connections);
          assert.ok(may.messagesPerSecond === null || may.messagesPerSecond > 0);
        }
        for (let good = 0; good < (levelMax + 1) * goodPerLevel; good++)
          pace = wentWell(pace, pace.until ?? now);
        assert.deepEqual(pace, fullPace);
      },
    ),
  );
});

function answers(...given: readonly (readonly [subaccountId: number, mood: Mood, times: number])[]): Recent {
  let recent: Recent = [];
  for (const [subaccountId, mood, times] of given)
    for (let time = 0; time < times; time++) recent = remember(recent, subaccountId, mood);
  return recent;
}

test('a storm is when most senders are put off; one with a bad list slows down nobody else', () => {
  assert.equal(troubleIn(answers([1, 'soft', 9])), null, 'too few to tell');
  assert.equal(troubleIn(answers([1, 'soft', 12])), 'storm');
  assert.equal(troubleIn(answers([1, 'block', 12])), 'block');
  assert.equal(troubleIn(answers([1, 'block', 20], [2, 'good', 3], [3, 'good', 3])), null);
  assert.equal(troubleIn(answers([1, 'block', 10], [2, 'soft', 3], [3, 'good', 3])), 'block');
  assert.equal(troubleIn(answers([1, 'soft', 10], [1, 'good', 20])), null);
  assert.equal(
    troubleIn(answers([1, 'neutral', 30])),
    null,
    'bad addresses and greylisting say nothing about us',
  );
});

test('replies are told apart by what they say about our pace', () => {
  const cases: readonly (readonly [number, string, string | null, Mood])[] = [
    [250, 'ok', null, 'good'],
    [451, 'try later', 'soft', 'soft'],
    [421, '4.7.28 unusual rate', 'block', 'block'],
    [450, 'Greylisted, see you in five minutes', 'soft', 'neutral'],
    [550, 'no such user', 'hard', 'neutral'],
    [554, 'listed', 'block', 'block'],
  ];
  for (const [code, text, bounceClass, mood] of cases)
    assert.equal(moodOf({ code, text }, bounceClass), mood, text);
});

test('a rate lets exactly so many messages start', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), (perSecond) => {
      let [nextAt, started] = [0, 0];
      for (let now = 0; now < 10_000; now += 1) {
        while (nextAt <= now) {
          nextAt = nextSlot(now, nextAt, perSecond);
          started += 1;
        }
      }
      assert.ok(started <= perSecond * 10 + 1, `${started} in ten seconds`);
    }),
  );
});

test("an account's own limits may only be stricter than the profile", () => {
  const none = { connections: null, messagesPerConnection: null, messagesPerHour: null };
  assert.equal(limitsProblem(gmail, none), null);
  assert.equal(limitsProblem(gmail, { ...none, connections: 10, messagesPerHour: 100 }), null);
  assert.deepEqual(limitsProblem(gmail, { ...none, connections: 11 }), { field: 'connections', max: 10 });
  assert.deepEqual(limitsProblem(gmail, { ...none, messagesPerHour: 200_000 }), {
    field: 'messagesPerHour',
    max: 180_000,
  });
});

test('a profile belongs to one provider, and others have the default', () => {
  const sites = profiles.flatMap((profile) => profile.sites);
  assert.equal(new Set(sites).size, sites.length);
  assert.equal(profileOf('example.com'), defaultProfile);
});
