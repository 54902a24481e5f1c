import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Turns, urgentInRow } from './turns.ts';
import type { Turn } from './turns.ts';

type Item = Turn & { readonly n: number };

let made = 0;
const item = (accountId: number, subaccountId: number, lane: 0 | 1 = 0): Item => ({
  accountId,
  subaccountId,
  lane,
  n: (made += 1),
});

function fill(
  turns: Turns<Item>,
  count: number,
  accountId: number,
  subaccountId: number,
  lane: 0 | 1 = 0,
): void {
  for (let index = 0; index < count; index++) turns.push(item(accountId, subaccountId, lane));
}

const tenant = fc.record({
  account: fc.integer({ min: 1, max: 5 }),
  subaccount: fc.integer({ min: 1, max: 6 }),
  messages: fc.integer({ min: 1, max: 40 }),
  bulk: fc.integer({ min: 0, max: 40 }),
});
/** Numbers of subaccounts are unique in the installation. */
const unique = (account: number, subaccount: number): number => account * 100 + subaccount;

test('everything that comes into line leaves it once, in order within a subaccount and lane', () => {
  fc.assert(
    fc.property(fc.array(tenant, { maxLength: 20 }), (tenants) => {
      const turns = new Turns<Item>((id) => 1 + (id % 4));
      const given: Item[] = [];
      for (const { account, subaccount, messages, bulk } of tenants) {
        for (let index = 0; index < messages + bulk; index++) {
          const one = item(account, unique(account, subaccount), index < messages ? 0 : 1);
          given.push(one);
          turns.push(one);
        }
      }
      const taken = turns.takeAll();
      assert.equal(turns.size, 0);
      assert.deepEqual(new Set(taken), new Set(given));
      assert.equal(taken.length, given.length);
      for (const group of Map.groupBy(
        taken,
        ({ subaccountId, lane }) => `${subaccountId} ${lane}`,
      ).values()) {
        assert.deepEqual(
          group.map(({ n }) => n),
          group.map(({ n }) => n).sort((a, b) => a - b),
        );
      }
    }),
  );
});

test('whoever comes into line leaves within one round of its account, with the turns of others by their weights between', () => {
  fc.assert(
    fc.property(
      fc.array(tenant, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 0, max: 200 }),
      (tenants, before) => {
        const weightOf = (id: number): number => 1 + (id % 3);
        const turns = new Turns<Item>(weightOf);
        for (const { account, subaccount } of tenants) fill(turns, 500, account, unique(account, subaccount));
        for (let taken = 0; taken < before; taken++) turns.take();
        const newcomer = item(1, 999);
        turns.push(newcomer);
        const accounts = new Set([1, ...tenants.map(({ account }) => account)]).size;
        const siblings = new Set(
          tenants.filter(({ account }) => account === 1).map(({ subaccount }) => unique(1, subaccount)),
        );
        const ownTurns = [...siblings].reduce((sum, id) => sum + weightOf(id), 0) + 1;
        // Every other account has at most 3 turns for each of its own, and what is left of its credit first.
        const bound = ownTurns + (accounts - 1) * 3 * (ownTurns + 1);
        let turn = 1;
        while (turns.take() !== newcomer) turn += 1;
        assert.ok(turn <= bound, `left at turn ${turn}, the bound is ${bound}`);
      },
    ),
  );
});

test('over any long stretch accounts get turns by weight, whatever their subaccounts have', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 5 }),
      (first, second, siblings) => {
        const weights = new Map([
          [1, first],
          [2, second],
          [200, 7],
        ]);
        const turns = new Turns<Item>((id) => weights.get(id) ?? 1);
        for (let sibling = 0; sibling < siblings; sibling++) fill(turns, 400, 1, 100 + sibling);
        fill(turns, 400, 2, 200);
        fill(turns, 400, 3, 300);
        const got = [0, 0, 0];
        const rounds = 10;
        for (let taken = 0; taken < rounds * (first + second + 1); taken++) {
          const account = turns.take()?.accountId ?? 0;
          got[account - 1] = (got[account - 1] ?? 0) + 1;
        }
        assert.deepEqual(got, [rounds * first, rounds * second, rounds]);
      },
    ),
  );
});

test('over any long stretch accounts get the same, and subaccounts of an account by weight', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), (weights) => {
      const turns = new Turns<Item>((id) => weights[id - 100] ?? 1);
      for (const [index] of weights.entries()) fill(turns, 4000, 1, 100 + index);
      fill(turns, 4000, 2, 200);
      const rounds = 20;
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const got = new Map<number, number>();
      for (let taken = 0; taken < rounds * total * 2; taken++) {
        const id = turns.take()?.subaccountId ?? 0;
        got.set(id, (got.get(id) ?? 0) + 1);
      }
      assert.equal(got.get(200), rounds * total, 'half of it is the other account’s');
      for (const [index, weight] of weights.entries()) assert.equal(got.get(100 + index), rounds * weight);
    }),
  );
});

test('transactional mail leaves ahead of bulk, and bulk is never starved', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 50 }), (urgent, bulk) => {
      const turns = new Turns<Item>();
      fill(turns, bulk, 1, 11, 1);
      fill(turns, urgent, 1, 11, 0);
      const lanes = turns.takeAll().map(({ lane }) => lane);
      let [inRow, bulkLeft] = [0, bulk];
      for (const lane of lanes) {
        if (lane === 1) bulkLeft -= 1;
        inRow = lane === 0 ? inRow + 1 : 0;
        if (bulkLeft > 0) assert.ok(inRow <= urgentInRow);
      }
      assert.ok(lanes.slice(0, Math.min(urgent, urgentInRow)).every((lane) => lane === 0));
    }),
  );
});

test('an account that may not go now keeps its place, the others go on', () => {
  const turns = new Turns<Item>();
  fill(turns, 2, 1, 11);
  fill(turns, 2, 2, 21);
  const taken = [1, 2, 3].map(() => turns.take((accountId) => accountId === 2)?.subaccountId);
  assert.deepEqual(taken, [21, 21, undefined]);
  assert.equal(turns.takeAll().length, 2);
});

test('at which turn one more would leave is known before: by weights, and never behind everything in line', () => {
  fc.assert(
    fc.property(fc.array(tenant, { minLength: 1, maxLength: 12 }), (tenants) => {
      const turns = new Turns<Item>((id) => 1 + (id % 3));
      for (const { account, subaccount, messages } of tenants)
        fill(turns, messages, account, unique(account, subaccount));
      const until = turns.turnsUntil(1, 999);
      assert.ok(until >= 1 && until <= turns.size + 1);
      turns.takeAll();
      assert.equal(turns.turnsUntil(1, 999), 1, 'the sums are back at nothing');
    }),
  );
  const turns = new Turns<Item>((id) => ({ 1: 2, 12: 3 })[id] ?? 1);
  fill(turns, 100, 1, 11);
  fill(turns, 100, 1, 12);
  fill(turns, 300, 2, 21);
  // Account 1 has two turns for each of account 2; in it 11 cannot be behind more than all 200, 12 has three of four.
  assert.deepEqual(
    [turns.turnsUntil(1, 11), turns.turnsUntil(1, 12), turns.turnsUntil(2, 21), turns.turnsUntil(3, 31)],
    [301.5, 202, 501, 4],
  );
});
