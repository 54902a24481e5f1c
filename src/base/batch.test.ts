import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Batcher } from './batch.ts';

const weightless = { weigh: () => 1, weightMax: 1000, isItemFault: () => true };

test('what arrives during a batch is the next batch', async () => {
  const sizes: number[] = [];
  const { promise: first, resolve: release } = Promise.withResolvers<void>();
  const batcher = new Batcher<number, number>({
    ...weightless,
    itemsMax: 100,
    run: async (items) => {
      sizes.push(items.length);
      if (sizes.length === 1) await first;
      return items.map((item) => item * 2);
    },
  });
  const results = [batcher.add(1)];
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  for (let item = 2; item <= 40; item++) results.push(batcher.add(item));
  release();
  assert.deepEqual(
    await Promise.all(results),
    Array.from({ length: 40 }, (_, index) => (index + 1) * 2),
  );
  assert.deepEqual(sizes, [1, 39]);
});

test('one bad item fails alone, its neighbours are stored once each', async () => {
  const stored: number[] = [];
  const batcher = new Batcher<number, string>({
    ...weightless,
    itemsMax: 100,
    run: (items) => {
      if (items.includes(13) || items.includes(77)) return Promise.reject(new Error('bad row'));
      stored.push(...items);
      return Promise.resolve(items.map((item) => `stored ${item}`));
    },
  });
  const outcomes = await Promise.allSettled(Array.from({ length: 100 }, (_, item) => batcher.add(item)));
  const failed = outcomes.flatMap((outcome, item) => (outcome.status === 'rejected' ? [item] : []));
  assert.deepEqual(failed, [13, 77]);
  assert.equal(stored.length, 98);
  assert.equal(new Set(stored).size, 98);
});

test('a failure of the store fails the batch as a whole, without halving', async () => {
  let runs = 0;
  const batcher = new Batcher<number, void>({
    ...weightless,
    isItemFault: () => false,
    itemsMax: 100,
    run: () => {
      runs += 1;
      return Promise.reject(new Error('connection lost'));
    },
  });
  const outcomes = await Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)));
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status),
    ['rejected', 'rejected', 'rejected'],
  );
  assert.equal(runs, 1);
});

test('a batch is bounded by count and by weight, but one heavy item still goes', async () => {
  const batches: number[][] = [];
  const batcher = new Batcher<number, void>({
    run: (items) => {
      batches.push([...items]);
      return Promise.resolve(items.map(() => undefined));
    },
    itemsMax: 3,
    weigh: (item) => item,
    weightMax: 10,
    isItemFault: () => true,
  });
  await Promise.all([1, 1, 1, 1, 50, 6, 6].map((item) => batcher.add(item)));
  assert.deepEqual(batches, [[1, 1, 1], [1], [50], [6], [6]]);
  await batcher.idle();
});
