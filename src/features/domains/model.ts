/** What a domain must publish, and what was seen of it; who sends by it. */
import type { SubaccountId } from '../../base/scope.ts';

export type ProofPurpose =
  | 'ownership'
  | 'dkim'
  | 'return_path'
  | 'spf'
  | 'dmarc'
  // Of the name itself, in place of the return path below it.
  | 'return_path_cname'
  | 'return_path_mx';

/** proven: seen and right; missing: nothing there; wrong: there, but not right; unknown: DNS gave no answer. */
export type ProofState = 'proven' | 'missing' | 'wrong' | 'unknown';

export type WantedRecord = {
  readonly purpose: ProofPurpose;
  readonly type: 'TXT' | 'CNAME' | 'MX';
  readonly name: string;
  readonly value: string;
  /** Sending needs it; the others make delivery better. */
  readonly required: boolean;
};

export type ProofResult = {
  readonly purpose: ProofPurpose;
  readonly state: ProofState;
  readonly asked: { readonly name: string; readonly type: string };
  readonly wanted: string;
  readonly seen: readonly string[];
  /** For people: what is wrong and what to do. */
  readonly explain: string;
};

/** Mailboxes whose word stands for the owner record. */
export const proofMailboxes = ['admin', 'administrator', 'hostmaster', 'postmaster', 'webmaster'] as const;
export type ProofMailbox = (typeof proofMailboxes)[number];

/** That a mailbox was asked; its code is good until `expiresAt`. */
export type MailProof = {
  readonly mailbox: ProofMailbox;
  readonly askedAt: Date;
  readonly expiresAt: Date;
  readonly provenAt: Date | null;
};

export type DomainFacts = {
  readonly domain: string;
  readonly ownerToken: string;
  readonly dkim: readonly { readonly selector: string; readonly record: string }[];
  /** Where receivers report on its mail. */
  readonly reportAddress: string;
  /** LETTERSHOP_MAIL_DOMAIN. */
  readonly mailDomain: string;
};

export type SendingDomain = { readonly id: string; readonly name: string; readonly isBuiltin: boolean };

/** Who in an account holds a proven domain. */
export type Holder = {
  readonly subaccountId: SubaccountId;
  /** For use by the account's others. */
  readonly isShared: boolean;
  /** Its bounce host is proven, too: bounces come back by it. */
  readonly takesBounces: boolean;
  readonly domain: SendingDomain;
};

/** Of the most specific proven name that covers a From domain: whether there is one, and its holders in the account. */
export type Cover = { readonly isProven: boolean; readonly holders: readonly Holder[] };
