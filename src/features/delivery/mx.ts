/** Mail hosts of a domain (RFC 5321 5.1, 7505; contract smtp-and-standards 2.1): pure over `resolve`. */
import { getDomain } from 'tldts';
import type { DnsOutcome } from '../../base/dns/index.ts';

export type Resolve = (name: string, type: 'MX' | 'A' | 'AAAA') => Promise<DnsOutcome>;

export type MailHost = {
  readonly name: string;
  /** By DNSSEC: that it is the domain's host; names under which TLSA records count (RFC 7672 2.2). */
  readonly isMxProven: boolean;
  readonly tlsaNames: readonly string[];
  readonly addresses: readonly { readonly address: string; readonly family: 4 | 6 }[];
};

export type FoundHosts =
  | { readonly kind: 'hosts'; readonly site: string; readonly hosts: readonly MailHost[] }
  | { readonly kind: 'null-mx' }
  | { readonly kind: 'no-mail'; readonly why: 'no such domain' | 'no MX and no address' }
  | { readonly kind: 'loop' }
  | { readonly kind: 'defer'; readonly why: string };

/** Hosts whose addresses are looked up: a domain with a hundred MX records gets no more. */
const hostsMax = 10;

/** In order of preference, random among equals; `ownName` guards against a loop to ourselves. */
export async function findHosts(
  domain: string,
  resolve: Resolve,
  random: () => number,
  ownName: string,
): Promise<FoundHosts> {
  const mx = await resolve(domain, 'MX');
  switch (mx.kind) {
    case 'nxdomain':
      return { kind: 'no-mail', why: 'no such domain' };
    case 'failed':
      return { kind: 'defer', why: `MX: ${mx.reason}` };
    case 'nodata':
      return implicitHost(domain, resolve, mx.authentic === true);
    case 'found':
      break;
  }
  const exchanges: { name: string; preference: number; order: number }[] = [];
  for (const record of mx.records) {
    if (record.type !== 'MX') continue;
    const name = record.data.exchange.toLowerCase().replace(/\.$/, '');
    exchanges.push({ name, preference: record.data.preference ?? 0, order: random() });
  }
  if (exchanges.length === 1 && exchanges[0]?.name === '') return { kind: 'null-mx' };
  const usable = exchanges
    .filter(({ name }) => name !== '')
    .sort((a, b) => a.preference - b.preference || a.order - b.order);
  const own = usable.find(({ name }) => name === ownName.toLowerCase());
  // RFC 5321 5.1: ourselves and everything behind us is no way on.
  const others = own === undefined ? usable : usable.filter(({ preference }) => preference < own.preference);
  if (others.length === 0) return own === undefined ? { kind: 'null-mx' } : { kind: 'loop' };
  const isMxProven = mx.authentic;
  const hosts = await Promise.all(
    others.slice(0, hostsMax).map(({ name }) => addressesOf(name, resolve, isMxProven)),
  );
  const found = hosts.filter((host) => host.addresses.length > 0);
  // An MX that exists forbids the fall-back to the domain's own address.
  if (found.length === 0) return { kind: 'defer', why: 'no MX host has an address now' };
  return { kind: 'hosts', site: siteOf(others.map(({ name }) => name)), hosts: found };
}

async function implicitHost(domain: string, resolve: Resolve, isProven: boolean): Promise<FoundHosts> {
  const [a, aaaa] = await Promise.all([resolve(domain, 'A'), resolve(domain, 'AAAA')]);
  const addresses = [...addressesIn(a), ...addressesIn(aaaa)];
  if (addresses.length > 0) {
    const host = { name: domain, isMxProven: isProven, tlsaNames: tlsaNames(domain, [a, aaaa], isProven) };
    return { kind: 'hosts', site: domain, hosts: [{ ...host, addresses }] };
  }
  const failed = [a, aaaa].find((outcome) => outcome.kind === 'failed');
  if (failed?.kind === 'failed') return { kind: 'defer', why: `address: ${failed.reason}` };
  return { kind: 'no-mail', why: 'no MX and no address' };
}

async function addressesOf(name: string, resolve: Resolve, isMxProven: boolean): Promise<MailHost> {
  const [a, aaaa] = await Promise.all([resolve(name, 'A'), resolve(name, 'AAAA')]);
  const addresses = [...addressesIn(a), ...addressesIn(aaaa)];
  return { name, isMxProven, tlsaNames: tlsaNames(name, [a, aaaa], isMxProven), addresses };
}

/** The end of an alias chain first (RFC 7671 7); none unless everything on the way came by DNSSEC. */
function tlsaNames(name: string, outcomes: readonly DnsOutcome[], isMxProven: boolean): readonly string[] {
  const found = outcomes.filter((outcome) => outcome.kind === 'found');
  if (!isMxProven || found.length === 0 || found.some(({ authentic }) => !authentic)) return [];
  const ends = found.flatMap(({ records }) => records.map((record) => record.name.toLowerCase()));
  return [...new Set([...ends, name])];
}

function addressesIn(outcome: DnsOutcome): { address: string; family: 4 | 6 }[] {
  if (outcome.kind !== 'found') return [];
  return outcome.records.flatMap((record): { address: string; family: 4 | 6 }[] => {
    if (record.type === 'A') return [{ address: record.data, family: 4 }];
    return record.type === 'AAAA' ? [{ address: record.data, family: 6 }] : [];
  });
}

/** One name for all domains that share their hosts: the provider's domain when the hosts agree on one. */
export function siteOf(names: readonly string[]): string {
  const providers = new Set(names.map((name) => getDomain(name) ?? name));
  const [only] = providers;
  return providers.size === 1 && only !== undefined ? only : [...names].sort().join(',');
}
