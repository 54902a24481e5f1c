/** What is told apart within a kind of event: data, pure. A kind that is not named here is counted by itself. */

/** Fields of an event's data of which the first that is there is its class. */
export const classFields: Readonly<Record<string, readonly [string, string?]>> = {
  'message.deferred': ['class'],
  'message.bounced': ['class'],
  'message.bounced_later': ['class'],
  'message.failed': ['class'],
  'message.held': ['hold'],
  'message.released': ['hold'],
  'message.expired': ['hold', 'class'],
  'message.dropped': ['hold'],
  'message.suppressed': ['kind', 'layer'],
  'message.complained': ['type'],
  'message.feedback': ['type'],
  'message.notified': ['action'],
  'message.unsubscribed': ['by'],
};

/** The class of these is `machine`, `first` or `again`; all but machines show that the recipient is engaged. */
export const engagements = ['message.opened', 'message.initially_opened', 'message.clicked'] as const;

/** By these a message counts as engaged: once, by the first of them that a person did. */
export const signs = ['message.opened', 'message.clicked'] as const;

/** Told with what a server answered. */
export const reasoned = [
  'message.deferred',
  'message.bounced',
  'message.bounced_later',
  'message.expired',
  'message.failed',
] as const;

/** The class of this one is the cohort of its recipient (`cohorts`). */
export const delivered = 'message.delivered';

/**
 * Upper bounds of the buckets of time, in milliseconds: about a factor of two each, so that a percentile is off by less
 * than that. Numbers of buckets are stored: add at the end only.
 */
export const waitBoundsMs = [
  50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_200_000,
  1_800_000, 3_600_000, 7_200_000, 14_400_000, 28_800_000, 57_600_000, 86_400_000, 172_800_000, 345_600_000,
] as const;

/**
 * How long ago a recipient last opened or clicked, at the delivery. `new`: first mailed within 14 days and not engaged yet.
 * Machines do not count.
 */
export const cohorts = ['new', 'engaged_14', 'engaged_90', 'engaged_365', 'unengaged'] as const;
export type Cohort = (typeof cohorts)[number];
export const cohortDays = { new: 14, engaged_14: 14, engaged_90: 90, engaged_365: 365 } as const;
