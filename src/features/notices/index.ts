/**
 * Notices: sends what the outbox holds, as mail of the installation's own account. Promises: each exactly once per day of
 * trying (an Idempotency-Key per notice), oldest first; a notice that accept refuses is logged and dropped. Turns events into
 * mail for people (limits reached, domains lost, steps of reputation, stricter policies of senders, webhooks that fail): an account's owners hear of
 * all of it, a subaccount's own people of that subaccount alone, as far as they may read there. For each person at most one mail
 * per kind and hour, each thing in at most one a day; what happens meanwhile is counted in the next, what is not true any
 * more before it was told is left out.
 */
export { endOldNews, tellPeople } from './gather.ts';
export { sendNotices } from './work.ts';
export type { NoticeWorld } from './work.ts';
