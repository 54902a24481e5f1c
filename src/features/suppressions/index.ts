/**
 * Suppressions: addresses that must not be written to, per subaccount, and per account for all of its subaccounts.
 * Promises: asked at accept and again when a message is claimed for a later attempt; hard bounces enter by themselves,
 * in the subaccount that sent. Of an erased person only a keyed hash is kept, and asked for. Does not check addresses' form.
 */
export { eraseAddress, erasedForms } from './erase.ts';
export { removeListOf } from './sql-erase.ts';
export { suppressionRoutes } from './http.ts';
export { findSuppressed } from './sql.ts';
export type { Asked, SuppressionLayer } from './sql.ts';
