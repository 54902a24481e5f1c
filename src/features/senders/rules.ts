/** Sender identities: their confirmation mail, what a DMARC policy means for them, when it is looked at. Pure. */
import { getDomain } from 'tldts';
import type { NoticeContent } from '../outbox/index.ts';
import { fillLetter, letterButton } from './letter.ts';
import type { LetterValues } from './letter.ts';
import type { Letter, Policy } from './model.ts';

const day = 86_400_000;
export const linkLifeMs = 7 * day;

/**
 * The mail from a letter. Everything stays plain text, which `notices` escapes. The button with the link is always there: no
 * letter can leave it out or lead elsewhere.
 */
export function composeLetter(
  letter: Letter,
  values: LetterValues,
  link: string,
): { readonly subject: string; readonly content: NoticeContent } {
  const { subject, paragraphs } = fillLetter(letter, values);
  return { subject, content: { paragraphs, action: { label: letterButton, url: link } } };
}

/** DMARC's relaxed alignment, by the domains that were registered (RFC 9989 4.10.2 finds the same but for private suffixes). */
export function isAligned(fromDomain: string, signingDomain: string): boolean {
  return registered(fromDomain) === registered(signingDomain);
}

function registered(name: string): string {
  return getDomain(name) ?? name;
}

export function isStrict(policy: Policy): policy is 'quarantine' | 'reject' {
  return policy === 'quarantine' || policy === 'reject';
}

export type PolicyWarning = { readonly policy: 'quarantine' | 'reject'; readonly message: string };

/** What a person should know before such mail is sent; null when nothing. */
export function policyWarning(
  policy: Policy,
  fromDomain: string,
  signingDomain: string | null,
): PolicyWarning | null {
  if (!isStrict(policy) || (signingDomain !== null && isAligned(fromDomain, signingDomain))) return null;
  const does = policy === 'reject' ? 'refuse it' : 'put it among junk';
  return {
    policy,
    message:
      `${fromDomain} publishes p=${policy}: as the mail is not signed by ${fromDomain} itself, receivers are told to ${does}. ` +
      `Prove ${fromDomain} as a sending domain, or ask its owner for another policy.`,
  };
}

/** A policy that is seen anew. An unknown one that turns out strict counts as stricter, a known one that is not seen now as the same. */
export function policyChange(
  before: Policy,
  seen: Policy,
): { readonly policy: Policy; readonly isChanged: boolean; readonly isStricter: boolean } {
  if (seen === 'unknown' || seen === before) return { policy: before, isChanged: false, isStricter: false };
  const rank = { unknown: 0, missing: 0, none: 0, quarantine: 1, reject: 2 } as const;
  return {
    policy: seen,
    isChanged: before !== 'unknown' || isStrict(seen),
    isStricter: rank[seen] > rank[before],
  };
}

/** Once a day; after silence of DNS within ten minutes. */
export function nextPolicyCheckAt(now: number, seen: Policy): number {
  return now + (seen === 'unknown' ? 600_000 : day);
}
