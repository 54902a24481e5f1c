/** How an inbound domain is proven, which route a recipient has, and what comes of a try to hand mail over: pure. */
import type { DnsOutcome } from '../../base/dns/index.ts';
import { withoutDot } from '../claims/index.ts';
import type { ClaimState, Proof } from '../claims/index.ts';
import { endpointLimits, refusesContent, retryDelayMs } from '../webhooks/index.ts';
import type { Outcome } from '../webhooks/index.ts';

/**
 * The host that the MX must name. The owner's token is part of it, so that one record both brings the mail here and says
 * whose it is. The operator publishes addresses at `*.in` under the mail domain: an MX may not lead to a CNAME (RFC 5321 5.1).
 */
export function mxTarget(ownerToken: string, mailDomain: string): string {
  return `${ownerToken}.in.${mailDomain}`;
}

/** What a look at DNS makes of it. Silence changes nothing; other hosts without ours end a proof. */
export function judgeMx(before: ClaimState, name: string, target: string, outcome: DnsOutcome): Proof {
  if (outcome.kind === 'failed')
    return { state: before, seen: '', explain: 'DNS gave no answer; it is asked again.' };
  const hosts =
    outcome.kind === 'found'
      ? outcome.records.flatMap((record) =>
          record.type === 'MX'
            ? [{ host: withoutDot(record.data.exchange), preference: record.data.preference ?? 0 }]
            : [],
        )
      : [];
  const seen = hosts
    .toSorted((a, b) => a.preference - b.preference)
    .map(({ host, preference }) => `${preference} ${host}`)
    .join(', ')
    .slice(0, 1000);
  const ours = hosts.filter(({ host }) => host === target.toLowerCase());
  if (ours.length === 0) {
    const state = before === 'proven' ? 'lost' : before;
    const explain =
      hosts.length === 0
        ? `Publish an MX record at ${name} that leads to ${target}.`
        : `There are MX records, but none leads to ${target}: the host is different for each owner.`;
    return { state, seen, explain };
  }
  const best = Math.min(...ours.map(({ preference }) => preference));
  const isBehind = hosts.some(({ host, preference }) => host !== target && preference < best);
  const explain = isBehind
    ? 'The MX is there, but other hosts come before it: mail goes to them first.'
    : 'The MX is there.';
  return { state: 'proven', seen, explain };
}

/** Null when it is one: what may stand before an @ without quotes (RFC 5322 3.2.3), and stars. */
export function patternProblem(pattern: string): string | null {
  if (!/^[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}$/.test(pattern))
    return 'must be what stands before the @, in lower case, with * for anything';
  if ((pattern.match(/\*/g)?.length ?? 0) > 5) return 'must have at most 5 stars';
  return /\*\*/.test(pattern) ? 'must not have two stars in a row' : null;
}

/** Whether the local part matches; a star stands for anything, nothing included. Linear in stars times length. */
export function matches(pattern: string, local: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === local;
  if (!local.startsWith(first) || local.length < first.length + last.length || !local.endsWith(last))
    return false;
  const end = local.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = local.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** The most specific of those that match: without a star first, then by the number of its own characters; null for none. */
export function chooseRoute<Route extends { readonly pattern: string }>(
  routes: readonly Route[],
  localPart: string,
): Route | null {
  const local = localPart.toLowerCase();
  const found = routes.filter(({ pattern }) => matches(pattern, local));
  const weight = ({ pattern }: Route): number =>
    (pattern.includes('*') ? 0 : 1000) + pattern.replaceAll('*', '').length;
  return found.toSorted((a, b) => weight(b) - weight(a) || (a.pattern < b.pattern ? -1 : 1))[0] ?? null;
}

export type HandOver =
  | { readonly kind: 'handed_over' }
  /** The endpoint does not want this mail: it alone is tried again later. */
  | { readonly kind: 'refused'; readonly dueAt: number; readonly refusedSince: number }
  /** The endpoint fails: none of its mail is tried before. */
  | { readonly kind: 'failing'; readonly nextAt: number }
  | { readonly kind: 'given_up' };

/** After one request. A failing endpoint gets five days, a mail that is refused for what is in it one. */
export function judgeHandOver(
  mail: { readonly attempts: number; readonly receivedAt: number; readonly refusedSince: number | null },
  route: { readonly failures: number; readonly failingSince: number | null },
  outcome: Outcome,
  { now, random }: { readonly now: number; readonly random: number },
): HandOver {
  if (outcome.kind === 'taken') return { kind: 'handed_over' };
  const retryAfterMs = outcome.kind === 'refused' ? outcome.retryAfterMs : null;
  if (refusesContent(outcome)) {
    const refusedSince = mail.refusedSince ?? now;
    if (now - refusedSince >= endpointLimits.passesOverAfterMs) return { kind: 'given_up' };
    return {
      kind: 'refused',
      dueAt: now + retryDelayMs(mail.attempts, random, retryAfterMs),
      refusedSince,
    };
  }
  const { givesUpAfterMs } = endpointLimits;
  const failingSince = route.failingSince ?? now;
  if (now - failingSince >= givesUpAfterMs && now - mail.receivedAt >= givesUpAfterMs)
    return { kind: 'given_up' };
  return { kind: 'failing', nextAt: now + retryDelayMs(route.failures + 1, random, retryAfterMs) };
}

/** Why a try failed, in words for the route's owner; empty when it did not. */
export function failureText(outcome: Outcome): string {
  if (outcome.kind === 'taken') return '';
  return outcome.kind === 'refused' ? `status ${outcome.status}` : outcome.error;
}
