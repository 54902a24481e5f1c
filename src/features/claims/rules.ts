/** How a name is proven, and when it is looked at again: pure. */
import { getDomain } from 'tldts';
import type { DnsOutcome } from '../../base/dns/index.ts';
import type { ClaimState, Proof } from './model.ts';

/** A domain that was registered has other records at its own name, where a CNAME may not stand (RFC 1034 3.6.2). */
export function isApex(name: string): boolean {
  return getDomain(name) === name;
}

export function withoutDot(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

/** Silence changes nothing; another target ends a proof. */
export function judgeCname(before: ClaimState, name: string, target: string, outcome: DnsOutcome): Proof {
  if (outcome.kind === 'failed')
    return { state: before, seen: '', explain: 'DNS gave no answer; it is asked again.' };
  const without: ClaimState = before === 'proven' ? 'lost' : before;
  const targets =
    outcome.kind === 'found'
      ? outcome.records.flatMap((record) => (record.type === 'CNAME' ? [withoutDot(record.data)] : []))
      : [];
  const [seen] = targets;
  if (seen === undefined)
    return {
      state: without,
      seen: '',
      explain: `Publish a CNAME record at ${name} that points to ${target}.`,
    };
  if (seen === target.toLowerCase()) return { state: 'proven', seen, explain: 'The CNAME is there.' };
  return {
    state: without,
    seen,
    explain: `There is a CNAME, but it must point to ${target}: the target is different for each owner.`,
  };
}

const minute = 60_000;

const halfDay = 12 * 60 * minute;

/** Every minute in the first hour, then every 15 minutes for a day, later twice a day; once proven as `provenMs` says. */
export function nextLookAt(now: number, state: ClaimState, createdAt: number, provenMs = halfDay): number {
  const age = now - createdAt;
  if (state === 'proven') return now + provenMs;
  if (age > 24 * 60 * minute) return now + halfDay;
  return now + (age < 60 * minute ? 1 : 15) * minute;
}
