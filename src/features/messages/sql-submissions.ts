import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { MessageState, SubmissionOptions } from './model.ts';

export type SubmissionRow = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly id: string;
  readonly from: string;
  readonly subject: string;
  readonly door: string;
  readonly sizeBytes: number;
  readonly options: SubmissionOptions;
};

type Row = {
  account_id: number;
  subaccount_id: number;
  id: string;
  from_address: string;
  subject: string;
  door: string;
  size_bytes: number;
  options: SubmissionOptions;
};

const columns = sql`s.account_id, s.subaccount_id, s.id, s.from_address, s.subject, s.door, s.size_bytes, s.options`;

function toSubmission(row: Row): SubmissionRow {
  return {
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    id: row.id,
    from: row.from_address,
    subject: row.subject,
    door: row.door,
    sizeBytes: row.size_bytes,
    options: row.options,
  };
}

/** By way of one of its copies, which tells whose it is and in which partition it lies. */
export async function findSubmission(tx: Tx, id: string): Promise<SubmissionRow | null> {
  const rows = await sql<Row>`/* messages.find_submission */
    select ${columns} from (
      select subaccount_id, retention_days from messages where submission_id = ${id} limit 1
    ) m join submissions s on s.subaccount_id = m.subaccount_id and s.id = ${id} and s.retention_days = m.retention_days`.execute(
    tx,
  );
  const [row] = rows.rows;
  return row === undefined ? null : toSubmission(row);
}

export type SubmissionFilter = {
  readonly subaccountId: SubaccountId;
  readonly before: string | null;
  readonly limit: number;
  readonly campaign: string | null;
  readonly templateId: string | null;
};

/** Newest first, of one subaccount. */
export async function listSubmissions(tx: Tx, filter: SubmissionFilter): Promise<readonly SubmissionRow[]> {
  const { before, campaign, templateId } = filter;
  const rows = await sql<Row>`/* messages.submissions */
    select ${columns} from submissions s where s.subaccount_id = ${filter.subaccountId}
      ${before === null ? sql`` : sql`and s.id < ${before}`}
      ${campaign === null ? sql`` : sql`and s.options ? 'campaign' and s.options ->> 'campaign' = ${campaign}`}
      ${templateId === null ? sql`` : sql`and s.options ->> 'templateId' = ${templateId}`}
    order by s.id desc limit ${filter.limit}`.execute(tx);
  return rows.rows.map(toSubmission);
}

/** How many of its copies are in which state. */
export async function statesOf(tx: Tx, submissionId: string): Promise<ReadonlyMap<MessageState, number>> {
  const rows = await sql<{ state: MessageState; n: number }>`/* messages.states_of */
    select state, count(*)::int as n from messages where submission_id = ${submissionId} group by state`.execute(
    tx,
  );
  return new Map(rows.rows.map(({ state, n }) => [state, n]));
}

/** Ids of its copies that wait, in order. */
export async function waitingOf(
  tx: Tx,
  submissionId: string,
): Promise<readonly { readonly subaccountId: SubaccountId; readonly messageId: string }[]> {
  const rows = await sql<{ subaccount_id: number; id: string }>`/* messages.waiting_of */
    select subaccount_id, id from messages where submission_id = ${submissionId} and state in ('queued', 'held', 'deferred')
    order by id`.execute(tx);
  return rows.rows.map((row) => ({ subaccountId: row.subaccount_id as SubaccountId, messageId: row.id }));
}
