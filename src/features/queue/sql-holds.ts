/** Holds, for background work (engine role): what is let go, what a stop holds, what a hold's end takes away. */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { HoldReason, Lane } from './model.ts';

/** A row that a hold took hold of, or let go. */
export type HeldRow = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly messageId: string;
  readonly submissionId: string;
  readonly retentionDays: number;
  readonly hold: HoldReason;
};

type Row = {
  account_id: number;
  subaccount_id: number;
  message_id: string;
  submission_id: string;
  retention_days: number;
  hold: string;
};

function toHeld(row: Row): HeldRow {
  return {
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    messageId: row.message_id,
    submissionId: row.submission_id,
    retentionDays: row.retention_days,
    hold: row.hold as HoldReason,
  };
}

/**
 * Subaccounts with mail that may be let go: held by a stop, a review or a quota, or scheduled for a time that has come. A loose walk:
 * one probe per subaccount, however much it holds.
 */
export async function subaccountsWithHeld(db: Db, now: Date): Promise<readonly SubaccountId[]> {
  const rows = await sql<{ subaccount_id: number }>`/* queue.subaccounts_with_held */
    with recursive walk as (
      select h.hold, (select q.subaccount_id from queue q where q.hold = h.hold order by q.subaccount_id limit 1) as subaccount_id
      from (values ('paused'), ('review'), ('quota')) h (hold)
      union all
      select w.hold, (select q.subaccount_id from queue q where q.hold = w.hold and q.subaccount_id > w.subaccount_id
        order by q.subaccount_id limit 1)
      from walk w where w.subaccount_id is not null
    )
    select subaccount_id from walk where subaccount_id is not null
    union
    select subaccount_id from (select subaccount_id from queue where hold is not null and hold_until <= ${now} and hold = 'scheduled'
      order by hold_until limit 5000) due`.execute(db);
  return rows.rows.map((row) => row.subaccount_id as SubaccountId);
}

export type ReleasedRow = HeldRow & {
  /** Takes a unit of the quotas: nothing had counted it before. */
  readonly counts: boolean;
};

/** What `letGo` is about to look at. */
export type HeldCopy = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly messageId: string;
  readonly submissionId: string;
  readonly recipient: string;
  readonly lane: Lane;
};

/** The rows that the next `letGo` takes first, without a lock: what can be asked about them before one is taken. */
export async function peekHeld(
  db: Db,
  subaccountId: SubaccountId,
  now: Date,
  limit: number,
): Promise<readonly HeldCopy[]> {
  type Peeked = {
    account_id: number;
    message_id: string;
    submission_id: string;
    recipient: string;
    lane: Lane;
  };
  const rows = await sql<Peeked>`/* queue.peek_held */
    select q.account_id, q.message_id, q.submission_id, m.recipient, q.lane from (
      select * from queue where subaccount_id = ${subaccountId} and hold is not null
        and (hold in ('paused', 'review', 'quota') or (hold = 'scheduled' and hold_until <= ${now})) order by message_id limit ${limit}
    ) q join messages m on m.subaccount_id = q.subaccount_id and m.id = q.message_id and m.retention_days = q.retention_days`.execute(
    db,
  );
  return rows.rows.map((row) => ({
    accountId: row.account_id as AccountId,
    subaccountId,
    messageId: row.message_id,
    submissionId: row.submission_id,
    recipient: row.recipient,
    lane: row.lane,
  }));
}

export type LetGo = {
  readonly released: readonly ReleasedRow[];
  readonly newlyHeld: readonly HeldRow[];
};

/**
 * Lets go of one subaccount's held mail in the order of its acceptance, as many as `room` (null: all), at most `limit`; what
 * was counted before needs no room. A schedule that has come but finds no room is held for the quota from now on.
 */
export async function letGo(
  tx: Tx,
  subaccountId: SubaccountId,
  at: { readonly now: Date; readonly holdUntil: Date; readonly room: number | null; readonly limit: number },
): Promise<LetGo> {
  const rows = await sql<Row & { is_free: boolean; counts: boolean }>`/* queue.let_go */
    with candidate as materialized (
      select message_id, hold, hold_until, held_at, is_admitted from queue
      where subaccount_id = ${subaccountId} and hold is not null
        and (hold in ('paused', 'review', 'quota') or (hold = 'scheduled' and hold_until <= ${at.now}))
      order by message_id limit ${at.limit} for update skip locked
    ),
    judged as materialized (
      select *, is_admitted or ${at.room}::bigint is null
        or count(*) filter (where not is_admitted) over (order by message_id) <= ${at.room}::bigint as is_free
      from candidate
    ),
    gone as (
      update queue q set hold = null, hold_until = null, held_at = null, is_admitted = true,
        due_at = case j.hold when 'scheduled' then j.hold_until else q.due_at end,
        began_at = case j.hold when 'scheduled' then j.hold_until else q.began_at end,
        held_ms = case j.hold when 'scheduled' then q.held_ms
          else q.held_ms + greatest(0, extract(epoch from ${at.now} - j.held_at) * 1000)::bigint end
      from judged j
      where q.subaccount_id = ${subaccountId} and q.message_id = j.message_id and j.is_free
      returning q.account_id, q.subaccount_id, q.message_id, q.submission_id, q.retention_days, j.hold, true as is_free, not j.is_admitted as counts
    ),
    waits as (
      update queue q set hold = 'quota', hold_until = ${at.holdUntil}, held_at = ${at.now}, due_at = j.hold_until, began_at = j.hold_until
      from judged j
      where q.subaccount_id = ${subaccountId} and q.message_id = j.message_id and not j.is_free and j.hold = 'scheduled'
      returning q.account_id, q.subaccount_id, q.message_id, q.submission_id, q.retention_days, q.hold, false as is_free, false as counts
    )
    select * from gone union all select * from waits order by message_id`.execute(tx);
  return {
    released: rows.rows.filter((row) => row.is_free).map((row) => ({ ...toHeld(row), counts: row.counts })),
    newlyHeld: rows.rows.filter((row) => !row.is_free).map(toHeld),
  };
}

/** `hold`: for a stop, or for review. */
type StopHold = {
  readonly hold: 'paused' | 'review';
  readonly now: Date;
  readonly holdUntil: Date;
  readonly limit: number;
};

/** Holds what waits of subaccounts that a stop or a review has hit. */
export async function holdStopped(
  tx: Tx,
  subaccountIds: readonly number[],
  at: StopHold,
): Promise<readonly HeldRow[]> {
  const rows = await sql<Row>`/* queue.hold_stopped */
    with stopped as materialized (
      select p.subaccount_id, p.message_id from unnest(${subaccountIds}::int[]) s (id)
      cross join (values (0::smallint), (1::smallint)) l (lane)
      cross join lateral (
        select subaccount_id, message_id from queue
        where subaccount_id = s.id and lane = l.lane and hold is null and leased_by is null
        order by due_at, message_id limit ${at.limit} for update skip locked
      ) p limit ${at.limit}
    )
    update queue q set hold = ${at.hold}, hold_until = ${at.holdUntil}, held_at = ${at.now}
    from stopped s where q.subaccount_id = s.subaccount_id and q.message_id = s.message_id
    returning q.account_id, q.subaccount_id, q.message_id, q.submission_id, q.retention_days, q.hold`.execute(
    tx,
  );
  return rows.rows.map(toHeld);
}

/** Holds the schedules of stopped subaccounts whose time has come. */
export async function holdStoppedSchedules(
  tx: Tx,
  subaccountIds: readonly number[],
  at: StopHold,
): Promise<readonly HeldRow[]> {
  const rows = await sql<Row>`/* queue.hold_stopped_schedules */
    with due as materialized (
      select subaccount_id, message_id from queue
      where hold is not null and hold_until <= ${at.now} and hold = 'scheduled' and subaccount_id = any(${subaccountIds}::int[])
      order by hold_until limit ${at.limit} for update skip locked
    )
    update queue q set hold = ${at.hold}, hold_until = ${at.holdUntil}, held_at = ${at.now}, began_at = q.hold_until, due_at = q.hold_until
    from due d where q.subaccount_id = d.subaccount_id and q.message_id = d.message_id
    returning q.account_id, q.subaccount_id, q.message_id, q.submission_id, q.retention_days, q.hold`.execute(
    tx,
  );
  return rows.rows.map(toHeld);
}

/** Takes out what held too long: a stop's, a quota's or a review's hold that has ended. */
export async function takeExpiredHolds(tx: Tx, now: Date, limit: number): Promise<readonly HeldRow[]> {
  const rows = await sql<Row>`/* queue.take_expired_holds */
    delete from queue q using (
      select subaccount_id, message_id from queue where hold is not null and hold_until <= ${now} and hold <> 'scheduled'
      order by hold_until limit ${limit} for update skip locked
    ) e
    where q.subaccount_id = e.subaccount_id and q.message_id = e.message_id
    returning q.account_id, q.subaccount_id, q.message_id, q.submission_id, q.retention_days, q.hold`.execute(
    tx,
  );
  return rows.rows.map(toHeld);
}

/** Takes out what waits of subaccounts that are no more; what is being sent at this moment ends by itself. */
export async function takeAllOf(
  tx: Tx,
  subaccountIds: readonly number[],
  limit: number,
): Promise<readonly HeldRow[]> {
  const rows = await sql<Row>`/* queue.take_all_of */
    delete from queue q using (
      select p.subaccount_id, p.message_id from unnest(${subaccountIds}::int[]) s (id)
      cross join lateral (select subaccount_id, message_id from queue where subaccount_id = s.id and leased_by is null
        order by message_id limit ${limit} for update skip locked) p limit ${limit}
    ) e
    where q.subaccount_id = e.subaccount_id and q.message_id = e.message_id
    returning q.account_id, q.subaccount_id, q.message_id, q.submission_id, q.retention_days, coalesce(q.hold, 'paused') as hold`.execute(
    tx,
  );
  return rows.rows.map(toHeld);
}

/** Engine: holds messages in this node's hands for their suspensions; what is no longer leased to it is left alone. */
export async function suspendLeased(
  tx: Tx,
  node: number,
  now: Date,
  held: readonly { subaccountId: number; messageId: string; suspensionId: string; until: Date }[],
): Promise<readonly HeldRow[]> {
  const rows = await sql<Row>`/* queue.suspend_leased */
    update queue q set leased_by = null, hold = 'suspended', held_by = i.suspension_id, hold_until = i.until, held_at = ${now}
    from unnest(${held.map((each) => each.subaccountId)}::int[], ${held.map((each) => each.messageId)}::bigint[],
      ${held.map((each) => each.suspensionId)}::bigint[], ${held.map((each) => each.until)}::timestamptz[])
      i (subaccount_id, message_id, suspension_id, until)
    where q.subaccount_id = i.subaccount_id and q.message_id = i.message_id and q.leased_by = ${node}
    returning q.account_id, q.subaccount_id, q.message_id, q.submission_id, q.retention_days, q.hold`.execute(
    tx,
  );
  return rows.rows.map(toHeld);
}

/** Engine: suspensions that hold mail; a loose walk, one probe each. */
export async function suspensionsWithHeld(db: Db): Promise<readonly string[]> {
  const rows = await sql<{ id: string }>`/* queue.suspensions_with_held */
    with recursive walk as (
      (select held_by as id from queue where held_by > 0 order by held_by limit 1)
      union all
      select (select q.held_by from queue q where q.held_by > w.id order by q.held_by limit 1) from walk w where w.id is not null
    )
    select id from walk where id is not null`.execute(db);
  return rows.rows.map(({ id }) => id);
}

/** Engine: lets go what suspensions that ended hold, in the order of acceptance; held time is no time for retries. */
export async function letGoSuspended(
  tx: Tx,
  suspensionId: string,
  now: Date,
  limit: number,
): Promise<readonly HeldRow[]> {
  const rows = await sql<Row>`/* queue.let_go_suspended */
    with free as materialized (
      select subaccount_id, message_id, held_at from queue where held_by = ${suspensionId}
      order by message_id limit ${limit} for update skip locked
    )
    update queue q set hold = null, held_by = null, hold_until = null, held_at = null,
      held_ms = q.held_ms + greatest(0, extract(epoch from ${now} - f.held_at) * 1000)::bigint
    from free f where q.subaccount_id = f.subaccount_id and q.message_id = f.message_id
    returning q.account_id, q.subaccount_id, q.message_id, q.submission_id, q.retention_days, 'suspended' as hold`.execute(
    tx,
  );
  return rows.rows.map(toHeld);
}
