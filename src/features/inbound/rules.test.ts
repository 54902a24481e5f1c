import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { assert as check, constantFrom, property, string } from 'fast-check';
import { parseMasterKeys } from '../../base/seal.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { DeliveryEntry, InboundReport } from '../../mail/report/index.ts';
import { makeMark, makeReturnPath } from '../../mail/verp.ts';
import type { ReportedMessage } from './model.ts';
import { complainedOf, judgeComplaint, judgeReturned, mailboxOf, stateAfterBounce } from './rules.ts';

const keys = [randomBytes(32), randomBytes(32)].map((key) => key.toString('base64'));
const ring = parseMasterKeys(keys[0] ?? '');
const names = { ring, mailDomain: 'mail.ours.test', hostname: 'mx.ours.test' };
const now = Date.UTC(2026, 10, 25);
const dayMs = 86_400_000;

const message: ReportedMessage = {
  accountId: 1001 as AccountId,
  subaccountId: 1002 as SubaccountId,
  id: '77',
  submissionId: '76',
  retentionDays: 30,
  recipient: 'Ada@recv.test',
  sender: 'news@lettershop.test',
  state: 'delivered',
  isLeased: false,
};

test('addresses of ours are known by role or by our signature, everything else is nobody', () => {
  const path = makeReturnPath('77', now, 'bounce.b.test', ring);
  const cases: Record<string, unknown> = {
    [path]: 'return_path',
    [path.toUpperCase()]: 'return_path',
    'fbl@mail.ours.test': 'feedback',
    'Abuse@MX.ours.test': 'feedback',
    'postmaster@bounce.client.test': 'operator',
    postmaster: 'operator',
    'postmaster@in.mail.ours.test': 'operator',
    'postmaster@notmail.ours.test': null,
    'postmaster@client.test': null,
    abuse: null,
    'info@mail.ours.test': null,
    'constructor@mail.ours.test': null,
    'b+@bounce.b.test': null,
    '': null,
    '@': null,
  };
  for (const [address, kind] of Object.entries(cases))
    assert.equal(mailboxOf(address, names, now)?.kind ?? null, kind, address);
});

test('a return path lives for 30 days, under every key of the ring, and under no other', () => {
  const path = makeReturnPath('77', now, 'bounce.b.test', ring);
  const at = (days: number, of = names): unknown => mailboxOf(path, of, now + days * dayMs);
  assert.deepEqual(
    [at(0), at(29)],
    [
      { kind: 'return_path', messageId: '77' },
      { kind: 'return_path', messageId: '77' },
    ],
  );
  assert.deepEqual([at(30), at(400)], [null, null]);
  assert.ok(at(1, { ...names, ring: parseMasterKeys(keys.toReversed().join(',')) }) !== null);
  assert.equal(at(1, { ...names, ring: parseMasterKeys(keys[1] ?? '') }), null);
});

test('no text that we did not sign is a return path', () => {
  check(
    property(string({ unit: 'grapheme', maxLength: 60 }), string({ maxLength: 40 }), (local, domain) => {
      const address = `${local}@${domain}`;
      return (
        mailboxOf(address, names, now)?.kind !== 'return_path' &&
        mailboxOf(`b+${address}`, names, now)?.kind !== 'return_path'
      );
    }),
  );
});

const feedback = (more: Partial<Extract<InboundReport, { kind: 'feedback' }>>): InboundReport => ({
  kind: 'feedback',
  type: 'abuse',
  recipients: ['ada@recv.test'],
  returnPath: null,
  mark: null,
  feedbackId: null,
  messageId: '77@ours.test',
  userAgent: null,
  ...more,
});

test('a complaint is found by mark or return path for 90 days, and by nothing else', () => {
  const mark = makeMark('77', now, ring);
  const later = now + 89 * dayMs;
  assert.equal(complainedOf(feedback({ mark }), ring, later), '77');
  assert.equal(complainedOf(feedback({ returnPath: `${mark}@bounce.x.test` }), ring, later), '77');
  assert.equal(complainedOf(feedback({ mark: 'b+forged', returnPath: `${mark}@x.test` }), ring, later), '77');
  assert.equal(complainedOf(feedback({ mark }), ring, now + 90 * dayMs), null);
  assert.equal(complainedOf(feedback({}), ring, now), null);
  assert.equal(complainedOf({ kind: 'other' }, ring, now), null);
});

function entry(more: Partial<DeliveryEntry>): DeliveryEntry {
  const reply = { code: 550, enhanced: '5.1.1', text: 'unknown' };
  return { recipient: 'ada@recv.test', action: 'failed', reply, ...more };
}

function judged(entries: readonly DeliveryEntry[], mailFrom = '', of = message): unknown {
  const report: InboundReport = { kind: 'delivery', isStandard: true, entries, messageId: null };
  const judgement = judgeReturned(report, mailFrom, of);
  if (judgement.kind !== 'does') return 'why' in judgement ? judgement.why : judgement.kind;
  const { event, data, state, suppresses } = judgement.consequence;
  return [event, data['class'] ?? data['action'], state, suppresses];
}

const hard = ['message.bounced_later', 'hard', 'bounced', 'hard_bounce'];

test('a bounce is judged by what is said of our recipient, however many others it names', () => {
  const other = entry({ recipient: 'bob@recv.test' });
  const soft = { code: 552, enhanced: '5.2.2', text: 'full' };
  assert.deepEqual(judged([entry({})]), hard);
  assert.deepEqual(judged([entry({ recipient: 'a.lovelace@inner.test' })]), hard);
  assert.deepEqual(judged([other, entry({ recipient: 'ADA@RECV.TEST', reply: soft })]), [
    'message.bounced_later',
    'soft',
    'bounced',
    null,
  ]);
  assert.equal(judged([other, entry({ recipient: 'cyd@recv.test' })]), 'a report of other recipients');
  assert.equal(judged([]), 'a report of other recipients');
  assert.deepEqual(judged([entry({ action: 'delayed' }), entry({})]), hard, 'the last word counts');
  assert.deepEqual(judged([entry({ action: 'expanded' })]), ['message.notified', 'expanded', null, null]);
  const good = { code: 250, enhanced: '2.0.0', text: 'fine' };
  assert.deepEqual(judged([entry({ reply: good })]), [
    'message.bounced_later',
    'undetermined',
    'bounced',
    null,
  ]);
});

test('a bounce with a sender is not believed, one of a mailer daemon is', () => {
  assert.equal(judged([entry({})], 'ada@recv.test'), 'a bounce with a sender');
  assert.deepEqual(judged([entry({})], 'MAILER-DAEMON@recv.test'), hard);
});

test('a bounce moves only mail that was delivered or whose outcome was not known', () => {
  const moved = Object.fromEntries(
    (
      [
        'queued',
        'held',
        'deferred',
        'delivered',
        'bounced',
        'expired',
        'cancelled',
        'suppressed',
        'failed',
        'undetermined',
      ] as const
    ).map((state) => [state, stateAfterBounce(state)]),
  );
  const kept = { queued: null, held: null, deferred: null, bounced: null, expired: null, cancelled: null };
  assert.deepEqual(moved, {
    ...kept,
    suppressed: null,
    failed: null,
    delivered: 'bounced',
    undetermined: 'bounced',
  });
  assert.equal(judged([entry({})], '', { ...message, isLeased: true }), 'too_early');
});

test('each type of feedback has its consequence, and "not spam" never suppresses', () => {
  const found = Object.fromEntries(
    (['abuse', 'fraud', 'virus', 'opt-out', 'not-spam', 'auth-failure', 'other'] as const).map((type) => {
      const judgement = judgeComplaint(feedback({ type }), message);
      assert.ok(judgement.kind === 'does');
      const { event, suppresses, state } = judgement.consequence;
      assert.equal(state, null);
      return [type, [event, suppresses]];
    }),
  );
  assert.deepEqual(found, {
    abuse: ['message.complained', 'complaint'],
    fraud: ['message.complained', 'complaint'],
    virus: ['message.complained', 'complaint'],
    'opt-out': ['message.feedback', 'unsubscribe'],
    'not-spam': ['message.feedback', null],
    'auth-failure': ['message.feedback', null],
    other: ['message.feedback', null],
  });
});

test('a kind of report always has the same mark, whatever it says: it counts once', () => {
  check(
    property(constantFrom('5.1.1', '5.7.1', '4.4.7'), string(), (enhanced, text) => {
      const reply = { code: 550, enhanced, text };
      const report: InboundReport = {
        kind: 'delivery',
        isStandard: true,
        entries: [entry({ reply })],
        messageId: null,
      };
      const judgement = judgeReturned(report, '', message);
      return judgement.kind === 'does' && judgement.consequence.mark === 'bounce';
    }),
  );
});
