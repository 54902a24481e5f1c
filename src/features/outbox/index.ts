/**
 * Outbox: our own mail to people (invitations, confirmations, warnings), written down in the transaction that wants it, so
 * that it leaves if and only if the change is there. Promises: kept until `notices` has handed it to accept, once.
 * Does not send; how often is limited only for mail to addresses of a tenant's choosing (`addAsked`).
 */
export { add, addAsked, bookAsked, endOldAsked } from './operations.ts';
export { removeNotice, waitingNotices } from './sql.ts';
export type { Notice, NoticeContent } from './model.ts';
