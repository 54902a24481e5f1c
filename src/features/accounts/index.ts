/**
 * Accounts: the primary account, which owns subaccounts, plan and people. Promises: an account always has its own
 * subaccount, made in the same transaction. Only the operator makes accounts.
 */
export { accountRoutes } from './http.ts';
export {
  accountOf,
  allAccounts,
  createAccount,
  get,
  setTrial,
  setTurnWeight,
  stopAccount,
  systemAccount,
} from './operations.ts';
export { feedbackAccounts } from './sql.ts';
export type { Account } from './sql.ts';
