/**
 * Counting what a search would find. Step by step in transactions of their own, so that no statement takes long and a limit of
 * time leaves what was counted until then.
 */
import type { Tx } from '../../base/database/database.ts';
import type { Asking, EventFilter } from './sql-search.ts';
import { bucketSize } from './sql-postings.ts';
import { boundsOf } from './sql-places.ts';
import type { Place } from './sql-places.ts';
import { countNext, countPlaces, forCounting } from './sql-count.ts';
import { inOrder } from './sql-search.ts';
import { courseOf, marked } from './stretches.ts';
import type { Stretch } from './stretches.ts';

/** Not exact: at least so many. */
export type Count = { readonly count: number; readonly isExact: boolean };

/** One step, in a transaction that sees what may be seen; null when there is no time for it. */
export type Step = <T>(work: (tx: Tx) => Promise<T>) => Promise<T | null>;

/** Events that a step walks over. */
const looksAtOnce = 20_000;
/** Places of 256 numbers that a step looks at. */
const placesAtOnce = 100;

/** What `order`, `cursor` and `limit` say makes no difference. */
export async function count(step: Step, scope: Asking, asked: EventFilter): Promise<Count> {
  const all = { ...asked, order: 'oldest', cursor: null } as const;
  const course = await step((tx) => courseOf(tx, scope, all));
  if (course === null) return { count: 0, isExact: false };
  const { filter, stretches } = course;
  const counting = { step, scope, filter, found: 0 };
  for (const stretch of stretches)
    if (!(await countStretch(counting, stretch))) return { count: counting.found, isExact: false };
  return { count: counting.found, isExact: true };
}

type Counting = {
  readonly step: Step;
  readonly scope: Asking;
  readonly filter: EventFilter;
  found: number;
};

/** False when there was no time to come to its end. */
async function countStretch(counting: Counting, { seqs, wishes }: Stretch): Promise<boolean> {
  for (let left = seqs; left.from < left.until;) {
    const to = await countOn(counting, { seqs: left, wishes });
    if (to === null) return false;
    left = { from: to, until: left.until };
  }
  return true;
}

/** To which number it came, not included; null when there was no time. */
async function countOn(counting: Counting, stretch: Stretch): Promise<bigint | null> {
  const { step, scope } = counting;
  if (stretch.wishes.length === 0) return walkOn(counting, stretch);
  const found = await step(async (tx) => {
    await inOrder.execute(tx);
    return { marked: await marked(tx, scope, 'oldest', stretch) };
  });
  if (found === null) return null;
  if (found.marked === null) return walkOn(counting, stretch);
  const { places, edge } = found.marked;
  for (let at = 0; at < places.length; at += placesAtOnce)
    if (!(await countIn(counting, places.slice(at, at + placesAtOnce)))) return null;
  return edge === null ? stretch.seqs.until : BigInt(edge) * BigInt(bucketSize);
}

async function walkOn(counting: Counting, { seqs }: Stretch): Promise<bigint | null> {
  const { step, scope, filter } = counting;
  const counted = await step(async (tx) => {
    const isDirect = !filter.isOfMany && (filter.submissions ?? filter.recipients) !== null;
    if (!isDirect && filter.messages === null) await inOrder.execute(tx);
    await forCounting.execute(tx);
    return countNext(tx, scope, filter, seqs, looksAtOnce);
  });
  if (counted === null) return null;
  counting.found += counted.count;
  return counted.last === null ? seqs.until : counted.last + 1n;
}

async function countIn(counting: Counting, places: readonly Place[]): Promise<boolean> {
  const { step, scope, filter } = counting;
  const counted = await step(async (tx) => {
    await inOrder.execute(tx);
    await forCounting.execute(tx);
    const bound = await boundsOf(tx, places);
    return bound.length === 0 ? 0 : countPlaces(tx, scope, filter, bound);
  });
  counting.found += counted ?? 0;
  return counted !== null;
}
