/**
 * Notices: sends what the outbox holds, as mail of the installation's own account. Promises: each exactly once per day of
 * trying (an Idempotency-Key per notice), oldest first; a notice that accept refuses is logged and dropped.
 */
export { sendNotices } from './work.ts';
export type { NoticeWorld } from './work.ts';
