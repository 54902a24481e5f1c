/** What is wrong with a subaccount, from the worst: the list is in this order, and what is stored nowhere may move in it. */
export const troubles = [
  'stopped_by_operator',
  'stopped_by_system',
  'under_review',
  'slowed',
  'bounces_over_limit',
  'complaints_over_limit',
  'trap_blocks_over_limit',
  'over_quota',
  'many_waiting',
  'warned',
  'stopped_by_parent',
] as const;
export type Trouble = (typeof troubles)[number];

/** So many that nothing holds and that have not left are many. What a stop, a quota or its own time holds is told by these. */
export const manyWaitingMin = 1000;
/** Waiting mail of a row is counted up to here. */
export const waitingCountedMax = 10_000;

/** Of the last 24 hours. */
export type Recent = {
  readonly accepted: number;
  readonly delivered: number;
  readonly bounced: number;
  readonly complained: number;
};
