/**
 * Accept. HOT PATH (engine role): one statement, one transaction, one round trip stores a batch of submissions of many
 * tenants: content, copies, queue rows, Idempotency-Keys, quota counters and events. The account of every row comes from
 * the join with subaccounts, so that a row cannot point across tenants, and a subaccount that may not accept (its status
 * changed since it was asked) stores nothing: its submission comes back as missing. Figures: docs/performance.md.
 *
 * Quota counters are locked in one order (account, level, subaccount), before the event lock, on every node alike; what
 * is admitted is decided under that lock, in the order of arrival, so that a window is exact across nodes and kills.
 * Bodies are one binary parameter each: an array of bytea costs 2.6x at 10 KiB (escaped text both ways). Joins between
 * copies are avoided: plans are pinned to nested loops.
 */
import { present } from '../../base/assert.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import { numberLock } from '../events/index.ts';
import { toldFault } from './fault.ts';
import type { Accepted, CopyPlan, Submission } from './model.ts';

export type PlannedSubmission = {
  readonly id: string;
  readonly submission: Submission;
  readonly plans: readonly CopyPlan[];
  /** Leased to this node when stored. */
  readonly isLeased: boolean;
  readonly answer: string | null;
  /** When suppressions were asked. */
  readonly checkedAt: number;
};

export type AcceptBatch = {
  readonly node: number;
  readonly now: Date;
  /** When a hold for a stop or a quota ends, and the copy with it. */
  readonly holdUntil: Date;
  readonly planned: readonly PlannedSubmission[];
};

/** What may be stored and what may leave, decided under the lock of the counters. $3: when a new hold ends. */
const admission = `with moment as materialized (
  select t, quota_hour(t) as hour, quota_day(t) as day from (select quota_clock() as t) now
),
given as materialized (
  -- Own subaccounts one by one: a join, planned while there are few, walks those of all accounts for ever.
  select i.*, s.account_id, (select o.id from subaccounts o where o.account_id = s.account_id and o.is_own) as own_id, a.retention_days, quota_month(m.t, a.month_starts_on) as month, s.mail_leaves and a.mail_leaves as leaves, s.is_reviewed
  from moment m, unnest($4::int[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::bigint[],
      $12::text[], $13::text[], $14::int[], $15::bytea[], $16::bytea[], $17::text[], $18::boolean[], $19::bigint[], $20::text[])
    with ordinality as i (subaccount_id, id, key_id, door, format, mail_from, from_address, domain_id, subject, options,
      size_bytes, key_hash, fingerprint, answer, refuses, pool_id, tags, ord)
  join subaccounts s on s.id = i.subaccount_id and s.can_accept
  join accounts a on a.id = s.account_id and a.can_accept
),
counter as materialized (
  select q.subaccount_id, q.level, q.account_id, q.month_start, q.month_used, k.month,
    least(least(q.hour_max, q.hour_cap) - case when q.hour_start = m.hour then q.hour_used else 0 end,
      q.day_max - case when q.day_start = m.day then q.day_used else 0 end,
      q.month_max - case when q.month_start = k.month then q.month_used else 0 end) as room
  from moment m, (
    select subaccount_id, 'subaccount' as level, month from given
    union select own_id, 'account', month from given
  ) k
  join quotas q on q.subaccount_id = k.subaccount_id and q.level = k.level
  order by q.account_id, q.level, q.subaccount_id for update of q
),
-- Apart, and only where there is a limit: these lists are walked once for each submission.
sub_counter as materialized (select subaccount_id, room from counter where level = 'subaccount' and room is not null),
account_counter as materialized (select subaccount_id, room from counter where level = 'account' and room is not null),
sub as materialized (
  select g.*, c.room as sub_room, p.room as account_room from given g
  left join sub_counter c on c.subaccount_id = g.subaccount_id
  left join account_counter p on p.subaccount_id = g.own_id
),
counted as (
  -- flags: 1 bulk, 2 leased, 4 rather not, 8 not queued, 16 tags of its own, 32 one of a call to many
  select c.*, s.account_id, s.subaccount_id, s.retention_days, s.leaves, s.is_reviewed, s.id as submission_id, s.pool_id, s.tags, s.refuses, s.sub_room, s.account_room,
    c.flags & 8 = 0 and c.until is null and s.leaves and not s.is_reviewed as counts
  from unnest($21::int[], $22::bigint[], $23::text[], $24::text[], $25::text[], $26::text[], $27::timestamptz[], $28::smallint[], $29::text[])
    with ordinality as c (sub_ord, id, recipient, domain, data, state, until, flags, why, n)
  join sub s on s.ord = c.sub_ord
),
placed as (
  select *, counts and (sub_room is null or count(*) filter (where counts) over (partition by subaccount_id order by n) <= sub_room) as has_place
  from counted
),
admitted as (
  select *, has_place and (account_room is null or count(*) filter (where has_place) over (partition by account_id order by n) <= account_room) as is_admitted
  from placed
),
copy as materialized (
  select *, bool_or(refuses and counts and not is_admitted) over (partition by sub_ord) as is_refused,
    case when flags & 8 <> 0 or is_admitted then null when until is not null then 'scheduled' when not leaves then 'paused'
      when is_reviewed then 'review' else 'quota' end as hold
  from admitted
),
verdict as materialized (
  select sub_ord, bool_or(is_refused) as is_refused, bool_or(flags & 32 <> 0) as is_to_many, count(*) as copies, count(*) filter (where is_admitted and not is_refused) as n,
    array_agg(id) filter (where hold in ('paused', 'review', 'quota') and not is_refused) as held,
    max(case when counts and not has_place then 'subaccount' when counts and not is_admitted then 'account' end) as layer
  from copy group by sub_ord
),
kept_sub as materialized (select s.*, v.n as admitted, v.is_to_many, v.copies from sub s join verdict v on v.sub_ord = s.ord and not v.is_refused),`;

/** A case, not a join: a list of as many bodies would be walked once for each submission. */
function bodyAt(_: unknown, index: number): string {
  return `when ${index + 1} then $${index + 30}::bytea`;
}

/** Calls to many wait in a list of their own for their last copy (bulk.ts). */
const toMany = `to_many as (
  insert into bulk_sends (account_id, subaccount_id, submission_id, retention_days, copies, accepted_at, check_at)
  select account_id, subaccount_id, id, retention_days, copies, $2, $2 from kept_sub where is_to_many
),`;

/** Statement texts differ only in the number of body parameters: 1, 2, 4 ... so that few are prepared. */
export function acceptText(bodies: number): string {
  const content = Array.from({ length: bodies }, bodyAt).join(' ');
  return `/* messages.accept.${bodies} */
${admission}
used as (
  update quotas q set hour_start = u.hour, hour_used = u.n + case when q.hour_start = u.hour then q.hour_used else 0 end,
    day_start = u.day, day_used = u.n + case when q.day_start = u.day then q.day_used else 0 end,
    month_start = u.month, month_used = u.n + case when q.month_start = u.month then q.month_used else 0 end
  from (
    select k.*, m.hour, m.day from moment m, (
      select subaccount_id, 'subaccount' as level, month, sum(admitted) as n from kept_sub group by subaccount_id, month
      union all select own_id, 'account', month, sum(admitted) from kept_sub group by own_id, month
    ) k
  ) u
  where q.subaccount_id = u.subaccount_id and q.level = u.level and u.n > 0
),
turned as (
  insert into usage_months (account_id, subaccount_id, level, month_start, used)
  select account_id, subaccount_id, level, month_start, month_used from counter where month_start < month and month_used > 0
  on conflict (subaccount_id, level, month_start) do update set used = excluded.used
),
stored as (
  insert into submissions (account_id, subaccount_id, id, retention_days, key_id, door, format, mail_from, from_address,
    domain_id, subject, options, size_bytes, content)
  select account_id, subaccount_id, id, retention_days, key_id, door, format, mail_from, from_address, domain_id, subject,
    options::jsonb, size_bytes, case ord ${content} end
  from kept_sub
),
${toMany} keyed as (
  insert into idempotency_keys (account_id, subaccount_id, key_hash, fingerprint, answer, created_at)
  select account_id, subaccount_id, key_hash, fingerprint, answer::jsonb, $2 from kept_sub where key_hash is not null
),
kept as (
  insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, data, state, state_at)
  select account_id, subaccount_id, id, retention_days, submission_id, recipient, data::jsonb,
    case when hold is null then state else 'held' end, $2 from copy where not is_refused
  returning id
),
waiting as (
  insert into queue (account_id, subaccount_id, message_id, submission_id, retention_days, lane, domain, due_at, leased_by,
    hold, hold_until, held_at, is_admitted, began_at, rather_not, pool_id, tags)
  select account_id, subaccount_id, id, submission_id, retention_days, flags & 1, domain, coalesce(until, $2),
    case when flags & 2 <> 0 and hold is null then $1::smallint end, hold, case when hold is not null then coalesce(until, $3) end,
    case when hold is not null then $2 end, is_admitted, $2, flags & 4 <> 0, pool_id,
    string_to_array(tags, e'\\x1f') ||
      case when flags & 16 <> 0 then array(select jsonb_array_elements_text(data::jsonb -> 'tags')) end
  from copy where flags & 8 = 0 and not is_refused
),
number_lock as materialized (select pg_advisory_xact_lock(${numberLock}) from (select count(*) from kept) all_kept),
told as (
  insert into events (seq, at, retention_days, account_id, subaccount_id, message_id, submission_id, kind, data)
  select nextval('event_numbers'), $2, retention_days, account_id, subaccount_id, id, submission_id, kind,
    jsonb_build_object('recipient', recipient) || case kind
      when 'message.accepted' then case when hold is not null then '{"state":"held"}'::jsonb
        when state = 'suppressed' then '{"state":"suppressed"}'::jsonb else '{}'::jsonb end
      when 'message.held' then jsonb_build_object('hold', hold, 'until', coalesce(until, $3))
      when 'message.suppressed' then why::jsonb when 'message.failed' then why::jsonb when 'message.rejected' then why::jsonb
      else '{}'::jsonb end
  from (
    select copy.*, 'message.accepted' as kind, 0 as step from copy where not is_refused
    union all select copy.*, 'message.held', 1 from copy where hold is not null and not is_refused
    union all select copy.*, 'message.' || state, 1 from copy where state in ('suppressed', 'failed', 'rejected') and not is_refused
  ) e, number_lock
  order by id, step
)
select s.ord::int, s.retention_days, s.leaves, s.is_reviewed, v.is_refused, v.held, v.layer from sub s join verdict v on v.sub_ord = s.ord order by s.ord`;
}

export const acceptBatchMax = 256;
const texts = Array.from({ length: Math.log2(acceptBatchMax) + 1 }, (_, power) => acceptText(2 ** power));

type Row = {
  ord: number;
  retention_days: number;
  leaves: boolean;
  is_reviewed: boolean;
  is_refused: boolean;
  held: string[] | null;
  layer: 'subaccount' | 'account' | null;
};

/** Whose quota was in the way. */
export type QuotaLayer = 'subaccount' | 'account';

export type StoredSubmission =
  | { readonly kind: 'refused'; readonly layer: QuotaLayer }
  | {
      readonly kind: 'stored';
      readonly retentionDays: number;
      readonly isLeased: boolean;
      /** Copies that a stop of their subaccount, a review or a quota holds. */
      readonly held: ReadonlySet<string>;
      readonly holdReason: 'paused' | 'review' | 'quota';
      readonly layer: QuotaLayer | null;
    };

/** Per submission what became of it, or null when its subaccount may not accept. */
export async function acceptBatch(
  connection: HotConnection,
  batch: AcceptBatch,
): Promise<readonly (StoredSubmission | null)[]> {
  const power = Math.ceil(Math.log2(batch.planned.length));
  const bodies = 2 ** power;
  const text = present(texts[power], 'the accept batch is too long');
  const values: unknown[] = [
    batch.node,
    batch.now,
    batch.holdUntil,
    ...submissionColumns(batch.planned),
    ...copyColumns(batch.planned),
  ];
  for (let index = 0; index < bodies; index++) values.push(batch.planned[index]?.submission.content ?? null);
  const result = await connection.query<Row>(`messages.accept.${bodies}`, text, values);
  const stored = batch.planned.map((): StoredSubmission | null => null);
  for (const row of result.rows) stored[row.ord - 1] = toStored(row, batch.planned[row.ord - 1]);
  return stored;
}

function toStored(row: Row, planned: PlannedSubmission | undefined): StoredSubmission {
  if (row.is_refused) return { kind: 'refused', layer: row.layer ?? 'subaccount' };
  return {
    kind: 'stored',
    retentionDays: row.retention_days,
    isLeased: row.leaves && !row.is_reviewed && planned?.isLeased === true,
    held: new Set(row.held ?? []),
    holdReason: row.leaves ? (row.is_reviewed ? 'review' : 'quota') : 'paused',
    layer: row.layer,
  };
}

function submissionColumns(planned: readonly PlannedSubmission[]): unknown[] {
  const columns: unknown[][] = Array.from({ length: 17 }, () => []);
  for (const { id, submission, answer } of planned) {
    const cells = [
      submission.subaccountId,
      id,
      submission.keyId,
      submission.door,
      submission.format,
      submission.mailFrom,
      submission.fromAddress,
      submission.domainId,
      submission.subject,
      JSON.stringify(submission.options),
      submission.content.length,
      submission.idempotency?.keyHash ?? null,
      submission.idempotency?.fingerprint ?? null,
      submission.idempotency === null ? null : answer,
      submission.options.terms.overQuota === 'refuse',
      submission.options.poolId ?? '0',
      submission.options.tags.length === 0 ? null : submission.options.tags.join('\u001f'),
    ];
    for (const [index, cell] of cells.entries()) columns[index]?.push(cell);
  }
  return columns;
}

function copyColumns(planned: readonly PlannedSubmission[]): unknown[] {
  const columns: unknown[][] = Array.from({ length: 9 }, () => []);
  for (const [index, { submission, plans, isLeased }] of planned.entries()) {
    const isToMany = plans.length > 1 && plans[0]?.copy.data?.to !== undefined;
    const shared =
      submission.lane +
      (submission.options.terms.unknownOutcome === 'rather_not' ? 4 : 0) +
      (isToMany ? 32 : 0);
    for (const plan of plans) {
      const isQueued = plan.state === 'queued' || plan.state === 'held';
      const hasTags = (plan.copy.data?.tags ?? []).length > 0;
      const flags =
        shared + (isLeased && plan.hold === null ? 2 : 0) + (isQueued ? 0 : 8) + (hasTags ? 16 : 0);
      const cells = [
        index + 1,
        plan.id,
        plan.copy.address,
        plan.copy.domain,
        plan.copy.data === null ? null : JSON.stringify(plan.copy.data),
        plan.state,
        plan.hold === null ? null : new Date(plan.hold.until),
        flags,
        endOf(plan),
      ];
      for (const [column, cell] of cells.entries()) columns[column]?.push(cell);
    }
  }
  return columns;
}

/** What the event tells of a copy that ends as it is accepted; a fault as delivery tells it of one that fails later. */
function endOf({ suppression, rejection, fault }: CopyPlan): string | null {
  const why = suppression ?? rejection;
  if (why !== null) return JSON.stringify(why);
  if (fault === null) return null;
  return JSON.stringify(toldFault(fault));
}

/** What the Idempotency-Key answers from now on. */
export async function replaceAnswer(
  connection: HotConnection,
  subaccountId: number,
  keyHash: Buffer,
  answer: Accepted,
): Promise<void> {
  await connection.query(
    'messages.replace_answer',
    '/* messages.replace_answer */ update idempotency_keys set answer = $3 where subaccount_id = $1 and key_hash = $2',
    [subaccountId, keyHash, JSON.stringify(answer)],
  );
}
