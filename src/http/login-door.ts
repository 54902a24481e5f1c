/**
 * `/api/auth`: better-auth behind a list of what may be called, one of its own for each host of a brand. It gets a request of
 * our making: our public address instead of the Host header, the caller's address as we see it, a body of bounded size, and no
 * other header.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { addressHeader } from '../features/logins/index.ts';
import type { Auth } from '../features/logins/index.ts';
import { refuse } from '../features/refusals/index.ts';
import { brandHostOf, hostName, refuseCrossSite } from './credential.ts';
import type { LoginHosts } from './credential.ts';
import type { Page, PageFacts } from './pages.ts';

export type LoginDoor = {
  readonly page: Page;
};

export type LoginDoorWorld = {
  /** Of a brand's host; null: of the installation's own. */
  readonly auth: (brandHost: string | null) => Auth;
  readonly publicUrl: () => string;
  readonly hosts: LoginHosts;
  /** Waits, for a bounded time, until it is known again whose a brand's host is. */
  readonly confirmHost: (host: string) => Promise<void>;
  /** Somebody has logged in; what was printed for the first login may go. */
  readonly onLogin: () => Promise<void>;
};

type Caller = {
  readonly headers: IncomingHttpHeaders;
  readonly remoteAddress: string;
  readonly brandHost: string | null;
};

const prefix = '/api/auth';
const bodyMax = 65_536;
/** Writing a mail down takes some milliseconds: without a floor the time would tell who has a login. */
export const resetFloorMs = 200;

/** Everything else of better-auth is closed: listing and ending sessions is `/api/v1/me/sessions`. */
export const openCalls: ReadonlySet<string> = new Set([
  'POST /sign-in/email',
  'POST /sign-out',
  'POST /update-user',
  'POST /change-password',
  'POST /set-password',
  'POST /request-password-reset',
  'POST /reset-password',
  'POST /two-factor/enable',
  'POST /two-factor/disable',
  'POST /two-factor/get-totp-uri',
  'POST /two-factor/verify-totp',
  'POST /two-factor/verify-backup-code',
  'POST /two-factor/generate-backup-codes',
  'GET /passkey/generate-register-options',
  'POST /passkey/verify-registration',
  'GET /passkey/generate-authenticate-options',
  'POST /passkey/verify-authentication',
  'GET /passkey/list',
  'POST /passkey/delete-passkey',
  'POST /passkey/update-passkey',
  'POST /login-link',
  'POST /invitation/read',
  'POST /invitation/accept',
  'GET /oidc/start',
  'GET /oidc/callback',
]);

/** Calls that open a session when they succeed. */
const opening: ReadonlySet<string> = new Set([
  '/sign-in/email',
  '/two-factor/verify-totp',
  '/two-factor/verify-backup-code',
  '/passkey/verify-authentication',
  '/login-link',
]);

export function makeLoginDoor({ auth, publicUrl, hosts, confirmHost, onLogin }: LoginDoorWorld): LoginDoor {
  const answerOf = (method: string, path: string, body: string | null, from: Caller): Promise<Response> =>
    auth(from.brandHost).handler(
      new Request(`${new URL(publicUrl()).origin}${prefix}${path}`, {
        method,
        headers: headersFor(from, new URL(publicUrl()).origin, body !== null),
        ...(body === null ? {} : { body }),
      }),
    );
  const ask: typeof answerOf = async (method, path, body, from) => {
    const floorMs = pathOf(path) === '/request-password-reset' ? resetFloorMs : 0;
    const [answered] = await Promise.all([answerOf(method, path, body, from), setTimeout(floorMs)]);
    return answered;
  };
  const handle = async (
    request: IncomingMessage,
    response: ServerResponse,
    facts: PageFacts,
  ): Promise<void> => {
    const method = request.method ?? 'GET';
    const path = (request.url ?? '').slice(prefix.length);
    if (!openCalls.has(`${method} ${pathOf(path)}`)) throw refuse('not_found');
    await confirmHost(hostName(request.headers));
    if (!hosts.isOpen(hostName(request.headers))) throw refuse('auth.cross_site');
    if (method !== 'GET') refuseCrossSite(request.headers, hosts);
    const body = method === 'GET' ? null : await readBody(request, 'application/json');
    const brandHost = brandHostOf(request.headers, hosts)?.name ?? null;
    const from = { headers: request.headers, remoteAddress: facts.remoteAddress, brandHost };
    const answer = await ask(method, path, body === '' ? '{}' : body, from);
    if (answer.ok && opening.has(pathOf(path)) && opensSession(answer)) await onLogin();
    await pass(answer, response);
  };
  return {
    page: { prefix, handle },
  };
}

/** A password before a second factor is right and opens nothing yet. */
function opensSession(answer: Response): boolean {
  return answer.headers.getSetCookie().some((cookie) => /lettershop_session=[^;]/.test(cookie));
}

function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? '';
}

function headersFor({ headers, remoteAddress }: Caller, origin: string, hasBody: boolean): Headers {
  const made = new Headers({ origin, [addressHeader]: remoteAddress });
  if (hasBody) made.set('content-type', 'application/json');
  if (headers.cookie !== undefined) made.set('cookie', headers.cookie);
  if (headers['user-agent'] !== undefined) made.set('user-agent', headers['user-agent'].slice(0, 500));
  return made;
}

/** The body's text; refuses another type, and what is too large. */
async function readBody(request: IncomingMessage, type: string): Promise<string> {
  const sent = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyMax) throw refuse('request.too_large', { message: 'The body is too large' });
    chunks.push(chunk);
  }
  if (size > 0 && sent !== type)
    throw refuse('request.unsupported_type', { message: `The body must be ${type}` });
  return Buffer.concat(chunks).toString('utf8');
}

/** The session's token is for the cookie alone, which scripts cannot read. */
function withoutToken(text: string): string {
  if (!text.startsWith('{')) return text;
  const { token: _token, session, ...rest } = JSON.parse(text) as Record<string, unknown>;
  if (typeof session !== 'object' || session === null) return JSON.stringify(rest);
  const { token: _inner, ...kept } = session as Record<string, unknown>;
  return JSON.stringify({ ...rest, session: kept });
}

async function pass(answer: Response, response: ServerResponse): Promise<void> {
  response.statusCode = answer.status;
  for (const name of ['content-type', 'location']) {
    const value = answer.headers.get(name);
    if (value !== null) response.setHeader(name, value);
  }
  const retry = answer.headers.get('x-retry-after');
  if (retry !== null) response.setHeader('retry-after', retry);
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  response.setHeader('cache-control', 'no-store');
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'same-origin');
  response.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  response.end(withoutToken(await answer.text()));
}
