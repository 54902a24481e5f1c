import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { waitBoundsMs } from './classes.ts';
import { cohortShares, healthOf } from './health.ts';
import { csvCell } from './json.ts';
import type { Group, Named } from './model.ts';
import { fold, newPerDayMax, nothingOpened, open, seriesHash, unfolded } from './naming.ts';
import { keptDays, periodOf, previousOf } from './periods.ts';
import { figuresOf, percentiles } from './rules.ts';
import type { Count } from './rules.ts';

const count = (kind: string, n: number, more: Partial<Count> = {}): Count => ({
  kind: `message.${kind}`,
  class: '',
  wait: 0,
  isFirst: false,
  n,
  sizeBytes: 0,
  waitedMs: 0,
  summed: n,
  engaged: 0,
  marked: n,
  ...more,
});

test('each rate is of what its definition names, and nothing is divided by nothing', () => {
  const figures = figuresOf([
    count('accepted', 120),
    count('delivered', 80, { class: 'new', wait: 5, isFirst: true }),
    count('bounced', 15, { class: 'hard' }),
    count('bounced', 5, { class: 'strange' }),
    count('bounced_later', 4, { class: 'hard' }),
    count('suppressed', 10, { class: 'complaint' }),
    count('expired', 2, { class: 'paused' }),
    count('opened', 20, { class: 'first' }),
    count('opened', 30, { class: 'again' }),
    count('opened', 40, { class: 'machine' }),
    count('clicked', 5, { class: 'first' }),
    count('complained', 2),
    count('deferred', 7, { class: 'soft', isFirst: true, wait: 3 }),
  ]);
  const { rates, rejected, bounced, opened, openers, delayed } = figures;
  assert.deepEqual(
    { rejected, bounced, opened, openers, delayed },
    {
      rejected: { 'suppressed:complaint': 10, expired: 2 },
      bounced: { hard: 15, soft: 0, block: 0, policy: 0, admin: 0, undetermined: 5 },
      opened: 50,
      openers: 20,
      delayed: 7,
    },
  );
  assert.deepEqual(rates, {
    delivery: 0.8,
    bounce: 0.24,
    hardBounce: 0.15,
    block: 0,
    rejection: 0.1,
    complaint: 0.025,
    unsubscribe: 0,
    open: 0.25,
    click: 0.0625,
    engagement: 0,
    clickToOpen: 0.25,
  });
  assert.ok(Object.values(figuresOf([]).rates).every((rate) => rate === null));
});

test('what arrived at a first attempt and who was shown a beginning are told apart from the rest', () => {
  const { delivered, deliveredFirst, initiallyOpened, initialOpeners } = figuresOf([
    count('delivered', 3, { isFirst: true }),
    count('delivered', 2),
    count('initially_opened', 4, { class: 'first' }),
    count('initially_opened', 5, { class: 'again' }),
    count('initially_opened', 6, { class: 'machine' }),
  ]);
  assert.deepEqual([delivered, deliveredFirst, initiallyOpened, initialOpeners], [5, 3, 9, 4]);
});

test('a message is engaged where its first sign was, by people, and what was counted before is told apart', () => {
  const { engaged, engagedUncounted, rates } = figuresOf([
    count('delivered', 10),
    count('opened', 5, { class: 'first', engaged: 4 }),
    count('opened', 7, { class: 'again' }),
    count('opened', 3, { class: 'machine' }),
    count('clicked', 3, { class: 'first', engaged: 1 }),
    count('initially_opened', 6, { class: 'first' }),
    // Cells from before: first signs are not known in them.
    count('clicked', 9, { class: 'first', marked: 7 }),
    count('opened', 8, { class: 'again', marked: 0 }),
    count('initially_opened', 8, { class: 'first', marked: 0 }),
  ]);
  assert.deepEqual([engaged, engagedUncounted, rates.engagement], [5, 2, 0.5]);
});

test('sums are of deliveries, by first and later attempts, and the mean is of those that were summed', () => {
  const timed = { class: 'new', wait: 5 } as const;
  const { deliveredBytes, deliveryTotalMs, deliveryMeanMs } = figuresOf([
    count('delivered', 3, { ...timed, isFirst: true, sizeBytes: 3000, waitedMs: 1500 }),
    count('delivered', 1, { ...timed, sizeBytes: 500, waitedMs: 2500 }),
    // Of a cell from before: counted, and in no sum.
    count('delivered', 9, { ...timed, isFirst: true, summed: 0 }),
    // Not timed.
    count('delivered', 2, { sizeBytes: 70 }),
    count('deferred', 4, { class: 'soft', wait: 3, isFirst: true, waitedMs: 9000 }),
  ]);
  assert.deepEqual(
    [deliveredBytes, deliveryTotalMs, deliveryMeanMs],
    [3570, { first: 1500, later: 2500 }, 1000],
  );
  assert.equal(figuresOf([count('delivered', 2, { summed: 0 })]).deliveryMeanMs, null);
});

test('a percentile is within the bucket that the measured value fell into', () => {
  const ends = fc.array(fc.integer({ min: 0, max: 300_000_000 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(ends, (times) => {
      const bucketOf = (ms: number): number => waitBoundsMs.filter((bound) => bound <= ms).length + 1;
      const buckets = new Map<number, number>();
      for (const ms of times) buckets.set(bucketOf(ms), (buckets.get(bucketOf(ms)) ?? 0) + 1);
      const sorted = times.toSorted((left, right) => left - right);
      const found = percentiles(buckets);
      for (const [name, share] of [
        ['p50', 0.5],
        ['p95', 0.95],
        ['p99', 0.99],
      ] as const) {
        const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
        const bucket = bucketOf(exact);
        const low = waitBoundsMs[bucket - 2] ?? 0;
        const high = waitBoundsMs[bucket - 1] ?? low;
        const told = found?.[name] ?? -1;
        assert.ok(told >= low && told <= high, `${name}: ${told} for ${exact}`);
      }
    }),
  );
});

const group = (tags: readonly string[], recipientDomain = 'x.test'): Group => ({
  accountId: 1 as Group['accountId'],
  subaccountId: 2 as Group['subaccountId'],
  hour: new Date(0),
  kind: 'message.accepted',
  class: '',
  wait: 0,
  isFirst: false,
  values: {
    sendingDomain: 'a.test',
    senderAddress: 'x@a.test',
    recipientDomain,
    site: null,
    source: null,
    pool: null,
    template: null,
    campaign: null,
    reason: null,
    link: null,
    attempt: null,
    subject: null,
    tags,
  },
  n: 1,
  sizeBytes: 0,
  waitedMs: 0,
  engaged: 0,
});

test('tags like order numbers end as other, while what is known and every other dimension keep their names', () => {
  const opened = nothingOpened();
  const hashes = new Set<string>();
  let last: Named = unfolded(group([]));
  for (let order = 0; order < 3 * newPerDayMax.values; order++) {
    last = fold(unfolded(group(['welcome', `order-${order}`])), opened);
    const hash = seriesHash(last);
    if (!hashes.has(hash)) open(opened, last);
    hashes.add(hash);
  }
  assert.deepEqual(
    [last.values.tags, last.folded, last.values.recipientDomain],
    [['welcome'], ['tag'], 'x.test'],
  );
  assert.equal(hashes.size, newPerDayMax.values, 'named ones and one that is folded');
  const other = fold(unfolded(group(['order-0'], 'y.test')), opened);
  assert.deepEqual([other.values.tags, other.folded], [['order-0'], []]);
});

test('a sender for every mail ends as other, and the domain of them all keeps its name', () => {
  const opened = nothingOpened();
  const hashes = new Set<string>();
  const from = (senderAddress: string | null): Group => ({
    ...group([]),
    values: { ...group([]).values, senderAddress },
  });
  for (let n = 0; n < 3 * newPerDayMax.values; n++) {
    const named = fold(unfolded(from(`n${n}@a.test`)), opened);
    const hash = seriesHash(named);
    if (!hashes.has(hash)) open(opened, named);
    hashes.add(hash);
  }
  const other = fold(unfolded(from('late@a.test')), opened);
  assert.equal(hashes.size, newPerDayMax.values + 1);
  assert.deepEqual(
    [other.values.senderAddress, other.folded, other.values.sendingDomain],
    [null, ['senderAddress'], 'a.test'],
  );
  assert.deepEqual(fold(unfolded(from('n0@a.test')), opened).folded, []);
});

test('what was counted before there were senders keeps its hash', () => {
  const before = { ...group([]), values: { ...group([]).values, senderAddress: null }, folded: [] };
  assert.equal(seriesHash(before), '00fd17a5-a472-1140-94f2-4ff0949a10e1');
  assert.notEqual(seriesHash(unfolded(group([]))), seriesHash(before));
});

test('a subaccount opens so many series on a day and no more, whatever the mix', () => {
  const opened = nothingOpened();
  const hashes = new Set<string>();
  for (let tag = 0; tag < 400; tag++)
    for (let domain = 0; domain < 100; domain++) {
      const named = fold(unfolded(group([`t${tag}`], `d${domain}.test`)), opened);
      const hash = seriesHash(named);
      if (!hashes.has(hash)) open(opened, named);
      hashes.add(hash);
    }
  assert.equal(hashes.size, newPerDayMax.series + 1);
});

test('the health of a quiet subaccount is whole, harm costs it, and a handful of mails costs little', () => {
  assert.equal(healthOf(figuresOf([])).score, 100);
  const harm = (times: number): Count[] => [
    count('accepted', 10 * times),
    count('delivered', 8 * times, { class: 'new' }),
    count('bounced', 2 * times, { class: 'hard' }),
    count('complained', times),
  ];
  assert.equal(healthOf(figuresOf(harm(100))).score, 40);
  assert.ok(healthOf(figuresOf(harm(1))).score >= 90);
  const both = figuresOf([
    count('delivered', 25, { class: 'new' }),
    count('delivered', 75, { class: 'unengaged' }),
  ]);
  assert.deepEqual(
    cohortShares(both).map(({ cohort, share }) => [cohort, share]),
    [
      ['new', 0.25],
      ['engaged_14', 0],
      ['engaged_90', 0],
      ['engaged_365', 0],
      ['unengaged', 0.75],
    ],
  );
});

test('a period is answered by hours while they are kept, else by whole days of UTC, and says so', () => {
  const now = Date.UTC(2030, 5, 15);
  const asked = { from: null, until: null, step: null, timeZone: 'Europe/Vienna' } as const;
  const kind = (from: number) => {
    const found = periodOf({ ...asked, from }, now);
    return 'field' in found ? found.field : [found.counted, found.timeZone];
  };
  assert.deepEqual(kind(now - 60 * 86_400_000), ['hours', 'Europe/Vienna']);
  assert.deepEqual(kind(now - (keptDays.hours + 1) * 86_400_000), ['days', 'UTC']);
  assert.equal(kind(now + 3_600_000), 'from');
  assert.ok('field' in periodOf({ ...asked, timeZone: 'Mars/Olympus' }, now));
  assert.ok('field' in periodOf({ ...asked, step: 'hour', from: 0 }, now));
  assert.deepEqual(previousOf({ from: 10, until: 15 }), { from: 5, until: 10 });
});

test('no cell of a CSV is run by a spreadsheet, and each is read back whole', () => {
  assert.deepEqual(
    ['=1+1', 'a,b', 'say "hi"', 'plain', 7].map((cell) => csvCell(cell)),
    [`'=1+1`, '"a,b"', '"say ""hi"""', 'plain', '7'],
  );
});
