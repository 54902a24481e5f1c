/**
 * Log in by an OpenID provider that the settings name. It opens logins that are there already: by the subject that was
 * linked, else by an address that the provider has verified, which links it. It makes no login and no membership. A login that
 * began at a place ends there: the address that the provider sends back to is of the place, and so is what is kept meanwhile.
 */
import { createHash } from 'node:crypto';
import type { AuthContext, BetterAuthPlugin } from 'better-auth';
import { createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import { makeToken } from '../../base/secrets.ts';
import { OidcFault } from './oidc-provider.ts';
import type { Identity, OidcProvider } from './oidc-provider.ts';
import type { LoginPlace } from './place.ts';

type OidcWorld = {
  readonly provider: OidcProvider;
  readonly issuer: string;
  readonly place: LoginPlace;
  /** Whether the operator has told the provider of this place, and its tenant is not suspended. */
  readonly isOffered: () => boolean;
  /** Whether somebody has anything to do with the holder of a brand's host. */
  readonly belongs: (host: string, userId: string) => Promise<boolean>;
  readonly log: Log;
};

type Kept = { readonly nonce: string; readonly verifier: string };
const lifeSeconds = 600;
/** `GET /oidc/start` and `GET /oidc/callback`, both for browsers: they end in a page, whatever happens. */
export function oidcPlugin(world: OidcWorld): BetterAuthPlugin {
  const redirectUri = `${world.place.url}/api/auth/oidc/callback`;
  return {
    id: 'oidc',
    endpoints: { oidcStart: start(world, redirectUri), oidcCallback: callback(world, redirectUri) },
  };
}

/** A page of ours, below the path that a proxy puts before it. */
function pageOf({ place }: OidcWorld, path: string): string {
  return new URL(place.url).pathname.replace(/\/+$/, '') + path;
}

function start(world: OidcWorld, redirectUri: string) {
  const { provider, log } = world;
  return createAuthEndpoint('/oidc/start', { method: 'GET' }, async (ctx) => {
    if (!world.isOffered()) throw ctx.redirect(pageOf(world, '/login/refused'));
    const [state, nonce, verifier] = [makeToken(), makeToken(), makeToken()];
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const url = await provider
      .authorizationUrl({ redirectUri, state, nonce, challenge })
      .catch((error: unknown) => fault(log, error));
    if (url === null) throw ctx.redirect(pageOf(world, '/login/refused'));
    await ctx.context.internalAdapter.createVerificationValue({
      identifier: identifierOf(state),
      value: JSON.stringify({ nonce, verifier } satisfies Kept),
      expiresAt: new Date(Date.now() + lifeSeconds * 1000),
    });
    // Whoever started is who comes back: a stranger's answer logs nobody in as the stranger.
    const cookie = ctx.context.createAuthCookie('oidc', { maxAge: lifeSeconds });
    await ctx.setSignedCookie(cookie.name, state, ctx.context.secret, cookie.attributes);
    throw ctx.redirect(url);
  });
}

function callback(world: OidcWorld, redirectUri: string) {
  const { provider, log } = world;
  return createAuthEndpoint('/oidc/callback', { method: 'GET' }, async (ctx) => {
    const query = ctx.query as Record<string, unknown> | undefined;
    const [code, state] = [query?.['code'], query?.['state']];
    const cookie = ctx.context.createAuthCookie('oidc');
    const started = await ctx.getSignedCookie(cookie.name, ctx.context.secret);
    const { internalAdapter } = ctx.context;
    const isAnswer = typeof code === 'string' && typeof state === 'string' && started === state;
    if (!isAnswer || !world.isOffered()) throw ctx.redirect(pageOf(world, '/login/refused'));
    const kept = await internalAdapter.consumeVerificationValue(identifierOf(state));
    if (kept === null) throw ctx.redirect(pageOf(world, '/login/refused'));
    const { nonce, verifier } = JSON.parse(kept.value) as Kept;
    const identity = await provider
      .identify({ code, redirectUri, verifier, nonce })
      .catch((error: unknown) => fault(log, error));
    const user = identity === null ? null : await loginOf(world, internalAdapter, identity);
    if (user === null) throw ctx.redirect(pageOf(world, '/login/refused'));
    const session = await internalAdapter.createSession(user.id);
    await setSessionCookie(ctx, { session, user });
    throw ctx.redirect(pageOf(world, '/'));
  });
}

type Adapter = AuthContext['internalAdapter'];

async function loginOf(
  { issuer, place, belongs }: OidcWorld,
  adapter: Adapter,
  { subject, email, isEmailVerified }: Identity,
) {
  const key = { providerId: 'oidc', accountId: `${issuer} ${subject}` };
  const mayEnter = async (userId: string): Promise<boolean> =>
    place.host === null || (await belongs(place.host, userId));
  const linked = await adapter.findAccountByKey(key);
  if (linked !== null) return (await mayEnter(linked.userId)) ? adapter.findUserById(linked.userId) : null;
  if (!isEmailVerified || email === '') return null;
  const found = await adapter.findUserByEmail(email);
  if (found === null || !(await mayEnter(found.user.id))) return null;
  await adapter.createAccount({ ...key, userId: found.user.id });
  return found.user;
}

function identifierOf(state: string): string {
  return `oidc ${state}`;
}

/** A refusal of the provider is no bug of ours; the operator reads why, the browser does not. */
function fault(log: Log, error: unknown): null {
  if (!(error instanceof OidcFault)) throw error;
  log.warn({ error: errorText(error) }, 'a login by the OpenID provider failed');
  return null;
}
