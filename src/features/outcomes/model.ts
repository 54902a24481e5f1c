export const outcomeColumns = [
  'accepted',
  'delivered',
  'deferred',
  'hardBounces',
  'otherBounces',
  'complaints',
  'unknownUsers',
  'trapBlocks',
  'suppressed',
] as const;

/** Counts of one subaccount or account within a span of hours. */
export type Outcomes = Readonly<Record<(typeof outcomeColumns)[number], number>>;

export const noOutcomes: Outcomes = {
  accepted: 0,
  delivered: 0,
  deferred: 0,
  hardBounces: 0,
  otherBounces: 0,
  complaints: 0,
  unknownUsers: 0,
  trapBlocks: 0,
  suppressed: 0,
};
