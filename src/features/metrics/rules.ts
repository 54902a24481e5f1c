/** What counts mean: pure, shared with the console. Every rate that anybody shows is defined here, once. */
import { signs, waitBoundsMs } from './classes.ts';

/** So many events of one kind, class and time. */
export type Count = {
  readonly kind: string;
  readonly class: string;
  readonly wait: number;
  readonly isFirst: boolean;
  readonly n: number;
  /** Of what was delivered; and of what was timed, all together. */
  readonly sizeBytes: number;
  readonly waitedMs: number;
  /** Of `n`, how many the sums are of: cells from before they were counted have none. */
  readonly summed: number;
  /** How many were the first sign of their message; and of `n`, of how many that is known: of cells from before, of none. */
  readonly engaged: number;
  readonly marked: number;
};

export const bounceClasses = ['hard', 'soft', 'block', 'policy', 'admin', 'undetermined'] as const;
export type BounceClass = (typeof bounceClasses)[number];

export type ByName = Readonly<Record<string, number>>;

export type Figures = {
  readonly accepted: number;
  readonly delivered: number;
  /** At their first attempt. */
  readonly deliveredFirst: number;
  /** At the last attempt, by class. */
  readonly bounced: Readonly<Record<BounceClass, number>>;
  /** Sent back by a server that had taken it. */
  readonly bouncedLater: number;
  /** By class. */
  readonly bouncedLaterBy: ByName;
  /** Attempts that failed for now, by class; `delayed`: messages whose first attempt did. */
  readonly deferred: ByName;
  readonly delayed: number;
  /** Never left, by reason: suppressions by kind, and failed, expired, cancelled, dropped, refused. */
  readonly rejected: ByName;
  readonly complained: number;
  readonly unsubscribed: number;
  /** By people; `openers`: messages that were opened at all. */
  readonly opened: number;
  readonly openers: number;
  readonly openedByMachines: number;
  /** Of the beginning of a message, by people; it is asked for where mail is tracked so. */
  readonly initiallyOpened: number;
  readonly initialOpeners: number;
  readonly clicked: number;
  readonly clickers: number;
  readonly clickedByMachines: number;
  /** Messages that a person opened or followed a link of, each once, when it was the first time. */
  readonly engaged: number;
  /** First openings and first clicks from before this was told: of messages that may not be in `engaged`. */
  readonly engagedUncounted: number;
  /** Delivered messages, by how long ago their recipient last opened or clicked. */
  readonly cohorts: ByName;
  readonly rates: Rates;
  /** In milliseconds; null: nothing was timed. */
  readonly firstAttemptMs: Percentiles | null;
  readonly deliveryMs: Percentiles | null;
  /** Of one delivery on the average; null: nothing was timed. */
  readonly deliveryMeanMs: number | null;
  /** From acceptance to delivery, without time in holds, of all deliveries together: of first attempts, and of later ones. */
  readonly deliveryTotalMs: { readonly first: number; readonly later: number };
  /** Of all deliveries, headers and what was attached included, as they left. */
  readonly deliveredBytes: number;
};

export type Rates = {
  /** Of what was attempted to its end (delivered or bounced). */
  readonly delivery: number | null;
  readonly bounce: number | null;
  readonly hardBounce: number | null;
  readonly block: number | null;
  /** Of what was accepted. */
  readonly rejection: number | null;
  /** Of what was delivered. */
  readonly complaint: number | null;
  readonly unsubscribe: number | null;
  readonly open: number | null;
  readonly click: number | null;
  readonly engagement: number | null;
  /** Of the messages that were opened. */
  readonly clickToOpen: number | null;
};

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

export function ratesOf(
  figures: Pick<
    Figures,
    | 'accepted'
    | 'delivered'
    | 'bounced'
    | 'bouncedLater'
    | 'openers'
    | 'clickers'
    | 'engaged'
    | 'rejected'
    | 'complained'
    | 'unsubscribed'
  >,
): Rates {
  const { accepted, delivered, bounced, bouncedLater, openers, clickers, engaged } = figures;
  const atOnce = sum(bounced);
  const attempted = delivered + atOnce;
  return {
    delivery: ratio(delivered, attempted),
    bounce: ratio(atOnce + bouncedLater, attempted),
    hardBounce: ratio(bounced.hard, attempted),
    block: ratio(bounced.block, attempted),
    rejection: ratio(sum(figures.rejected), accepted),
    complaint: ratio(figures.complained, delivered),
    unsubscribe: ratio(figures.unsubscribed, delivered),
    open: ratio(openers, delivered),
    click: ratio(clickers, delivered),
    engagement: ratio(engaged, delivered),
    clickToOpen: ratio(clickers, openers),
  };
}

export function sum(counts: ByName): number {
  return Object.values(counts).reduce((total, n) => total + n, 0);
}

export type Percentiles = { readonly p50: number; readonly p95: number; readonly p99: number };

/** From counts by bucket, evenly spread within each; the last bucket is open and says its lower bound. */
export function percentiles(buckets: ReadonlyMap<number, number>): Percentiles | null {
  const total = [...buckets.values()].reduce((all, n) => all + n, 0);
  if (total === 0) return null;
  const ordered = [...buckets].sort(([left], [right]) => left - right);
  const at = (share: number): number => {
    const wanted = share * total;
    let before = 0;
    for (const [bucket, n] of ordered) {
      if (before + n >= wanted) {
        const low = waitBoundsMs[bucket - 2] ?? 0;
        const high = waitBoundsMs[bucket - 1] ?? low;
        return Math.round(low + ((high - low) * (wanted - before)) / n);
      }
      before += n;
    }
    return waitBoundsMs.at(-1) ?? 0;
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

const endings: Readonly<Record<string, string>> = {
  'message.failed': 'failed',
  'message.expired': 'expired',
  'message.cancelled': 'cancelled',
  'message.dropped': 'dropped',
  'message.undetermined': 'undetermined',
  'message.rejected': 'refused',
};

function byName(counts: readonly Count[], nameOf: (count: Count) => string | null): ByName {
  const found: Record<string, number> = {};
  for (const count of counts) {
    const name = nameOf(count);
    if (name !== null) found[name] = (found[name] ?? 0) + count.n;
  }
  return found;
}

function buckets(
  counts: readonly Count[],
  isCounted: (count: Count) => boolean,
): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const count of counts)
    if (count.wait > 0 && isCounted(count)) found.set(count.wait, (found.get(count.wait) ?? 0) + count.n);
  return found;
}

/** All figures of one row. The order of the counts does not matter. */
export function figuresOf(counts: readonly Count[]): Figures {
  const of = (kind: string, isCounted: (count: Count) => boolean = () => true): number =>
    counts.reduce((total, count) => (count.kind === kind && isCounted(count) ? total + count.n : total), 0);
  const people = (count: Count): boolean => count.class !== 'machine';
  const first = (count: Count): boolean => count.class === 'first';
  const machines = (count: Count): boolean => count.class === 'machine';
  const isDelivered = ({ kind }: Count): boolean => kind === 'message.delivered';
  const bounced = Object.fromEntries(
    bounceClasses.map((name) => [name, of('message.bounced', (count) => classOf(count) === name)]),
  ) as Figures['bounced'];
  const figures = {
    accepted: of('message.accepted'),
    delivered: of('message.delivered'),
    deliveredFirst: of('message.delivered', ({ isFirst }) => isFirst),
    bounced,
    bouncedLater: of('message.bounced_later'),
    bouncedLaterBy: byName(counts, (count) =>
      count.kind === 'message.bounced_later' ? classOf(count) : null,
    ),
    deferred: byName(counts, (count) => (count.kind === 'message.deferred' ? classOf(count) : null)),
    delayed: of('message.deferred', ({ isFirst }) => isFirst),
    rejected: byName(counts, rejection),
    complained: of('message.complained'),
    unsubscribed: of('message.unsubscribed'),
    opened: of('message.opened', people),
    openers: of('message.opened', first),
    openedByMachines: of('message.opened', machines),
    initiallyOpened: of('message.initially_opened', people),
    initialOpeners: of('message.initially_opened', first),
    clicked: of('message.clicked', people),
    clickers: of('message.clicked', first),
    clickedByMachines: of('message.clicked', machines),
    ...engagedOf(counts),
    cohorts: byName(counts, (count) => (isDelivered(count) && count.class !== '' ? count.class : null)),
  };
  return {
    ...figures,
    rates: ratesOf(figures),
    firstAttemptMs: percentiles(buckets(counts, ({ isFirst }) => isFirst)),
    deliveryMs: percentiles(buckets(counts, isDelivered)),
    ...sumsOf(counts.filter(isDelivered)),
  };
}

function engagedOf(counts: readonly Count[]): Pick<Figures, 'engaged' | 'engagedUncounted'> {
  let [engaged, engagedUncounted] = [0, 0];
  for (const count of counts) {
    engaged += count.engaged;
    const isSign = signs.some((kind) => kind === count.kind);
    if (isSign && count.class === 'first') engagedUncounted += count.n - count.marked;
  }
  return { engaged, engagedUncounted };
}

/** Of deliveries. */
function sumsOf(
  counts: readonly Count[],
): Pick<Figures, 'deliveryMeanMs' | 'deliveryTotalMs' | 'deliveredBytes'> {
  const all = (of: (count: Count) => number): number => counts.reduce((total, count) => total + of(count), 0);
  const first = all(({ isFirst, waitedMs }) => (isFirst ? waitedMs : 0));
  const later = all(({ isFirst, waitedMs }) => (isFirst ? 0 : waitedMs));
  const timed = all(({ wait, summed }) => (wait > 0 ? summed : 0));
  return {
    deliveryMeanMs: timed === 0 ? null : Math.round((first + later) / timed),
    deliveryTotalMs: { first, later },
    deliveredBytes: all(({ sizeBytes }) => sizeBytes),
  };
}

/** Of a bounce; a class that is not in the list is told as undetermined. */
function classOf(count: Count): string {
  return bounceClasses.some((name) => name === count.class) ? count.class : 'undetermined';
}

function rejection(count: Count): string | null {
  if (count.kind === 'message.suppressed') return `suppressed:${count.class === '' ? 'other' : count.class}`;
  return endings[count.kind] ?? null;
}
