/**
 * Pools: named sets of source addresses of an account. Promises: a subaccount's default pool binds it, naming another is
 * refused; a pool that the account does not have is refused. Which address a copy leaves from is decided at the attempt.
 */
export { poolRoutes } from './http.ts';
export { checkPool, poolFor } from './operations.ts';
export type { Pool } from './sql.ts';
