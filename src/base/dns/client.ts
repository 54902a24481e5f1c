/**
 * A stub resolver over our own sockets: the configured servers, TTLs kept (negative ones too, RFC 2308), the AD bit seen,
 * answers matched by id, question and sender, so that a guessed packet is not believed.
 */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect, isIPv6 } from 'node:net';
import packet from 'dns-packet';
import type { Answer, DecodedPacket } from 'dns-packet';
import type { Clock } from '../clock.ts';
import { StartFault } from '../start-fault.ts';

export type RecordType = 'A' | 'AAAA' | 'MX' | 'TXT' | 'CNAME' | 'TLSA' | 'PTR' | 'NS' | 'SOA';

export type DnsOutcome =
  | {
      readonly kind: 'found';
      readonly records: readonly Answer[];
      readonly ttlSeconds: number;
      readonly authentic: boolean;
    }
  | { readonly kind: 'nodata'; readonly authentic?: boolean }
  | { readonly kind: 'nxdomain'; readonly authentic?: boolean }
  | { readonly kind: 'failed'; readonly reason: 'timeout' | 'servfail' | 'refused' | 'malformed' };

export type DnsServer = { readonly host: string; readonly port: number };

export type DnsOptions = {
  readonly servers: readonly DnsServer[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly timeoutMs?: number;
  readonly triesPerServer?: number;
};

const entriesMax = 20_000;
const positiveMs = { min: 1000, max: 86_400_000 };
const negativeMs = { min: 1000, max: 3_600_000, unknown: 60_000 };
const failureMs = 5000;
const chainMax = 8;

type Cached = { readonly outcome: DnsOutcome; readonly until: number };

const keyOf = (name: string, type: RecordType): string => `${type} ${name.toLowerCase()}`;

export class DnsClient implements AsyncDisposable {
  readonly #options: DnsOptions;
  readonly #cache = new Map<string, Cached>();
  readonly #asking = new Map<string, Promise<DnsOutcome>>();
  #isClosed = false;

  constructor(options: DnsOptions) {
    this.#options = options;
  }

  resolve(name: string, type: RecordType): Promise<DnsOutcome> {
    const known = this.#known(keyOf(name, type));
    return known === null ? this.#asked(name, type) : Promise.resolve(known);
  }

  /** A "no" that is kept does not count: somebody has just been told to make the record. */
  resolveAnew(name: string, type: RecordType): Promise<DnsOutcome> {
    const known = this.#known(keyOf(name, type));
    return known?.kind === 'found' ? Promise.resolve(known) : this.#asked(name, type);
  }

  /** What is kept does not count, a "yes" neither: whether somebody still has the name is decided by what DNS shows now. */
  resolveNow(name: string, type: RecordType): Promise<DnsOutcome> {
    return this.#asked(name, type);
  }

  #known(key: string): DnsOutcome | null {
    const known = this.#cache.get(key);
    return known !== undefined && known.until > this.#options.clock.monotonicMs() ? known.outcome : null;
  }

  /** Who asks while an answer is on its way has that one. */
  #asked(name: string, type: RecordType): Promise<DnsOutcome> {
    const key = keyOf(name, type);
    let asking = this.#asking.get(key);
    if (asking === undefined) {
      asking = this.#ask(name, type, key).finally(() => this.#asking.delete(key));
      this.#asking.set(key, asking);
    }
    return asking;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#cache.clear();
    return Promise.allSettled(this.#asking.values()).then(() => undefined);
  }

  async #ask(name: string, type: RecordType, key: string): Promise<DnsOutcome> {
    const { servers, triesPerServer = 2, timeoutMs = 3000, clock } = this.#options;
    let last: DnsOutcome = { kind: 'failed', reason: 'timeout' };
    for (let attempt = 0; attempt < servers.length * triesPerServer && !this.#isClosed; attempt++) {
      const server = servers[attempt % servers.length];
      if (server === undefined) break;
      const answer = await exchange(
        server,
        name,
        type,
        Math.floor(this.#options.random() * 65_536),
        timeoutMs,
      );
      const read = answer === null ? null : readAnswer(answer, name, type);
      if (read === null) continue;
      last = read.outcome;
      if (last.kind === 'failed') continue;
      this.#remember(key, last, clock.monotonicMs() + read.keepMs);
      return last;
    }
    this.#remember(key, last, clock.monotonicMs() + failureMs);
    return last;
  }

  #remember(key: string, outcome: DnsOutcome, until: number): void {
    if (this.#cache.size >= entriesMax) {
      const [oldest] = this.#cache.keys();
      if (oldest !== undefined) this.#cache.delete(oldest);
    }
    this.#cache.delete(key);
    this.#cache.set(key, { outcome, until });
  }
}

/** One query over UDP, over TCP when the answer was cut; null when nothing believable came in time. */
async function exchange(
  server: DnsServer,
  name: string,
  type: RecordType,
  id: number,
  timeoutMs: number,
): Promise<DecodedPacket | null> {
  const query = packet.encode({
    type: 'query',
    id,
    // RD; AD asks for the authentic-data bit (RFC 6840 5.7).
    flags: packet.RECURSION_DESIRED | packet.AUTHENTIC_DATA,
    questions: [{ type, name }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: 1232,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  });
  const matches = (answer: DecodedPacket): boolean =>
    answer.id === id &&
    answer.type === 'response' &&
    answer.questions?.length === 1 &&
    answer.questions[0]?.type === type &&
    answer.questions[0].name.toLowerCase() === name.toLowerCase();
  const answer = await overUdp(server, query, timeoutMs, matches);
  if (answer?.flag_tc !== true) return answer;
  return overTcp(server, query, timeoutMs, matches);
}

function decode(bytes: Buffer): DecodedPacket | null {
  try {
    return packet.decode(bytes);
  } catch {
    return null;
  }
}

function overUdp(
  server: DnsServer,
  query: Buffer,
  timeoutMs: number,
  matches: (answer: DecodedPacket) => boolean,
): Promise<DecodedPacket | null> {
  return new Promise((resolve) => {
    // A socket of its own per query: the system picks a random source port.
    const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4');
    const finish = (answer: DecodedPacket | null): void => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(() => finish(null), timeoutMs);
    let isDone = false;
    const once = (answer: DecodedPacket | null): void => {
      if (isDone) return;
      isDone = true;
      finish(answer);
    };
    socket.on('error', () => once(null));
    socket.on('message', (bytes, from) => {
      if (from.address !== server.host || from.port !== server.port) return;
      const answer = decode(bytes);
      if (answer !== null && matches(answer)) once(answer);
    });
    socket.send(query, server.port, server.host);
  });
}

function overTcp(
  server: DnsServer,
  query: Buffer,
  timeoutMs: number,
  matches: (answer: DecodedPacket) => boolean,
): Promise<DecodedPacket | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: server.host, port: server.port });
    let bytes = Buffer.alloc(0);
    const finish = (answer: DecodedPacket | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => finish(null), timeoutMs);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(query.length);
    socket.on('connect', () => socket.write(Buffer.concat([length, query])));
    socket.on('error', () => finish(null));
    socket.on('close', () => finish(null));
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < 2 || bytes.length < 2 + bytes.readUInt16BE(0)) return;
      const answer = decode(bytes.subarray(2, 2 + bytes.readUInt16BE(0)));
      finish(answer !== null && matches(answer) ? answer : null);
    });
  });
}

function readAnswer(
  answer: DecodedPacket,
  name: string,
  type: RecordType,
): { outcome: DnsOutcome; keepMs: number } {
  // The library's types leave the response code out.
  const { rcode } = answer as unknown as { rcode: string };
  if (rcode === 'SERVFAIL' || rcode === 'REFUSED') {
    return {
      outcome: { kind: 'failed', reason: rcode === 'SERVFAIL' ? 'servfail' : 'refused' },
      keepMs: failureMs,
    };
  }
  if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN')
    return { outcome: { kind: 'failed', reason: 'malformed' }, keepMs: failureMs };
  const records = followChain(answer.answers ?? [], name, type);
  if (records === null) return { outcome: { kind: 'failed', reason: 'malformed' }, keepMs: failureMs };
  if (records.length > 0) {
    const ttlSeconds = Math.min(...records.map((record) => ('ttl' in record ? (record.ttl ?? 0) : 0)));
    const keepMs = Math.min(Math.max(ttlSeconds * 1000, positiveMs.min), positiveMs.max);
    return { outcome: { kind: 'found', records, ttlSeconds, authentic: answer.flag_ad }, keepMs };
  }
  const kind = rcode === 'NXDOMAIN' ? 'nxdomain' : 'nodata';
  return { outcome: { kind, authentic: answer.flag_ad }, keepMs: negativeKeepMs(answer) };
}

/** Records of the type at the end of the CNAME chain; null when the chain loops or is too long. */
function followChain(answers: readonly Answer[], name: string, type: RecordType): Answer[] | null {
  let owner = name.toLowerCase();
  for (let link = 0; link <= chainMax; link++) {
    const mine = answers.filter((answer) => answer.name.toLowerCase() === owner);
    const found = mine.filter((answer) => answer.type === type);
    if (found.length > 0) return found;
    const alias = mine.find((answer) => answer.type === 'CNAME');
    if (alias?.type !== 'CNAME') return [];
    owner = alias.data.toLowerCase();
  }
  return null;
}

/** RFC 2308 5: the smaller of the SOA's TTL and its minimum. */
function negativeKeepMs(answer: DecodedPacket): number {
  const soa = answer.authorities?.find((record) => record.type === 'SOA');
  if (soa?.type !== 'SOA') return negativeMs.unknown;
  const seconds = Math.min(soa.ttl ?? 0, soa.data.minimum ?? 0);
  return Math.min(Math.max(seconds * 1000, negativeMs.min), negativeMs.max);
}

/** `127.0.0.1:5353,[::1]:53`; the port may be left out. */
export function parseServers(text: string, setting = 'LETTERSHOP_DNS_SERVERS'): readonly DnsServer[] {
  return text.split(',').map((part) => {
    const match = /^(?:\[([0-9a-f:]+)\]|([\d.]+)|([0-9a-f:]+:[0-9a-f:]+))(?::(\d{1,5}))?$/i.exec(part.trim());
    const host = match?.[1] ?? match?.[2] ?? match?.[3];
    if (host === undefined) throw new StartFault(`${setting}: "${part}" is not an address with a port`);
    return { host, port: Number(match?.[4] ?? 53) };
  });
}

/** The system's, by /etc/resolv.conf; loopback when it names none. */
export function systemServers(): readonly DnsServer[] {
  let text = '';
  try {
    text = readFileSync('/etc/resolv.conf', 'utf8');
  } catch {
    text = '';
  }
  const servers = [...text.matchAll(/^nameserver\s+(\S+)/gm)].map(([, host = '']) => ({ host, port: 53 }));
  return servers.length > 0 ? servers : [{ host: '127.0.0.1', port: 53 }];
}
