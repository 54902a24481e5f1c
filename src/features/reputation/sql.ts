import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Touched } from '../outcomes/index.ts';
import type { Cause, Finding, Limits, MeasureName, Reputation, SetBy, Step, StepTaken } from './model.ts';

type Row = {
  account_id: number;
  subaccount_id: number;
  step: Step;
  set_by: SetBy;
  since: Date | null;
  until: Date | null;
  evidence: readonly Finding[];
  reason: string;
  exempt_until: Date | null;
  exempt_by: 'parent' | 'operator' | null;
  counted_from: Date | null;
};

const columns = sql`r.account_id, r.subaccount_id, r.step, r.set_by, r.since, r.until, r.evidence, r.reason, r.exempt_until, r.exempt_by,
  r.counted_from`;

function toReputation(row: Row): Reputation {
  return {
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    step: row.step,
    setBy: row.set_by,
    since: row.since?.getTime() ?? null,
    until: row.until?.getTime() ?? null,
    evidence: row.evidence,
    reason: row.reason,
    exemptUntil: row.exempt_until?.getTime() ?? null,
    exemptBy: row.exempt_by,
    countedFrom: row.counted_from?.getTime() ?? null,
  };
}

/** Engine: whose figures have moved is looked at, at most once a minute each; a row comes with the first harm. */
export async function makeDue(tx: Tx, touched: Touched, now: Date): Promise<void> {
  if (touched.harmed.length > 0)
    await sql`/* reputation.make_rows */
      insert into reputations (account_id, subaccount_id)
      select s.account_id, s.id from subaccounts s join accounts a on a.id = s.account_id
      where s.id = any(${touched.harmed}::int[]) and not a.is_system and s.purged_at is null
      order by s.id on conflict do nothing`.execute(tx);
  await sql`/* reputation.make_due */
    update reputations r set judge_at = w.at from (
      select subaccount_id, greatest(${now}, judged_at + interval '1 minute') as at from reputations
      where subaccount_id = any(${touched.all}::int[]) order by subaccount_id for update
    ) w
    where r.subaccount_id = w.subaccount_id and (r.judge_at is null or r.judge_at > w.at)`.execute(tx);
}

/** Engine: whose turn it is, without a lock. */
export async function listDue(db: Db, now: Date, limit: number): Promise<readonly SubaccountId[]> {
  const rows = await sql<{ subaccount_id: number }>`/* reputation.due */
    select subaccount_id from reputations where judge_at <= ${now} order by judge_at limit ${limit}`.execute(
    db,
  );
  return rows.rows.map((row) => row.subaccount_id as SubaccountId);
}

/** Engine: a due one, locked; null when another node has it or it is not due any more. */
export async function takeDue(tx: Tx, id: SubaccountId, now: Date): Promise<Reputation | null> {
  const rows = await sql<Row>`/* reputation.take_due */
    select ${columns} from reputations r where subaccount_id = ${id} and judge_at <= ${now} for update skip locked`.execute(
    tx,
  );
  const row = rows.rows[0];
  return row === undefined ? null : toReputation(row);
}

/** Makes the row when there is none and locks it. */
export async function lockReputation(
  tx: Tx,
  of: { readonly accountId: AccountId; readonly subaccountId: SubaccountId },
): Promise<Reputation> {
  await sql`/* reputation.make */
    insert into reputations (account_id, subaccount_id) values (${of.accountId}, ${of.subaccountId}) on conflict do nothing`.execute(
    tx,
  );
  const rows = await sql<Row>`/* reputation.lock */
    select ${columns} from reputations r where subaccount_id = ${of.subaccountId} for update`.execute(tx);
  return toReputation(rows.rows[0] as Row);
}

export async function findReputation(tx: Tx, id: SubaccountId): Promise<Reputation | null> {
  const rows = await sql<Row>`/* reputation.find */
    select ${columns} from reputations r where subaccount_id = ${id}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toReputation(row);
}

/** Those with a step or an exemption, by subaccount, under the transaction's scope. */
export async function listReputations(
  tx: Tx,
  page: { readonly after: number; readonly limit: number; readonly step: Step | null; readonly now: Date },
): Promise<readonly Reputation[]> {
  const rows = await sql<Row>`/* reputation.list */
    select ${columns} from reputations r
    where subaccount_id > ${page.after}::bigint and (step <> 'none' or exempt_until > ${page.now})
      ${page.step === null ? sql`` : sql`and step = ${page.step}`}
    order by subaccount_id limit ${page.limit}`.execute(tx);
  return rows.rows.map(toReputation);
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

export async function saveReputation(
  tx: Tx,
  reputation: Reputation,
  judgeAt: Date | null,
  now: Date,
): Promise<void> {
  await sql`/* reputation.save */
    update reputations set step = ${reputation.step}, set_by = ${reputation.setBy}, since = ${dateOf(reputation.since)},
      until = ${dateOf(reputation.until)}, evidence = ${JSON.stringify(reputation.evidence)}::jsonb, reason = ${reputation.reason},
      exempt_until = ${dateOf(reputation.exemptUntil)}, exempt_by = ${reputation.exemptBy}, counted_from = ${dateOf(reputation.countedFrom)},
      judged_at = ${now}, judge_at = ${judgeAt}
    where subaccount_id = ${reputation.subaccountId}`.execute(tx);
}

/**
 * Engine: which measures are over a limit now. They are looked at again by then at the latest, so that they do not stay when the
 * mail has stopped that they were of.
 */
export async function saveOverLimits(
  tx: Tx,
  id: SubaccountId,
  over: readonly MeasureName[],
  again: Date,
): Promise<void> {
  await sql`/* reputation.save_over_limits */
    update reputations set over_limits = ${over}::text[],
      judge_at = case when ${over}::text[] = '{}' then judge_at else least(judge_at, ${again}::timestamptz) end
    where subaccount_id = ${id} and (over_limits <> ${over}::text[] or ${over}::text[] <> '{}')`.execute(tx);
}

export type NewStep = Omit<StepTaken, 'id' | 'at'>;

export async function insertStep(tx: Tx, of: Reputation, taken: NewStep, now: Date): Promise<void> {
  await sql`/* reputation.insert_step */
    insert into reputation_steps (account_id, subaccount_id, at, from_step, step, cause, set_by, evidence, until, reason)
    values (${of.accountId}, ${of.subaccountId}, ${now}, ${taken.from}, ${taken.step}, ${taken.cause}, ${taken.setBy},
      ${JSON.stringify(taken.evidence)}::jsonb, ${taken.until}, ${taken.reason})`.execute(tx);
}

/** Newest first. */
export async function listSteps(
  tx: Tx,
  id: SubaccountId,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly StepTaken[]> {
  const rows = await sql<{
    id: string;
    at: Date;
    from_step: Step;
    step: Step;
    cause: Cause;
    set_by: SetBy;
    evidence: readonly Finding[];
    until: Date | null;
    reason: string;
  }>`/* reputation.steps */
    select id, at, from_step, step, cause, set_by, evidence, until, reason from reputation_steps
    where subaccount_id = ${id} ${page.before === null ? sql`` : sql`and id < ${page.before}`}
    order by id desc limit ${page.limit}`.execute(tx);
  return rows.rows.map(({ from_step: from, set_by: setBy, ...row }) => ({ ...row, from, setBy }));
}

/** The account's own limits; null: the built-in ones. Read by the engine when a subaccount asks what it is measured by. */
export async function findLimits(db: Db, accountId: AccountId): Promise<Limits | null> {
  const rows = await sql<{ measures: Limits }>`/* reputation.limits */
    select measures from reputation_limits where account_id = ${accountId}`.execute(db);
  return rows.rows[0]?.measures ?? null;
}

export async function putLimits(
  tx: Tx,
  of: { readonly accountId: AccountId; readonly subaccountId: SubaccountId },
  limits: Limits,
): Promise<void> {
  await sql`/* reputation.put_limits */
    insert into reputation_limits (account_id, subaccount_id, measures)
    values (${of.accountId}, ${of.subaccountId}, ${JSON.stringify(limits)}::jsonb)
    on conflict (account_id) do update set measures = excluded.measures`.execute(tx);
}

export async function dropOldSteps(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`/* reputation.drop_steps */
    delete from reputation_steps where id = any(array(
      select id from reputation_steps where at < ${before} order by at limit ${limit}))`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}
