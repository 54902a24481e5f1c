/**
 * Accept. HOT PATH (engine role): one statement, one transaction, one round trip stores a batch of submissions of many
 * tenants: content, copies, queue rows, Idempotency-Keys and events. The account of every row comes from the join with
 * subaccounts, so that a row cannot point across tenants, and a subaccount that may not accept (its status changed
 * since it was asked) stores nothing: its submission comes back as missing. Figures: docs/performance.md.
 *
 * Bodies are one binary parameter each: an array of bytea costs 2.6x at 10 KiB (escaped text both ways).
 */
import { present } from '../../base/assert.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import { numberLock } from '../events/index.ts';
import type { CopyPlan, Submission } from './model.ts';

export type PlannedSubmission = {
  readonly id: string;
  readonly submission: Submission;
  readonly plans: readonly CopyPlan[];
  /** Leased to this node when stored. */
  readonly isLeased: boolean;
  readonly answer: string | null;
};

export type AcceptBatch = {
  readonly node: number;
  readonly now: Date;
  /** Statuses whose subaccounts may accept now, and those whose mail may leave (subaccounts/rules.ts). */
  readonly acceptingStatuses: readonly string[];
  readonly leavingStatuses: readonly string[];
  readonly planned: readonly PlannedSubmission[];
};

/** Statement texts differ only in the number of body parameters: 1, 2, 4 ... so that few are prepared. */
function acceptText(bodies: number): string {
  const values = Array.from({ length: bodies }, (_, index) => `(${index + 1}, $${index + 27}::bytea)`).join(
    ', ',
  );
  return `/* messages.accept.${bodies} */
with sub as materialized (
  select i.*, s.account_id, a.retention_days, s.status = any ($26::text[]) and a.status = any ($26::text[]) as leaves
  from unnest($4::int[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::bigint[],
      $12::text[], $13::text[], $14::int[], $15::bytea[], $16::bytea[], $17::text[]) with ordinality
    as i (subaccount_id, id, key_id, door, format, mail_from, from_address, domain_id, subject, options, size_bytes,
      key_hash, fingerprint, answer, ord)
  join subaccounts s on s.id = i.subaccount_id and s.status = any ($3::text[])
  join accounts a on a.id = s.account_id and a.status = any ($3::text[])
),
stored as (
  insert into submissions (account_id, subaccount_id, id, retention_days, key_id, door, format, mail_from, from_address,
    domain_id, subject, options, size_bytes, content)
  select account_id, subaccount_id, id, retention_days, key_id, door, format, mail_from, from_address, domain_id, subject,
    options::jsonb, size_bytes, b.content
  from sub join (values ${values}) b (ord, content) on b.ord = sub.ord
),
keyed as (
  insert into idempotency_keys (account_id, subaccount_id, key_hash, fingerprint, answer, created_at)
  select account_id, subaccount_id, key_hash, fingerprint, answer::jsonb, $2 from sub where key_hash is not null
),
copy as materialized (
  select s.account_id, s.subaccount_id, s.retention_days, s.leaves, s.id as submission_id, c.*
  from unnest($18::int[], $19::bigint[], $20::text[], $21::text[], $22::text[], $23::text[], $24::timestamptz[], $25::smallint[])
    as c (sub_ord, id, recipient, domain, data, state, hold_until, flags)
  join sub s on s.ord = c.sub_ord
),
kept as (
  insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, data, state, state_at)
  select account_id, subaccount_id, id, retention_days, submission_id, recipient, data::jsonb, state, $2 from copy
  returning id
),
waiting as (
  -- flags: 1 bulk, 2 leased, 4 rather not, 8 not queued
  insert into queue (account_id, subaccount_id, message_id, submission_id, retention_days, lane, domain, due_at, leased_by,
    hold, hold_until, began_at, rather_not)
  select account_id, subaccount_id, id, submission_id, retention_days, flags & 1, domain, coalesce(hold_until, $2),
    case when flags & 2 <> 0 and leaves then $1::smallint end, case when hold_until is not null then 'scheduled' end, hold_until, $2,
    flags & 4 <> 0
  from copy where flags & 8 = 0
),
number_lock as materialized (select pg_advisory_xact_lock(${numberLock}) from (select count(*) from kept) all_kept),
told as (
  insert into events (seq, at, retention_days, account_id, subaccount_id, message_id, submission_id, kind, data)
  select nextval('event_numbers'), $2, retention_days, account_id, subaccount_id, id, submission_id, kind,
    jsonb_build_object('recipient', recipient) || case kind when 'message.held'
      then jsonb_build_object('hold', 'scheduled', 'until', hold_until) else '{}'::jsonb end
  from (
    select copy.*, 'message.accepted' as kind, 0 as step from copy
    union all select copy.*, 'message.held', 1 from copy where state = 'held'
    union all select copy.*, 'message.suppressed', 1 from copy where state = 'suppressed'
  ) e, number_lock
  order by id, step
)
select ord::int, retention_days, leaves from sub order by ord`;
}

export const acceptBatchMax = 256;
const texts = Array.from({ length: Math.log2(acceptBatchMax) + 1 }, (_, power) => acceptText(2 ** power));

type Row = { ord: number; retention_days: number; leaves: boolean };

export type StoredSubmission = { readonly retentionDays: number; readonly isLeased: boolean };

/** Per submission its retention class and whether it is leased, or null when its subaccount may not accept. */
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
    batch.acceptingStatuses,
    ...submissionColumns(batch.planned),
    ...copyColumns(batch.planned),
    batch.leavingStatuses,
  ];
  for (let index = 0; index < bodies; index++) values.push(batch.planned[index]?.submission.content ?? null);
  const result = await connection.query<Row>(`messages.accept.${bodies}`, text, values);
  const stored = batch.planned.map((): StoredSubmission | null => null);
  for (const row of result.rows) {
    const isLeased = row.leaves && batch.planned[row.ord - 1]?.isLeased === true;
    stored[row.ord - 1] = { retentionDays: row.retention_days, isLeased };
  }
  return stored;
}

function submissionColumns(planned: readonly PlannedSubmission[]): unknown[] {
  const columns: unknown[][] = Array.from({ length: 14 }, () => []);
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
    ];
    for (const [index, cell] of cells.entries()) columns[index]?.push(cell);
  }
  return columns;
}

function copyColumns(planned: readonly PlannedSubmission[]): unknown[] {
  const columns: unknown[][] = Array.from({ length: 8 }, () => []);
  for (const [index, { submission, plans, isLeased }] of planned.entries()) {
    const shared = submission.lane + (submission.options.terms.unknownOutcome === 'rather_not' ? 4 : 0);
    for (const plan of plans) {
      const isQueued = plan.state === 'queued' || plan.state === 'held';
      const flags = shared + (isLeased && plan.hold === null ? 2 : 0) + (isQueued ? 0 : 8);
      const cells = [
        index + 1,
        plan.id,
        plan.copy.address,
        plan.copy.domain,
        plan.copy.data === null ? null : JSON.stringify(plan.copy.data),
        plan.state,
        plan.hold === null ? null : new Date(plan.hold.until),
        flags,
      ];
      for (const [column, cell] of cells.entries()) columns[column]?.push(cell);
    }
  }
  return columns;
}
