/** Credentials as they stand in an HTTP request. Whether they are worth anything, only `access` decides. */
import type { IncomingHttpHeaders } from 'node:http';
import type { AccountId } from '../base/scope.ts';
import { refuse } from '../features/refusals/index.ts';

export type Credential =
  | { readonly kind: 'bearer'; readonly secret: string }
  | { readonly kind: 'basic'; readonly user: string; readonly secret: string }
  | { readonly kind: 'session'; readonly token: string };

/** At which hosts people log in, and as whose. In lower case, without a port. */
export type LoginHosts = {
  readonly isOpen: (host: string) => boolean;
  /** The one account that a session at this host works in; null: any that its person has. */
  readonly accountOf: (host: string) => AccountId | null;
};

/** Of the request, in lower case, without a port or the brackets of an IPv6 address. */
export function hostName({ host = '' }: IncomingHttpHeaders): string {
  return /^\[?([^\]/?#@]*?)\]?(?::\d+)?$/.exec(host)?.[1]?.toLowerCase() ?? '';
}

/** The host of a brand that was asked at; null: any other. */
export function brandHostOf(
  headers: IncomingHttpHeaders,
  hosts: Pick<LoginHosts, 'accountOf'> | undefined,
): { readonly name: string; readonly accountId: AccountId } | null {
  const name = hostName(headers);
  const accountId = hosts?.accountOf(name) ?? null;
  return accountId === null ? null : { name, accountId };
}

/** `__Host-` (RFC 6265bis 4.1.3.2) wins: no other subdomain can have planted it. */
const sessionCookies = ['__Host-lettershop_session', 'lettershop_session'] as const;
const secretMax = 512;

/**
 * `null`: none was sent. `Authorization` beats the cookie. Throws `auth.failed` for what cannot be read and
 * `auth.cross_site` for a session that another site's page makes change something.
 */
export function readCredential(
  headers: IncomingHttpHeaders,
  method: string,
  hosts?: Pick<LoginHosts, 'isOpen'>,
): Credential | null {
  const authorization = headers.authorization;
  if (authorization !== undefined) return readAuthorization(authorization);
  if (headers.cookie === undefined) return null;
  const token = readSession(headers.cookie);
  if (token === null) return null;
  if (method !== 'GET' && method !== 'HEAD') refuseCrossSite(headers, hosts);
  return { kind: 'session', token };
}

function readAuthorization(authorization: string): Credential {
  const space = authorization.indexOf(' ');
  const scheme = authorization.slice(0, space).toLowerCase();
  const rest = authorization.slice(space + 1).trim();
  if (space > 0 && rest !== '' && rest.length <= secretMax) {
    if (scheme === 'bearer') return { kind: 'bearer', secret: rest };
    if (scheme === 'basic') {
      const pair = Buffer.from(rest, 'base64').toString('utf8');
      const colon = pair.indexOf(':');
      if (colon > 0 && colon < pair.length - 1) {
        return { kind: 'basic', user: pair.slice(0, colon), secret: pair.slice(colon + 1) };
      }
    }
  }
  throw refuse('auth.failed', { message: 'Authorization must be Bearer <secret> or Basic <id:secret>' });
}

function readSession(cookie: string): string | null {
  const pairs = cookie.split(';').map((pair) => pair.trim());
  for (const name of sessionCookies) {
    const pair = pairs.find((candidate) => candidate.startsWith(`${name}=`));
    const token = pair?.slice(name.length + 1) ?? '';
    if (token !== '' && token.length <= secretMax) return token;
  }
  return null;
}

/**
 * A change by a session proves where it comes from. Browsers set both headers themselves, at least one of them with every
 * request that may change something (Fetch 3.2, Fetch Metadata 2.1), and a page cannot forge or leave them out: what has
 * neither is refused as well. So is what came to a host that is neither ours nor a brand's.
 */
export function refuseCrossSite(headers: IncomingHttpHeaders, hosts?: Pick<LoginHosts, 'isOpen'>): void {
  if (hosts !== undefined && !hosts.isOpen(hostName(headers))) throw refuse('auth.cross_site');
  const site = headers['sec-fetch-site'];
  const { origin } = headers;
  if (site === undefined && origin === undefined) throw refuse('auth.cross_site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw refuse('auth.cross_site');
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== headers.host)) {
    throw refuse('auth.cross_site');
  }
}
