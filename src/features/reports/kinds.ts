/** Which time a report covers and when it is mailed, as the console knows them too. */
export const periods = ['yesterday', 'last_7_days', 'last_30_days', 'this_month', 'last_month'] as const;
export type ReportPeriod = (typeof periods)[number];

export const intervals = ['daily', 'weekly', 'monthly'] as const;
export type Interval = (typeof intervals)[number];

/** The hour is one of the report's time zone; weekly is on Mondays, monthly on the first. */
export type Schedule = { readonly every: Interval; readonly hour: number };
