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
  'message.complained',
  'message.dropped',
  'message.perhaps_delivered',
  'suppression.added',
  'suppression.removed',
  'domain.created',
  'domain.changed',
  'domain.proven',
  'domain.lost',
  'domain.deleted',
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
  'key.created',
  'key.changed',
  'key.deleted',
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
