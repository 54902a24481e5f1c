/**
 * Search, put together. Bounded at each step: a page that came to a bound says how far, and the next goes on from there.
 */
import type { Tx } from '../../base/database/database.ts';
import type { Scope } from '../../base/scope.ts';
import type { DetailedEvent } from './model.ts';
import { bucketSize } from './sql-postings.ts';
import { boundsOf, searchPlaces } from './sql-places.ts';
import type { Place } from './sql-places.ts';
import { looksMax, lookStatement, searchStatement, toLook } from './sql-search.ts';
import type { EventFilter, Seqs } from './sql-search.ts';
import { toDetailed } from './sql.ts';
import { courseOf, marked } from './stretches.ts';
import type { Stretch } from './stretches.ts';

export type EventPage = {
  readonly events: readonly DetailedEvent[];
  /** How far it looked; null when there was nothing at all. */
  readonly lookedTo: string | null;
  /** There is nothing beyond. */
  readonly isEnd: boolean;
};

/** Events that a walk looks at before it looks at `looksMax`. */
const looksFirst = 500;
/** Places of 256 numbers at most that a page looks at: few at first, where most pages are full. */
const placesAtOnce = [4, 8, 16, 32] as const;
/** A page looks at no more places when it has looked at so many events in them. */
const looksEnough = 2500;

export async function search(tx: Tx, scope: Scope, asked: EventFilter): Promise<EventPage> {
  const { filter, stretches } = await courseOf(tx, scope, asked);
  let page: EventPage = { events: [], lookedTo: null, isEnd: true };
  for (const stretch of filter.order === 'oldest' ? stretches : stretches.toReversed()) {
    const left = { ...filter, limit: filter.limit - page.events.length };
    const next =
      stretch.wishes.length === 0
        ? await walk(tx, scope, left, stretch.seqs)
        : await byPostings(tx, scope, left, stretch);
    const lookedTo = next.lookedTo ?? page.lookedTo;
    page = { events: [...page.events, ...next.events], lookedTo, isEnd: next.isEnd };
    if (!next.isEnd) break;
  }
  return page;
}

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

function through(isEnd: boolean, events: readonly DetailedEvent[], to: bigint): EventPage {
  return { events, lookedTo: String(to), isEnd };
}

async function byPostings(tx: Tx, scope: Scope, filter: EventFilter, stretch: Stretch): Promise<EventPage> {
  const isOldest = filter.order === 'oldest';
  const { seqs } = stretch;
  const found = await marked(tx, scope, filter.order, stretch);
  if (found === null) return walk(tx, scope, filter, seqs);
  const { places, edge } = found;
  const { events, isFull, looked } = await lookAt(tx, scope, filter, places);
  if (isFull) return { events, lookedTo: events.at(-1)?.seq ?? null, isEnd: false };
  const last = places[looked - 1];
  if (looked < places.length && last !== undefined)
    return through(false, events, isOldest ? last.until - 1n : last.from);
  if (edge === null) return through(true, events, isOldest ? seqs.until - 1n : seqs.from);
  const size = BigInt(bucketSize);
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
