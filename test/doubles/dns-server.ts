/** A real DNS server on loopback (UDP) with a declarative zone that the test may change. Counts what it was asked. */
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import packet from 'dns-packet';
import type { Answer, RecordType } from 'dns-packet';

export type ZoneRecords = {
  readonly A?: readonly string[];
  readonly AAAA?: readonly string[];
  readonly MX?: readonly (readonly [preference: number, exchange: string])[];
  readonly TXT?: readonly string[];
  readonly CNAME?: string;
  readonly NS?: readonly string[];
  readonly TLSA?: readonly (readonly [usage: number, selector: number, matchingType: number, data: Buffer])[];
  /** Answers about this name carry the AD bit: a validating resolver has found it signed. */
  readonly signed?: true;
};

/** A name without records of the asked type is NODATA, a name that is not there NXDOMAIN. */
export type Zone = Record<string, ZoneRecords | 'servfail' | 'silent'>;

export class DnsServerDouble implements AsyncDisposable {
  zone: Zone;
  readonly asked: string[] = [];
  readonly #socket: Socket;
  readonly #ttlSeconds: number;

  private constructor(zone: Zone, ttlSeconds: number, socket: Socket) {
    this.zone = zone;
    this.#ttlSeconds = ttlSeconds;
    this.#socket = socket;
    socket.on('message', (bytes, from) => {
      const answer = this.#answer(bytes);
      if (answer !== null) socket.send(answer, from.port, from.address);
    });
  }

  static async start(zone: Zone, ttlSeconds = 1): Promise<DnsServerDouble> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return new DnsServerDouble(zone, ttlSeconds, socket);
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  #answer(bytes: Buffer): Buffer | null {
    const query = packet.decode(bytes);
    const question = query.questions?.[0];
    if (question === undefined) return null;
    this.asked.push(`${question.type} ${question.name}`);
    const records = this.zone[question.name.toLowerCase()];
    if (records === 'silent') return null;
    const rcode = records === undefined ? 3 : records === 'servfail' ? 2 : 0;
    const isSigned = typeof records === 'object' && records.signed === true;
    const answers = typeof records === 'object' ? this.#records(question.name, question.type, records) : [];
    return packet.encode({
      type: 'response',
      id: query.id ?? 0,
      flags:
        packet.RECURSION_DESIRED |
        packet.RECURSION_AVAILABLE |
        (isSigned ? packet.AUTHENTIC_DATA : 0) |
        rcode,
      questions: [question],
      answers,
      authorities: answers.length > 0 || rcode === 2 ? [] : [this.#soa()],
    });
  }

  /** How long a "no" may be remembered: as long as anything else (RFC 2308 5). */
  #soa(): Answer {
    const ttl = this.#ttlSeconds;
    const data = {
      mname: 'ns.test',
      rname: 'host.test',
      serial: 1,
      refresh: 1,
      retry: 1,
      expire: 1,
      minimum: ttl,
    };
    return { name: 'test', type: 'SOA', ttl, data };
  }

  #records(name: string, type: RecordType, records: ZoneRecords): Answer[] {
    const ttl = this.#ttlSeconds;
    if (records.CNAME !== undefined) {
      const target = this.zone[records.CNAME];
      const alias: Answer = { name, type: 'CNAME', ttl, data: records.CNAME };
      return typeof target === 'object' && target !== records
        ? [alias, ...this.#records(records.CNAME, type, target)]
        : [alias];
    }
    if (type === 'A' || type === 'AAAA')
      return (records[type] ?? []).map((data): Answer => ({ name, type, ttl, data }));
    if (type === 'MX') {
      return (records.MX ?? []).map(([preference, exchange]): Answer => ({
        name,
        type,
        ttl,
        data: { preference, exchange },
      }));
    }
    if (type === 'TLSA') {
      return (records.TLSA ?? []).map(([usage, selector, matchingType, certificate]): Answer => ({
        name,
        type,
        ttl,
        data: { usage, selector, matchingType, certificate },
      }));
    }
    if (type === 'NS') return (records.NS ?? []).map((data): Answer => ({ name, type, ttl, data }));
    if (type !== 'TXT') return [];
    return (records.TXT ?? []).map((text): Answer => ({
      name,
      type,
      ttl,
      data: text.match(/.{1,255}/gs) ?? [''],
    }));
  }
}
