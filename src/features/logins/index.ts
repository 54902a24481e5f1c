/**
 * Logins: who somebody is, whatever accounts they work for. better-auth under our tables: password (Argon2id), second
 * factor (TOTP, backup codes), passkeys, OIDC, one-time links, reset by mail. Promises: a session, a passkey and a login that
 * has begun are of one host, the installation's or a brand's, and worth nothing at another; session tokens, backup codes and
 * links are stored as hashes; a session ends after twelve hours, at logout, when it is ended, or with a new password; no
 * answer tells whether an address has a login. What a person may do, `users` and `access` decide.
 */
export { addressHeader, makeAuth } from './auth.ts';
export type { Auth, LoginMail } from './auth.ts';
export { loginRoutes } from './http.ts';
export { atHost } from './link-host.ts';
export type { LinkHost } from './link-host.ts';
export { textOf } from './link.ts';
export { oidcPlugin } from './oidc.ts';
export { OidcProvider } from './oidc-provider.ts';
export { endOldLogins, makeLoginLink, openSession, remember, sessionOf } from './operations.ts';
export { placeAt, relyingParty } from './place.ts';
export type { LoginPlace } from './place.ts';
export { hashPassword, passwordLengthMax, passwordLengthMin } from './password.ts';
export {
  deleteLogin,
  findLoginByEmail,
  findLogins,
  nameOldPasskeys,
  upsertLogin,
  upsertPassword,
} from './sql.ts';
export type { Login, Session } from './sql.ts';
