/**
 * Pools: named sets of source addresses of an account. Promises: a subaccount's default pool binds it, naming another is
 * refused; a pool that the account does not have is refused. Which address a copy leaves from is decided at the attempt: one of
 * its pool's on this node, by its warm-up plan; a pool without addresses leaves from the system's own.
 */
export { poolRoutes } from './http.ts';
export { checkPool, poolFor } from './operations.ts';
export type { Pool } from './sql.ts';
export { addAddress, addresses, poolOutlook, removeAddress } from './addresses.ts';
export { Sources } from './sources.ts';
export type { SourceChoice } from './sources.ts';
export type { SourceAddress } from './sql-addresses.ts';
