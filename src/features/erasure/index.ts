/**
 * Erasure: takes everything of a subaccount away when its 30 days are over, and one person's address out of everything of
 * an account or a subaccount. Promises: by the catalog, so that a new table or column cannot be forgotten; in short
 * transactions; goes on where a kill stopped it; what is written a moment late (logs, transcripts) is looked for once more.
 * Of a subaccount a number without a name and its months of usage stay (its mail was dropped before); of a person a keyed
 * hash, so that nobody writes to them again, and what was counted. Does not look into what is encoded, nor into free text
 * that only mentions the person in mail to others.
 * An erasure waits, runs, and is done; then its address is gone as well.
 */
export { erasureRoutes } from './http.ts';
export type { ErasureWorld } from './operations.ts';
export { purgeWhatIsDue } from './purge.ts';
export { endOldErasures, eraseWhatIsAsked } from './work.ts';
