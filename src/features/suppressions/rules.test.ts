import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, boolean, constantFrom, property, record, stringMatching } from 'fast-check';
import { kinds, layers } from './model.ts';
import type { Entry, Kind, Layer } from './model.ts';
import {
  countingFor,
  decide,
  entryAddress,
  globMatches,
  hitOf,
  settled,
  told,
  toEntry,
  unknownMail,
} from './rules.ts';

function entry(layer: Layer, kind: Kind, more: Partial<Entry> = {}): Entry {
  return { layer, kind, stopsTransactional: true, stopsBulk: true, onlyList: '', onlySender: '', ...more };
}

const word = (hit: ReturnType<typeof decide>): string => (hit === null ? 'goes' : `${hit.layer} ${hit.kind}`);

test('each layer and kind stops, an allow entry beats bounces of subaccount and account only', () => {
  const bulkOnly = { stopsTransactional: false };
  const cases: readonly (readonly [string, readonly Entry[], string, string])[] = [
    ['nothing', [], 'goes', 'goes'],
    ['own bounce', [entry('subaccount', 'hard_bounce')], 'subaccount hard_bounce', 'subaccount hard_bounce'],
    ["account's", [entry('account', 'manual')], 'account manual', 'account manual'],
    ["operator's", [entry('installation', 'pattern')], 'installation pattern', 'installation pattern'],
    ['bulk only', [entry('subaccount', 'unsubscribe', bulkOnly)], 'goes', 'subaccount unsubscribe'],
    ['allow alone', [entry('subaccount', 'allow')], 'goes', 'goes'],
    ['allowed bounce', [entry('subaccount', 'hard_bounce'), entry('subaccount', 'allow')], 'goes', 'goes'],
    ['allowed on hold', [entry('subaccount', 'on_hold'), entry('account', 'allow')], 'goes', 'goes'],
    ["account's bounce", [entry('account', 'hard_bounce'), entry('subaccount', 'allow')], 'goes', 'goes'],
    [
      "operator's bounce",
      [entry('installation', 'hard_bounce'), entry('account', 'allow'), entry('installation', 'allow')],
      'installation hard_bounce',
      'installation hard_bounce',
    ],
    [
      "operator's allow is no account's",
      [entry('subaccount', 'hard_bounce'), entry('installation', 'allow')],
      'subaccount hard_bounce',
      'subaccount hard_bounce',
    ],
    [
      'the narrowest is told',
      [entry('installation', 'complaint'), entry('account', 'manual'), entry('subaccount', 'on_hold')],
      'subaccount on_hold',
      'subaccount on_hold',
    ],
    [
      'in a layer, the gravest',
      [entry('subaccount', 'pattern'), entry('subaccount', 'complaint'), entry('subaccount', 'hard_bounce')],
      'subaccount complaint',
      'subaccount complaint',
    ],
  ];
  for (const [what, entries, transactional, bulk] of cases) {
    assert.deepEqual([word(decide(entries, 0)), word(decide(entries, 1))], [transactional, bulk], what);
  }
});

const anyEntry = record({
  layer: constantFrom(...layers),
  kind: constantFrom(...kinds),
  stopsTransactional: boolean(),
  stopsBulk: boolean(),
  onlyList: constantFrom('', 'news'),
  onlySender: constantFrom('', 'a@x.test'),
});
const lane = constantFrom(0 as const, 1 as const);

test('no allow entry ever frees from a complaint, an unsubscribe, a hand-made entry or the installation', () => {
  const firm = ({ layer, kind }: Entry): boolean =>
    layer === 'installation' || ['complaint', 'unsubscribe', 'manual', 'pattern'].includes(kind);
  check(
    property(array(anyEntry, { maxLength: 6 }), lane, (entries, lane) => {
      const stops = entries.filter(
        (each) => each.kind !== 'allow' && (lane === 0 ? each.stopsTransactional : each.stopsBulk),
      );
      const hit = decide(entries, lane);
      if (stops.some(firm)) assert.notEqual(hit, null);
      if (stops.length === 0) assert.equal(hit, null);
      if (hit !== null) assert.ok(stops.some(({ layer, kind }) => layer === hit.layer && kind === hit.kind));
    }),
  );
});

test('the order of entries does not matter', () => {
  check(
    property(array(anyEntry, { maxLength: 6 }), lane, (entries, lane) => {
      assert.deepEqual(decide(entries, lane), decide(entries.toReversed(), lane));
    }),
  );
});

test('an entry of one sender stops the mail of that address alone, in any case, and of its list where it names one', () => {
  const entries = [
    entry('subaccount', 'unsubscribe', { onlySender: 'news@x.test' }),
    entry('subaccount', 'complaint', { onlySender: 'shop@x.test', onlyList: 'offers' }),
  ];
  const bound = new Map([['a@b.test', { lane: 1 as const, entries, hasLists: true }]]);
  const hit = (list: string | null, sender: string | null): string =>
    word(hitOf({ all: new Map(), bound }, 'a@b.test', { list, sender }));
  assert.equal(hit(null, 'News@X.test'), 'subaccount unsubscribe');
  assert.equal(hit('offers', 'news@x.test'), 'subaccount unsubscribe');
  assert.equal(hit('offers', 'shop@x.test'), 'subaccount complaint');
  assert.equal(hit(null, 'shop@x.test'), 'goes');
  assert.equal(hit('offers', 'other@x.test'), 'goes');
  assert.equal(hit('offers', null), 'goes');
});

test('what stops mail of which nothing is known stops any mail', () => {
  const mail = record({
    list: constantFrom(null, 'news', 'offers'),
    sender: constantFrom(null, 'A@x.test', 'b@x.test'),
  });
  const bare = array(anyEntry, { maxLength: 6 }).map((entries) =>
    // An exception for one sender or list frees its mail: that is what it is for.
    entries.filter(({ kind }) => kind !== 'allow'),
  );
  check(
    property(bare, mail, lane, (entries, mail, lane) => {
      const always = decide(countingFor(entries, unknownMail), lane);
      const here = decide(countingFor(entries, mail), lane);
      if (always !== null) assert.notEqual(here, null);
    }),
  );
});

test('the sender of an entry is an address, in lower case, and none of a pattern', () => {
  const entryOf = (given: object): unknown => toEntry({ address: 'a@b.test', ...given });
  assert.equal(
    (entryOf({ onlySender: ' News@X.Test ' }) as { onlySender: string }).onlySender,
    'news@x.test',
  );
  assert.equal((entryOf({}) as { onlySender: string }).onlySender, '');
  assert.deepEqual(
    [
      entryOf({ onlySender: 'nobody' }),
      entryOf({ address: '*@b.test', kind: 'pattern', onlySender: 'a@x.test' }),
    ].map((fault) => [(fault as { field: string }).field, (fault as { rule: string }).rule]),
    [
      ['onlySender', 'format'],
      ['onlySender', 'kind'],
    ],
  );
});

test('the cause is told of the own list only', () => {
  assert.deepEqual(told({ layer: 'subaccount', kind: 'complaint' }), {
    layer: 'subaccount',
    kind: 'complaint',
  });
  assert.deepEqual(told({ layer: 'account', kind: 'complaint' }), { layer: 'account' });
  assert.deepEqual(told({ layer: 'installation', kind: 'manual' }), { layer: 'installation' });
});

test('a glob matches what the same regular expression matches', () => {
  const glob = stringMatching(/^[ab*?@]{0,8}$/);
  const text = stringMatching(/^[ab@]{0,10}$/);
  check(
    property(glob, text, (glob, text) => {
      const pattern = glob.replaceAll('*', '.*').replaceAll('?', '.');
      assert.equal(globMatches(glob, text), new RegExp(`^${pattern}$`).test(text), `${glob} ${text}`);
    }),
    { numRuns: 2000 },
  );
});

test('a glob of many stars on a long text takes no time', () => {
  const started = process.cpuUsage();
  assert.equal(globMatches(`${'*a'.repeat(150)}b`, 'a'.repeat(320)), false);
  assert.ok(process.cpuUsage(started).user < 1_000_000);
});

test('addresses are kept in lower case, patterns must be patterns', () => {
  const kept = (kind: Kind, text: string): string => {
    const found = entryAddress(kind, text);
    return 'address' in found ? found.address : `not: ${found.rule}`;
  };
  assert.deepEqual(
    [
      kept('manual', ' Ada@Example.COM '),
      kept('manual', 'ada@exämple.com'),
      kept('manual', 'no address'),
      kept('pattern', '*@Example.com'),
      kept('pattern', 'info@*.example.com'),
      kept('pattern', '*@exämple.com'),
      kept('pattern', 'ada@example.com'),
      kept('pattern', '*'),
      kept('pattern', '*@*'),
      kept('pattern', '*a*b*c*d*@example.com'),
      kept('pattern', 'a\nb*@example.com'),
    ],
    [
      'ada@example.com',
      'ada@xn--exmple-cua.com',
      'not: format',
      '*@example.com',
      'info@*.example.com',
      '*@xn--exmple-cua.com',
      'not: pattern',
      'not: pattern',
      'not: pattern',
      'not: pattern',
      'not: pattern',
    ],
  );
});

test('an unsubscribe stops bulk mail only unless it says more; an entry that stops nothing is none', () => {
  const stops = (given: Parameters<typeof toEntry>[0]): unknown => {
    const entry = toEntry(given);
    return 'rule' in entry ? entry.rule : [entry.stopsTransactional, entry.stopsBulk];
  };
  const address = 'a@b.example';
  assert.deepEqual(stops({ address }), [true, true]);
  assert.deepEqual(stops({ address, kind: 'unsubscribe' }), [false, true]);
  assert.deepEqual(stops({ address, kind: 'unsubscribe', stopsTransactional: true }), [true, true]);
  assert.equal(stops({ address, stopsTransactional: false, stopsBulk: false }), 'stops');
  assert.deepEqual(stops({ address, kind: 'allow', stopsTransactional: false, stopsBulk: false }), [
    false,
    false,
  ]);
});

test('of entries that come twice the last counts, in the order of their keys', () => {
  const rows = ['b manual 1', 'a manual 2', 'b manual 3', 'b allow 4'].map((text) => {
    const [address = '', kind = '', n] = text.split(' ');
    return { address, kind: kind as Kind, n };
  });
  assert.deepEqual(
    settled(rows).map(({ n }) => n),
    ['2', '4', '3'],
  );
});
