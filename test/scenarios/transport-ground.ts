/** Mail hosts with certificates of an authority of the test, their zone, the host of their MTA-STS policies, and the program. */
import { createHash, randomUUID, X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { authority, selfSigned } from '../doubles/certificate.ts';
import type { Authority, Pair } from '../doubles/certificate.ts';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { HttpsHost } from '../doubles/https-host.ts';
import { SmtpSink } from '../doubles/smtp-sink.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

export const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
/** The digest of a certificate's key, as TLSA records of selector 1 have it. */
export const spki = (pem: string): Buffer =>
  sha256(new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }));

export function stsText(mode: string, mx: string, maxAge = 86_400): string {
  return `version: STSv1\r\nmode: ${mode}\r\nmx: ${mx}\r\nmax_age: ${maxAge}\r\n`;
}

export type Told = {
  readonly id: string;
  readonly state: string;
  readonly data: Readonly<Record<string, unknown>>;
};

export class TransportGround implements AsyncDisposable {
  /** Certificates of mail hosts, by the name that the client asks for. */
  readonly pairs: Map<string, Pair>;
  readonly ca: Authority;
  readonly dns: DnsServerDouble;
  readonly sink: SmtpSink;
  readonly host: HttpsHost;
  readonly world: World;

  private constructor(parts: Pick<TransportGround, 'pairs' | 'ca' | 'dns' | 'sink' | 'host' | 'world'>) {
    this.pairs = parts.pairs;
    this.ca = parts.ca;
    this.dns = parts.dns;
    this.sink = parts.sink;
    this.host = parts.host;
    this.world = parts.world;
  }

  /** `webNames`: hosts of policies and reports, whose certificate the authority gives. */
  static async start(webNames: readonly string[]): Promise<TransportGround> {
    // A name of its own: chains are built by the names of issuers, and two grounds may stand in one process.
    const ca = authority(`Authority ${randomUUID()}`);
    const pairs = new Map<string, Pair>();
    const sink = await SmtpSink.start({
      tls: (name) => {
        const pair = pairs.get(name);
        return pair === undefined ? undefined : createSecureContext(pair);
      },
    });
    const dns = await DnsServerDouble.start({});
    const host = await HttpsHost.serve(ca.issue({ names: webNames }));
    setDefaultCACertificates([...getCACertificates('default'), ca.cert]);
    const settings = {
      LETTERSHOP_OUTBOUND: 'direct',
      LETTERSHOP_DNS_SERVERS: dns.address,
      LETTERSHOP_DNSSEC_SERVERS: dns.address,
      LETTERSHOP_MX_PORT: String(sink.port),
      LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
    };
    const world = await startWorld(settings, undefined, { httpsPort: host.port });
    return new TransportGround({ pairs, ca, dns, sink, host, world });
  }

  /** A domain with one mail host, `mx.` and its name; `signed`: by DNSSEC. */
  publish(domain: string, pair: Pair, { address = '127.0.0.1', signed = false } = {}): void {
    const mx = `mx.${domain}`;
    this.pairs.set(mx, pair);
    const more = signed ? ({ signed: true } as const) : {};
    this.dns.zone[domain] = { MX: [[10, mx]], ...more };
    this.dns.zone[mx] = { A: [address], ...more };
  }

  publishOwn(domain: string): void {
    this.publish(domain, selfSigned(`mx.${domain}`));
  }

  /** Its MTA-STS policy. */
  announce(domain: string, text: string, id = '1'): void {
    this.dns.zone[`_mta-sts.${domain}`] = { TXT: [`v=STSv1; id=${id};`] };
    this.dns.zone[`mta-sts.${domain}`] = { A: ['127.0.0.1'] };
    this.host.answers[`mta-sts.${domain}/.well-known/mta-sts.txt`] = {
      status: 200,
      headers: { 'content-type': 'text/plain' },
      body: text,
    };
  }

  /** Sends one mail; how its first attempt ended. */
  async deliver(to: string): Promise<Told> {
    const [id = ''] = await this.world.send(to);
    const { state, timeline } = await this.world.settled(id, ['delivered', 'deferred', 'bounced']);
    const last = timeline.findLast(({ kind }) => /delivered|deferred|bounced/.test(kind));
    return { id, state, data: last?.data ?? {} };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Its own only: another ground of this process may stand on its own beside it.
    const own = this.ca.cert.trim();
    setDefaultCACertificates(getCACertificates('default').filter((each) => each.trim() !== own));
    await this.world[Symbol.asyncDispose]();
    for (const each of [this.dns, this.sink, this.host]) await each[Symbol.asyncDispose]();
  }
}
