/**
 * Quotas: how many messages may be admitted in an hour, a day, a month (UTC, by the database's clock), for a subaccount and
 * for its account, whose month is one pot for all. Promises: one unit per message that is accepted or let go from a hold,
 * counted in the transaction that does it, so that nodes and kills cannot miscount; months that are over stay for the
 * statement. Does not hold or refuse: `messages` does, by the submission's terms.
 */
export { quotaRoutes } from './http.ts';
export { followReputation, setWithin, tellReached } from './operations.ts';
export { reputation } from './rules.ts';
export type { Standing } from './rules.ts';
export { archiveMonth, capHour, countUnits, lockRoom } from './sql.ts';
