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
import { makeAuth, oidcPlugin, OidcProvider } from '../features/logins/index.ts';
import type { Auth, LinkHost, LoginMail } from '../features/logins/index.ts';
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
};

/** Made when it is first asked for: only then the port is known. */
export type Logins = () => Auth;

export async function openLogins(world: LoginsWorld): Promise<Logins> {
  const { db, clock, log } = world;
  const secret = await loginSecret(db, world.ring);
  let made: { readonly url: string; readonly auth: Auth } | null = null;
  return () => {
    const url = world.publicUrl();
    if (made?.url === url) return made.auth;
    const plugins = [invitationPlugin({ db, clock }), ...oidcPlugins(world, url)];
    const { linkHost } = world;
    const options = { db, clock, log, publicUrl: url, secret, mail: mailer(world), linkHost, plugins };
    made = { url, auth: makeAuth(options) };
    return made.auth;
  };
}

function oidcPlugins({ config, log }: LoginsWorld, publicUrl: string): ReturnType<typeof oidcPlugin>[] {
  const { LETTERSHOP_OIDC_ISSUER: issuer, LETTERSHOP_OIDC_CLIENT_ID: clientId } = config;
  const clientSecret = config.LETTERSHOP_OIDC_CLIENT_SECRET;
  if (issuer === null || clientId === null || clientSecret === null) return [];
  const request = makeGuardedRequest(makeAddressFilter({ allow: config.LETTERSHOP_NET_ALLOW }));
  const provider = new OidcProvider({ issuer, clientId, clientSecret }, request);
  return [oidcPlugin({ provider, issuer, publicUrl, log })];
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
