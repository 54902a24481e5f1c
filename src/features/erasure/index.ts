/**
 * Erasure: takes everything of a subaccount away when its 30 days are over. Promises: by the catalog, so that a new table
 * cannot be forgotten; in short transactions; goes on where a kill stopped it; what stays is a number without a name and
 * its months of usage. Its mail was dropped before.
 */
export { purgeWhatIsDue } from './operations.ts';
