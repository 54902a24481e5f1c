/**
 * Where a tenant may make us connect to (contract smtp-and-standards 10.5). Checked when an address is saved, and again at
 * each connect: names are resolved by us, every address of a name must be allowed, and the connection goes to the very
 * address that was judged, so that a name that changes its mind between look and connect gains nothing.
 */
import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import type { AddressFilter } from '../../base/address-filter.ts';
import type { DnsOutcome } from '../../base/dns/index.ts';

export type Network = {
  readonly resolve: (name: string, type: 'A' | 'AAAA') => Promise<DnsOutcome>;
  readonly filter: AddressFilter;
  readonly random: () => number;
};

/** Ports below 1024 that speak HTTP; above it all but those that browsers refuse too, and mail submission. */
const lowPorts: ReadonlySet<number> = new Set([80, 443]);
const closedPorts: ReadonlySet<number> = new Set([
  1719, 1720, 1723, 2049, 2525, 3306, 3659, 4045, 4190, 5060, 5061, 5432, 6000, 6379, 6566, 6665, 6666, 6667,
  6668, 6669, 6679, 6697, 9200, 10_080, 11_211, 27_017,
]);

export type UrlJudged =
  | { readonly ok: true; readonly url: URL }
  | { readonly ok: false; readonly rule: string; readonly message: string };

const no = (rule: string, message: string): UrlJudged => ({ ok: false, rule, message });

/** What can be said of an address without asking anyone. The URL parser has made 127.1 and 0x7f000001 to 127.0.0.1. */
export function judgeUrl(text: string, filter: AddressFilter): UrlJudged {
  if (!URL.canParse(text)) return no('format', 'must be a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return no('scheme', 'must be http or https');
  if (url.username !== '' || url.password !== '')
    return no('userinfo', 'must not hold a user: set `auth` instead');
  const port = Number(url.port);
  if (url.port !== '' && !(lowPorts.has(port) || (port >= 1024 && !closedPorts.has(port))))
    return no('port', 'has a port that is not for HTTP');
  const host = hostOf(url.hostname);
  if (isIP(host) !== 0 && !filter.check(host).ok)
    return no('address', 'leads to an address that is not public');
  return { ok: true, url };
}

function hostOf(hostname: string): string {
  return hostname.replaceAll(/^\[|\]$/g, '');
}

export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** The address to connect to; throws when the name has none, or one that is not allowed. */
export async function findAddress(network: Network, hostname: string): Promise<string> {
  const host = hostOf(hostname);
  if (isIP(host) !== 0) {
    if (!network.filter.check(host).ok) throw new AddressRefused('the address is not public');
    return host;
  }
  const [v4, v6] = await Promise.all([addresses(network, host, 'A'), addresses(network, host, 'AAAA')]);
  for (const address of [...v4, ...v6]) {
    // Which one stays with us: it may be a name that only the operator's resolver knows.
    if (!network.filter.check(address).ok)
      throw new AddressRefused('the name leads to an address that is not public');
  }
  const candidates = v4.length > 0 ? v4 : v6;
  const chosen = candidates[Math.floor(network.random() * candidates.length)];
  if (chosen === undefined) throw new Error('the name has no address');
  return chosen;
}

async function addresses(network: Network, name: string, type: 'A' | 'AAAA'): Promise<readonly string[]> {
  const outcome = await network.resolve(name, type);
  if (outcome.kind === 'failed') throw new Error(`the name could not be resolved (${outcome.reason})`);
  if (outcome.kind !== 'found') return [];
  return outcome.records.flatMap((record) =>
    record.type === 'A' || record.type === 'AAAA' ? [record.data] : [],
  );
}

/** undici's connector with our own look-up in front; TLS still asks for the name that the tenant gave. */
export function guardedConnector(network: Network, timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, allowH2: false, maxCachedSessions: 100 });
  const dial = async (...[options, callback]: Parameters<buildConnector.connector>): Promise<void> => {
    const name = hostOf(options.hostname);
    try {
      const hostname = await findAddress(network, name);
      connect({ ...options, hostname, ...(isIP(name) === 0 ? { servername: name } : {}) }, callback);
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)), null);
    }
  };
  return (options, callback) => void dial(options, callback);
}
