import type { Reply } from '../reply.ts';

/** One recipient's group of a delivery status notification (RFC 3464 2.3). */
export type DeliveryEntry = {
  /** As the reporting system names it: often not as we wrote it. */
  readonly recipient: string | null;
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';
  /** Diagnostic-Code where there is one, else what Status and the words say. */
  readonly reply: Reply;
};

/** RFC 5965 7.3, RFC 6430, RFC 6591, and what some senders of reports use besides. */
export const feedbackTypes = [
  'abuse',
  'fraud',
  'virus',
  'other',
  'not-spam',
  'auth-failure',
  'opt-out',
] as const;
export type FeedbackType = (typeof feedbackTypes)[number];

/** What a mail that came to a return path or a feedback address is. */
export type InboundReport =
  | {
      readonly kind: 'delivery';
      /** False when the words had to be read: no machine-readable part. */
      readonly isStandard: boolean;
      readonly entries: readonly DeliveryEntry[];
      /** Of the mail that is reported on, without angle brackets. */
      readonly messageId: string | null;
    }
  | {
      readonly kind: 'feedback';
      readonly type: FeedbackType;
      readonly recipients: readonly string[];
      /** Of the mail that is reported on: it names our message when everything else is redacted. */
      readonly returnPath: string | null;
      /** X-Lettershop-Mark of that mail: the same name, for those who cut the return path out. */
      readonly mark: string | null;
      /** CFBL-Feedback-ID of that mail (RFC 9477 3.1.3). */
      readonly feedbackId: string | null;
      readonly messageId: string | null;
      readonly userAgent: string | null;
    }
  /** A whole mail in another without a word of what it is: how some mailbox providers tell of complaints. */
  | {
      readonly kind: 'enclosed';
      readonly returnPath: string | null;
      readonly mark: string | null;
      readonly feedbackId: string | null;
      readonly messageId: string | null;
    }
  | { readonly kind: 'auto_reply' }
  /** Wants the sender to prove that it is a person. */
  | { readonly kind: 'challenge' }
  | { readonly kind: 'other' };
