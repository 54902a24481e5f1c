import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { LeasedMessage } from './model.ts';
import { Window } from './window.ts';

let made = 0;

function message(account: number, subaccount: number, lane: 0 | 1 = 0): LeasedMessage {
  made += 1;
  return {
    accountId: account as AccountId,
    subaccountId: subaccount as SubaccountId,
    messageId: String(made),
    submissionId: '1',
    retentionDays: 30,
    lane,
    recipient: 'a@b.test',
    domain: 'b.test',
    poolId: '0',
    tags: [],
    data: null,
    attempts: 0,
    beganAt: 0,
    heldMs: 0,
    ratherNot: false,
    checkedAt: 0,
    weightBytes: 100,
  };
}

function many(count: number, account: number, subaccount: number, lane: 0 | 1 = 0): LeasedMessage[] {
  return Array.from({ length: count }, () => message(account, subaccount, lane));
}

const wide = { messagesMax: 10_000, bytesMax: 1e9 };

function takeAll(window: Window): LeasedMessage[] {
  const taken: LeasedMessage[] = [];
  for (let next = window.take(); next !== undefined; next = window.take()) taken.push(next);
  return taken;
}

test('turns go round accounts, and within an account round its subaccounts', () => {
  const window = new Window(wide);
  window.offer(many(1000, 1, 11), false);
  window.offer(many(3, 1, 12), false);
  window.offer(many(3, 2, 21), false);
  const first = takeAll(window)
    .slice(0, 9)
    .map(({ subaccountId }) => Number(subaccountId));
  // Account 2 has every second turn although account 1 has 300 times the mail.
  assert.deepEqual(first, [11, 21, 12, 21, 11, 21, 12, 11, 12]);
});

test('the transactional lane leaves first within a subaccount, in its order', () => {
  const window = new Window(wide);
  const bulk = many(3, 1, 11, 1);
  const urgent = many(2, 1, 11, 0);
  window.offer(bulk, false);
  window.offer(urgent, false);
  assert.deepEqual(takeAll(window), [...urgent, ...bulk]);
});

const at = (accountId: number, subaccountId: number) => ({ accountId, subaccountId });

test('a subaccount gets its share of the window, and places come back', () => {
  const window = new Window({ messagesMax: 100, bytesMax: 1e9 });
  assert.equal(window.reserve(at(1, 11), 100, 0), true);
  assert.equal(window.reserve(at(1, 12), 1, 0), false, 'the window is full');
  window.release(11, 60, 0);
  assert.equal(window.reserve(at(1, 12), 50, 0), true);
  assert.equal(window.reserve(at(1, 11), 20, 0), false, 'over its half');
  assert.equal(window.reserve(at(1, 11), 10, 0), true);
  window.release(11, 50, 0);
  window.release(12, 50, 0);
  assert.deepEqual([window.size, window.room, window.shareOf(9, 99)], [0, 100, 100]);
});

test('an account with 500 subaccounts has no more of the window than one with a single one', () => {
  const window = new Window({ messagesMax: 4000, bytesMax: 1e9 });
  assert.equal(window.reserve(at(2, 21), 1, 0), true);
  for (let round = 0; round < 10; round++)
    for (let subaccount = 1001; subaccount <= 1500; subaccount++) window.reserve(at(1, subaccount), 1, 0);
  assert.deepEqual([window.sizeOf(1), window.sizeOf(1001), window.sizeOf(1500)], [2000, 4, 4]);
  assert.equal(window.reserve(at(2, 21), 1999, 0), true, 'the other half is there for it');
  for (let subaccount = 1001; subaccount <= 1500; subaccount++) window.release(subaccount, 4, 0);
  assert.deepEqual([window.size, window.sizeOf(1), window.shareOfAccount(2)], [2000, 0, 4000]);
});

test('bytes bound the window as well as messages', () => {
  const window = new Window({ messagesMax: 100, bytesMax: 1000 });
  assert.equal(window.reserve(at(1, 11), 1, 900), true);
  assert.equal(window.reserve(at(1, 11), 1, 200), false);
  window.release(11, 1, 900);
  assert.equal(window.reserve(at(1, 11), 1, 200), true);
});

test('nothing is lost or doubled in ten thousand random steps', () => {
  const window = new Window(wide);
  const seen = new Set<string>();
  let offered = 0;
  for (let step = 0; step < 10_000; step++) {
    if (step % 3 === 0) {
      const batch = many(step % 7, 1 + (step % 5), 100 + (step % 23), step % 2 === 0 ? 0 : 1);
      offered += batch.length;
      window.offer(batch, false);
      continue;
    }
    const taken = window.take();
    if (taken === undefined) continue;
    assert.ok(!seen.has(taken.messageId));
    seen.add(taken.messageId);
    window.release(taken.subaccountId, 1, taken.weightBytes);
  }
  for (const taken of takeAll(window)) {
    seen.add(taken.messageId);
    window.release(taken.subaccountId, 1, taken.weightBytes);
  }
  assert.equal(seen.size, offered);
  assert.deepEqual([window.size, window.waiting], [0, 0]);
});

test('while the term of the node is over, nothing gets a place by which it would be leased', () => {
  let mayLease = true;
  const window = new Window({ messagesMax: 100, bytesMax: 1000 }, undefined, () => mayLease);
  assert.equal(window.reserve(at(1, 11), 1, 1), true);
  mayLease = false;
  assert.deepEqual([window.reserve(at(1, 11), 1, 1), window.claimRoom], [false, 0]);
  mayLease = true;
  assert.deepEqual([window.reserve(at(1, 11), 1, 1), window.claimRoom], [true, 73]);
});
