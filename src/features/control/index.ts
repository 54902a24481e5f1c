/**
 * Control: what waits, why, and what to do about it. Promises: every waiting message has a reason with its owner and, where it
 * can be known, its moment; filters answer in bounded time whatever waits; bulk actions go in short transactions, are told by
 * events and kept by the audit; nobody sees, counts or moves another's mail.
 */
export { controlRoutes } from './http.ts';
export { act, actions, waiting } from './operations.ts';
export type { Action, Asked } from './operations.ts';
export { dropOldActions } from './sql.ts';
export { circumstances } from './why.ts';
export type { ControlWorld } from './why.ts';
export { reasonCodes, reasonsFor } from './rules.ts';
export type { ReasonCode } from './rules.ts';
