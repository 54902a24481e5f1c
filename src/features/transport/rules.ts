/** What a policy demands of a session and whether a server met it: pure. */
import type { X509Certificate } from 'node:crypto';
import { daneProblem, isListed, isUsable, stsLines, tlsaText } from '../../mail/transport/index.ts';
import type { PolicyFacts, Tlsa, TlsResult } from '../../mail/transport/index.ts';
import type { FoundHost, HostPolicy, HostTransport, JudgedHost, StsInForce } from './model.ts';

/** What a handshake showed. `problem`: why the certificate is not valid for the host by the known authorities. */
export type Peer = {
  readonly problem: string | null;
  /** The server's own first. */
  readonly chain: readonly X509Certificate[];
};

export const noPolicy: PolicyFacts = { type: 'no-policy-found', strings: [], mx: [] };

/** How a policy is called where people read it; null for none. */
export function policyLabel({ policy }: HostTransport): string | null {
  if (policy.kind === 'none') return null;
  return policy.kind === 'dane' ? 'DANE' : `MTA-STS ${policy.mode}`;
}

/** True when mail must not leave in clear, nor to a host that does not meet the policy. */
export function isBinding({ policy }: HostTransport): boolean {
  return policy.kind === 'dane' || (policy.kind === 'sts' && policy.mode === 'enforce');
}

/** How the session met its policy (RFC 8460 4.3). */
export function judge({ policy, names }: HostTransport, { problem, chain }: Peer, now: number): TlsResult {
  switch (policy.kind) {
    case 'none':
      return 'ok';
    case 'sts':
      if (!policy.isListed) return 'validation-failure';
      return problem === null ? 'ok' : certificateResult(problem);
    case 'dane':
      if (policy.records.length === 0) return 'ok';
      return daneProblem(policy.records, chain, { names, now }) ?? 'ok';
  }
}

/** RFC 8689 4.2.1: the host's name cannot be forged, and the certificate is for it. */
export function isProvenPeer(
  { policy, isNameProven }: HostTransport,
  peer: Peer,
  result: TlsResult,
): boolean {
  if (policy.kind === 'dane' && policy.records.length > 0) return result === 'ok';
  return isNameProven && peer.problem === null;
}

function certificateResult(problem: string): TlsResult {
  if (problem === 'CERT_HAS_EXPIRED' || problem === 'CERT_NOT_YET_VALID') return 'certificate-expired';
  return problem === 'ERR_TLS_CERT_ALTNAME_INVALID' ? 'certificate-host-mismatch' : 'certificate-not-trusted';
}

/** TLSA records of a host as they were looked up; null when DNSSEC does not speak of them. */
export type TlsaOutcome = { readonly records: readonly Tlsa[] } | { readonly failed: string } | null;

/** DANE where there are records, and MTA-STS is not asked then (RFC 8461 2); else what MTA-STS says of the host. */
export function judgeHost(
  { domain, sts }: { readonly domain: string; readonly sts: StsInForce | null },
  host: FoundHost,
  tlsa: TlsaOutcome,
): JudgedHost {
  const names = [host.name, domain, ...host.tlsaNames];
  if (tlsa !== null && 'failed' in tlsa) {
    const facts: PolicyFacts = { type: 'tlsa', strings: [], mx: [] };
    const why = `the TLSA records of ${host.name} cannot be learned (${tlsa.failed})`;
    return refused('DANE', why, { policy: facts, host, result: 'dnssec-invalid', detail: tlsa.failed });
  }
  if (tlsa !== null) {
    const facts: PolicyFacts = { type: 'tlsa', strings: tlsa.records.map(tlsaText), mx: [] };
    const policy: HostPolicy = { kind: 'dane', records: tlsa.records.filter(isUsable), facts };
    return { ok: true, transport: { policy, names, isNameProven: host.isMxProven } };
  }
  const mode = sts?.policy.mode ?? 'none';
  if (sts === null || mode === 'none') {
    const policy: HostPolicy = { kind: 'none', facts: noPolicy };
    return { ok: true, transport: { policy, names, isNameProven: host.isMxProven } };
  }
  const facts: PolicyFacts = { type: 'sts', strings: stsLines(sts.policy), mx: sts.policy.mx };
  const isOnList = isListed(sts.policy.mx, host.name);
  if (mode === 'enforce' && !isOnList) {
    const why = `${host.name} is not listed by the MTA-STS policy of ${domain} (${sts.policy.mx.join(', ')})`;
    const failure = { policy: facts, host, result: 'validation-failure', detail: 'mx-not-listed' } as const;
    return refused('MTA-STS enforce', why, failure);
  }
  const policy: HostPolicy = { kind: 'sts', mode, isListed: isOnList, facts };
  return { ok: true, transport: { policy, names, isNameProven: host.isMxProven || isOnList } };
}

function refused(
  label: string,
  why: string,
  failure: {
    readonly policy: PolicyFacts;
    readonly host: FoundHost;
    readonly result: TlsResult;
    readonly detail: string;
  },
): JudgedHost {
  const { policy, host, result, detail } = failure;
  return { ok: false, label, why, failed: { mx: host.name, address: '', policy, result, detail } };
}

const dayMs = 86_400_000;

/** Asked again before it ends, so that an attacker who cuts the way to the policy must hold out for long (RFC 8461 10.2). */
export function isStale({ fetchedAt, policy }: StsInForce, now: number): boolean {
  return now - fetchedAt > Math.min(dayMs, policy.maxAgeSeconds * 500);
}
