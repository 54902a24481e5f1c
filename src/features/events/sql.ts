import { sql } from 'kysely';
import { clocksApartMs } from '../../base/clock.ts';
import { idTime } from '../../base/ids.ts';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { EventKind } from './kinds.ts';
import type { DetailedEvent, NewEvent, StoredEvent } from './model.ts';

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
    select nextval('event_numbers'), ${now}, coalesce(e.retention_days, a.retention_days), e.account_id, e.subaccount_id, e.message_id, e.submission_id, e.kind, e.data
    from (select pg_advisory_xact_lock(${sql.lit(numberLock)})) l,
      unnest(${events.map((event) => event.accountId)}::int[], ${events.map((event) => event.subaccountId)}::int[],
        ${events.map((event) => event.messageId ?? null)}::bigint[], ${events.map((event) => event.submissionId ?? null)}::bigint[],
        ${events.map((event) => event.kind)}::text[], ${events.map((event) => JSON.stringify(event.data))}::jsonb[],
        ${events.map((event) => event.retentionDays ?? null)}::smallint[])
        as e (account_id, subaccount_id, message_id, submission_id, kind, data, retention_days)
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

/** Everything that happened to one message, oldest first. */
export async function timeline(tx: Tx, messageId: string): Promise<readonly StoredEvent[]> {
  const rows = await sql<Row>`/* events.timeline */
    select seq, at, account_id, subaccount_id, message_id, submission_id, kind, data from events
    where message_id = ${messageId} order by seq limit 1000`.execute(tx);
  return rows.rows.map(toEvent);
}

/** As `timeline`, of many messages that the transaction sees, whose events are of their class; of one that has none there is nothing. */
export async function timelines(
  tx: Tx,
  messages: readonly { readonly id: string; readonly retentionDays: number }[],
): Promise<ReadonlyMap<string, readonly StoredEvent[]>> {
  const rows = await sql<Row>`/* events.timelines */
    select e.* from unnest(${messages.map(({ id }) => id)}::bigint[], ${messages.map(({ retentionDays }) => retentionDays)}::smallint[],
      ${messages.map(({ id }) => new Date(idTime(id) - clocksApartMs))}::timestamptz[]) m (id, retention_days, since)
    cross join lateral (
      select seq, at, account_id, subaccount_id, message_id, submission_id, kind, data from events
      where message_id = m.id and retention_days = m.retention_days and at >= m.since order by seq limit 1000) e`.execute(
    tx,
  );
  return Map.groupBy(rows.rows.map(toEvent), ({ messageId }) => messageId ?? '');
}

export type DetailedRow = Row & {
  recipient: string | null;
  subject: string | null;
  tags: readonly string[] | null;
  metadata: Record<string, unknown> | null;
  copy_metadata: Record<string, unknown> | null;
  from_address: string | null;
  door: string | null;
  size_bytes: number | null;
  campaign: string | null;
  template_id: string | null;
  template_slug: string | null;
  pool_id: string | null;
  tracked: Readonly<Record<string, boolean>> | null;
  lane: 'transactional' | 'bulk' | null;
  copy_kind: string | null;
  subaccount_name: string | null;
};

/**
 * The message and submission of `events e`: one look-up each by id, so that they are stored once per message and not with
 * each of its events (docs/decisions/event-details.md). An event of a message has the message's own retention class.
 */
export const detailed = sql`select e.seq, e.at, e.account_id, e.subaccount_id, e.message_id, e.submission_id, e.kind, e.data,
    coalesce(e.data ->> 'recipient', m.recipient) as recipient, s.subject, (s.options -> 'tags') || coalesce(m.data -> 'tags', '[]') as tags,
    s.options -> 'metadata' as metadata, m.data -> 'metadata' as copy_metadata, coalesce(m.data ->> 'from', s.from_address) as from_address, s.door, s.size_bytes,
    s.options ->> 'campaign' as campaign, s.options ->> 'templateId' as template_id, s.options ->> 'templateSlug' as template_slug,
    coalesce(s.options ->> 'poolId', (select pool_id::text from subaccounts where id = e.subaccount_id)) as pool_id, s.options -> 'tracked' as tracked,
    s.options ->> 'lane' as lane, m.data ->> 'kind' as copy_kind,
    (select case when not is_own then coalesce(external_id, id::text) end from subaccounts where id = e.subaccount_id) as subaccount_name`;
/** Where some events lie, and their messages: no narrower than what is stored. */
export type Bounds = {
  /** Retention classes. */
  readonly classes: readonly number[];
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** Of messages and submissions. */
  readonly firstId: bigint;
  readonly lastId: bigint;
};

/** One by one (`offset 0`): a join, planned without statistics, would read all messages of the account instead. Bounds leave out
 * partitions before the plan is made: with 37 leaves of each table that takes 2.5 ms, with one 0.3. */
export function withMessage(bounds: Bounds | null = null): ReturnType<typeof sql> {
  const within =
    bounds === null
      ? sql``
      : sql`and retention_days = any(${bounds.classes}::smallint[]) and id >= ${bounds.firstId} and id <= ${bounds.lastId}`;
  return sql`left join lateral (select recipient, data from messages where subaccount_id = e.subaccount_id
      and id = e.message_id and retention_days = e.retention_days ${within} offset 0) m on true
    left join lateral (select subject, options, from_address, door, size_bytes from submissions where subaccount_id = e.subaccount_id
      and id = e.submission_id and retention_days = e.retention_days ${within} offset 0) s on true`;
}

export function toDetailed(row: DetailedRow): DetailedEvent {
  return {
    ...toEvent(row),
    recipient: row.recipient,
    subject: row.subject,
    tags: row.tags ?? [],
    metadata: { ...row.metadata, ...row.copy_metadata },
    from: row.from_address,
    mail:
      row.door === null
        ? null
        : {
            from: row.from_address,
            door: row.door,
            sizeBytes: row.size_bytes,
            campaign: row.campaign,
            templateId: row.template_id,
            templateSlug: row.template_slug,
            poolId: row.pool_id,
            tracked: row.tracked ?? {},
            lane: row.lane,
            copy: row.copy_kind ?? 'to',
          },
    subaccountName: row.subaccount_name,
  };
}

/** Events by number, in order; the range of their instants tells which partitions to look in. What is gone is left out. */
export async function bySeqs(
  db: Db,
  seqs: readonly string[],
  range: { readonly from: Date; readonly until: Date },
): Promise<readonly DetailedEvent[]> {
  const rows = await sql<DetailedRow>`/* events.by_seqs */
    ${detailed} from events e ${withMessage()}
    where e.seq = any(${seqs}::bigint[]) and e.at >= ${range.from} and e.at <= ${range.until} order by e.seq`.execute(
    db,
  );
  return rows.rows.map(toDetailed);
}

/** The newest number that was drawn, committed or not: it moves whenever something is about to be in the log. */
export async function newestSeq(db: Db): Promise<string> {
  const rows = await sql<{
    seq: string;
  }>`/* events.newest_seq */ select coalesce(pg_sequence_last_value('event_numbers'::regclass), 0)::text as seq`.execute(
    db,
  );
  return rows.rows[0]?.seq ?? '0';
}
