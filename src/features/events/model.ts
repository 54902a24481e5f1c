import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { EventKind } from './kinds.ts';

/** A fact to be written with the change that it tells of. */
export type NewEvent = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly kind: EventKind;
  readonly messageId?: string;
  readonly submissionId?: string;
  /** Of the message that it tells of, so that both end together; the account's when left out. */
  readonly retentionDays?: number;
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

/** What a message and its call are known by besides. */
export type MailFacts = {
  readonly from: string | null;
  readonly door: string;
  readonly sizeBytes: number | null;
  readonly campaign: string | null;
  readonly templateId: string | null;
  /** As it was called when the mail was accepted. */
  readonly templateSlug: string | null;
  /** That the call named, or its subaccount has; null: the account's default one. */
  readonly poolId: string | null;
  readonly tracked: Readonly<Record<string, boolean>>;
  /** Null: accepted before this was kept. */
  readonly lane: 'transactional' | 'bulk' | null;
  /** `to`, `cc`, `bcc` or `archive`. */
  readonly copy: string;
};

/** With what the message that it tells of is known by; null or empty for events of no message, or when it is gone. */
export type DetailedEvent = StoredEvent & {
  readonly recipient: string | null;
  readonly subject: string | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  /** From address of the message. */
  readonly from: string | null;
  readonly mail: MailFacts | null;
  /** Its external id, or its number; null for the account's own one. */
  readonly subaccountName: string | null;
};
