/**
 * Inbound: mail that comes back to us. Promises: only what we signed says whose a report is, so that nobody reaches another
 * tenant's message by naming it; a report is stored with its state, suppression and events before it is answered for; the
 * same report twice changes nothing; what cannot be read is kept for the operator, within bounds. Suppresses on hard
 * bounces, complaints and opt-outs only, in the subaccount that sent. Does not check who delivers a report.
 */
export type { Arrival, Mailbox } from './model.ts';
export { receive } from './operations.ts';
export type { InboundWorld, Received } from './operations.ts';
export { mailboxOf } from './rules.ts';
export { findUnread, listUnread } from './sql.ts';
export { endOldReports } from './work.ts';
