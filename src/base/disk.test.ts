import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { DiskFloor, type DiskState, freeBytes, nextDiskState } from './disk.ts';

test('the free bytes of a real folder are a whole number', async () => {
  const free = await freeBytes(tmpdir());
  assert.ok(Number.isSafeInteger(free) && free >= 0);
});

test('accepting stops below the floor and goes on only well above it', () => {
  const floor = { floorBytes: 100, resumeBytes: 110 };
  const cases: readonly (readonly [DiskState, number, DiskState])[] = [
    ['ample', 100, 'ample'],
    ['ample', 99, 'low'],
    ['low', 100, 'low'],
    ['low', 109, 'low'],
    ['low', 110, 'ample'],
  ];
  for (const [before, free, after] of cases) assert.equal(nextDiskState(before, free, floor), after);
});

test('each crossing is told once, and a measurement that fails changes nothing', async () => {
  const measurements: (number | null)[] = [50, 105, null, 120, 130];
  const told: [DiskState, number][] = [];
  await using floor = await DiskFloor.watch({
    path: '/anywhere',
    floorBytes: 100,
    intervalMs: 60_000,
    measure: async () => {
      const next = measurements.shift();
      if (next === null || next === undefined) throw new Error('no statfs here');
      return next;
    },
    tell: (state, free) => told.push([state, free]),
  });
  const seen = [floor.isLow];
  for (let check = 0; check < 4; check += 1) seen.push((await floor.check()) === 'low');
  assert.deepEqual(seen, [true, true, true, false, false]);
  assert.deepEqual(told, [
    ['low', 50],
    ['ample', 120],
  ]);
});

test('the watch measures again by itself', async () => {
  let free = 200;
  const { promise, resolve } = Promise.withResolvers<DiskState>();
  const keepAlive = setInterval(() => undefined, 1_000);
  await using floor = await DiskFloor.watch({
    path: '/anywhere',
    floorBytes: 100,
    intervalMs: 1,
    measure: async () => free,
    tell: resolve,
  });
  assert.equal(floor.isLow, false);
  free = 99;
  assert.equal(await promise, 'low');
  clearInterval(keepAlive);
});
