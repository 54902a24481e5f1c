/**
 * Bundles: a subaccount as lines of JSON, to be taken to another account or installation. Promises: every tenant table is
 * either in it or named with the reason why not (`tables.ts`, checked against the catalog); secrets travel only when asked
 * for, sealed under the caller's passphrase; an import is there whole or not at all, gets new ids, and writes into its own new
 * subaccount only, whatever the bundle says; what is wrong is named by line and field. Read page by page, not as one
 * snapshot. Domains are unproven where they arrive; mail, events, figures and people do not move.
 */
export { exportBundle } from './export.ts';
export type { ExportOptions } from './export.ts';
export { bundleRoutes } from './http.ts';
export { importBundle } from './import.ts';
export type { BundleWorld, ImportReport } from './model.ts';
