/**
 * Search, put together: the newest part of the log has no postings yet and is walked; below it only the places are looked at
 * where all terms stand. Bounded at each step: a page that came to a bound says how far, and the next goes on from there.
 */
import type { Tx } from '../../base/database/database.ts';
import type { Scope } from '../../base/scope.ts';
import type { DetailedEvent } from './model.ts';
import { bucketSize, partSize } from './sql-postings.ts';
import { boundsOf, searchPlaces } from './sql-places.ts';
import type { Place } from './sql-places.ts';
import { beyond, inOrder, looksMax, lookStatement, searchStatement, toLook } from './sql-search.ts';
import type { EventFilter, Seqs } from './sql-search.ts';
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
import { toDetailed } from './sql.ts';

export type EventPage = {
  readonly events: readonly DetailedEvent[];
  /** How far it looked; null when there was nothing at all. */
  readonly lookedTo: string | null;
  /** There is nothing beyond. */
  readonly isEnd: boolean;
};

/** Events that a walk looks at before it looks at `looksMax`. */
const looksFirst = 500;
/** Postings that a page reads of its rarest wish. */
const postingsMax = 1000;
/** Places of 256 numbers at most that a page looks at: few at first, where most pages are full. */
const placesAtOnce = [4, 8, 16, 32] as const;
/** A page looks at no more places when it has looked at so many events in them. */
const looksEnough = 2500;

export async function search(tx: Tx, scope: Scope, filter: EventFilter): Promise<EventPage> {
  const { messageId, submissionId, recipient, order } = filter;
  const seqs = beyond(filter);
  if (messageId !== null || submissionId !== null || recipient !== null) return walk(tx, scope, filter, seqs);
  await inOrder.execute(tx);
  const wishes = await wishesOf(tx, filter);
  if (wishes.length === 0 && filter.from === null && filter.until === null)
    return walk(tx, scope, filter, seqs);
  const { posted, low, high } = await spanOf(tx, filter);
  const fresh = { from: larger(seqs.from, posted), until: seqs.until };
  const old = { from: larger(seqs.from, low), until: smaller(seqs.until, smaller(posted, high)) };
  const atFresh = (left: EventFilter): Promise<EventPage> => walk(tx, scope, left, fresh);
  const ofOld =
    (found: readonly Wish[], part: Seqs) =>
    (left: EventFilter): Promise<EventPage> =>
      found.length === 0
        ? walk(tx, scope, left, part)
        : byPostings(tx, scope, left, { wishes: found, seqs: part });
  const since = asksLaterTerms(filter) ? larger(old.from, await laterSince(tx)) : old.from;
  const early = { from: old.from, until: smaller(since, old.until) };
  const inOldest = [
    // A bare walk of nothing is still a statement.
    ...(early.from < early.until ? [ofOld(await wishesOf(tx, ofEarlierTerms(filter)), early)] : []),
    ofOld(wishes, { from: since, until: old.until }),
    atFresh,
  ];
  const steps = order === 'oldest' ? inOldest : inOldest.toReversed();
  let page: EventPage = { events: [], lookedTo: null, isEnd: true };
  for (const step of steps) {
    const next = await step({ ...filter, limit: filter.limit - page.events.length });
    const lookedTo = next.lookedTo ?? page.lookedTo;
    page = { events: [...page.events, ...next.events], lookedTo, isEnd: next.isEnd };
    if (!next.isEnd) break;
  }
  return page;
}

const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other);
const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other);

/** Looks ahead a little first: the next events of a page that asks for much are enough. */
async function walk(tx: Tx, scope: Scope, filter: EventFilter, seqs: Seqs): Promise<EventPage> {
  const events: DetailedEvent[] = [];
  let left = seqs;
  let lookedTo: string | null = null;
  for (const count of [looksFirst, looksMax - looksFirst]) {
    if (left.from >= left.until) break;
    const look = toLook((await lookStatement(scope, filter, left, count).execute(tx)).rows[0]);
    if (look === null) return { events, lookedTo, isEnd: true };
    const asked = { ...filter, limit: filter.limit - events.length };
    const found = await searchStatement(scope, asked, look).execute(tx);
    events.push(...found.rows.map(toDetailed));
    const { from, until } = look.seqs;
    lookedTo = String(filter.order === 'oldest' ? until - 1n : from);
    if (events.length === filter.limit) return { events, lookedTo: events.at(-1)?.seq ?? null, isEnd: false };
    if (look.looked < count) return { events, lookedTo, isEnd: true };
    left = filter.order === 'oldest' ? { from: until, until: left.until } : { from: left.from, until: from };
  }
  return { events, lookedTo, isEnd: left.from >= left.until };
}

type Posted = { readonly wishes: readonly Wish[]; readonly seqs: Seqs };

function through(isEnd: boolean, events: readonly DetailedEvent[], to: bigint | null): EventPage {
  return { events, lookedTo: to === null ? null : String(to), isEnd };
}

async function byPostings(
  tx: Tx,
  scope: Scope,
  filter: EventFilter,
  { wishes, seqs }: Posted,
): Promise<EventPage> {
  const isOldest = filter.order === 'oldest';
  if (seqs.from >= seqs.until) return through(true, [], null);
  const end = isOldest ? seqs.until - 1n : seqs.from;
  const size = BigInt(bucketSize);
  const buckets = { first: Number(seqs.from / size), last: Number((seqs.until - 1n) / size) };
  const counts = await countPostings(tx, scope, wishes, buckets, postingsMax);
  if (counts.includes(0)) return through(true, [], end);
  const [rarest = 0, ...others] = [...wishes.keys()].sort(
    (left, right) => (counts[left] ?? 0) - (counts[right] ?? 0),
  );
  const terms = wishes[rarest] ?? [];
  const limit = Math.max(100, Math.floor(postingsMax / terms.length));
  const { found, edge } = await readPostings(tx, scope, { terms, order: filter.order, limit }, buckets);
  // A bucket that alone has more postings than are read stands in so many subaccounts that a walk finds it as well.
  if (edge === (isOldest ? buckets.first : buckets.last)) return walk(tx, scope, filter, seqs);
  const whole = found.filter(({ bucket }) => edge === null || (isOldest ? bucket < edge : bucket > edge));
  const met = await alsoThere(
    tx,
    whole,
    others.map((at) => wishes[at] ?? []),
  );
  const places = placesOf(met, seqs);
  const ordered = isOldest ? places : places.toReversed();
  const { events, isFull, looked } = await lookAt(tx, scope, filter, ordered);
  if (isFull) return { events, lookedTo: events.at(-1)?.seq ?? null, isEnd: false };
  const last = ordered[looked - 1];
  if (looked < ordered.length && last !== undefined)
    return through(false, events, isOldest ? last.until - 1n : last.from);
  if (edge === null) return through(true, events, end);
  return through(false, events, isOldest ? BigInt(edge) * size - 1n : BigInt(edge + 1) * size);
}

type Looked = {
  readonly events: readonly DetailedEvent[];
  readonly isFull: boolean;
  /** Places that were looked at. */
  readonly looked: number;
};

/** Looks until the page is full, or that was enough. */
async function lookAt(tx: Tx, scope: Scope, filter: EventFilter, places: readonly Place[]): Promise<Looked> {
  const events: DetailedEvent[] = [];
  let [at, enough] = [0, looksEnough];
  for (const count of placesAtOnce) {
    const some = places.slice(at, at + count);
    if (some.length === 0 || enough <= 0) break;
    at += some.length;
    const bound = await boundsOf(tx, some);
    if (bound.length === 0) continue;
    const found = await searchPlaces(tx, scope, { ...filter, limit: filter.limit - events.length }, bound);
    events.push(...found.events);
    if (events.length === filter.limit) return { events, isFull: true, looked: at };
    enough -= found.looked;
  }
  return { events, isFull: false, looked: at };
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
