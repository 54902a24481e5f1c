/** Search in the places that postings name: parts of the log, with what is known of where their events and messages lie. */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { DetailedEvent } from './model.ts';
import { bucketSize } from './sql-postings.ts';
import { inBounds, inTime, kept, ofLog } from './sql-search.ts';
import type { Asking, EventFilter, Seqs } from './sql-search.ts';
import { detailed, toDetailed, withMessage } from './sql.ts';
import type { Bounds, DetailedRow } from './sql.ts';

/** More of them in one place cost more one by one than all of the account's 256 at once. */
const subaccountsApart = 8;

/** A part of the log, and who has the terms there. */
export type Place = Seqs & {
  readonly subaccounts: readonly number[];
  /** Retention classes of what stands there. */
  readonly classes: readonly number[];
};

export type BoundPlace = Place & Bounds;

/** Of spans, which never reach over a bucket. A millisecond wider: a Date has no microseconds. */
export async function boundsOf(tx: Tx, places: readonly Place[]): Promise<readonly BoundPlace[]> {
  const rows = await sql<{
    n: string;
    first_at: Date;
    last_at: Date;
    first_id: string;
    last_id: string;
  }>`/* events.bounds */
    select p.n, s.* from unnest(${places.map(({ from }) => from)}::bigint[], ${places.map(({ until }) => until)}::bigint[])
      with ordinality p (low, high, n)
    cross join lateral (
      select min(first_at) - interval '1 ms' as first_at, max(last_at) + interval '1 ms' as last_at, min(first_id) as first_id,
        max(last_id) as last_id
      from event_spans where seq_from >= p.low - p.low % ${bucketSize} and seq_from < p.high and seq_until > p.low) s
    where s.first_at is not null order by p.n`.execute(tx);
  return rows.rows.flatMap(
    ({ n, first_at: firstAt, last_at: lastAt, first_id: firstId, last_id: lastId }) => {
      const place = places[Number(n) - 1];
      if (place === undefined) return [];
      return [{ ...place, firstAt, lastAt, firstId: BigInt(firstId), lastId: BigInt(lastId) }];
    },
  );
}

const first = <T>(values: readonly T[]): T => values.reduce((one, other) => (other < one ? other : one));
const last = <T>(values: readonly T[]): T => values.reduce((one, other) => (other > one ? other : one));

/** Whose events are read there, each by its own index; null: the account's all at once, where many have the terms. */
function whoseOf({ reach }: Asking, { subaccounts }: Place): readonly (number | null)[] {
  const only = onlySubaccount(reach);
  if (only !== null) return [only];
  return subaccounts.length > subaccountsApart ? [null] : subaccounts;
}

export type Found = { readonly events: readonly DetailedEvent[]; readonly looked: number };

/** All events of places that lie in order that `ofLog` leaves, as `walked`, and bounds of them all. */
export function walkedPlaces(
  scope: Asking,
  filter: EventFilter,
  places: readonly BoundPlace[],
): { readonly walked: ReturnType<typeof sql>; readonly bounds: Bounds } {
  const bounds = {
    classes: [...new Set(places.flatMap(({ classes }) => classes))],
    firstAt: first(places.map(({ firstAt }) => firstAt)),
    lastAt: last(places.map(({ lastAt }) => lastAt)),
    firstId: first(places.map(({ firstId }) => firstId)),
    lastId: last(places.map(({ lastId }) => lastId)),
  };
  const rowsOf = places.flatMap((place) => whoseOf(scope, place).map((whose) => ({ place, whose })));
  const of = <T>(column: (place: BoundPlace, whose: number | null) => T): readonly T[] =>
    rowsOf.map(({ place, whose }) => column(place, whose));
  const there = sql`e.seq >= p.low and e.seq < p.high ${inTime(filter)} ${ofLog(filter)}
    and e.at >= p.first_at and e.at <= p.last_at ${inBounds(bounds)}`;
  const walked = sql`place as (
      select * from unnest(${of(({ from }) => from)}::bigint[], ${of(({ until }) => until)}::bigint[], ${of((_, whose) => whose)}::int[],
        ${of(({ firstAt }) => firstAt)}::timestamptz[], ${of(({ lastAt }) => lastAt)}::timestamptz[]) p (low, high, whose, first_at, last_at)
    ),
    walked as materialized (
      select e.* from place p cross join lateral (
        select * from events e where p.whose is not null and e.subaccount_id = p.whose and ${there} offset 0) e
      union all select e.* from place p cross join lateral (
        select * from events e where p.whose is null and e.account_id = ${scope.accountId} and ${there} offset 0) e
    )`;
  return { walked, bounds };
}

/** What is found in places that lie in order, and how many events were looked at for it. */
export async function searchPlaces(
  tx: Tx,
  scope: Asking,
  filter: EventFilter,
  places: readonly BoundPlace[],
): Promise<Found> {
  const direction = filter.order === 'oldest' ? sql`asc` : sql`desc`;
  const { walked, bounds } = walkedPlaces(scope, filter, places);
  const rows = await sql<DetailedRow & { looked: number }>`/* events.search_places */
    with ${walked}
    select l.looked, found.* from (select count(*)::int as looked from walked) l left join (
      ${detailed} from walked e ${withMessage(bounds)} where ${kept(filter)} order by e.seq ${direction} limit ${filter.limit}
    ) found on true order by found.seq ${direction}`.execute(tx);
  const events = rows.rows.filter(({ seq }) => seq !== null).map(toDetailed);
  return { events, looked: rows.rows[0]?.looked ?? 0 };
}
