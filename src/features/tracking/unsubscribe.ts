import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import type { SubaccountId } from '../../base/scope.ts';
import { erasedAddress } from '../../mail/headers/index.ts';
import type { TrackedLink } from '../../mail/tracking/index.ts';
import type { NewEvent } from '../events/index.ts';
import { addFromReports } from '../suppressions/index.ts';
import { findUnsubscriber, noteUnsubscribed } from './sql-engagements.ts';

export type UnsubscribeWorld = { readonly db: Database; readonly clock: Clock };

/**
 * Puts the recipient of a mail onto its subaccount's list, for mail in bulk, and for transactional mail where it came by such;
 * resolves when it stands there. Works after the message is gone, too, for mail in bulk. Twice is as once. Nothing happens for a person who was erased or a subaccount that is no more.
 */
export async function unsubscribe(
  { db, clock }: UnsubscribeWorld,
  link: Extract<TrackedLink, { kind: 'unsubscribe' | 'leave' }>,
  by: 'link' | 'one_click',
): Promise<void> {
  const now = new Date(clock.now());
  const subaccountId = link.subaccountId as SubaccountId;
  const { messageId, retentionDays, recipient } = link;
  await db.asEngine(async (tx) => {
    const found = await findUnsubscriber(tx, link);
    if (found === null || found.message?.recipient === erasedAddress) return;
    const { accountId, message } = found;
    const isFirst = await noteUnsubscribed(tx, { accountId, subaccountId, messageId, retentionDays }, now);
    const known = message === null ? {} : { messageId, submissionId: message.submissionId, retentionDays };
    const events: NewEvent[] = isFirst
      ? [{ accountId, subaccountId, kind: 'message.unsubscribed', ...known, data: { recipient, by } }]
      : [];
    const report = {
      accountId,
      subaccountId,
      address: recipient,
      kind: 'unsubscribe',
      stopsTransactional: message?.isTransactional ?? false,
      source: 'link',
      messageId: message === null ? null : messageId,
      submissionId: message?.submissionId ?? null,
      reason: '',
      sender: message?.sender ?? '',
      list: '',
    } as const;
    await addFromReports(tx, now, [report], events);
  });
}
