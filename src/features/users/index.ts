/**
 * Users: people with a login, as far as the first login needs them: one-time links and sessions, both stored as hashes.
 * Promises: a link works once and for a day; a session ends after twelve hours or at logout.
 */
export { addOwner, endSession, findOwner, makeLoginLink, redeemLink, sessionUser } from './operations.ts';
export type { SessionUser } from './sql.ts';
