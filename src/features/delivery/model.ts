import type { BounceClass } from '../../mail/bounce/codes.ts';
import type { BouncePhase } from '../../mail/bounce/classify.ts';
import type { Reply } from '../../mail/reply.ts';
import type { LeasedMessage } from '../queue/index.ts';
import type { Told } from '../suppressions/index.ts';

/** Where an attempt stood when it ended. */
export type Phase = Exclude<BouncePhase, 'report'>;

/** What one try ended with, before we make anything of it. */
export type AttemptOutcome =
  /** `sizeBytes`: of the mail as it left. */
  | { readonly kind: 'accepted'; readonly reply: Reply; readonly sizeBytes: number }
  | { readonly kind: 'refused'; readonly phase: Phase; readonly reply: Reply; readonly transcript?: string }
  | {
      readonly kind: 'broken';
      readonly phase: Phase;
      readonly afterFinalDot: boolean;
      readonly error: string;
      readonly transcript?: string;
    }
  /** No attempt will ever work: no such domain, null MX, a capability that the hop lacks, content that cannot be made. */
  | {
      readonly kind: 'impossible';
      readonly phase: Phase;
      readonly reply: Reply;
      readonly transcript?: string;
    }
  /** Not now, by our own knowledge: DNS gave no answer, the site is backing off. */
  | { readonly kind: 'postponed'; readonly phase: Phase; readonly error: string }
  /** Nobody was asked: its recipient must not be written to (any more). */
  | { readonly kind: 'suppressed'; readonly suppression: Told }
  /** We stopped before the final dot (the lease was nearly over): no attempt, back into the queue. */
  | { readonly kind: 'abandoned' };

/** Where it was tried; null before a host was chosen. */
export type AttemptPlace = {
  readonly site: string | null;
  readonly host: string | null;
  readonly address: string | null;
  readonly tls: string | null;
  /** The local address of a pool's that it left from; absent for the system's own. */
  readonly source?: string;
  /** The transport policy that the session had to meet; absent when there was none. */
  readonly policy?: string;
};

/** What we make of an attempt. `class` is for refusals only. */
export type Verdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'bounced'; readonly class: BounceClass; readonly suppresses: boolean }
  | { readonly kind: 'suppressed'; readonly suppression: Told }
  | { readonly kind: 'deferred'; readonly dueAt: number; readonly class: BounceClass }
  | { readonly kind: 'expired'; readonly class: BounceClass }
  | { readonly kind: 'failed' }
  | { readonly kind: 'undetermined' };

/** One finished attempt, as it is journaled and then committed: JSON-safe. */
export type Completion = {
  readonly accountId: number;
  readonly subaccountId: number;
  readonly messageId: string;
  readonly submissionId: string;
  readonly retentionDays: number;
  readonly recipient: string;
  /** Attempts before this one: the row must still say so, or somebody else has moved on. */
  readonly attempts: number;
  readonly at: number;
  readonly verdict: Verdict;
  readonly place: AttemptPlace;
  readonly phase: Phase | null;
  readonly reply: Reply | null;
  readonly error: string | null;
  /** Of mail that the server took; absent in what an older program journaled. */
  readonly sizeBytes?: number;
  /** The final dot was sent and the answer is not known: goes to the ledger. */
  readonly isPerhapsDelivered: boolean;
};

export function completionFor(
  message: LeasedMessage,
  at: number,
  rest: Pick<
    Completion,
    'verdict' | 'place' | 'phase' | 'reply' | 'error' | 'sizeBytes' | 'isPerhapsDelivered'
  >,
): Completion {
  return {
    accountId: message.accountId,
    subaccountId: message.subaccountId,
    messageId: message.messageId,
    submissionId: message.submissionId,
    retentionDays: message.retentionDays,
    recipient: message.recipient,
    attempts: message.attempts,
    at,
    ...rest,
  };
}
