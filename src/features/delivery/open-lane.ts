/** Opens a connection to the first host of a site that takes one and meets its policy, by its order (RFC 5321 5.1). */
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { TlsResult } from '../../mail/transport/index.ts';
import { isBinding, isProvenPeer, judge, policyLabel } from '../transport/index.ts';
import type { HostTransport, HostTry } from '../transport/index.ts';
import type { ConnectFailure, Deadlines, Dial, PeerVerdict } from './transaction.ts';
import { SmtpConnection } from './connection.ts';
import { makeLane } from './lane.ts';
import type { LaneWorld } from './lane.ts';
import { peerOf } from './peer.ts';
import type { Source } from './governor.ts';
import type { Host, Lane, LaneFailure } from './site.ts';

export type OpenOptions = {
  readonly dial: Dial;
  readonly deadlines: Deadlines;
  /** 'opportunistic': STARTTLS where offered, in clear where its handshake fails (RFC 7435), unless a policy forbids it. */
  readonly tls: 'opportunistic' | 'required' | 'never' | 'implicit';
  readonly verifyCertificate: boolean;
  readonly auth?: { readonly user: string; readonly secret: string };
  readonly world: LaneWorld;
};

/** Hosts tried for one lane: a site with fifty unreachable addresses must not take an hour. */
const hostsMax = 6;
const detailCharsMax = 100;

export async function openLane(
  hosts: readonly Host[],
  source: Source,
  options: OpenOptions,
): Promise<{ ok: true; lane: Lane } | { ok: false; failure: LaneFailure }> {
  const tries: HostTry[] = [];
  let failure: LaneFailure = { phase: 'connect', reply: null, error: 'no host', host: null, tries };
  for (const host of reachableFrom(source, hosts).slice(0, hostsMax)) {
    const { transport } = host;
    const opened =
      transport === undefined
        ? await openHost(host, source, options)
        : await openJudged({ ...host, transport }, source, options, tries);
    if (opened.ok) return { ok: true, lane: makeLane(opened.connection, { host, tries }, options.world) };
    failure = { ...failureOf(opened.failure, host), tries };
  }
  return { ok: false, failure };
}

type Opened = Awaited<ReturnType<typeof SmtpConnection.open>>;

function failureOf(
  { phase, reply, error, transcript }: ConnectFailure,
  host: Host,
): Omit<LaneFailure, 'tries'> {
  const isPolicy = phase === 'tls' && host.transport !== undefined && isBinding(host.transport);
  const label = isPolicy && host.transport !== undefined ? `${policyLabel(host.transport)} is not met: ` : '';
  return {
    phase,
    reply: reply ?? null,
    error: error === undefined ? null : `${label}${error.code}: ${error.text}`,
    host,
    transcript,
    isPolicy,
  };
}

/** Without a policy of the recipient's domain: as the operator wants it. */
async function openHost(
  host: Host,
  source: Source,
  options: OpenOptions,
  more: { readonly tls?: 'required'; readonly judgePeer?: (peer: TLSSocket) => PeerVerdict } = {},
): Promise<Opened> {
  const { dial, deadlines, verifyCertificate, auth } = options;
  const policy = host.transport === undefined ? null : policyLabel(host.transport);
  const target = {
    dial,
    ehloName: source.ehloName,
    ...(source.localAddress === null ? {} : { localAddress: source.localAddress }),
    deadlines,
    verifyCertificate,
    address: host.address,
    port: host.port,
    serverName: host.name,
    ...(auth === undefined ? {} : { auth }),
    ...(policy === null ? {} : { policy }),
  };
  const opened = await SmtpConnection.open({ ...target, tls: options.tls, ...more });
  const isOpportunistic = options.tls === 'opportunistic' && more.tls === undefined;
  if (opened.ok || opened.failure.phase !== 'tls' || !isOpportunistic) return opened;
  return SmtpConnection.open({ ...target, tls: 'never' });
}

/** With what the session must meet; how it met it is added to `tries` once the server was asked for TLS. */
async function openJudged(
  host: Host & { readonly transport: HostTransport },
  source: Source,
  options: OpenOptions,
  tries: HostTry[],
): Promise<Opened> {
  const { transport } = host;
  const mustMeet = isBinding(transport);
  let seen: { readonly result: TlsResult; readonly detail: string } | null = null;
  const judgePeer = (socket: TLSSocket): PeerVerdict => {
    const peer = peerOf(socket);
    const result = judge(transport, peer, options.world.nowMs());
    seen = { result, detail: result === 'ok' ? '' : (peer.problem ?? '') };
    const why = peer.problem === null ? result : `${result} (${peer.problem})`;
    return {
      problem: result === 'ok' || !mustMeet ? null : why,
      isProven: isProvenPeer(transport, peer, result),
    };
  };
  const opened = await openHost(host, source, options, {
    judgePeer,
    ...(mustMeet ? { tls: 'required' } : {}),
  });
  const met = seen ?? unmet(opened);
  if (met !== null)
    tries.push({ mx: host.name, address: host.address, policy: transport.policy.facts, ...met });
  return opened;
}

/** There was no handshake that could be judged; null when the server was never asked. */
function unmet(opened: Opened): { readonly result: TlsResult; readonly detail: string } | null {
  if (opened.ok) {
    if (!opened.connection.capabilities.startTls) return { result: 'starttls-not-supported', detail: '' };
    return { result: 'validation-failure', detail: 'handshake' };
  }
  const { phase, error, reply } = opened.failure;
  if (phase !== 'tls') return null;
  if (error?.code === 'starttls' || reply !== undefined)
    return { result: 'starttls-not-supported', detail: '' };
  return { result: 'validation-failure', detail: (error?.text ?? '').slice(0, detailCharsMax) };
}

/** A bound local address reaches hosts of its own family only; a host given by name is left to the dial. */
function reachableFrom({ localAddress }: Source, hosts: readonly Host[]): readonly Host[] {
  if (localAddress === null) return hosts;
  const family = isIP(localAddress);
  return hosts.filter(({ address }) => [0, family].includes(isIP(address)));
}
