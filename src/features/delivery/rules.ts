/** What we make of an attempt: pure, the clock and chance are given. */
import { classify } from '../../mail/bounce/classify.ts';
import type { BounceClass } from '../../mail/bounce/codes.ts';
import type { LeasedMessage } from '../queue/index.ts';
import { nextAttempt } from '../queue/index.ts';
import type { RetryPolicy } from '../queue/index.ts';
import type { AttemptOutcome, Verdict } from './model.ts';

export type Circumstances = { readonly now: number; readonly random: number; readonly policy: RetryPolicy };

/** The verdict on an attempt (RFC 5321 4.2.1: 4yz try again, 5yz do not; 4.5.4.1 for how long). */
export function verdict(
  message: LeasedMessage,
  outcome: AttemptOutcome,
  circumstances: Circumstances,
): Verdict {
  switch (outcome.kind) {
    case 'accepted':
      return { kind: 'delivered' };
    case 'impossible':
      return outcome.phase === 'compose'
        ? { kind: 'failed' }
        : refused(outcome.reply.code, outcome, message, circumstances);
    case 'refused':
      return refused(outcome.reply.code, outcome, message, circumstances);
    case 'broken':
      // RFC 5321 6.1: a connection that died after the dot may have delivered; the terms say which risk is preferred.
      if (outcome.afterFinalDot && message.ratherNot) return { kind: 'undetermined' };
      return again(message, 'undetermined', circumstances);
    case 'suppressed':
      return { kind: 'suppressed', suppression: outcome.suppression };
    case 'postponed':
    case 'abandoned':
      return again(message, 'undetermined', circumstances);
  }
}

function refused(
  code: number,
  outcome: Extract<AttemptOutcome, { kind: 'refused' | 'impossible' }>,
  message: LeasedMessage,
  circumstances: Circumstances,
): Verdict {
  const bounce = classify(outcome.reply, outcome.phase);
  if (code < 500) return again(message, bounce.class, circumstances);
  return { kind: 'bounced', class: bounce.class, suppresses: bounce.class === 'hard' };
}

function again(
  message: LeasedMessage,
  bounceClass: BounceClass,
  { now, random, policy }: Circumstances,
): Verdict {
  const clock = { beganAt: message.beganAt, heldMs: message.heldMs, attempts: message.attempts + 1 };
  const next = nextAttempt(now, clock, random, policy);
  if (next.kind === 'expired') return { kind: 'expired', class: bounceClass };
  return { kind: 'deferred', dueAt: next.dueAt, class: bounceClass };
}

/**
 * Accept has asked whether the recipient may be written to; what leaves sooner than this is not asked again. The same
 * bound as that of a subaccount's stop: a change is effective within 2 s.
 */
export const checkedForMs = 1500;

/** True when nobody can know whether the remote server has it. */
export function isPerhapsDelivered(outcome: AttemptOutcome): boolean {
  return outcome.kind === 'broken' && outcome.afterFinalDot;
}
