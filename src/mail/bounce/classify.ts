/**
 * What a refused delivery says about the address. First come the few codes that are never used
 * loosely; then words that speak of spam, lists, rates, authentication or the sender, whatever the code; then other
 * words where the code is vague; then the enhanced code; then the basic one.
 *
 * Only `hard` suppresses an address, so nothing becomes hard by default: not a temporary reply, not what a server
 * says before it has heard of the recipient, not a code that we do not know.
 */
import { assert } from '../../base/assert.ts';
import type { Reply } from '../reply.ts';
import { byBasic, byDetail, bySubject, telling, vague } from './codes.ts';
import type { BounceClass } from './codes.ts';
import { deciding, overriding } from './texts.ts';
import type { TextRule } from './texts.ts';

/**
 * What the reply answered: `final` is the final dot, `route` our own finding (no such domain, null MX), `report` a bounce
 * message that came later, whose Status and Diagnostic-Code the caller has made a Reply of (550 or 450 for a bare Status).
 */
export type BouncePhase =
  | 'route'
  | 'connect'
  | 'greeting'
  | 'ehlo'
  | 'tls'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'final'
  | 'compose'
  | 'report';

export type Classified = {
  readonly class: BounceClass;
  /** Which line of the tables decided: `text.spam`, `enhanced.5.1.1`, `subject.5.7`, `basic.550`, `phase.greeting`. */
  readonly rule: string;
};

/** Longer replies say nothing more; patterns stay cheap. */
const textCharsMax = 2000;
const addressInText = /<[^<>\s]{0,320}>|[^\s<>()[\]:;,"']{1,64}@[^\s<>()[\]:;,"']{1,255}/g;
const recipientPhases: ReadonlySet<BouncePhase> = new Set(['route', 'rcpt', 'data', 'final', 'report']);

/** Class and deciding rule of a 4xx or 5xx reply; another code is a Bug. */
export function classify(reply: Reply, phase: BouncePhase): Classified {
  assert(reply.code >= 400 && reply.code <= 599, 'only refusals are classified');
  const found = judge(reply, phase);
  if (found.class !== 'hard') return found;
  if (reply.code < 500) return { class: 'soft', rule: found.rule };
  return recipientPhases.has(phase) ? found : { class: 'undetermined', rule: found.rule };
}

function judge(reply: Reply, phase: BouncePhase): Classified {
  // An address in the text may contain any word, "spam" or "policy" included.
  const text = reply.text
    .slice(0, textCharsMax)
    .replaceAll(addressInText, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const detail = reply.enhanced === null ? null : reply.enhanced.slice(reply.enhanced.indexOf('.') + 1);
  const told = detail === null ? undefined : telling[detail];
  if (told !== undefined) return { class: told, rule: `enhanced.${reply.enhanced}` };
  const loud = firstMatch(overriding, text);
  if (loud !== null) return loud;
  if (reply.code < 500) return { class: 'soft', rule: `basic.${reply.code}` };
  const isVague = detail === null || vague.has(detail);
  const quiet = isVague ? firstMatch(deciding, text) : null;
  if (quiet !== null) return quiet;
  return (detail === null ? null : judgeEnhanced(detail)) ?? judgeBasic(reply, phase);
}

function firstMatch(rules: readonly TextRule[], text: string): Classified | null {
  const match = rules.find((rule) => rule.pattern.test(text));
  return match === undefined ? null : { class: match.class, rule: `text.${match.rule}` };
}

/** Null for x.0.z, which says nothing, and for subjects that do not exist. */
function judgeEnhanced(detail: string): Classified | null {
  const known = byDetail[detail];
  if (known !== undefined) return { class: known, rule: `enhanced.5.${detail}` };
  const subject = detail.slice(0, detail.indexOf('.'));
  const wide = bySubject[subject];
  return wide === undefined ? null : { class: wide, rule: `subject.5.${subject}` };
}

/** A server that turns us away before any recipient is named means us. */
function judgeBasic(reply: Reply, phase: BouncePhase): Classified {
  if (phase === 'connect' || phase === 'greeting' || phase === 'ehlo') {
    return { class: 'block', rule: `phase.${phase}` };
  }
  const known = byBasic[reply.code] ?? 'undetermined';
  if (known === 'hard' && phase !== 'rcpt' && reply.code !== 556) {
    return { class: 'undetermined', rule: `phase.${phase}` };
  }
  return { class: known, rule: `basic.${reply.code}` };
}
