import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '../../base/scope.ts';
import { profileOf } from '../sites/index.ts';
import { Governor } from './governor.ts';

const message = { accountId: 1 as AccountId, subaccountId: 11, lane: 1 } as const;
const reply = { code: 250, enhanced: '2.0.0', text: 'kept' };
const accepted = { kind: 'accepted', reply, sizeBytes: 1000 } as const;

function make(): { readonly governor: Governor; readonly pass: (ms: number) => void } {
  let now = 1_000_000;
  const governor = new Governor({
    site: 'x.test',
    source: { addressId: '0', localAddress: null, ehloName: 'me.test' },
    profile: profileOf('x.test'),
    clock: { now: () => now, monotonicMs: () => now },
    random: () => 0.5,
    limitsOf: () => null,
  });
  return { governor, pass: (ms) => (now += ms) };
}

/** So many messages one after the other, each in so many milliseconds, `waiting` behind them. */
function send({ governor, pass }: ReturnType<typeof make>, count: number, each: number): void {
  for (let n = 0; n < count; n++) {
    governor.park(-1);
    governor.start(1);
    pass(each);
    governor.finish(message, accepted, false);
  }
}

const isNear = (got: number, wanted: number): boolean => got > wanted * 0.8 && got < wanted * 1.2;

test('a quiet time says nothing about how fast a site takes mail', () => {
  const made = make();
  made.governor.park(20_001);
  send(made, 20_000, 1);
  assert.ok(isNear(made.governor.ratePerSecond(), 1000));
  send(made, 1, 1);
  made.pass(3_600_000);
  assert.ok(isNear(made.governor.ratePerSecond(), 1000), 'an hour without mail');
  made.governor.park(10);
  made.pass(1);
  send(made, 1, 1);
  assert.ok(isNear(made.governor.ratePerSecond(), 1000), 'the first message after it');
});

test('a site that takes nothing is seen as slow before its first message has ended', () => {
  const made = make();
  made.governor.park(500);
  made.governor.start(1);
  assert.ok(isNear(made.governor.ratePerSecond(), 200), 'nothing is known');
  made.pass(20_000);
  assert.ok(made.governor.ratePerSecond() < 1.1);
});

test('mail that waits for limits of its account does not make the site slow for others', () => {
  const made = make();
  made.governor.park(500);
  send(made, 100, 5);
  made.governor.blocked();
  made.pass(60_000);
  assert.ok(isNear(made.governor.ratePerSecond(), 200));
  send(made, 1, 5);
  assert.ok(isNear(made.governor.ratePerSecond(), 200));
});

test('what changed shows within seconds', () => {
  const made = make();
  made.governor.park(10_000);
  send(made, 5000, 1);
  send(made, 40, 500);
  assert.ok(made.governor.ratePerSecond() < 4);
});
