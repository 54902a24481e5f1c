/** Background: hands what the outbox holds to accept. */
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import type { Scope } from '../../base/scope.ts';
import { send } from '../messages/index.ts';
import type { MessageWorld } from '../messages/index.ts';
import { removeNotice, waitingNotices } from '../outbox/index.ts';
import type { Notice } from '../outbox/index.ts';
import { isRefusal } from '../refusals/index.ts';
import { noticeHtml, noticeText } from './rules.ts';

export type NoticeWorld = {
  readonly messages: MessageWorld;
  readonly log: Log;
  /** Of the installation's own account. */
  readonly scope: Scope;
  readonly from: string;
};

const batchMax = 100;
/** A refusal of these kinds passes by itself: the notice stays. */
const passing: ReadonlySet<string> = new Set([
  'store.full',
  'store.unavailable',
  'busy',
  'idempotency.running',
]);

/** Sends what waits; returns how many were handed on. */
export async function sendNotices(world: NoticeWorld): Promise<number> {
  const { db } = world.messages;
  const waiting = await waitingNotices(db.engine, batchMax);
  let sent = 0;
  for (const notice of waiting) {
    try {
      await hand(world, notice);
      sent += 1;
    } catch (error) {
      if (!isRefusal(error) || passing.has(error.code)) throw error;
      world.log.warn({ notice: notice.id, error: errorText(error) }, 'a notice was refused and dropped');
    }
    await removeNotice(db.engine, notice.id);
  }
  return sent;
}

async function hand({ messages, scope, from }: NoticeWorld, notice: Notice): Promise<void> {
  const { content } = notice;
  await send(
    messages,
    scope,
    {
      from: { email: from, name: content.fromName ?? 'Lettershop' },
      to: [{ email: notice.recipient }],
      ...(content.replyTo === undefined ? {} : { replyTo: [{ email: content.replyTo }] }),
      subject: notice.subject,
      text: noticeText(content),
      html: noticeHtml(content),
      // RFC 3834 5
      headers: { 'Auto-Submitted': 'auto-generated' },
      metadata: { account: notice.accountId, subaccount: notice.subaccountId },
    },
    `outbox/${notice.id}`,
  );
}
