/** Opens a connection to the first host of a site that takes one, by its order (RFC 5321 5.1). */
import { isIP } from 'node:net';
import type { Deadlines, Dial } from './transaction.ts';
import { SmtpConnection } from './connection.ts';
import { makeLane } from './lane.ts';
import type { LaneWorld } from './lane.ts';
import type { Source } from './governor.ts';
import type { Host, Lane, LaneFailure } from './site.ts';

export type OpenOptions = {
  readonly dial: Dial;
  readonly deadlines: Deadlines;
  /** 'opportunistic': STARTTLS where offered, in clear where its handshake fails (RFC 7435). */
  readonly tls: 'opportunistic' | 'required' | 'never' | 'implicit';
  readonly verifyCertificate: boolean;
  readonly auth?: { readonly user: string; readonly secret: string };
  readonly world: LaneWorld;
};

/** Hosts tried for one lane: a site with fifty unreachable addresses must not take an hour. */
const hostsMax = 6;

export async function openLane(
  hosts: readonly Host[],
  source: Source,
  options: OpenOptions,
): Promise<{ ok: true; lane: Lane } | { ok: false; failure: LaneFailure }> {
  let failure: LaneFailure = { phase: 'connect', reply: null, error: 'no host', host: null };
  for (const host of reachableFrom(source, hosts).slice(0, hostsMax)) {
    const opened = await openHost(host, source, options);
    if (opened.ok) return { ok: true, lane: makeLane(opened.connection, host, options.world) };
    failure = {
      phase: opened.failure.phase,
      reply: opened.failure.reply ?? null,
      error:
        opened.failure.error === undefined
          ? null
          : `${opened.failure.error.code}: ${opened.failure.error.text}`,
      host,
      transcript: opened.failure.transcript,
    };
  }
  return { ok: false, failure };
}

async function openHost(
  host: Host,
  source: Source,
  options: OpenOptions,
): ReturnType<typeof SmtpConnection.open> {
  const { dial, deadlines, verifyCertificate, auth } = options;
  const base = {
    dial,
    ehloName: source.ehloName,
    ...(source.localAddress === null ? {} : { localAddress: source.localAddress }),
    deadlines,
    verifyCertificate,
    address: host.address,
    port: host.port,
    serverName: host.name,
  };
  const target = auth === undefined ? base : { ...base, auth };
  const opened = await SmtpConnection.open({ ...target, tls: options.tls });
  if (opened.ok || opened.failure.phase !== 'tls' || options.tls !== 'opportunistic') return opened;
  return SmtpConnection.open({ ...target, tls: 'never' });
}

/** A bound local address reaches hosts of its own family only; a host given by name is left to the dial. */
function reachableFrom({ localAddress }: Source, hosts: readonly Host[]): readonly Host[] {
  if (localAddress === null) return hosts;
  const family = isIP(localAddress);
  return hosts.filter(({ address }) => [0, family].includes(isIP(address)));
}
