/** better-auth for this installation: its secret, its mails, its public address. */
import { randomBytes } from 'node:crypto';
import { makeAddressFilter } from '../base/address-filter.ts';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import type { Database } from '../base/database/database.ts';
import { makeGuardedRequest } from '../base/guarded-request.ts';
import type { Log } from '../base/log.ts';
import type { Scope } from '../base/scope.ts';
import type { Keyring } from '../base/seal.ts';
import type { BrandHosts } from '../features/brands/index.ts';
import {
  makeAuth,
  nameOldPasskeys,
  oidcPlugin,
  OidcProvider,
  placeAt,
  relyingParty,
} from '../features/logins/index.ts';
import type { Auth, LinkHost, LoginMail, LoginPlace } from '../features/logins/index.ts';
import { add as addMail } from '../features/outbox/index.ts';
import { invitationPlugin } from '../features/users/index.ts';
import { knownSecret, recordSecret } from './sql.ts';

export type LoginsWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly ring: Keyring;
  readonly config: Config;
  /** Of the installation's own account, which mails what belongs to no other. */
  readonly systemScope: Scope;
  readonly publicUrl: () => string;
  readonly linkHost: (host: string, userId: string) => Promise<LinkHost | null>;
  readonly belongs: (host: string, userId: string) => Promise<boolean>;
  readonly hosts: Pick<BrandHosts, 'holderOf'>;
};

export type Logins = {
  /** Of a brand's host, in lower case; null: of the installation's own. Made when it is first asked for. */
  readonly at: (brandHost: string | null) => Auth;
  /** Whether people log in there by an OpenID provider. */
  readonly hasProvider: (brandHost: string | null) => boolean;
};

/** One takes 140 KB, and 20 ms to be made: the hosts that are asked for most are kept. */
const keptMax = 200;

export async function openLogins(world: LoginsWorld): Promise<Logins> {
  const { db, publicUrl, hosts } = world;
  const secret = await loginSecret(db, world.ring);
  await nameOldPasskeys(db.engine, relyingParty(placeAt(publicUrl(), null)));
  const provider = providerOf(world);
  const hasProvider = (host: string | null): boolean => provider !== null && isOffered(world, host);
  const made = new Map<string, { readonly place: LoginPlace; readonly auth: Auth }>();
  const at = (host: string | null): Auth => {
    const name = host === null ? null : (hosts.holderOf(host)?.brandName ?? host);
    const place = placeAt(publicUrl(), host === null || name === null ? null : { host, name });
    const known = made.get(host ?? '');
    made.delete(host ?? '');
    if (known?.place.url === place.url && known.place.name === place.name) {
      made.set(host ?? '', known);
      return known.auth;
    }
    const oidc = provider === null ? [] : [oidcAt(world, provider, place)];
    const auth = authAt(world, place, secret, oidc);
    const [longestUnasked] = made.keys();
    if (made.size >= keptMax && longestUnasked !== undefined) made.delete(longestUnasked);
    made.set(host ?? '', { place, auth });
    return auth;
  };
  return { at, hasProvider };
}

type Plugin = ReturnType<typeof oidcPlugin>;

function authAt(world: LoginsWorld, place: LoginPlace, secret: string, more: readonly Plugin[]): Auth {
  const { db, clock, log, linkHost, belongs } = world;
  const plugins = [invitationPlugin({ db, clock }), ...more];
  const publicUrl = world.publicUrl();
  return makeAuth({
    db,
    clock,
    log,
    publicUrl,
    place,
    secret,
    mail: mailer(world),
    linkHost,
    belongs,
    plugins,
  });
}

type Provider = { readonly issuer: string; readonly client: OidcProvider };

function providerOf({ config }: LoginsWorld): Provider | null {
  const { LETTERSHOP_OIDC_ISSUER: issuer, LETTERSHOP_OIDC_CLIENT_ID: clientId } = config;
  const clientSecret = config.LETTERSHOP_OIDC_CLIENT_SECRET;
  if (issuer === null || clientId === null || clientSecret === null) return null;
  const request = makeGuardedRequest(makeAddressFilter({ allow: config.LETTERSHOP_NET_ALLOW }));
  return { issuer, client: new OidcProvider({ issuer, clientId, clientSecret }, request) };
}

function oidcAt(world: LoginsWorld, { issuer, client }: Provider, place: LoginPlace): Plugin {
  const { log, belongs } = world;
  return oidcPlugin({
    provider: client,
    issuer,
    place,
    isOffered: () => isOffered(world, place.host),
    belongs,
    log,
  });
}

/** A brand's host must be known to the provider, which the operator says, and its tenant not suspended. */
function isOffered({ config, hosts }: LoginsWorld, host: string | null): boolean {
  if (host === null) return true;
  const named = config.LETTERSHOP_OIDC_HOSTS.map((each) => each.toLowerCase());
  return hosts.holderOf(host) !== null && (named.includes('*') || named.includes(host));
}

const secretName = 'login_secret';

/**
 * Signs cookies and seals second factors. Sealed with the master key and not derived from it: with a new master key people
 * stay logged in and keep their second factors.
 */
async function loginSecret(db: Database, ring: Keyring): Promise<string> {
  const seal = (secret: Buffer): string => ring.seal(secret, secretName).toString('base64');
  const sealed = await knownSecret(db.engine, secretName, seal(randomBytes(32)));
  const secret = ring.open(Buffer.from(sealed, 'base64'), secretName);
  // Under the newest key from now on, so that older ones may go.
  await recordSecret(db.engine, secretName, seal(secret));
  return secret.toString('base64url');
}

function mailer({ db, clock, systemScope }: LoginsWorld): LoginMail {
  return ({ to, subject, ...content }) =>
    db.asEngine((tx) => addMail(tx, systemScope, { to, subject, content }, new Date(clock.now())));
}
