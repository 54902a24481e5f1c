/**
 * Alerts: an account or a subaccount is told when its own figures, domains or webhooks cross a line, by mail, by a signed
 * request or in Slack's format. Promises: judged once a minute, by one node at a time; fires and clears at different
 * values; tells at most once within its quiet time, and then how it stands now, so that there is never a storm; each change
 * of state is kept. Mail goes only to people of the account and to proven senders; requests only where webhooks may go. A
 * subaccount's alert sees nothing of others, and an alert of the account is not seen by any subaccount.
 */
export { alertRoutes } from './http.ts';
export type { AlertWorld } from './operations.ts';
export { endOldFirings, judgeAlerts, tellFirings } from './work.ts';
export type { TellWorld } from './work.ts';
