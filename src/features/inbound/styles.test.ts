import assert from 'node:assert/strict';
import { test } from 'node:test';
import { styleBytes, styles } from '../../../test/doubles/bounce-styles.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { readReport } from '../../mail/report/index.ts';
import type { ReportedMessage } from './model.ts';
import { complainedOf, judgeReturned } from './rules.ts';
import { parseMasterKeys } from '../../base/seal.ts';

const message: ReportedMessage = {
  accountId: 1001 as AccountId,
  subaccountId: 1002 as SubaccountId,
  id: '77',
  submissionId: '76',
  retentionDays: 30,
  recipient: 'ada@recv.test',
  sender: 'news@lettershop.test',
  state: 'delivered',
  isLeased: false,
};

/** What a mail does to the message of the path that it came to: event, state, suppression. */
async function effectOn(recipient: string, bytes: Buffer): Promise<unknown> {
  const judgement = judgeReturned(await readReport(bytes), '', { ...message, recipient });
  if (judgement.kind !== 'does') return judgement.kind;
  const { event, state, suppresses } = judgement.consequence;
  return [event, state, suppresses];
}

function expectedEffect(expected: readonly string[] | string, recipient: string): unknown {
  if (expected === 'auto_reply') return ['message.auto_replied', null, null];
  if (expected === 'challenge') return 'ignored';
  if (typeof expected === 'string') return 'unread';
  const own =
    expected.find((entry) => entry.startsWith(recipient)) ?? (expected.length === 1 ? expected[0] : null);
  if (own === null || own === undefined) return 'unread';
  const [, action, found] = own.split(' ');
  if (action === 'delayed') return ['message.notified', null, null];
  return ['message.bounced_later', 'bounced', found === 'hard' ? 'hard_bounce' : null];
}

test('only final bounces end a message, only hard ones suppress, and of several recipients only the own one counts', async () => {
  const effects = { ended: 0, suppressed: 0, harmless: 0 };
  for (const style of styles) {
    for (const recipient of ['ada@recv.test', 'bob@recv.test']) {
      const effect = await effectOn(recipient, styleBytes(style));
      assert.deepEqual(effect, expectedEffect(style[3], recipient), `${style[0]}: ${recipient}`);
    }
    const effect = expectedEffect(style[3], 'ada@recv.test');
    const [, state, suppresses] = Array.isArray(effect) ? (effect as (string | null)[]) : [];
    if (state !== 'bounced') effects.harmless += 1;
    else if (suppresses === null) effects.ended += 1;
    else effects.suppressed += 1;
  }
  assert.ok(
    Object.values(effects).every((count) => count >= 10),
    JSON.stringify(effects),
  );
});

test('at a feedback address no bounce is a complaint about anybody', async () => {
  const ring = parseMasterKeys(Buffer.alloc(32, 1).toString('base64'));
  for (const style of styles)
    assert.equal(complainedOf(await readReport(styleBytes(style)), ring, Date.now()), null);
});
