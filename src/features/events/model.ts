import type { AccountId, SubaccountId } from '../../base/scope.ts';

/** Every kind of fact there is. A consumer that meets an unknown kind passes it on. */
export const eventKinds = [
  'message.accepted',
  'message.held',
  'message.released',
  'message.deferred',
  'message.delivered',
  'message.bounced',
  'message.expired',
  'message.cancelled',
  'message.suppressed',
  'message.failed',
  'message.undetermined',
  // A mail server that had taken it sent it back.
  'message.bounced_later',
  'message.complained',
  // What a mailbox provider tells of a mail besides complaints: "not spam", failed authentication.
  'message.feedback',
  // A machine answered: somebody is away.
  'message.auto_replied',
  // A delivery notice without harm: delayed, relayed, delivered, expanded.
  'message.notified',
  'message.dropped',
  'message.perhaps_delivered',
  'suppression.added',
  'suppression.changed',
  'suppression.removed',
  'suppression.imported',
  'domain.created',
  'domain.changed',
  'domain.proven',
  'domain.lost',
  'domain.deleted',
  'domain.forwarded',
  'tracking.created',
  'tracking.changed',
  'tracking.proven',
  'tracking.lost',
  'tracking.deleted',
  'sender.created',
  'sender.changed',
  'sender.proven',
  'sender.policy_changed',
  'sender.deleted',
  'account.created',
  'account.changed',
  'subaccount.created',
  'subaccount.changed',
  'subaccount.retired',
  'subaccount.deleted',
  'subaccount.purged',
  'pool.created',
  'pool.changed',
  'pool.deleted',
  'quota.changed',
  'site.limited',
  'suspension.added',
  'suspension.lifted',
  'turns.changed',
  'queue.changed',
  'key.created',
  'key.changed',
  'key.deleted',
  'invitation.created',
  'invitation.changed',
  'invitation.revoked',
  'user.joined',
  'user.changed',
  'user.removed',
  'erasure.asked',
  'erasure.finished',
  'subaccount.exported',
  'subaccount.imported',
] as const;

export type EventKind = (typeof eventKinds)[number];

/** A fact to be written with the change that it tells of. */
export type NewEvent = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly kind: EventKind;
  readonly messageId?: string;
  readonly submissionId?: string;
  readonly data: Readonly<Record<string, unknown>>;
};

export type StoredEvent = {
  /** Rises in the order of commits, with gaps: a cursor on it never skips (docs/decisions/event-numbers.md). */
  readonly seq: string;
  readonly at: Date;
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly messageId: string | null;
  readonly submissionId: string | null;
  readonly kind: EventKind;
  readonly data: unknown;
};
