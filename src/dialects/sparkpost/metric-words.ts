/** Our figures as SparkPost's metrics (contract, section 11): pure. What never left counts as the bounce that its event says. */
export type NativeFigures = {
  readonly accepted: number;
  readonly delivered: number;
  readonly deliveredFirst: number;
  readonly bounced: Readonly<Record<string, number>>;
  readonly bouncedLater: number;
  readonly bouncedLaterBy: Readonly<Record<string, number>>;
  readonly deferred: Readonly<Record<string, number>>;
  readonly delayed: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly complained: number;
  readonly unsubscribed: number;
  readonly opened: number;
  readonly openers: number;
  readonly initiallyOpened: number;
  readonly initialOpeners: number;
  readonly clicked: number;
  readonly clickers: number;
  readonly clickedByMachines: number;
  readonly engaged: number;
  readonly deliveredBytes: number;
  readonly deliveryTotalMs: { readonly first: number; readonly later: number };
};

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((all, n) => all + n, 0);

/** Faults of content, and what was taken to be rejected; all else that never left is told as a bounce. */
export const failed = ({ rejected }: NativeFigures): number => rejected['failed'] ?? 0;
export const policed = ({ rejected }: NativeFigures): number => rejected['refused'] ?? 0;
const expired = ({ rejected }: NativeFigures): number => rejected['expired'] ?? 0;
const unknown = ({ rejected }: NativeFigures): number => rejected['undetermined'] ?? 0;
/** Suppressed, cancelled, dropped. */
const stopped = (figures: NativeFigures): number =>
  sum(figures.rejected) - failed(figures) - policed(figures) - expired(figures) - unknown(figures);
const ofClass = ({ bounced }: NativeFigures, name: string): number => bounced[name] ?? 0;
const inBand = (figures: NativeFigures): number =>
  (figures.bounced['total'] ?? 0) + stopped(figures) + expired(figures) + unknown(figures);

const metrics: Readonly<Record<string, (figures: NativeFigures) => number>> = {
  count_targeted: ({ accepted }) => accepted,
  count_injected: (all) => all.accepted - failed(all) - policed(all),
  count_sent: (all) => all.delivered + inBand(all),
  count_delivered: ({ delivered }) => delivered,
  count_delivered_first: ({ deliveredFirst }) => deliveredFirst,
  count_delivered_subsequent: ({ delivered, deliveredFirst }) => delivered - deliveredFirst,
  count_accepted: ({ delivered, bouncedLater }) => delivered - bouncedLater,
  count_bounce: (all) => inBand(all) + all.bouncedLater,
  count_inband_bounce: inBand,
  count_outofband_bounce: ({ bouncedLater }) => bouncedLater,
  count_hard_bounce: (all) => ofClass(all, 'hard'),
  count_soft_bounce: (all) => ofClass(all, 'soft') + expired(all),
  count_block_bounce: (all) => ofClass(all, 'block') + ofClass(all, 'policy'),
  count_admin_bounce: (all) => ofClass(all, 'admin') + stopped(all),
  count_undetermined_bounce: (all) => ofClass(all, 'undetermined') + unknown(all),
  count_rejected: (all) => failed(all) + policed(all),
  count_policy_rejection: policed,
  count_generation_failed: failed,
  count_generation_rejection: () => 0,
  count_delayed: ({ deferred }) => sum(deferred),
  count_delayed_first: ({ delayed }) => delayed,
  count_rendered: ({ opened }) => opened,
  count_unique_rendered: ({ openers }) => openers,
  count_initial_rendered: ({ initiallyOpened }) => initiallyOpened,
  count_unique_initial_rendered: ({ initialOpeners }) => initialOpeners,
  count_clicked: ({ clicked }) => clicked,
  count_unique_clicked: ({ clickers }) => clickers,
  count_unique_confirmed_opened: ({ engaged }) => engaged,
  count_spam_complaint: ({ complained }) => complained,
  count_unsubscribe: ({ unsubscribed }) => unsubscribed,
  total_msg_volume: ({ deliveredBytes }) => deliveredBytes,
  total_delivery_time_first: ({ deliveryTotalMs }) => deliveryTotalMs.first,
  total_delivery_time_subsequent: ({ deliveryTotalMs }) => deliveryTotalMs.later,
};

export const metricNames: ReadonlySet<string> = new Set(Object.keys(metrics));

export function metricsOf(
  figures: NativeFigures,
  names: readonly string[],
): Readonly<Record<string, number>> {
  return Object.fromEntries(names.map((name) => [name, metrics[name]?.(figures) ?? 0]));
}
