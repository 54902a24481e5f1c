/**
 * Keys: API keys and SMTP users. Promises: only a hash of the secret is stored, it is shown once; nobody hands out
 * grants, reach or subaccounts beyond their own. Whether a key may be used now, `access` decides.
 */
export { keyRoutes } from './http.ts';
export { create } from './operations.ts';
export type { MadeKey } from './operations.ts';
export { fullGrants, isGrant } from './rules.ts';
export { findLoginKey, recordUses } from './sql.ts';
export type { LoginKey } from './sql.ts';
