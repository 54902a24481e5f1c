/**
 * better-auth with our tables, names and rules (docs/decisions/logins.md). It is made for each place where people log in, once
 * its public address is known; which of its paths anyone may call, `src/http/login-door.ts` says.
 */
import { betterAuth } from 'better-auth';
import type { BetterAuthOptions, BetterAuthPlugin } from 'better-auth';
import { twoFactor } from 'better-auth/plugins/two-factor';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { hashPassword, passwordLengthMax, passwordLengthMin, verifyPassword } from './password.ts';
import { afterEach, beforeEach } from './guards.ts';
import { sessionLifeMs } from './operations.ts';
import type { LinkHost } from './link-host.ts';
import { linkPlugin, passwordPlugin } from './link.ts';
import { passkeyListPlugin, passkeys } from './passkeys.ts';
import type { PasskeyWorld } from './passkeys.ts';
import { proofStorage } from './place.ts';
import { resetMail } from './reset-mail.ts';
import { hashBackupCodes } from './second-factor.ts';
import { loginStore } from './store.ts';

/** A mail to a person, of the installation itself. */
export type LoginMail = (mail: {
  readonly to: string;
  readonly subject: string;
  readonly paragraphs: readonly string[];
  readonly action: { readonly label: string; readonly url: string };
  /** Whose name it bears; the installation's when left out. */
  readonly fromName?: string;
}) => Promise<void>;

export type AuthWorld = PasskeyWorld & {
  readonly clock: Clock;
  readonly log: Log;
  /** How the outside reaches us, without a path; links are made of it, never of what a request says. */
  readonly publicUrl: string;
  /** Signs cookies and seals second factors. */
  readonly secret: string;
  readonly mail: LoginMail;
  /** Where a link for this person may lead that was asked for at a host; null: to the installation. */
  readonly linkHost: (host: string, userId: string) => Promise<LinkHost | null>;
  /** What other features answer under /api/auth. */
  readonly plugins: readonly BetterAuthPlugin[];
};

export type Auth = { readonly handler: (request: Request) => Promise<Response> };

/** The address that better-auth counts by; the door sets it, whatever the caller sent. */
export const addressHeader = 'x-lettershop-remote-address';
const name = 'Lettershop';

export function makeAuth(world: AuthWorld): Auth {
  const { db, publicUrl, secret, place } = world;
  const { origin, protocol } = new URL(publicUrl);
  const options = {
    appName: name,
    baseURL: origin,
    basePath: '/api/auth',
    secret,
    trustedOrigins: [origin],
    database: loginStore(db.engine, place),
    ...tables,
    verification: { ...tables.verification, storeIdentifier: proofStorage(place) },
    rateLimit: rates,
    emailAndPassword: passwords(world),
    advanced: cookies(protocol === 'https:'),
    hooks: { before: beforeEach(world), after: afterEach(world) },
    logger: quietLog(world.log),
    telemetry: { enabled: false },
    plugins: [
      secondFactor(),
      passkeys(world),
      passkeyListPlugin(world),
      linkPlugin(world),
      passwordPlugin(world),
      ...world.plugins,
    ],
  } satisfies BetterAuthOptions;
  return betterAuth(options);
}

const dates = { createdAt: 'created_at', updatedAt: 'updated_at' } as const;

const tables = {
  user: { modelName: 'users', fields: { emailVerified: 'is_email_verified', ...dates } },
  session: {
    modelName: 'sessions',
    fields: {
      userId: 'user_id',
      token: 'token_hash',
      expiresAt: 'expires_at',
      ipAddress: 'remote_address',
      userAgent: 'user_agent',
      ...dates,
    },
    expiresIn: sessionLifeMs / 1000,
    additionalFields: { host: { type: 'string', required: false, input: false, returned: false } },
    disableSessionRefresh: true,
    // What changes how one logs in wants a login of the last hour.
    freshAge: 3600,
  },
  account: {
    modelName: 'login_methods',
    fields: {
      userId: 'user_id',
      providerId: 'provider',
      accountId: 'subject',
      password: 'password_hash',
      ...dates,
    },
    // Nothing is linked but by what we have checked ourselves (oidc.ts).
    accountLinking: { enabled: false },
  },
  verification: {
    modelName: 'login_proofs',
    fields: { expiresAt: 'expires_at', ...dates },
  },
} as const;

/** Per address and path, in PostgreSQL, so that nodes count together; per login see guards.ts. Windows in seconds. */
const rates = {
  enabled: true,
  storage: 'database',
  modelName: 'login_rates',
  fields: { lastRequest: 'last_request' },
  window: 60,
  max: 120,
  customRules: {
    '/sign-in/email': { window: 60, max: 30 },
    '/change-password': { window: 60, max: 10 },
    '/request-password-reset': { window: 900, max: 20 },
    '/reset-password': { window: 900, max: 20 },
    '/two-factor/*': { window: 60, max: 30 },
    '/login-link': { window: 60, max: 30 },
    '/invitation/*': { window: 60, max: 60 },
  },
} as const;

function passwords(world: AuthWorld) {
  return {
    enabled: true,
    disableSignUp: true,
    minPasswordLength: passwordLengthMin,
    maxPasswordLength: passwordLengthMax,
    password: { hash: hashPassword, verify: verifyPassword },
    // Contract smtp-and-standards 10.2: at most half an hour, used once.
    resetPasswordTokenExpiresIn: 1800,
    revokeSessionsOnPasswordReset: true,
    sendResetPassword: ({ user, token }: { user: { id: string; email: string }; token: string }) =>
      resetMail(world, user, token),
  };
}

/** `__Host-` where TLS allows it: no other subdomain can have planted such a cookie. */
function cookies(isSecure: boolean): NonNullable<BetterAuthOptions['advanced']> {
  const prefix = isSecure ? '__Host-' : '';
  return {
    ipAddress: { ipAddressHeaders: [addressHeader] },
    useSecureCookies: false,
    cookiePrefix: `${prefix}lettershop`,
    cookies: { session_token: { name: `${prefix}lettershop_session` } },
    defaultCookieAttributes: { secure: isSecure, httpOnly: true, sameSite: 'lax', path: '/' },
    database: { generateId: false },
  };
}

const secondFactor = () =>
  twoFactor({
    issuer: name,
    backupCodeOptions: { amount: 10, storeBackupCodes: hashBackupCodes },
    schema: {
      user: { fields: { twoFactorEnabled: 'has_second_factor' } },
      twoFactor: {
        modelName: 'second_factors',
        fields: {
          userId: 'user_id',
          backupCodes: 'backup_codes',
          verified: 'is_verified',
          failedVerificationCount: 'failures',
          lockedUntil: 'locked_until',
        },
      },
    },
  });

/** Its texts may hold addresses: only that something failed is told. */
function quietLog(log: Log) {
  return {
    log: (level: string, message: string) => {
      if (level === 'error') log.warn({ login: message.slice(0, 200) }, 'a login call failed');
    },
  } as const;
}
