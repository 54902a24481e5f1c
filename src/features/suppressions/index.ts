/**
 * Suppressions: addresses that must not be written to, per subaccount, and per account for all of its subaccounts.
 * Promises: asked at accept and again when a message is claimed for a later attempt; hard bounces enter by themselves,
 * in the subaccount that sent. Does not check addresses' form.
 */
export { suppressionRoutes } from './http.ts';
export { findSuppressed } from './sql.ts';
export type { Asked, SuppressionLayer } from './sql.ts';
export { suppressAutomatically } from './sql-automatic.ts';
export type { AutomaticKind } from './sql-automatic.ts';
