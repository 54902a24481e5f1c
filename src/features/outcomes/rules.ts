/** What one kind of event adds to the counts of its hour: pure. */
import { classify } from '../../mail/bounce/classify.ts';
import type { Reply } from '../../mail/reply.ts';
import type { EventKind } from '../events/index.ts';
import type { Outcomes } from './model.ts';

export type Column = keyof Outcomes;

export const countedKinds = [
  'message.accepted',
  'message.delivered',
  'message.deferred',
  'message.bounced',
  'message.bounced_later',
  'message.complained',
  'message.suppressed',
] as const satisfies readonly EventKind[];
export type CountedKind = (typeof countedKinds)[number];

const plain: Readonly<Record<Exclude<CountedKind, 'message.bounced' | 'message.bounced_later'>, Column>> = {
  'message.accepted': 'accepted',
  'message.delivered': 'delivered',
  'message.deferred': 'deferred',
  'message.complained': 'complaints',
  'message.suppressed': 'suppressed',
};

/** The columns that an event counts in; a bounce may stand in two. */
export function columnsOf(
  kind: CountedKind,
  bounceClass: string | null,
  reply: Reply | null,
): readonly Column[] {
  if (kind !== 'message.bounced' && kind !== 'message.bounced_later') return [plain[kind]];
  if (bounceClass === 'hard') return saysNobody(reply) ? ['hardBounces', 'unknownUsers'] : ['hardBounces'];
  return isTrapLike(reply) ? ['otherBounces', 'trapBlocks'] : ['otherBounces'];
}

const unknownRules: ReadonlySet<string> = new Set([
  'text.unknown_recipient',
  'text.microsoft.recipient_not_found',
  'text.microsoft.recipient_refused',
]);

/** An address that is not there, as lists that were bought or guessed are full of. */
function saysNobody(reply: Reply | null): boolean {
  if (reply === null) return false;
  return /^5\.1\.(?:1|6|10|351)$/.test(reply.enhanced ?? '') || unknownRules.has(ruleOf(reply));
}

const trapWords = /spam[- ]?trap|trap (?:address|hit)|honey[- ]?pot|hit a trap/i;

/**
 * Words about spam traps, or about this very mail as spam. A listing of the source address is none: that may be
 * another subaccount's doing, and nobody is judged by another's mail.
 */
function isTrapLike(reply: Reply | null): boolean {
  if (reply === null) return false;
  return trapWords.test(reply.text) || ruleOf(reply) === 'text.spam';
}

function ruleOf(reply: Reply): string {
  return reply.code >= 400 && reply.code <= 599 ? classify(reply, 'final').rule : '';
}
