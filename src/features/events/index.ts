/**
 * Events: the append-only log of facts. Promises: an event is in the same transaction as the change it tells of;
 * numbers rise in the order of commits, so that reading on from a number misses nothing. Does not check that a fact is
 * true, nor who may know it: reading goes through a Scope's row security.
 * Hot statements (accept, complete) append with the same lock inside their own SQL: `numberLock`.
 */
export { siteRegion } from './sql-region.ts';
export { eventKinds } from './kinds.ts';
export type { EventKind } from './kinds.ts';
export type { DetailedEvent, NewEvent, StoredEvent } from './model.ts';
export { append, bySeqs, newestSeq, numberLock, timeline, timelines } from './sql.ts';
export { eventRoutes } from './http.ts';
export { spanOf } from './sql-terms.ts';
export { endOldSpans, Poster } from './postings.ts';
export { Counts } from './counts.ts';
export { Tails } from './tails.ts';
