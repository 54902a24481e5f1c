import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { EventKind } from '../events/index.ts';
import type { MessageState } from '../messages/index.ts';
import type { Report } from '../suppressions/index.ts';

/** Whose mailbox an address is. */
export type Mailbox =
  /** The return path of one copy. */
  | { readonly kind: 'return_path'; readonly messageId: string }
  /** Where mailbox providers send complaints: fbl@ and abuse@. */
  | { readonly kind: 'feedback' }
  /** Where receivers report on a domain's mail (DMARC). */
  | { readonly kind: 'dmarc'; readonly domainId: string }
  /** postmaster@: read by a person. */
  | { readonly kind: 'operator' };

/** One mail as it came to the listener. */
export type Arrival = {
  readonly mailFrom: string;
  readonly recipients: readonly string[];
  readonly bytes: Buffer;
  readonly remoteAddress: string;
};

/** The copy that a report is about. */
export type ReportedMessage = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly id: string;
  readonly submissionId: string;
  readonly retentionDays: number;
  readonly recipient: string;
  /** Its From address; empty when its content is gone. */
  readonly sender: string;
  readonly state: MessageState;
  /** A node has it in hand: the answer to a final dot may be on its way into the store. */
  readonly isLeased: boolean;
};

/** What a report does to a message. */
export type Consequence = {
  /** One of each counts per message, so that the same report twice changes nothing. */
  readonly mark: string;
  readonly event: EventKind;
  readonly data: Readonly<Record<string, unknown>>;
  /** Null: the state stays. */
  readonly state: MessageState | null;
  readonly suppresses: Report['kind'] | null;
  /** Counts towards putting the address on hold. */
  readonly isSoft: boolean;
};

export type Judgement =
  | { readonly kind: 'does'; readonly consequence: Consequence }
  /** By rule nothing comes of it. */
  | { readonly kind: 'ignored' }
  /** The delivery itself is not written down yet: the sender shall come again. */
  | { readonly kind: 'too_early' }
  /** Kept for the operator. */
  | { readonly kind: 'unread'; readonly why: string };

export type Unread = {
  readonly at: Date;
  readonly mailbox: Mailbox['kind'];
  readonly why: string;
  readonly remoteAddress: string;
  readonly mailFrom: string;
  readonly recipient: string;
  readonly content: Buffer;
};
