/**
 * Logs: requests at the API and SMTP doors, of accounts that switched them on. Promises: nothing is slowed or failed by
 * it (what does not fit the queue is dropped and counted); a row is written after its reply, in batches; secrets,
 * credentials and the contents of attachments are masked before anything is stored; a subaccount sees its own requests
 * only, and not what its account did on the account's own behalf. Rows end after seven days.
 */
export { logRoutes } from './http.ts';
export type { SeenLogin, SeenRequest, SeenSubmission } from './model.ts';
export { RequestLog } from './request-log.ts';
export { endOldLogs } from './work.ts';
