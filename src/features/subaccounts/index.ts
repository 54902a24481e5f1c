/**
 * Subaccounts: the tenants of an account; the account itself sends as its own one. Promises: what a status allows is
 * one table (`rules.ts`) that everything asks at the moment of use; external ids are unique in the account and never
 * change; a foreign subaccount is not found. Does not stop mail: the queue asks the table.
 */
export { subaccountRoutes } from './http.ts';
export { findStopped, stoppedStatus } from './operations.ts';
export { acceptingStatuses, capabilities, leavingStatuses } from './rules.ts';
export type { SubaccountStatus } from './rules.ts';
export { findActingFor } from './sql.ts';
export type { ActingFor, Subaccount } from './sql.ts';
