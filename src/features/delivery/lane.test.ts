import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { StoreUnavailable } from '../../base/database/store-lost.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { SmtpSink } from '../../../test/doubles/smtp-sink.ts';
import type { LeasedMessage } from '../queue/index.ts';
import type { Told } from '../suppressions/index.ts';
import { Bench } from './bench.ts';
import { SmtpConnection } from './connection.ts';
import { makeLane } from './lane.ts';
import type { LaneWorld } from './lane.ts';
import { checkedForMs } from './rules.ts';
import { defaultDeadlines } from './transaction.ts';

const leased: LeasedMessage = {
  accountId: 1 as AccountId,
  subaccountId: 2 as SubaccountId,
  messageId: '3',
  submissionId: '4',
  retentionDays: 30,
  lane: 1,
  recipient: 'you@inbox.test',
  domain: 'inbox.test',
  data: null,
  poolId: '0',
  tags: [],
  attempts: 0,
  checkedAt: 1000,
  beganAt: 1000,
  heldMs: 0,
  ratherNot: false,
  weightBytes: 0,
};

type Asking = { now: number; answer: () => Promise<Told | null>; readonly asked: string[] };

/** The content is not there, which ends an attempt that came so far. */
function worldOf(asking: Asking): LaneWorld {
  const never = (): never => {
    throw new Error('an attempt without content went on');
  };
  return {
    signer: undefined as never,
    bench: new Bench(1),
    content: () => Promise.resolve(null),
    signing: never,
    bounceHost: never,
    track: never,
    leaveLinks: never,
    mark: never,
    name: never,
    dot: never,
    keep: never,
    nowMs: () => asking.now,
    suppressed: ({ recipient }) => {
      asking.asked.push(recipient);
      return asking.answer();
    },
  };
}

test('mail that was leased and waited is asked about before its attempt, fresh mail is not', async () => {
  await using sink = await SmtpSink.start();
  const opened = await SmtpConnection.open({
    dial: ({ address, port }) => connect({ host: address, port }),
    address: '127.0.0.1',
    port: sink.port,
    ehloName: 'me.test',
    tls: 'never',
    serverName: 'sink.test',
    verifyCertificate: false,
    deadlines: defaultDeadlines,
  });
  assert.ok(opened.ok);
  await using connection = opened.connection;
  const asking: Asking = { now: 1000 + checkedForMs - 1, answer: () => Promise.resolve(null), asked: [] };
  const lane = makeLane(
    connection,
    { host: { name: 'sink.test', address: '127.0.0.1', port: sink.port }, tries: [] },
    worldOf(asking),
  );
  const attempt = async (): Promise<unknown> => {
    const outcome = await lane.attempt(leased);
    return outcome.kind === 'suppressed' ? outcome.suppression : outcome.kind;
  };
  assert.deepEqual([await attempt(), asking.asked], ['impossible', []], 'accept has just asked');
  asking.now += 1;
  assert.deepEqual([await attempt(), asking.asked], ['impossible', ['you@inbox.test']]);
  const told: Told = { layer: 'subaccount', kind: 'complaint' };
  asking.answer = () => Promise.resolve(told);
  assert.deepEqual(await attempt(), told);
  asking.answer = () => Promise.reject(new StoreUnavailable('away'));
  assert.equal(await attempt(), 'abandoned', 'what cannot be known is no leave to send');
  asking.answer = () => Promise.reject(new Error('a bug'));
  await assert.rejects(attempt(), /a bug/);
});
