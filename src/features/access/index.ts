/**
 * Access: from a credential to a Scope, the only maker of one. Promises: a revoked, expired or foreign credential fails
 * like one that never was, within a second of its change; an account's key acts for a subaccount only when the call says
 * so; a subaccount's key is fixed whatever the call says; foreign subaccounts are not found; an embed can do nothing that who
 * made it cannot at that moment.
 */
export { makeAccess } from './access.ts';
export type { Access } from './access.ts';
export type { Credential, SmtpIdentity, Some } from './model.ts';
export { dialectOf } from './rules.ts';
export type { SmtpDialect } from './rules.ts';
export { Throttle } from './throttle.ts';
