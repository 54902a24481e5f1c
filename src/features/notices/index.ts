/**
 * Notices: sends what the outbox holds, as mail of the installation's own account. Promises: each exactly once per day of
 * trying (an Idempotency-Key per notice), oldest first; a notice that accept refuses is logged and dropped. Turns events into
 * mail for owners (limits reached, domains lost, steps of reputation): at most one mail per kind and hour, each thing in at most
 * one a day, what happens meanwhile is counted in the next.
 */
export { endOldNews, tellOwners } from './gather.ts';
export { sendNotices } from './work.ts';
export type { NoticeWorld } from './work.ts';
