/**
 * Domains: sending domains with their DKIM keys and DNS proofs. Promises: a domain sends only for the subaccount that
 * holds it (or, shared for use, for the account's others) and only while proven; a name is proven by one account of the
 * installation at a time, by a token that no other account has; unproven claims block nobody. Does not check the mail.
 * A domain is unproven, then proven, and lost when its proof is gone from DNS for good.
 */
export { domainRoutes } from './http.ts';
export { checkDue, create, createWithin, makeKeys } from './operations.ts';
export type { Domain, DomainWorld, MadeKey } from './operations.ts';
export { sealContext, SendingDomains } from './sending.ts';
export type { SigningDomain } from './sending.ts';
export type { SendingDomain } from './sql.ts';
