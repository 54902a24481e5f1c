/** What the sessions with a domain's mail hosts must meet: DANE where DNSSEC speaks, else MTA-STS. */
import type { DnsOutcome } from '../../base/dns/index.ts';
import type { FoundHost, HostTry, JudgedHost, StsInForce } from './model.ts';
import { judgeHost } from './rules.ts';
import type { TlsaOutcome } from './rules.ts';

export type PolicyWorld = {
  readonly sts: { readonly find: (domain: string) => Promise<StsInForce | null> };
  /** Of a resolver that validates; null when there is none: TLSA records are not asked for then. */
  readonly resolveTlsa: ((name: string, type: 'TLSA') => Promise<DnsOutcome>) | null;
  readonly countTries: (domain: string, tries: readonly HostTry[]) => void;
};

/** One answer per host, in their order. A domain none of whose hosts may be spoken to counts as a failed session. */
export async function policiesFor(
  world: PolicyWorld,
  domain: string,
  hosts: readonly FoundHost[],
): Promise<readonly JudgedHost[]> {
  const [sts, ...tlsa] = await Promise.all([
    world.sts.find(domain),
    ...hosts.map((host) => tlsaOf(host, world.resolveTlsa)),
  ]);
  const judged = hosts.map((host, index) => judgeHost({ domain, sts }, host, tlsa[index] ?? null));
  const failed = judged.flatMap((each) => (each.ok ? [] : [each.failed]));
  if (failed.length === judged.length && failed.length > 0) world.countTries(domain, failed);
  return judged;
}

/** RFC 7672 2.2.3: the first of the names that has records; an answer that cannot be trusted is none. */
async function tlsaOf(host: FoundHost, resolve: PolicyWorld['resolveTlsa']): Promise<TlsaOutcome> {
  if (resolve === null) return null;
  for (const name of host.tlsaNames) {
    const outcome = await resolve(`_25._tcp.${name}`, 'TLSA');
    if (outcome.kind === 'failed') return { failed: outcome.reason };
    if (outcome.kind !== 'found' || !outcome.authentic) continue;
    const records = outcome.records.flatMap((record) => {
      if (record.type !== 'TLSA') return [];
      const { usage, selector, matchingType, certificate } = record.data;
      return [{ usage, selector, matchingType, data: certificate }];
    });
    return { records };
  }
  return null;
}
