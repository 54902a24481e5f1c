/** DNS: our own stub resolver. Outcomes are values; a failure to learn is not an answer. */
export { DnsClient, parseServers, systemServers } from './client.ts';
export { withDeadline } from './deadline.ts';
export type { DnsOutcome, DnsServer, RecordType } from './client.ts';
