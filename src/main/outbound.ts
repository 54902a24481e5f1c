/** Where mail leaves to, by LETTERSHOP_OUTBOUND: the built-in mailbox, mail hosts by MX, or a smarthost. */
import { connect } from 'node:net';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import { makeAddressFilter } from '../base/address-filter.ts';
import type { AddressFilter } from '../base/address-filter.ts';
import { makeHttpsGet, makeHttpsPost } from '../base/https-get.ts';
import type { HttpsGet, HttpsPost } from '../base/https-get.ts';
import { DnsClient, parseServers, systemServers } from '../base/dns/index.ts';
import type { DnsOutcome, RecordType } from '../base/dns/index.ts';
import { HotConnection } from '../base/database/hot-connection.ts';
import type { Log } from '../base/log.ts';
import { StartFault } from '../base/start-fault.ts';
import { readMark } from '../mail/verp.ts';
import { CaptureMailbox, misbehaviour } from '../features/captures/index.ts';
import type { Dial, RouterOptions } from '../features/delivery/index.ts';
import type { DomainWorld } from '../features/domains/index.ts';
import type { Network } from '../features/webhooks/index.ts';
import { SmtpListener } from '../smtp/listener.ts';
import type { Store } from './store.ts';
import { openTransport } from './transport.ts';
import type { Transport } from './transport.ts';

export type Outbound = AsyncDisposable & {
  readonly router: RouterOptions;
  readonly dial: Dial;
  readonly relay: {
    readonly tls: 'opportunistic' | 'implicit';
    readonly auth?: { user: string; secret: string };
  } | null;
  readonly resolve: DomainWorld['resolve'];
  /** For proofs: a "no" is asked again, its record may just have been made. */
  readonly resolveAnew: DomainWorld['resolve'];
  /** For who is trusted because of a record: nothing that is kept is believed. */
  readonly resolveNow: DomainWorld['resolve'];
  readonly httpsGet: HttpsGet;
  readonly httpsPost: HttpsPost;
  /** What mail hosts must meet; null where mail goes to one next hop. */
  readonly transport: Transport | null;
  /** Where a tenant may make us connect to. */
  readonly network: Network;
};

export type OutboundWorld = {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** Of HTTPS; another one is for tests, which have no right to 443. */
  readonly httpsPort: number;
};

const dial: Dial = ({ address, port, localAddress }) =>
  connect({ host: address, port, noDelay: true, ...(localAddress === undefined ? {} : { localAddress }) });

export async function openOutbound(world: OutboundWorld): Promise<Outbound> {
  const { config, clock, random, httpsPort } = world;
  const servers =
    config.LETTERSHOP_DNS_SERVERS.length > 0
      ? parseServers(config.LETTERSHOP_DNS_SERVERS.join(','))
      : systemServers();
  const dns = new DnsClient({ servers, clock, random });
  const resolve: DomainWorld['resolve'] = (name, type) => dns.resolve(name, type);
  const filter = makeAddressFilter({ allow: config.LETTERSHOP_NET_ALLOW });
  const network: Network = { resolve, filter, random };
  const web = { resolve, filter, port: httpsPort };
  const resolveAnew: DomainWorld['resolve'] = (name, type) => dns.resolveAnew(name, type);
  const resolveNow: DomainWorld['resolve'] = (name, type) => dns.resolveNow(name, type);
  const asking = {
    resolve,
    resolveAnew,
    resolveNow,
    network,
    httpsGet: makeHttpsGet(web),
    httpsPost: makeHttpsPost(web),
    transport: null,
  };
  const closeDns = (): Promise<void> => dns[Symbol.asyncDispose]();
  switch (config.LETTERSHOP_OUTBOUND) {
    case 'capture': {
      const mailbox = await openMailbox(world);
      const hosts = [{ name: 'capture.lettershop.test', address: '127.0.0.1', port: mailbox.port }];
      return {
        router: { mode: 'fixed', site: 'capture', hosts },
        dial,
        relay: null,
        ...asking,
        [Symbol.asyncDispose]: async () => {
          await mailbox.close();
          await closeDns();
        },
      };
    }
    case 'relay': {
      const relay = parseRelay(config.LETTERSHOP_RELAY_URL ?? '');
      return {
        router: {
          mode: 'fixed',
          site: relay.host,
          hosts: [{ name: relay.host, address: relay.host, port: relay.port }],
        },
        dial,
        relay,
        ...asking,
        [Symbol.asyncDispose]: closeDns,
      };
    }
    case 'direct':
      return openDirect(world, { dns, filter, asking });
  }
}

type Asking = Pick<
  Outbound,
  'resolve' | 'resolveAnew' | 'resolveNow' | 'network' | 'httpsGet' | 'httpsPost' | 'transport'
>;

async function openDirect(
  world: OutboundWorld,
  {
    dns,
    filter,
    asking,
  }: { readonly dns: DnsClient; readonly filter: AddressFilter; readonly asking: Asking },
): Promise<Outbound> {
  const { config, clock, random } = world;
  const mail = openMailDns(world, dns);
  const { resolve, httpsGet } = asking;
  const transport = await openTransport(world, { resolve, httpsGet, dnssec: mail.dnssec });
  return {
    router: {
      mode: 'direct',
      resolve: mail.resolve,
      policies: transport.policies,
      random,
      clock,
      port: config.LETTERSHOP_MX_PORT,
      ownName: config.LETTERSHOP_HOSTNAME,
      refusedAddress: (address) => {
        const judged = filter.check(address);
        return judged.ok ? null : judged.reason;
      },
    },
    dial,
    relay: null,
    ...asking,
    transport,
    [Symbol.asyncDispose]: async () => {
      await transport.stop();
      await mail[Symbol.asyncDispose]();
      await dns[Symbol.asyncDispose]();
    },
  };
}

type MailDns = AsyncDisposable & {
  readonly resolve: (name: string, type: RecordType) => Promise<DnsOutcome>;
  /** The same when it validates, else null. */
  readonly dnssec: MailDns['resolve'] | null;
};

/** Mail hosts are looked up by the servers that validate, when there are some, so that what DNSSEC says of them counts. */
function openMailDns(
  { config, clock, random }: Pick<OutboundWorld, 'config' | 'clock' | 'random'>,
  plain: DnsClient,
): MailDns {
  const named = config.LETTERSHOP_DNSSEC_SERVERS;
  if (named.length === 0) {
    return {
      resolve: (name, type) => plain.resolve(name, type),
      dnssec: null,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  const servers = parseServers(named.join(','), 'LETTERSHOP_DNSSEC_SERVERS');
  const dns = new DnsClient({ servers, clock, random });
  const resolve: MailDns['resolve'] = (name, type) => dns.resolve(name, type);
  return { resolve, dnssec: resolve, [Symbol.asyncDispose]: () => dns[Symbol.asyncDispose]() };
}

type Relay = {
  host: string;
  port: number;
  tls: 'opportunistic' | 'implicit';
  auth?: { user: string; secret: string };
};

/** smtp://user:secret@host:port, or smtps:// for implicit TLS. */
export function parseRelay(text: string): Relay {
  const wrong = new StartFault(
    'LETTERSHOP_RELAY_URL must be smtp://[user:secret@]host[:port] or smtps://...',
  );
  if (!URL.canParse(text)) throw wrong;
  const url = new URL(text);
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') throw wrong;
  const isImplicit = url.protocol === 'smtps:';
  const auth =
    url.username === ''
      ? {}
      : { auth: { user: decodeURIComponent(url.username), secret: decodeURIComponent(url.password) } };
  const port = url.port === '' ? (isImplicit ? 465 : 25) : Number(url.port);
  return {
    host: url.hostname.replaceAll(/^\[|\]$/g, ''),
    port,
    tls: isImplicit ? 'implicit' : 'opportunistic',
    ...auth,
  };
}

async function openMailbox({
  store,
  config,
  clock,
  log,
}: OutboundWorld): Promise<{ port: number; close: () => Promise<void> }> {
  const connection = new HotConnection(store.db.target, 'captures', log);
  const mailbox = new CaptureMailbox({
    connection,
    clock,
    messageOf: (returnPath) => readMark(returnPath, store.ring)?.messageId ?? null,
    slowMs: 3000,
  });
  const listener = await SmtpListener.start<never>({
    host: '127.0.0.1',
    port: 0,
    hostname: 'capture.lettershop.test',
    requireAuth: false,
    clearAuthFrom: () => false,
    sizeMax: config.LETTERSHOP_MESSAGE_BYTES_MAX * 2,
    recipientsMax: 100,
    connectionsMax: 500,
    perAddressConnectionsMax: 500,
    idleTimeoutMs: 300_000,
    dataTimeoutMs: 300_000,
    bufferedBytesMax: 512 * 1024 * 1024,
    log,
    hooks: {
      authenticate: () =>
        Promise.resolve({ ok: false, reply: { code: 502, enhanced: '5.5.1', text: 'no logins here' } }),
      mail: () => null,
      recipient: (_identity, to) => misbehaviour(to.address),
      message: (_identity, envelope, bytes) =>
        mailbox.arrive({
          mailFrom: envelope.from.address,
          recipients: envelope.recipients.map(({ address }) => address),
          bytes,
        }),
    },
  });
  return {
    port: listener.port,
    close: async () => {
      await listener[Symbol.asyncDispose]();
      await connection[Symbol.asyncDispose]();
    },
  };
}
