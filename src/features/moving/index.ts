/**
 * Moving: brings in what another provider's account holds: subaccounts (by external id), domains, templates and snippets,
 * suppressions. Promises: everything is made by the features' own operations, each thing in a transaction of its own
 * (suppressions in batches), so that a cut run is finished by running it again; what is there already is left as it is, and
 * one that differs is told, never overwritten; each thing that is not carried is told with its reason; a dry run does the
 * same and takes it back. Does not read the provider: what it gives is handed in as a stream of `Thing`s.
 */
export { carry } from './operations.ts';
export type { MovingWorld } from './operations.ts';
export type { Counts, Place, Thing, Told } from './model.ts';
