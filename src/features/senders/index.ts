/**
 * Senders: single addresses, each proven by a mail to it. Promises: only after somebody there has agreed, and only while the
 * sending domain that it hangs on may be used, its own subaccount sends From exactly this address, signed by that domain
 * (or by the installation's, when it hangs on none); never where anybody in the installation has proven the address's own
 * domain (docs/decisions/senders.md). Warns of strict DMARC policies, never in storms. Does not change what mail says.
 */
export { senderRoutes } from './http.ts';
export { confirmLink, get, readLink, removeOfDomain } from './operations.ts';
export type { LinkState, SenderWorld } from './operations.ts';
export { ProvenSenders } from './proven.ts';
export type { ProvenSender } from './sql-policy.ts';
export { watchPolicies } from './work.ts';
