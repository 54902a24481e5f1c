/**
 * Domains: sending domains with their DKIM keys and DNS proofs. Promises: a domain sends only for the subaccount that
 * holds it (or, shared for use, for the account's others) and only while proven; a name is proven by one account of the
 * installation at a time, by a token that no other account has; unproven claims block nobody; the most specific proven name
 * counts. Only the account shares, and only what it holds itself. Does not check the mail.
 * A domain is unproven, then proven, and lost when its proof is gone from DNS for good.
 */
export { domainRoutes } from './http.ts';
export { connectJson, ConnectReply, domainClientRoutes } from './http-clients.ts';
export { makeKeys } from './made-keys.ts';
export type { MadeKey } from './made-keys.ts';
export { checkDue, checkSharing, create, createWithin, mayChange } from './operations.ts';
export type { Domain, DomainWorld } from './operations.ts';
export { connectPapers, hasten, offerConnect, readState } from './connect.ts';
export type { ConnectOffer, ConnectWorld } from './connect.ts';
export { findBounceHosts } from './sql-bounces.ts';
export { findDmarc } from './dmarc.ts';
export { confirmProofLink, readProofLink } from './mail-proof.ts';
export { txtOf } from './proof.ts';
export type { Resolve } from './proof.ts';
export { sealContext, SendingDomains } from './sending.ts';
export type { SigningDomain } from './sending.ts';
export { findDomain, installationKeys } from './sql.ts';
export type { SendingDomain } from './model.ts';
export type { DomainRow, ShareLevel } from './sql.ts';
