/**
 * Monitoring: what others say of our mail and our addresses. Promises: a DMARC report counts once, for the domain that its
 * address was signed for and no other, while that domain is proven, and only its holder reads it; a source address's state on a
 * blocklist changes by an answer of that list only, and each change is one event, whichever node asked. Does not check who
 * sends a report: anyone who reads a domain's DMARC record can, within a bound per day.
 */
export { blocklistNames, planBlocklists, checkBlocklists } from './blocklists.ts';
export type { BlocklistWorld } from './blocklists.ts';
export { monitoringRoutes } from './http.ts';
export { prepareDmarc } from './operations.ts';
export { endOldDmarc } from './work.ts';
