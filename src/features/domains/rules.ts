/** Which records prove a domain, what its proofs make of it, and who sends by it: pure. */
import type { SubaccountId } from '../../base/scope.ts';
import { returnPathLabel, returnPathRecord } from './bounce-proof.ts';
import type { DomainFacts, Holder, ProofResult, SendingDomain, WantedRecord } from './model.ts';

/** Everything to publish, the required ones first. */
export function wantedRecords({
  domain,
  ownerToken,
  dkim,
  reportAddress,
  mailDomain,
}: DomainFacts): readonly WantedRecord[] {
  return [
    {
      purpose: 'ownership',
      type: 'TXT',
      name: `_lettershop.${domain}`,
      value: `lettershop-verify=${ownerToken}`,
      required: true,
    },
    ...dkim.map(({ selector, record }): WantedRecord => {
      return {
        purpose: 'dkim',
        type: 'TXT',
        name: `${selector}._domainkey.${domain}`,
        value: record,
        required: true,
      };
    }),
    returnPathRecord(domain, mailDomain),
    {
      purpose: 'spf',
      type: 'TXT',
      name: domain,
      value: `v=spf1 include:spf.${mailDomain} ~all`,
      required: false,
    },
    {
      purpose: 'dmarc',
      type: 'TXT',
      name: `_dmarc.${domain}`,
      value: `v=DMARC1; p=none; rua=mailto:${reportAddress}`,
      required: false,
    },
  ];
}

/** As those are called that are made here, on this installation or on one that a domain came from. */
export function isOurSelector(selector: string): boolean {
  return /^lse?\d+(?:-|$)/i.test(selector);
}

export type DomainState = 'unproven' | 'proven' | 'lost';

/**
 * Proven when the ownership token and one DKIM key are seen. A domain that was proven stays so while DNS only fails to
 * answer, and is lost when the records are seen to be gone or wrong.
 */
export function domainState(before: DomainState, proofs: readonly ProofResult[]): DomainState {
  const ownership = proofs.find(({ purpose }) => purpose === 'ownership')?.state ?? 'unknown';
  const dkim = proofs.filter(({ purpose }) => purpose === 'dkim').map(({ state }) => state);
  const hasKey = dkim.includes('proven');
  if (ownership === 'proven' && hasKey) return 'proven';
  const isUnknown = ownership === 'unknown' || (!hasKey && dkim.includes('unknown'));
  if (before !== 'proven') return before;
  return isUnknown ? 'proven' : 'lost';
}

/** A mail stands for the owner record where that is not there. */
export function withMailProof(proofs: readonly ProofResult[], provenAt: Date | null): readonly ProofResult[] {
  if (provenAt === null) return proofs;
  return proofs.map((proof) =>
    proof.purpose === 'ownership' && proof.state !== 'proven'
      ? { ...proof, state: 'proven', explain: 'Proven by a mail to whoever administers the domain.' }
      : proof,
  );
}

const minute = 60_000;

/** The next look at DNS: every minute in the first hour, then every 15 minutes, for a day; later twice a day. */
export function nextCheckAt(now: number, state: DomainState, createdAt: number): number {
  if (state === 'proven') return now + 12 * 60 * minute;
  const age = now - createdAt;
  if (age < 60 * minute) return now + minute;
  return now + (age < 24 * 60 * minute ? 15 : 12 * 60) * minute;
}

/** Another proven domain that the holder has, too, or that the account shares for use. */
export function maySignFor(
  signer: {
    readonly id: string;
    readonly subaccountId: SubaccountId;
    readonly state: DomainState;
    readonly share: string;
  },
  domain: { readonly id: string; readonly subaccountId: SubaccountId },
): boolean {
  const isUsable = signer.subaccountId === domain.subaccountId || signer.share === 'use';
  return signer.id !== domain.id && signer.state === 'proven' && isUsable;
}

/** Of those that take bounces the one of that name, or whose bounce host bears it; as `usableBy` says who may use it. */
export function bounceUsableBy(
  holders: readonly Holder[],
  subaccountId: SubaccountId,
  name: string,
): SendingDomain | null {
  const taking = holders.filter(
    ({ takesBounces, domain }) =>
      takesBounces && (domain.name === name || `${returnPathLabel}.${domain.name}` === name),
  );
  return usableBy(taking, subaccountId);
}

/** The domain that signs for the subaccount: its own, else the first that the account shares for use. */
export function usableBy(holders: readonly Holder[], subaccountId: SubaccountId): SendingDomain | null {
  const own = holders.find((holder) => holder.subaccountId === subaccountId);
  return (own ?? holders.find(({ isShared }) => isShared))?.domain ?? null;
}
