/**
 * Subaccounts: the tenants of an account; the account itself sends as its own one. Promises: what stage and stops allow
 * is one table (`rules.ts`) that everything asks at the moment of use; each authority lifts only its own stop; external
 * ids are unique in the account and never change; a foreign subaccount is not found. Does not stop mail: the queue asks.
 * Stages: active -> pending_retirement -> retired -> (30 days) purged; or deleted, which leaves a tombstone.
 */
export { subaccountRoutes } from './http.ts';
export type { SubaccountRoutesWorld } from './http.ts';
export {
  change,
  changeWithin,
  createWithin,
  find,
  get,
  holdBySystem,
  mailStop,
  retireWhatIsDue,
  stoppedSubaccounts,
  unretire,
} from './operations.ts';
export type { SubaccountWorld } from './operations.ts';
export { profileProblem } from './profile.ts';
export { capabilities, settableStatuses, subaccountStatuses } from './rules.ts';
export type { SettableStatus, SubaccountStatus, Switches } from './rules.ts';
export { duePurges, findActingFor, findPresent, findSubaccountIds, markPurged, switchesOf } from './sql.ts';
export type { ActingFor, MailStop, Subaccount } from './sql.ts';
