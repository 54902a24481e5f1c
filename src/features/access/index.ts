/**
 * Access: from a credential to a Scope, the only maker of one. Promises: a revoked, expired or foreign credential fails
 * like one that never was, within a second of its change; an account's key acts for a subaccount only when the call says
 * so; a subaccount's key is fixed whatever the call says; foreign subaccounts are not found.
 */
export { makeAccess } from './access.ts';
export type { Access, Credential, SmtpIdentity } from './access.ts';
export { dialectOf } from './rules.ts';
export type { SmtpDialect } from './rules.ts';
