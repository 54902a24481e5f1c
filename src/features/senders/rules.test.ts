import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultLetter, letterProblem } from './letter.ts';
import type { Policy } from './model.ts';
import { composeLetter, isAligned, policyChange, policyWarning } from './rules.ts';

const values = {
  account: 'Agency',
  email: 'ada@client.example',
  name: 'Ada',
  domain: 'agency.example',
  note: '',
  days: '7',
};

test('a letter takes the named placeholders and no others', () => {
  assert.equal(letterProblem(defaultLetter), null);
  assert.equal(letterProblem({ subject: '{{ email }}', body: '{{note}} {{ days }}' }), null);
  for (const text of ['{{secret}}', '{{}}', '{{ email.x }}', '{{constructor}}', '{{__proto__}}'])
    assert.equal(letterProblem({ subject: 's', body: text })?.field, 'body', text);
});

test('an empty note leaves no gap, and the link is always there', () => {
  const { subject, content } = composeLetter(defaultLetter, values, 'https://x.test/l');
  assert.equal(subject, 'May Agency send mail as ada@client.example?');
  assert.equal(content.paragraphs.length, 3);
  assert.deepEqual(content.action, { label: 'Look at the request', url: 'https://x.test/l' });
});

test('values are put in once, never read as placeholders, and a subject stays one line', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 100 }), fc.string({ maxLength: 100 }), (name, note) => {
      const tricky = { ...values, name: `{{note}}${name}`, note: `{{email}}\r\nBcc: x@y.test\n${note}` };
      const letter = { subject: '{{note}}', body: 'Dear {{name}}' };
      const { subject, content } = composeLetter(letter, tricky, 'https://x.test/l');
      assert.doesNotMatch(subject, /[\r\n]/);
      assert.ok(subject.startsWith('{{email}} Bcc: x@y.test'));
      assert.deepEqual(content.paragraphs, [`Dear {{note}}${name}`.trim()]);
    }),
  );
});

test('a strict policy is warned of unless what signs is aligned', () => {
  const cases: readonly (readonly [Policy, string, string, boolean])[] = [
    ['reject', 'client.example', 'agency.example', true],
    ['quarantine', 'client.example', 'agency.example', true],
    ['none', 'client.example', 'agency.example', false],
    ['missing', 'client.example', 'agency.example', false],
    ['unknown', 'client.example', 'agency.example', false],
    ['reject', 'news.client.co.uk', 'client.co.uk', false],
    ['reject', 'one.co.uk', 'two.co.uk', true],
  ];
  for (const [policy, from, signing, isWarned] of cases)
    assert.equal(policyWarning(policy, from, signing) !== null, isWarned, `${policy} ${from} ${signing}`);
  assert.ok(isAligned('a.b.example', 'c.b.example'));
});

test('silence of DNS is no change; stricter is told apart from milder', () => {
  const cases: readonly (readonly [Policy, Policy, Policy, boolean, boolean])[] = [
    ['none', 'unknown', 'none', false, false],
    ['reject', 'unknown', 'reject', false, false],
    ['none', 'none', 'none', false, false],
    ['none', 'reject', 'reject', true, true],
    ['quarantine', 'reject', 'reject', true, true],
    ['reject', 'quarantine', 'quarantine', true, false],
    ['reject', 'missing', 'missing', true, false],
    ['missing', 'none', 'none', true, false],
    ['unknown', 'none', 'none', false, false],
    ['unknown', 'reject', 'reject', true, true],
  ];
  for (const [before, seen, policy, isChanged, isStricter] of cases)
    assert.deepEqual(policyChange(before, seen), { policy, isChanged, isStricter }, `${before} ${seen}`);
});
