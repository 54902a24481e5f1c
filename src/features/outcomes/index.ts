/**
 * Outcomes: what became of each subaccount's mail, hour by hour, for whoever judges it (standings, reputation, alerts). Promises: exact
 * against the event log from its migration on: a cursor moves in the transaction that counts, on one node at a time; one
 * subaccount's outcomes are in no other's figures. Hours are UTC and kept for forty days. Lags the log by about a second.
 */
export { countOutcomes, endOldOutcomes } from './operations.ts';
export type { Touched } from './operations.ts';
export type { Outcomes } from './model.ts';
export { noOutcomes } from './model.ts';
export { busiestHour, sumAccount, sumOutcomes, sumSince } from './sql.ts';
export type { Span } from './sql.ts';
