/**
 * Exports: lists and mail as a file, for whoever has its link. Promises: the file holds what the asker reached and no more,
 * however large it is and in bounded memory; it is made anew each time its link is followed, so that what was erased or purged
 * meanwhile is in no file of ours; links end after some days, with their export or when their tenant may read no more.
 * Nothing later than its asking is in it. Does not keep files, and does not count figures: `reports` does.
 */
export { nativeForm } from './forms.ts';
export { exportRoutes } from './http.ts';
export type { ExportedEntry, ExportedMessage, ExportForm, ExportForms, ExportQuery } from './model.ts';
export { openExport } from './operations.ts';
export type { ExportWorld } from './operations.ts';
export { endOldExports, workOnExports } from './work.ts';
