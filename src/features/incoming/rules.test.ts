import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chooseRoute, judgeHandOver, judgeMx, matches, patternProblem } from './rules.ts';

const target = 'aa11.in.mail.test';
const mx = (...hosts: readonly (readonly [number, string])[]) => ({
  kind: 'found' as const,
  ttlSeconds: 1,
  authentic: false,
  records: hosts.map(([preference, exchange]) => ({
    type: 'MX' as const,
    name: 'in.test',
    data: { preference, exchange },
  })),
});

test('an MX proves by the own host alone, whoever else stands beside it', () => {
  const state = (before: 'unproven' | 'proven' | 'lost', ...hosts: readonly (readonly [number, string])[]) =>
    judgeMx(before, 'in.test', target, mx(...hosts)).state;
  assert.equal(state('unproven', [10, 'AA11.in.mail.test.']), 'proven');
  assert.equal(state('unproven', [10, 'bb22.in.mail.test']), 'unproven');
  assert.equal(state('proven', [10, 'bb22.in.mail.test']), 'lost');
  assert.equal(state('lost', [5, 'mx.other.test'], [10, target]), 'proven');
  assert.equal(judgeMx('proven', 'in.test', target, { kind: 'nxdomain' }).state, 'lost');
  const silent = { kind: 'failed', reason: 'timeout' } as const;
  assert.equal(judgeMx('proven', 'in.test', target, silent).state, 'proven');
});

test('a pattern matches as a regular expression of its parts would', () => {
  const piece = fc.stringMatching(/^[ab*]{0,8}$/).map((text) => text.replaceAll(/\*+/g, '*'));
  fc.assert(
    fc.property(piece, fc.stringMatching(/^[ab]{0,10}$/), (pattern, local) => {
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(local);
      assert.equal(matches(pattern, local), expected, `${pattern} ${local}`);
    }),
  );
});

test('the route without a star goes before any with one, then the longer pattern', () => {
  const routes = ['*', 'help', 'help*', 'he*p', 'x-*'].map((pattern) => ({ pattern }));
  const chosen = (local: string): string | undefined => chooseRoute(routes, local)?.pattern;
  assert.deepEqual(['HELP', 'helper', 'heap', 'other', 'x-1'].map(chosen), [
    'help',
    'help*',
    'he*p',
    '*',
    'x-*',
  ]);
  assert.equal(chooseRoute([{ pattern: 'a' }], 'b'), null);
});

test('a pattern is what may stand before the @, with few stars', () => {
  for (const good of ['*', 'a.b+c', 'reply-*', '*-x-*']) assert.equal(patternProblem(good), null, good);
  for (const bad of ['', 'A', 'a b', 'a@b', '**', '*a*a*a*a*a*', 'x'.repeat(65)])
    assert.notEqual(patternProblem(bad), null, bad);
});

const dayMs = 86_400_000;
const refused = (status: number) => ({ kind: 'refused', status, ms: 1, retryAfterMs: null }) as const;

test('one mail that is refused gets a day, an endpoint that fails five', () => {
  const mail = { attempts: 1, receivedAt: 0, refusedSince: null };
  const well = { failures: 0, failingSince: null };
  const at = (now: number) => ({ now, random: 0.5 });
  assert.equal(judgeHandOver(mail, well, { kind: 'taken', status: 204, ms: 1 }, at(0)).kind, 'handed_over');
  assert.deepEqual(judgeHandOver(mail, well, refused(422), at(0)), {
    kind: 'refused',
    dueAt: 1000,
    refusedSince: 0,
  });
  const late = { ...mail, attempts: 60, refusedSince: 0 };
  assert.equal(judgeHandOver(late, well, refused(422), at(dayMs - 1)).kind, 'refused');
  assert.equal(judgeHandOver(late, well, refused(422), at(dayMs)).kind, 'given_up');
  const away = { kind: 'unreachable', error: 'x', ms: 1 } as const;
  assert.deepEqual(judgeHandOver(mail, well, away, at(0)), { kind: 'failing', nextAt: 1000 });
  for (const outcome of [away, refused(500), refused(401), refused(429)]) {
    const failing = { failures: 300, failingSince: 0 };
    assert.equal(judgeHandOver(mail, failing, outcome, at(5 * dayMs - 1)).kind, 'failing');
    assert.equal(judgeHandOver(mail, failing, outcome, at(5 * dayMs)).kind, 'given_up');
    const fresh = { ...mail, receivedAt: 4 * dayMs };
    assert.equal(judgeHandOver(fresh, failing, outcome, at(5 * dayMs)).kind, 'failing');
  }
});
