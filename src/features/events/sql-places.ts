/** Search in the places that postings name: parts of the log, with what is known of where their events and messages lie. */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { DetailedEvent } from './model.ts';
import { bucketSize } from './sql-postings.ts';
import { inBounds, inTime, kept, ofLog, ofScope } from './sql-search.ts';
import type { Asking, EventFilter, Seqs } from './sql-search.ts';
import { detailed, toDetailed, withMessage } from './sql.ts';
import type { Bounds, DetailedRow } from './sql.ts';

/** A part of the log, and whose events of it are asked for; null: of all that the scope sees. */
export type Place = Seqs & {
  readonly subaccounts: readonly number[] | null;
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

export type Found = { readonly events: readonly DetailedEvent[]; readonly looked: number };

/** What is found in places that lie in order, and how many events were looked at for it. */
export async function searchPlaces(
  tx: Tx,
  scope: Asking,
  filter: EventFilter,
  places: readonly BoundPlace[],
): Promise<Found> {
  const direction = filter.order === 'oldest' ? sql`asc` : sql`desc`;
  const some = places.every(({ subaccounts }) => subaccounts !== null)
    ? [...new Set(places.flatMap(({ subaccounts }) => subaccounts ?? []))]
    : null;
  const bounds = {
    classes: [...new Set(places.flatMap(({ classes }) => classes))],
    firstAt: first(places.map(({ firstAt }) => firstAt)),
    lastAt: last(places.map(({ lastAt }) => lastAt)),
    firstId: first(places.map(({ firstId }) => firstId)),
    lastId: last(places.map(({ lastId }) => lastId)),
  };
  const rows = await sql<DetailedRow & { looked: number }>`/* events.search_places */
    with place as (
      select * from unnest(${places.map(({ from }) => from)}::bigint[], ${places.map(({ until }) => until)}::bigint[],
        ${places.map(({ firstAt }) => firstAt)}::timestamptz[], ${places.map(({ lastAt }) => lastAt)}::timestamptz[])
        p (low, high, first_at, last_at)
    ),
    walked as materialized (
      select e.* from place p cross join lateral (
        select * from events e where ${ofScope(scope)} and e.seq >= p.low and e.seq < p.high ${inTime(filter)} ${ofLog(filter)}
          and e.at >= p.first_at and e.at <= p.last_at ${inBounds(bounds)}
          ${some === null ? sql`` : sql`and e.subaccount_id = any(${some}::int[])`} offset 0) e
    )
    select l.looked, found.* from (select count(*)::int as looked from walked) l left join (
      ${detailed} from walked e ${withMessage(bounds)} where ${kept(filter)} order by e.seq ${direction} limit ${filter.limit}
    ) found on true order by found.seq ${direction}`.execute(tx);
  const events = rows.rows.filter(({ seq }) => seq !== null).map(toDetailed);
  return { events, looked: rows.rows[0]?.looked ?? 0 };
}
