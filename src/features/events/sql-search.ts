/**
 * Search. One order, the log's own, either way; a page looks at a bounded number of events and says how far it came, so that
 * it is answered in a bounded time whatever was asked for, and going on from there skips nothing. What has postings is looked
 * at only where all terms stand; the newest part of the log, which has none yet, is walked.
 */
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { Scope } from '../../base/scope.ts';
import { detailed, toDetailed, withMessage } from './sql.ts';
import type { DetailedRow } from './sql.ts';
import type { EventKind } from './kinds.ts';
import type { DetailedEvent } from './model.ts';

export type EventFilter = {
  readonly order: 'oldest' | 'newest';
  /** The number to go on from, not included; null for the beginning of the order. */
  readonly cursor: string | null;
  readonly limit: number;
  readonly kinds: readonly EventKind[] | null;
  readonly messageId: string | null;
  readonly submissionId: string | null;
  readonly recipient: string | null;
  readonly domain: string | null;
  readonly tag: string | null;
  readonly campaign: string | null;
  readonly template: string | null;
  /** Whole words, all of them, in any case. */
  readonly subjectWords: string | null;
  readonly bounceClass: string | null;
  readonly from: Date | null;
  readonly until: Date | null;
};

/** Events that a walk looks at: 5,000 with their messages take about 50 ms. */
export const looksMax = 5000;
/** A recipient's or a submission's messages that are looked at: the newest. */
const messagesMax = 1000;

export type Asking = Pick<Scope, 'accountId' | 'reach'>;
/** Numbers, the first of them included. */
export type Seqs = { readonly from: bigint; readonly until: bigint };
type Part = ReturnType<typeof sql>;
const nothing = sql``;
const top = 2n ** 63n - 1n;

/** What the cursor leaves. */
export function beyond({ cursor, order }: EventFilter): Seqs {
  if (cursor === null) return { from: 0n, until: top };
  return order === 'oldest' ? { from: BigInt(cursor) + 1n, until: top } : { from: 0n, until: BigInt(cursor) };
}

function ofScope({ accountId, reach }: Asking): Part {
  const only = onlySubaccount(reach);
  return sql`e.account_id = ${accountId} ${only === null ? nothing : sql`and e.subaccount_id = ${only}`}`;
}

function inTime({ from, until }: EventFilter): Part {
  return sql`${from === null ? nothing : sql`and e.at >= ${from}`} ${until === null ? nothing : sql`and e.at < ${until}`}`;
}

/** What is asked of the log itself, by its indexes. */
function walked(scope: Asking, filter: EventFilter, seqs: Seqs): Part {
  const { messageId } = filter;
  const low = seqs.from === 0n ? nothing : sql`and e.seq >= ${seqs.from}`;
  const high = seqs.until === top ? nothing : sql`and e.seq < ${seqs.until}`;
  return sql`${ofScope(scope)} ${low} ${high}
    ${messageId === null ? nothing : sql`and e.message_id = ${messageId}`} ${inTime(filter)}`;
}

/** The log, or of a recipient or a submission the events of its messages: one look-up each, never a walk of the
 * log. (`id + 0`: in the order of ids the planner would walk all messages and hope.) */
function source(scope: Asking, { submissionId, recipient }: EventFilter): Part {
  if (submissionId === null && recipient === null) return sql`events e`;
  const only = onlySubaccount(scope.reach);
  const mine = only === null ? nothing : sql`and subaccount_id = ${only}`;
  return sql`(select id from messages where account_id = ${scope.accountId} ${mine}
      ${submissionId === null ? nothing : sql`and submission_id = ${submissionId}`}
      ${recipient === null ? nothing : sql`and recipient_hash = address_hash(${recipient}) and lower(recipient) = ${recipient.toLowerCase()}`}
      order by id + 0 desc limit ${messagesMax}) found
    cross join lateral (select * from events where message_id = found.id offset 0) e`;
}

/** Of the log alone: asked before anything is looked up. */
function ofLog({ kinds, bounceClass }: EventFilter): Part {
  return sql`${kinds === null ? nothing : sql`and e.kind = any(${kinds}::text[])`}
    ${bounceClass === null ? nothing : sql`and e.data ->> 'class' = ${bounceClass}`}`;
}

/** The longest run of plain letters is looked for first: taking a subject apart takes 8 us, and most have not even that. */
function ofSubject(words: string): Part {
  const runs = (words.match(/[a-z\d]+/gi) ?? []).toSorted((left, right) => right.length - left.length);
  const [longest = ''] = runs;
  return sql`and position(lower(${longest}) in lower(s.subject)) > 0
    and array_remove(subject_words(${words}), '') <@ subject_words(s.subject)`;
}

/** What is asked of what was looked at. */
function kept(filter: EventFilter): Part {
  const { domain, tag, campaign, template, subjectWords } = filter;
  return sql`true ${ofLog(filter)}
    ${domain === null ? nothing : sql`and lower(split_part(coalesce(e.data ->> 'recipient', m.recipient), '@', 2)) = ${domain.toLowerCase()}`}
    ${tag === null ? nothing : sql`and (s.options -> 'tags' ? ${tag} or m.data -> 'tags' ? ${tag})`}
    ${campaign === null ? nothing : sql`and s.options ->> 'campaign' = ${campaign}`}
    ${template === null ? nothing : sql`and s.options ->> 'templateId' = ${template}`}
    ${subjectWords === null ? nothing : ofSubject(subjectWords)}`;
}

export type Looked = { looked: number; looked_to: string | null };
export type FoundRow = Looked & DetailedRow;

/** Its plan is pinned by a test: of one recipient, submission or message nothing else is read. */
export function searchStatement(
  scope: Asking,
  filter: EventFilter,
  seqs: Seqs = beyond(filter),
): RawBuilder<FoundRow> {
  const direction = filter.order === 'oldest' ? sql`asc` : sql`desc`;
  return sql<FoundRow>`/* events.search */
    with walked as materialized (
      select e.* from ${source(scope, filter)} where ${walked(scope, filter, seqs)} order by e.seq ${direction} limit ${looksMax}
    )
    select l.*, found.* from (
      select count(*)::int as looked, ${filter.order === 'oldest' ? sql`max(seq)` : sql`min(seq)`} as looked_to from walked
    ) l left join (
      ${detailed} from walked e ${withMessage} where ${kept(filter)} order by e.seq ${direction} limit ${filter.limit}
    ) found on true order by found.seq ${direction}`;
}

/** For this transaction: walks of the log go along an index, where the planner would rather sort what it takes for little. */
export const inOrder = sql`/* events.in_order */
  select set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)`;

/** A part of the log, and whose events of it are asked for; null: of all that the scope sees. */
export type Place = Seqs & { readonly subaccounts: readonly number[] | null };

/** What is found in parts of the log that lie in order. */
export async function searchPlaces(
  tx: Tx,
  scope: Asking,
  filter: EventFilter,
  places: readonly Place[],
): Promise<readonly DetailedEvent[]> {
  const direction = filter.order === 'oldest' ? sql`asc` : sql`desc`;
  const some = places.every(({ subaccounts }) => subaccounts !== null)
    ? [...new Set(places.flatMap(({ subaccounts }) => subaccounts ?? []))]
    : null;
  const rows = await sql<DetailedRow>`/* events.search_places */
    with place as (
      select * from unnest(${places.map(({ from }) => from)}::bigint[], ${places.map(({ until }) => until)}::bigint[]) p (low, high)
    ),
    walked as materialized (
      select e.* from place p cross join lateral (
        select * from events e where ${ofScope(scope)} and e.seq >= p.low and e.seq < p.high ${inTime(filter)} ${ofLog(filter)}
          ${some === null ? nothing : sql`and e.subaccount_id = any(${some}::int[])`} offset 0) e
    )
    ${detailed} from walked e ${withMessage} where ${kept(filter)} order by e.seq ${direction} limit ${filter.limit}`.execute(
    tx,
  );
  return rows.rows.map(toDetailed);
}
