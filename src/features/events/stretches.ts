/**
 * How a search goes through the log: the newest part has no postings yet and is walked; below it only the places are looked at
 * where all terms stand.
 */
import type { Tx } from '../../base/database/database.ts';
import { clocksApartMs } from '../../base/clock.ts';
import { idTime } from '../../base/ids.ts';
import { bucketSize, partSize } from './sql-postings.ts';
import type { Place } from './sql-places.ts';
import { areMany, beyond, inOrder } from './sql-search.ts';
import type { Asking, EventFilter, Seqs } from './sql-search.ts';
import {
  alsoThere,
  asksLaterTerms,
  countPostings,
  laterSince,
  ofEarlierTerms,
  readPostings,
  spanOf,
  wishesOf,
} from './sql-terms.ts';
import type { Posting, Wish } from './sql-terms.ts';

/** A part of the log: looked at where all its wishes stand, or walked when it has none. */
export type Stretch = { readonly seqs: Seqs; readonly wishes: readonly Wish[] };

type Course = {
  /** The filter, which says now whether it is of many mails. */
  readonly filter: EventFilter;
  /** The oldest first; parts without numbers are left out. */
  readonly stretches: readonly Stretch[];
};

/** Postings that are read at once of the rarest wish. */
const postingsMax = 1000;

const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other);
const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other);

/** Nothing happens to a mail before its submission has its id. */
function ofMany(filter: EventFilter): EventFilter {
  const times = (filter.submissions ?? []).map((id) => idTime(id) - clocksApartMs);
  const since = times.length === 0 ? null : new Date(Math.min(...times));
  const from = since !== null && (filter.from === null || filter.from < since) ? since : filter.from;
  return { ...filter, from, isOfMany: true };
}

export async function courseOf(tx: Tx, scope: Asking, asked: EventFilter): Promise<Course> {
  const seqs = beyond(asked);
  const walked = { filter: asked, stretches: [{ seqs, wishes: [] }] };
  if (asked.messages !== null || asked.seqs !== null) return walked;
  const isOfMails = asked.submissions !== null || asked.recipients !== null;
  if (isOfMails && !(await areMany(tx, scope, asked))) return walked;
  const filter = isOfMails ? ofMany(asked) : asked;
  await inOrder.execute(tx);
  const wishes = await wishesOf(tx, filter);
  if (wishes.length === 0 && filter.from === null && filter.until === null) return { ...walked, filter };
  const { posted, low, high } = await spanOf(tx, filter);
  const old = { from: larger(seqs.from, low), until: smaller(seqs.until, smaller(posted, high)) };
  const since = asksLaterTerms(filter) ? larger(old.from, await laterSince(tx)) : old.from;
  const early = { from: old.from, until: smaller(since, old.until) };
  const stretches = [
    // A bare walk of nothing is still a statement.
    ...(early.from < early.until
      ? [{ seqs: early, wishes: await wishesOf(tx, ofEarlierTerms(filter)) }]
      : []),
    { seqs: { from: since, until: old.until }, wishes },
    { seqs: { from: larger(seqs.from, posted), until: seqs.until }, wishes: [] },
  ];
  return { filter, stretches: stretches.filter(({ seqs: { from, until } }) => from < until) };
}

type Marked = {
  /** In the order that is asked for. */
  readonly places: readonly Place[];
  /** The bucket where the next begin, which were not read; null: these are all. */
  readonly edge: number | null;
};

/** Where all wishes of a stretch stand; null: in so many subaccounts that a walk finds it as well. */
export async function marked(
  tx: Tx,
  scope: Asking,
  order: EventFilter['order'],
  { wishes, seqs }: Stretch,
): Promise<Marked | null> {
  const isOldest = order === 'oldest';
  const size = BigInt(bucketSize);
  const buckets = { first: Number(seqs.from / size), last: Number((seqs.until - 1n) / size) };
  const counts = await countPostings(tx, scope, wishes, buckets, postingsMax);
  if (counts.includes(0)) return { places: [], edge: null };
  const [rarest = 0, ...others] = [...wishes.keys()].sort(
    (left, right) => (counts[left] ?? 0) - (counts[right] ?? 0),
  );
  const terms = wishes[rarest] ?? [];
  const limit = Math.max(100, Math.floor(postingsMax / terms.length));
  const { found, edge } = await readPostings(tx, scope, { terms, order, limit }, buckets);
  // Of a bucket that alone has more postings than are read.
  if (edge === (isOldest ? buckets.first : buckets.last)) return null;
  const whole = found.filter(({ bucket }) => edge === null || (isOldest ? bucket < edge : bucket > edge));
  const met = await alsoThere(
    tx,
    whole,
    others.map((at) => wishes[at] ?? []),
  );
  const places = placesOf(met, seqs);
  return { places: isOldest ? places : places.toReversed(), edge };
}

/** The marked parts of the log in its order, within what is asked for: pure. */
export function placesOf(found: readonly Posting[], seqs: Seqs): readonly Place[] {
  const places: Place[] = [];
  for (const [bucket, some] of Map.groupBy(found, (posting) => posting.bucket))
    for (let part = 0n; part < bucketSize / partSize; part++) {
      const there = some.filter(({ marks }) => ((marks >> part) & 1n) === 1n);
      if (there.length === 0) continue;
      const low = BigInt(bucket) * BigInt(bucketSize) + part * BigInt(partSize);
      const from = larger(low, seqs.from);
      const until = smaller(low + BigInt(partSize), seqs.until);
      const subaccounts = [...new Set(there.map(({ subaccountId }) => subaccountId))];
      const classes = [...new Set(there.map(({ retentionDays }) => retentionDays))];
      if (from < until) places.push({ from, until, subaccounts, classes });
    }
  return places.sort((left, right) => (left.from < right.from ? -1 : 1));
}
