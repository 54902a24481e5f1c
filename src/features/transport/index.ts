/**
 * Transport: what sessions with the mail hosts of a recipient domain must meet (MTA-STS, DANE), and the counts and daily
 * reports of how they met it. Promises: a policy that was once fetched stays in force until it ends, on every node, whatever
 * DNS and its host do; one report per domain and day. Opens no connection to a mail host and judges none that it was not shown.
 */
export { TlsCounters } from './counters.ts';
export { policiesFor } from './policies.ts';
export { sendReports } from './reports.ts';
export type { ReportWorld } from './reports.ts';
export { isBinding, isProvenPeer, judge, policyLabel } from './rules.ts';
export type { Peer } from './rules.ts';
export { StsPolicies } from './sts.ts';
export type { FoundHost, HostTransport, HostTry, JudgedHost } from './model.ts';
