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
import type { Auth, LoginMail } from '../features/logins/index.ts';
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
};

export type Logins = {
  readonly auth: () => Auth;
  /** How the outside reaches us, without a slash at its end; known once the doors are open. */
  readonly publicUrl: () => string;
  /** Tells the port, as soon as it is known. */
  readonly onPort: (port: number) => void;
};

/** better-auth is made when it is first asked for: only then the port is known. */
export async function openLogins(world: LoginsWorld): Promise<Logins> {
  const { config, db, clock, log } = world;
  const secret = await loginSecret(db, world.ring);
  let port = config.LETTERSHOP_HTTP_PORT;
  let made: { readonly url: string; readonly auth: Auth } | null = null;
  const publicUrl = (): string =>
    config.LETTERSHOP_PUBLIC_URL?.replace(/\/+$/, '') ?? `http://localhost:${port}`;
  const auth = (): Auth => {
    const url = publicUrl();
    if (made?.url === url) return made.auth;
    const plugins = [invitationPlugin({ db, clock }), ...oidcPlugins(world, url)];
    const options = { db, clock, log, publicUrl: url, secret, mail: mailer(world), plugins };
    made = { url, auth: makeAuth(options) };
    return made.auth;
  };
  const onPort = (known: number): void => {
    port = known;
  };
  return { auth, publicUrl, onPort };
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
  return ({ to, subject, paragraphs, action }) =>
    db.asEngine((tx) =>
      addMail(tx, systemScope, { to, subject, content: { paragraphs, action } }, new Date(clock.now())),
    );
}
