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
import { failureOfAll, lackOf, passedFor } from './require-tls.ts';
import type { Passed } from './require-tls.ts';
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
/** Hosts that answer at once and will not do are passed by, all that anybody has. */
const passedMax = 30;
const detailCharsMax = 100;

export async function openLane(
  hosts: readonly Host[],
  source: Source,
  options: OpenOptions,
  isTlsRequired = false,
): Promise<{ ok: true; lane: Lane } | { ok: false; failure: LaneFailure }> {
  if (isTlsRequired) return openWithRequireTls(hosts, source, options);
  const tries: HostTry[] = [];
  let failure: LaneFailure = noHost(tries);
  for (const host of reachableFrom(source, hosts).slice(0, hostsMax)) {
    const opened = await openTried(host, source, options, tries);
    if (opened.ok) return { ok: true, lane: makeLane(opened.connection, { host, tries }, options.world) };
    failure = { ...failureOf(opened.failure, host), tries };
  }
  return { ok: false, failure };
}

/** The first host that takes mail with REQUIRETLS (RFC 8689 4.2.1), passing by those that do not. */
async function openWithRequireTls(
  hosts: readonly Host[],
  source: Source,
  options: OpenOptions,
): ReturnType<typeof openLane> {
  const tries: HostTry[] = [];
  const passed: Passed[] = [];
  let failure: LaneFailure = noHost(tries);
  // In clear nobody is proven.
  const secure: OpenOptions = options.tls === 'implicit' ? options : { ...options, tls: 'required' };
  for (const host of reachableFrom(source, hosts).slice(0, passedMax)) {
    const opened = await openTried(host, source, secure, tries);
    if (!opened.ok) {
      failure = { ...failureOf(opened.failure, host), tries };
      passed.push(passedFor(host, failure));
      if (passed.filter(({ isReached }) => !isReached).length >= hostsMax) break;
      continue;
    }
    const { connection } = opened;
    const why = lackOf(connection);
    if (why === null) return { ok: true, lane: makeLane(connection, { host, tries }, options.world) };
    // One connection at a time: the site's limit counts one.
    await connection[Symbol.asyncDispose]();
    passed.push({ host, why, final: '5.7.30', isReached: true, transcript: connection.transcript });
  }
  return { ok: false, failure: failureOfAll(passed, failure) };
}

function noHost(tries: readonly HostTry[]): LaneFailure {
  return { phase: 'connect', reply: null, error: 'no host', host: null, tries };
}

function openTried(host: Host, source: Source, options: OpenOptions, tries: HostTry[]): Promise<Opened> {
  const { transport } = host;
  if (transport === undefined) return openHost(host, source, options);
  return openJudged({ ...host, transport }, source, options, tries);
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
    isWithoutTls: error?.code === 'starttls',
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
