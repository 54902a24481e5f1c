import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { EventKind, NewEvent, StoredEvent } from './model.ts';

/**
 * The advisory lock under which events get their numbers. It is taken last in a transaction and ends with the commit,
 * so that numbers become visible in their order. Measured against a sequencer that numbers committed rows: 0 against
 * 19 us a row (docs/decisions/event-numbers.md).
 */
export const numberLock = 5_117_301;

/** Appends facts; to be the last statement of the transaction, because other appenders wait from here to the commit. */
export async function append(tx: Tx, now: Date, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await sql`/* events.append */
    insert into events (seq, at, retention_days, account_id, subaccount_id, message_id, submission_id, kind, data)
    select nextval('event_numbers'), ${now}, a.retention_days, e.account_id, e.subaccount_id, e.message_id, e.submission_id, e.kind, e.data
    from (select pg_advisory_xact_lock(${sql.lit(numberLock)})) l,
      unnest(${events.map((event) => event.accountId)}::int[], ${events.map((event) => event.subaccountId)}::int[],
        ${events.map((event) => event.messageId ?? null)}::bigint[], ${events.map((event) => event.submissionId ?? null)}::bigint[],
        ${events.map((event) => event.kind)}::text[], ${events.map((event) => JSON.stringify(event.data))}::jsonb[])
        as e (account_id, subaccount_id, message_id, submission_id, kind, data)
    join accounts a on a.id = e.account_id`.execute(tx);
}

type Row = {
  seq: string;
  at: Date;
  account_id: number;
  subaccount_id: number;
  message_id: string | null;
  submission_id: string | null;
  kind: string;
  data: unknown;
};

function toEvent(row: Row): StoredEvent {
  return {
    seq: row.seq,
    at: row.at,
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    messageId: row.message_id,
    submissionId: row.submission_id,
    kind: row.kind as EventKind,
    data: row.data,
  };
}

export type EventFilter = {
  readonly after: string;
  readonly limit: number;
  readonly kinds: readonly EventKind[] | null;
  readonly messageId: string | null;
};

/** What the transaction's scope may see, in order of number, from `after` (not included). */
export async function list(
  tx: Tx,
  subaccountId: SubaccountId | null,
  filter: EventFilter,
): Promise<readonly StoredEvent[]> {
  const rows = await sql<Row>`/* events.list */
    select seq, at, account_id, subaccount_id, message_id, submission_id, kind, data from events
    where seq > ${filter.after}
      ${subaccountId === null ? sql`` : sql`and subaccount_id = ${subaccountId}`}
      ${filter.kinds === null ? sql`` : sql`and kind = any(${filter.kinds}::text[])`}
      ${filter.messageId === null ? sql`` : sql`and message_id = ${filter.messageId}`}
    order by seq limit ${filter.limit}`.execute(tx);
  return rows.rows.map(toEvent);
}

/** Everything that happened to one message, oldest first. */
export async function timeline(tx: Tx, messageId: string): Promise<readonly StoredEvent[]> {
  const rows = await sql<Row>`/* events.timeline */
    select seq, at, account_id, subaccount_id, message_id, submission_id, kind, data from events
    where message_id = ${messageId} order by seq limit 1000`.execute(tx);
  return rows.rows.map(toEvent);
}
