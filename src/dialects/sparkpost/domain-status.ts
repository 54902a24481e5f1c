/** What is proven of a sending domain, in SparkPost's words (contract, section 7). */
import type { Fields } from './fields.ts';
import { mailboxStatuses } from './mailbox-proofs.ts';
import type { MailProof } from './mailbox-proofs.ts';

type Proof = {
  readonly purpose: string;
  readonly state: string;
  readonly seen: readonly string[];
  readonly explain: string;
};
export type NativeDomain = {
  readonly id: string;
  readonly subaccountId: number;
  readonly name: string;
  readonly state: 'unproven' | 'proven' | 'lost';
  readonly share: 'none' | 'read' | 'use';
  readonly isDefaultBounce: boolean;
  readonly signingDomainId: string | null;
  readonly mailProofs: readonly MailProof[];
  readonly checkedAt: string | null;
  readonly createdAt: string;
  readonly records: readonly { readonly purpose: string; readonly name: string; readonly value: string }[];
  readonly keys: readonly { readonly selector: string; readonly createdAt: string }[];
  readonly alternatives: NativeDomain['records'];
  readonly proofs: readonly Proof[];
};

function proofStatus({ proofs, checkedAt }: NativeDomain, ...purposes: readonly string[]): string {
  const states = proofs.filter((proof) => purposes.includes(proof.purpose)).map(({ state }) => state);
  if (states.includes('proven')) return 'valid';
  return checkedAt === null || states.length === 0 ? 'unverified' : 'invalid';
}

/** Mail of a name that goes elsewhere is no failed check, unless that was what to look for. */
export function mxStatus({ proofs }: NativeDomain, isAsked = false): string {
  const state = proofs.find(({ purpose }) => purpose === 'return_path_mx')?.state;
  if (state === 'proven') return 'valid';
  return isAsked || state === 'wrong' ? 'invalid' : 'unverified';
}

/** As SparkPost tells what is proven of a domain. */
export function statusOf(domain: NativeDomain) {
  return {
    ownership_verified: domain.state === 'proven',
    dkim_status: domain.state === 'proven' ? 'valid' : proofStatus(domain, 'dkim'),
    cname_status: proofStatus(domain, 'return_path', 'return_path_cname'),
    mx_status: mxStatus(domain),
    spf_status: proofStatus(domain, 'spf'),
    ...mailboxStatuses(domain.mailProofs),
    compliance_status: 'valid',
  };
}

/** What was seen of either record, or why neither is right. */
export function dnsOf(kind: 'cname' | 'mx', { proofs }: NativeDomain, purposes: readonly string[]): Fields {
  const ofKind = proofs.filter(({ purpose }) => purposes.includes(purpose));
  const proven = ofKind.find(({ state }) => state === 'proven');
  const record = (proven ?? ofKind.find(({ seen }) => seen.length > 0))?.seen[0];
  const error = proven === undefined ? ofKind.map(({ explain }) => explain).join(' ') : '';
  return {
    ...(record === undefined ? {} : { [`${kind}_record`]: record }),
    ...(error === '' ? {} : { [`${kind}_error`]: error }),
  };
}
