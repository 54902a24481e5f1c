/**
 * Where bounces of a domain's mail come back to: a host below it (CNAME at `bounce.`), or the name itself, whose CNAME or MX
 * then leads here. One of the three records is enough. Pure.
 */
import type { DnsOutcome } from '../../base/dns/index.ts';
import type { ProofResult, WantedRecord } from './model.ts';

export const returnPathLabel = 'bounce';

/** The host in the envelope sender of mail whose bounces come back by the domain. */
export function bounceHostOf(name: string, toItself: boolean): string {
  return toItself ? name : `${returnPathLabel}.${name}`;
}

/** The host to which a name's own CNAME leads; it has an MX, which an MX may not name (RFC 2181 10.3). */
function cnameTarget(mailDomain: string): string {
  return `${returnPathLabel}.${mailDomain}`;
}

/** One of those at `*.in` under the mail domain that the operator gives addresses: an MX has to lead to such. */
function mxHost(mailDomain: string): string {
  return `bounces.in.${mailDomain}`;
}

export function returnPathRecord(domain: string, mailDomain: string): WantedRecord {
  const name = `${returnPathLabel}.${domain}`;
  return { purpose: 'return_path', type: 'CNAME', name, value: cnameTarget(mailDomain), required: false };
}

/** Either of which does what the return path record does, for a name that serves nothing else. */
export function returnPathAlternatives(domain: string, mailDomain: string): readonly WantedRecord[] {
  const shared = { name: domain, required: false };
  return [
    { ...shared, purpose: 'return_path_cname', type: 'CNAME', value: cnameTarget(mailDomain) },
    { ...shared, purpose: 'return_path_mx', type: 'MX', value: mxHost(mailDomain) },
  ];
}

export type BounceState = { readonly isProven: boolean; readonly toItself: boolean };

const placesBelow = ['return_path'];
const placesItself = ['return_path_cname', 'return_path_mx'];

/**
 * As seen at a look at DNS, the host below the name first; null: what was known stands, as the records that have shown it
 * were not answered for.
 */
export function judgeBounces(known: BounceState, proofs: readonly ProofResult[]): BounceState | null {
  const has = (purposes: readonly string[], state: ProofResult['state']): boolean =>
    proofs.some((proof) => purposes.includes(proof.purpose) && proof.state === state);
  if (has(placesBelow, 'proven')) return { isProven: true, toItself: false };
  if (has(placesItself, 'proven')) return { isProven: true, toItself: true };
  const shown = known.isProven && known.toItself ? placesItself : placesBelow;
  return has(shown, 'unknown') ? null : { isProven: false, toItself: false };
}

type Judged = Pick<ProofResult, 'state' | 'seen' | 'explain'>;

const unanswered: Judged = { state: 'unknown', seen: [], explain: 'DNS gave no answer; it is asked again.' };

/** Of a CNAME's targets, lower case. A name that has other records is no mistake: its mail may go elsewhere. */
export function judgeOwnCname(record: WantedRecord, seen: readonly string[] | null): Judged {
  if (seen === null) return unanswered;
  if (seen.includes(record.value.toLowerCase()))
    return { state: 'proven', seen, explain: `Bounces come here, to ${record.name} itself, and SPF aligns.` };
  const explain = `Instead of the host below it: a CNAME at ${record.name} to ${record.value}, where it has no other records.`;
  return { state: 'missing', seen, explain };
}

/** Bounces come here when the hosts that are tried first (RFC 5321 5.1) are ours. */
export function judgeOwnMx(record: WantedRecord, mailDomain: string, outcome: DnsOutcome): Judged {
  if (outcome.kind === 'failed') return unanswered;
  const hosts = (outcome.kind === 'found' ? outcome.records : [])
    .flatMap((each) =>
      each.type === 'MX'
        ? [{ host: each.data.exchange.toLowerCase().replace(/\.$/, ''), rank: each.data.preference ?? 0 }]
        : [],
    )
    .toSorted((a, b) => a.rank - b.rank);
  const seen = hosts.map(({ host, rank }) => `${rank} ${host}`);
  const isOurs = (host: string): boolean =>
    host === cnameTarget(mailDomain).toLowerCase() || host.endsWith(`.in.${mailDomain.toLowerCase()}`);
  if (!hosts.some(({ host }) => isOurs(host))) {
    const explain = `Instead of the host below it: an MX at ${record.name} to ${record.value}, where its own mail goes nowhere else.`;
    return { state: 'missing', seen, explain };
  }
  const first = hosts.filter(({ rank }) => rank === hosts[0]?.rank);
  if (first.every(({ host }) => isOurs(host)))
    return { state: 'proven', seen, explain: `Bounces come here, to ${record.name} itself.` };
  return { state: 'wrong', seen, explain: 'Other hosts are tried before ours: bounces go to them.' };
}
