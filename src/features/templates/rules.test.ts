import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noDefaults } from './model.ts';
import { isNamed, slugOf, withDefaults } from './rules.ts';
import { unbounded } from '../../base/scope.ts';

test('a slug is made of the name, within what a slug may be', () => {
  const cases: Readonly<Record<string, string>> = {
    'Order: shipped!': 'order-shipped',
    'Über uns': 'uber-uns',
    '--x--': 'x',
    注文: 'template',
    ['a'.repeat(200)]: 'a'.repeat(100),
  };
  for (const [name, slug] of Object.entries(cases)) assert.equal(slugOf(name, 'template'), slug, name);
});

test('the call sets what its template lets it, and whatever the template has not', () => {
  const from = { email: 'given@example.com' };
  const own = { email: 'own@example.com' };
  const may = { ...noDefaults, from };
  const mayNot = { ...may, setByCall: { ...may.setByCall, from: false, tags: false } };
  assert.deepEqual(withDefaults({}, may), { from });
  assert.deepEqual(withDefaults({ from: own }, may), { from: own });
  assert.deepEqual(withDefaults({ from: own }, mayNot), { from });
  assert.deepEqual(withDefaults({ tags: ['own'] }, mayNot), { from, tags: ['own'] }, 'it has no tags');
  assert.deepEqual(withDefaults({}, noDefaults), {});
  const more = {
    ...noDefaults,
    headers: { 'X-A': 'given', 'X-B': 'given' },
    lane: 'bulk' as const,
    tracking: { opens: true, clicks: true },
    fieldsInLanguage: true,
  };
  const call = { headers: { 'x-a': 'own' }, lane: 'transactional' as const, tracking: { opens: false } };
  assert.deepEqual(withDefaults({ ...call, fieldsInLanguage: false }, more), {
    headers: { 'x-a': 'own', 'X-B': 'given' },
    lane: 'transactional',
    tracking: { opens: false, clicks: true },
    fieldsInLanguage: false,
  });
  assert.partialDeepStrictEqual(withDefaults({}, more), { lane: 'bulk', fieldsInLanguage: true });
});

test('named templates are these only', () => {
  assert.equal(isNamed(unbounded, '5'), true);
  assert.equal(isNamed({ ...unbounded, templates: ['5'] }, '5'), true);
  assert.equal(isNamed({ ...unbounded, templates: ['5'] }, '6'), false);
  assert.equal(isNamed({ ...unbounded, templates: [] }, '5'), false);
});
