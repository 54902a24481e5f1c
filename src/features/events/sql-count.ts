/** Counting what a search would find, a part of the log at a time: no details but those that the filter asks for. */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import { walkedPlaces } from './sql-places.ts';
import type { BoundPlace } from './sql-places.ts';
import { asksMail, kept, lookStatement, ordered, toLook } from './sql-search.ts';
import type { Asking, EventFilter, Seqs } from './sql-search.ts';
import type { Bounds } from './sql.ts';

type Part = ReturnType<typeof sql>;

/**
 * For this transaction: a step takes some 50 ms, one that takes a hundred times as long is given up; and events meet their mails by
 * a hash, where the planner, without statistics, would compare each with each. Look-ups one by one have no other way.
 */
export const forCounting = sql`/* events.for_counting */
  select set_config('statement_timeout', '5000', true), set_config('enable_nestloop', 'off', true)`;

/** Of `walked`: each message and submission is looked up once, however many events it has there. */
function withMails({ classes, firstId, lastId }: Bounds): Part {
  const within = sql`and retention_days = any(${classes}::smallint[]) and id >= ${firstId} and id <= ${lastId}`;
  const looked = (columns: Part, table: Part, id: Part): Part => sql`
    select k.*, x.* from (select distinct subaccount_id, retention_days, ${id} as id from walked where ${id} is not null) k
    cross join lateral (select ${columns} from ${table} where subaccount_id = k.subaccount_id and id = k.id
      and retention_days = k.retention_days ${within} offset 0) x`;
  return sql`, copies as materialized (${looked(sql`recipient, data`, sql`messages`, sql`message_id`)}),
    mails as materialized (${looked(sql`subject, options, from_address`, sql`submissions`, sql`submission_id`)})`;
}

const joined = sql`left join copies m on m.id = e.message_id and m.subaccount_id = e.subaccount_id
  left join mails s on s.id = e.submission_id and s.subaccount_id = e.subaccount_id`;

function counted(walked: Part, filter: EventFilter, bounds: Bounds | null): Part {
  return sql`with ${walked} ${bounds === null ? sql`` : withMails(bounds)}
    select count(*)::int as looked, (count(*) filter (where ${kept(filter)}))::int as count, max(e.seq) as last
    from walked e ${bounds === null ? sql`` : joined}`;
}

type Row = { looked: number; count: number; last: string | null };

/** The number of the last of them, or null when the end was reached. */
type Counted = { readonly count: number; readonly last: bigint | null };

/** Of the next `limit` events, the oldest first. */
export async function countNext(
  tx: Tx,
  scope: Asking,
  filter: EventFilter,
  seqs: Seqs,
  limit: number,
): Promise<Counted> {
  const columns = sql`e.seq, e.at, e.account_id, e.subaccount_id, e.message_id, e.submission_id, e.retention_days, e.kind, e.data`;
  let [part, bounds] = [seqs, null as Bounds | null];
  if (asksMail(filter)) {
    const look = toLook((await lookStatement(scope, filter, seqs, limit).execute(tx)).rows[0]);
    if (look === null) return { count: 0, last: null };
    [part, bounds] = [look.seqs, look.bounds];
  }
  const walked = sql`walked as materialized (select ${columns} ${ordered(scope, filter, part, bounds)} limit ${limit})`;
  const rows = await sql<Row>`/* events.count_next */ ${counted(walked, filter, bounds)}`.execute(tx);
  const { looked = 0, count = 0, last = null } = rows.rows[0] ?? {};
  return { count, last: looked < limit || last === null ? null : BigInt(last) };
}

/** In places that lie in order. */
export async function countPlaces(
  tx: Tx,
  scope: Asking,
  filter: EventFilter,
  places: readonly BoundPlace[],
): Promise<number> {
  const { walked, bounds } = walkedPlaces(scope, filter, places);
  const needed = asksMail(filter) ? bounds : null;
  const rows = await sql<Row>`/* events.count_places */ ${counted(walked, filter, needed)}`.execute(tx);
  return rows.rows[0]?.count ?? 0;
}
