/**
 * Suspensions: mail to a site or domain, from a pool, or with a tag must not leave for a while. Promises: a row with who set
 * it and until when; effective on every node within two seconds; each authority lifts only its own; a subaccount sees the ones
 * of its account only as the reason why its mail waits. Does not touch mail: `delivery` holds what comes by, and lets it go.
 * (A whole subaccount is stopped by its status.)
 */
export { suspensionRoutes } from './http.ts';
export { add, list, remove } from './operations.ts';
export type { SuspensionWorld } from './operations.ts';
export { covers, holdUntil, suspensionKinds } from './rules.ts';
export type { Suspension } from './rules.ts';
export { Suspensions } from './snapshot.ts';
export { activeFor, activeIds } from './sql.ts';
