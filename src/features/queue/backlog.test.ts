import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Backlog } from './backlog.ts';
import type { Portion } from './backlog.ts';
import { Turns } from './turns.ts';
import type { Turn } from './turns.ts';

const limits = { subaccountsMax: 200, eachMax: 500 };

/**
 * A queue with what is in the store, and a node that claims into a window of 3000 and sends from it; a claim runs after each
 * `sendsBetween` messages, as the timer of the worker has it.
 */
class Node {
  readonly #store = new Map<number, { readonly accountId: number; waiting: number }>();
  readonly #inWindow = new Map<number, number>();
  readonly #turns: Turns<Turn>;
  readonly backlog: Backlog;
  readonly #windowMax = 3000;
  #size = 0;

  constructor(weightOf: (tenantId: number) => number) {
    this.#turns = new Turns(weightOf);
    this.backlog = new Backlog(weightOf, (id) => this.#inWindow.get(id) ?? 0);
  }

  waits(accountId: number, subaccountId: number, waiting: number): void {
    this.#store.set(subaccountId, { accountId, waiting });
  }

  #count({ accountId, subaccountId }: Turn, by: 1 | -1): void {
    for (const id of [accountId, subaccountId]) this.#inWindow.set(id, (this.#inWindow.get(id) ?? 0) + by);
    this.#size += by;
  }

  #give({ accountId, subaccountId, most }: Portion): Turn[] {
    const store = this.#store.get(subaccountId);
    if (store === undefined) return [];
    const given = Math.min(store.waiting, most);
    store.waiting -= given;
    return Array.from({ length: given }, () => ({ accountId, subaccountId, lane: 0 }));
  }

  claim(): void {
    const found = [...this.#store].filter(([, { waiting }]) => waiting > 0);
    this.backlog.add(found.map(([subaccountId, { accountId }]) => ({ accountId, subaccountId })));
    for (;;) {
      const portions = this.backlog.portions({ ...limits, room: this.#windowMax - this.#size });
      if (portions.length === 0) return;
      assert.ok(portions.length <= limits.subaccountsMax);
      const given = portions.flatMap((portion) => this.#give(portion));
      for (const each of given) {
        this.#count(each, 1);
        this.#turns.push(each);
      }
      this.backlog.settle(portions, given);
    }
  }

  /** Sends so many, claiming in between; how many of each tenant. */
  send(count: number, sendsBetween: number): ReadonlyMap<number, number> {
    const sent = new Map<number, number>();
    for (let n = 0; n < count; n++) {
      if (n % sendsBetween === 0) this.claim();
      const turn = this.#turns.take();
      if (turn === undefined) continue;
      this.#count(turn, -1);
      for (const id of [turn.accountId, turn.subaccountId]) sent.set(id, (sent.get(id) ?? 0) + 1);
    }
    return sent;
  }
}

test('an account with 500 subaccounts gets no more turns than an account with one, however much both have waiting', () => {
  const node = new Node(() => 1);
  for (let subaccount = 1001; subaccount <= 1500; subaccount++) node.waits(1, subaccount, 1000);
  node.waits(2, 21, 100_000);
  const sent = node.send(40_000, 1000);
  assert.deepEqual([sent.get(1), sent.get(2)], [20_000, 20_000]);
  const ofEach = Array.from({ length: 500 }, (_, index) => sent.get(1001 + index) ?? 0);
  assert.deepEqual([Math.min(...ofEach), Math.max(...ofEach)], [40, 40], 'and its subaccounts the same');
});

test('weights of accounts and subaccounts hold for what waits in the store, and for thousands of subaccounts', () => {
  const node = new Node((id) => ({ 1: 3, 22: 4 })[id] ?? 1);
  for (let subaccount = 1001; subaccount <= 6000; subaccount++) node.waits(1, subaccount, 100);
  node.waits(2, 21, 20_000);
  node.waits(2, 22, 20_000);
  const sent = node.send(40_000, 1000);
  assert.deepEqual([sent.get(1), sent.get(2)], [30_000, 10_000]);
  assert.deepEqual([sent.get(21), sent.get(22)], [2000, 8000]);
  const ofEach = Array.from({ length: 5000 }, (_, index) => sent.get(1001 + index) ?? 0);
  assert.ok(Math.min(...ofEach) >= 5 && Math.max(...ofEach) <= 7, 'six turns each, one more or less');
});

test('who has little to send leaves their room to others, and nothing that waits is left', () => {
  const tenant = fc.record({
    account: fc.integer({ min: 1, max: 9 }),
    subaccounts: fc.integer({ min: 1, max: 300 }),
    each: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(fc.array(tenant, { minLength: 1, maxLength: 5 }), (tenants) => {
      const node = new Node((id) => 1 + (id % 3));
      let [waiting, next] = [0, 1000];
      for (const { account, subaccounts, each } of tenants)
        for (let n = 0; n < subaccounts; n++) {
          node.waits(account, (next += 1), each);
          waiting += each;
        }
      const sent = node.send(waiting, 500);
      const accounts = [...new Set(tenants.map(({ account }) => account))];
      const total = accounts.reduce((sum, account) => sum + (sent.get(account) ?? 0), 0);
      assert.equal(total, waiting, 'the window was never empty while something waited');
      node.claim();
      assert.ok(node.backlog.isEmpty);
    }),
    { numRuns: 25 },
  );
});
