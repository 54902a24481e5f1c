import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainSpf } from './spf-merge.ts';
import type { SpfMerge } from './spf-merge.ts';
import { judgeSpf } from './spf.ts';

type Names = Record<string, readonly string[] | null>;
const txt =
  (names: Names) =>
  (name: string): Promise<readonly string[] | null> =>
    Promise.resolve(name in names ? (names[name] ?? null) : []);
const explain = (names: Names): Promise<SpfMerge> => explainSpf('b.test', 'spf.mail.test', txt(names));
const one = ['v=spf1 ip4:192.0.2.1 -all'];

test('one record results, with what was there, our include, and its look-ups counted', async () => {
  const cases: readonly (readonly [readonly string[], string, number, number])[] = [
    [[], 'v=spf1 include:spf.mail.test ~all', 0, 1],
    [['v=spf1 mx -all'], 'v=spf1 mx include:spf.mail.test -all', 1, 2],
    [['v=spf1 ip4:192.0.2.1'], 'v=spf1 ip4:192.0.2.1 include:spf.mail.test ~all', 0, 1],
    [['v=spf1 redirect=r.test'], 'v=spf1 include:spf.mail.test redirect=r.test', 1, 2],
    [
      ['v=spf1 include:one.test -all', 'v=spf1 INCLUDE:one.test mx ~all'],
      'v=spf1 include:one.test mx include:spf.mail.test ~all',
      2,
      3,
    ],
    [['v=spf1 include:spf.mail.test ~all'], 'v=spf1 include:spf.mail.test ~all', 1, 1],
    [['v=spf1 a -all include:never.test'], 'v=spf1 a include:spf.mail.test -all', 1, 2],
    [['something else'], 'v=spf1 include:spf.mail.test ~all', 0, 1],
  ];
  for (const [records, merged, before, after] of cases) {
    const told = await explain({ 'b.test': records, 'one.test': one, 'r.test': one, 'spf.mail.test': one });
    assert.deepEqual([told.merged, told.lookups], [merged, { before, after, max: 10 }], records.join());
    const again = await judgeSpf(
      'b.test',
      'spf.mail.test',
      txt({ 'b.test': [merged], 'one.test': one, 'r.test': one, 'spf.mail.test': one }),
    );
    assert.equal(again.state, 'proven', merged);
  }
});

test('over ten look-ups the costliest terms are named, as many as must go', async () => {
  const heavy = ['v=spf1 include:one.test include:one.test a mx -all'];
  const told = await explain({
    'b.test': ['v=spf1 include:heavy.test include:one.test a mx a:x.test a:y.test a:z.test -all'],
    'heavy.test': heavy,
    'one.test': one,
  });
  assert.deepEqual(told.lookups, { before: 11, after: 12, max: 10 });
  assert.equal(told.terms[0]?.lookups, 5);
  const advice = told.advice.join('\n');
  assert.match(advice, /would need 12 look-ups and 10 are allowed/);
  assert.match(advice, /If include:heavy\.test is no longer needed, removing it saves 5/);
  assert.doesNotMatch(advice, /If include:one\.test/);
});

test('what is broken or careless in a record is said, term by term', async () => {
  const told = await explain({ 'b.test': ['v=spf1 ptr include:gone.test nonsense +all', 'v=spf1 ~all'] });
  const advice = told.advice.join('\n');
  assert.match(advice, /Several SPF records are an error/);
  assert.match(advice, /Remove ptr/);
  assert.match(advice, /Mend or remove include:gone\.test/);
  assert.match(advice, /Mend or remove nonsense/);
  assert.match(advice, /everybody may send as b\.test/);
  assert.deepEqual((await explain({ 'b.test': null })).seen, null);
});
