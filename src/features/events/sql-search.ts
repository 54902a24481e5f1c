/**
 * Search. One order, the log's own, either way; a page looks at a bounded number of events and says how far it came, so that
 * it is answered in a bounded time whatever was asked for, and going on from there skips nothing.
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
  readonly subjectWord: string | null;
  readonly bounceClass: string | null;
  readonly from: Date | null;
  readonly until: Date | null;
};

export type EventPage = {
  readonly events: readonly DetailedEvent[];
  /** How far it looked; null when there was nothing at all. */
  readonly lookedTo: string | null;
  /** There is nothing beyond. */
  readonly isEnd: boolean;
};

/** Events that a page looks at: 5,000 with their messages take about 50 ms. */
const looksMax = 5000;
/** A recipient's or a submission's messages that are looked at: the newest. */
const messagesMax = 1000;

type Asking = Pick<Scope, 'accountId' | 'reach'>;
type Part = ReturnType<typeof sql>;
const nothing = sql``;

/** What is asked of the log itself, by its indexes. */
function walked(scope: Asking, filter: EventFilter): Part {
  const { cursor, order, messageId, from, until } = filter;
  const only = onlySubaccount(scope.reach);
  const mine = only === null ? nothing : sql`and e.subaccount_id = ${only}`;
  return sql`e.account_id = ${scope.accountId} ${mine}
    ${cursor === null ? nothing : order === 'oldest' ? sql`and e.seq > ${cursor}` : sql`and e.seq < ${cursor}`}
    ${messageId === null ? nothing : sql`and e.message_id = ${messageId}`}
    ${from === null ? nothing : sql`and e.at >= ${from}`} ${until === null ? nothing : sql`and e.at < ${until}`}`;
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

/** What is asked of what was looked at. */
function kept({ kinds, domain, tag, subjectWord, bounceClass }: EventFilter): Part {
  return sql`true ${kinds === null ? nothing : sql`and e.kind = any(${kinds}::text[])`}
    ${bounceClass === null ? nothing : sql`and e.data ->> 'class' = ${bounceClass}`}
    ${domain === null ? nothing : sql`and lower(split_part(coalesce(e.data ->> 'recipient', m.recipient), '@', 2)) = ${domain.toLowerCase()}`}
    ${tag === null ? nothing : sql`and (s.options -> 'tags' ? ${tag} or m.data -> 'tags' ? ${tag})`}
    ${subjectWord === null ? nothing : sql`and position(${subjectWord.toLowerCase()} in lower(s.subject)) > 0`}`;
}

type Looked = { looked: number; looked_to: string | null };

/** Its plan is pinned by a test: of one recipient, submission or message nothing else is read. */
export function searchStatement(scope: Asking, filter: EventFilter): RawBuilder<Looked & DetailedRow> {
  const direction = filter.order === 'oldest' ? sql`asc` : sql`desc`;
  return sql<Looked & DetailedRow>`/* events.search */
    with walked as materialized (
      select e.* from ${source(scope, filter)} where ${walked(scope, filter)} order by e.seq ${direction} limit ${looksMax}
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

export async function search(tx: Tx, scope: Scope, filter: EventFilter): Promise<EventPage> {
  const { messageId, submissionId, recipient } = filter;
  if (messageId === null && submissionId === null && recipient === null) await inOrder.execute(tx);
  const rows = await searchStatement(scope, filter).execute(tx);
  const events = rows.rows.filter(({ seq }) => seq !== null).map(toDetailed);
  const { looked = 0, looked_to: edge = null } = rows.rows[0] ?? {};
  const isFull = events.length === filter.limit;
  return {
    events,
    lookedTo: isFull ? (events.at(-1)?.seq ?? null) : edge,
    isEnd: !isFull && looked < looksMax,
  };
}
