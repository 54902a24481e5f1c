/**
 * Delivery: from a leased message to a verdict. Promises: what a remote server answered is in the journal before
 * anything else happens and in the store soon after; a final dot is sent only while the lease surely holds; mail whose
 * outcome nobody can know is in the ledger and follows its terms. Whose turn it is, is `queue`'s.
 */
export { transcriptRoutes } from './http.ts';
export { Bench } from './bench.ts';
export { ContentStore } from './content.ts';
export type { Content } from './content.ts';
export { bounceDomainOf, composeCopy, domainOf, withPoolKeys } from './compose.ts';
export type { SigningKeys } from './compose.ts';
export { leaveLinks, trackCopy } from './track.ts';
export { defaultDeadlines } from './transaction.ts';
export type { Dial } from './transaction.ts';
export { Finisher } from './finisher.ts';
export { Journal } from './journal.ts';
export type { JournalEntry } from './journal.ts';
export { openLane } from './open-lane.ts';
export { reapLostNodes, recoverOwn } from './recovery.ts';
export { makeRouter } from './router.ts';
export type { RouterOptions } from './router.ts';
export { ledgerSummary, markDot } from './sql-ledger.ts';
export { Strays } from './strays.ts';
export { DeliveryWorker } from './worker.ts';
export { endOldTranscripts, Transcripts } from './transcripts.ts';
export { holdSuspended, releaseSuspended } from './suspend.ts';
