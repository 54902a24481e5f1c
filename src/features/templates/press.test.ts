import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Press } from './press.ts';

const rules = Array.from({ length: 2000 }, (_, index) => `.a${index} .b > p { color: red }`).join('');
/** Minutes of work. */
const endless = {
  mjml: null,
  html: `<style>${rules}</style>${'<p>x</p>'.repeat(5000)}`,
  inlinesCss: true,
  makesText: false,
};
const small = { mjml: null, html: '<p>Hi</p>', inlinesCss: false, makesText: true };

test('markup that takes too long is stopped, what waits behind it is made', async () => {
  await using press = new Press({ jobMs: 500, idleMs: 60_000 });
  const [stopped, made] = await Promise.all([press.make(endless, 1), press.make(small, 2)]);
  assert.ok(!stopped.ok);
  assert.deepEqual(
    stopped.faults.map(({ kind, message }) => [kind, message]),
    [['budget', 'the markup takes too long']],
  );
  assert.deepEqual(made, { ok: true, html: null, text: 'Hi\n' });
});

test('one tenant has four jobs at the press at most, others still have theirs', async () => {
  await using press = new Press();
  const mine = Array.from({ length: 5 }, () => press.make(small, 1));
  const theirs = press.make(small, 2);
  const results = await Promise.allSettled([...mine, theirs]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  );
});
