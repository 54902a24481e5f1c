/** A world with DNS and an endpoint of its own, and what the scenarios of incoming mail do there. */
import { createTransport } from 'nodemailer';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { WebhookReceiver } from '../doubles/webhook-receiver.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

export type Options = { readonly secret?: string };
export type Domain = {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly seen: string;
  readonly explain: string;
  readonly record: { readonly name: string; readonly value: string; readonly priority: number };
};
export type Route = {
  readonly id: string;
  readonly secret: string;
  readonly pattern: string;
  readonly failures: number;
  readonly lastFailure: string;
  readonly nextTryAt: string | null;
};
export type Mail = {
  readonly id: string;
  readonly recipient: string;
  readonly state: string;
  readonly attempts: number;
  readonly lastStatus: number | null;
  readonly lastError: string;
  readonly subject: string;
  readonly isReplay: boolean;
};
export type Page<T> = { readonly items: readonly T[] };
export type Posted = {
  readonly id: string;
  readonly recipient: string;
  readonly mailFrom: string;
  readonly isAutomatic: boolean;
  readonly isReplay: boolean;
  readonly authentication: {
    readonly spf: { readonly result: string };
    readonly dkim: readonly { readonly result: string; readonly domain: string }[];
    readonly dmarc: { readonly result: string };
  };
  readonly raw: string | null;
  readonly mail: {
    readonly subject: string;
    readonly from: { readonly email: string };
    readonly to: readonly { readonly email: string }[];
    readonly headers: readonly (readonly [string, string])[];
    readonly text: string | null;
    readonly html: string | null;
    readonly attachments: readonly { readonly name: string; readonly content: string }[];
  };
};

export class IncomingGround implements AsyncDisposable {
  readonly world: World;
  readonly dns: DnsServerDouble;
  readonly peer: WebhookReceiver;

  private constructor(world: World, dns: DnsServerDouble, peer: WebhookReceiver) {
    this.world = world;
    this.dns = dns;
    this.peer = peer;
  }

  static async open(): Promise<IncomingGround> {
    const dns = await DnsServerDouble.start({}, 1);
    const peer = await WebhookReceiver.start();
    const settings = { LETTERSHOP_DNS_SERVERS: dns.address, LETTERSHOP_NET_ALLOW: '127.0.0.0/8' };
    return new IncomingGround(await startWorld(settings), dns, peer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
    await this.peer[Symbol.asyncDispose]();
    await this.dns[Symbol.asyncDispose]();
  }

  async client(name: string): Promise<{ secret: string; id: number }> {
    const made = await this.world.ok<{ id: number; key: { secret: string } }>('POST', '/subaccounts', {
      body: { name, key: { name } },
    });
    return { secret: made.key.secret, id: made.id };
  }

  add(name: string, by: Options): Promise<Domain> {
    return this.world.ok<Domain>('POST', '/inbound-domains', { ...by, body: { name } });
  }

  look(id: string, by: Options, state: string): Promise<Domain> {
    return this.world.until(
      () => this.world.ok<Domain>('POST', `/inbound-domains/${id}/check`, by),
      (domain) => domain.state === state,
    );
  }

  async addProven(name: string, by: Options): Promise<Domain> {
    const made = await this.add(name, by);
    this.dns.zone[name] = { MX: [[10, made.record.value]] };
    return this.look(made.id, by, 'proven');
  }

  route(domain: Domain, by: Options, more: Record<string, unknown> = {}): Promise<Route> {
    const body = { inboundDomainId: domain.id, url: this.peer.url, ...more };
    return this.world.ok<Route>('POST', '/inbound-routes', { ...by, body });
  }

  /** By a real client; the answer to the final dot, or what refused it. */
  send(to: string | readonly string[], raw: string | Buffer, from = 'bob@sender.example'): Promise<string> {
    return sendTo(this.world.inboundPort, { from, to: typeof to === 'string' ? [to] : [...to] }, raw);
  }

  async mails(by: Options, query = ''): Promise<readonly Mail[]> {
    return (await this.world.ok<Page<Mail>>('GET', `/inbound-mails${query}`, by)).items;
  }

  postedTo(recipient: string): readonly (Posted & { headers: Record<string, unknown>; body: string })[] {
    return this.peer.received
      .map(({ body, headers }) => ({ ...(JSON.parse(body) as Posted), headers, body }))
      .filter((each) => each.recipient === recipient);
  }

  async handedOver(by: Options, recipient: string): Promise<Mail> {
    const [mail] = await this.world.until(
      () => this.mails(by, `?recipient=${encodeURIComponent(recipient)}`),
      ([found]) => found?.state === 'handed_over',
    );
    return mail as Mail;
  }
}

async function sendTo(
  port: number,
  envelope: { readonly from: string; readonly to: string[] },
  raw: string | Buffer,
): Promise<string> {
  const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true });
  try {
    const sent = await transport.sendMail({ envelope, raw });
    return sent.response;
  } catch (error) {
    return String((error as { response?: string }).response);
  } finally {
    transport.close();
  }
}

export const plain = (subject: string, more: readonly string[] = []): string =>
  [
    'From: Bob <bob@sender.example>',
    'To: help@in.test',
    `Subject: ${subject}`,
    ...more,
    '',
    'hello',
    '',
  ].join('\r\n');
