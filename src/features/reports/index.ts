/**
 * Reports: questions to the figures that somebody keeps under a name. Promises: whoever runs one gets the figures that they
 * may see and no others; a link shows those of the report's holder, until it expires or the report goes; each time of a
 * schedule is mailed once, to those of the named people who may still read. Does not count: `metrics` does.
 */
export { reportRoutes } from './http.ts';
export { openLink } from './operations.ts';
export type { Opened, ReportWorld } from './operations.ts';
export { sendDueReports } from './work.ts';
