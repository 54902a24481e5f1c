import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { authorities } from './rules.ts';
import type { Authority, Profile, Stage, Stop, Stops, SubaccountStatus, Switches } from './rules.ts';

export type StopReason = { readonly reason: string; readonly at: string };

export type Subaccount = {
  readonly id: SubaccountId;
  readonly accountId: AccountId;
  readonly isOwn: boolean;
  readonly name: string;
  readonly externalId: string | null;
  readonly status: SubaccountStatus;
  readonly stage: Stage;
  readonly stops: Stops;
  readonly stopReasons: Readonly<Partial<Record<Authority, StopReason>>>;
  readonly isTrial: boolean;
  /** Its mail is held until somebody has looked at it. */
  readonly isReviewed: boolean;
  readonly profile: Profile;
  readonly switches: Switches;
  readonly poolId: string | null;
  readonly notes: string;
  readonly retiresAt: Date | null;
  readonly purgeAt: Date | null;
  readonly createdAt: Date;
};

type Row = {
  id: number;
  account_id: number;
  is_own: boolean;
  name: string;
  external_id: string | null;
  status: string;
  stage: string;
  operator_stop: string | null;
  system_stop: string | null;
  parent_stop: string | null;
  stop_reasons: Partial<Record<Authority, StopReason>>;
  is_trial: boolean;
  is_reviewed: boolean;
  profile: Profile;
  mails_summaries: boolean;
  allows_own_html: boolean;
  allows_blank_template: boolean;
  pool_id: string | null;
  notes: string;
  retires_at: Date | null;
  purge_at: Date | null;
  created_at: Date;
};

const columns = sql`id, account_id, is_own, name, external_id, status, stage, operator_stop, system_stop, parent_stop,
  stop_reasons, is_trial, is_reviewed, profile, mails_summaries, allows_own_html, allows_blank_template, pool_id, notes, retires_at, purge_at, created_at`;

function toSubaccount(row: Row): Subaccount {
  return {
    id: row.id as SubaccountId,
    accountId: row.account_id as AccountId,
    isOwn: row.is_own,
    name: row.name,
    externalId: row.external_id,
    status: row.status as SubaccountStatus,
    stage: row.stage as Stage,
    stops: {
      operator: row.operator_stop as Stop | null,
      system: row.system_stop as Stop | null,
      parent: row.parent_stop as Stop | null,
    },
    stopReasons: row.stop_reasons,
    isTrial: row.is_trial,
    isReviewed: row.is_reviewed,
    profile: row.profile,
    switches: {
      responseSummary: row.mails_summaries,
      ownHtml: row.allows_own_html,
      blankTemplate: row.allows_blank_template,
    },
    poolId: row.pool_id,
    notes: row.notes,
    retiresAt: row.retires_at,
    purgeAt: row.purge_at,
    createdAt: row.created_at,
  };
}

export type NewSubaccount = {
  readonly accountId: AccountId;
  readonly name: string;
  readonly externalId: string | null;
  readonly notes: string;
  readonly isTrial: boolean;
  readonly profile: Profile;
  /** What is left out is as with the account's own. */
  readonly switches: Partial<Switches>;
  readonly poolId: string | null;
};

/** Null when the external id is taken in this account. Of an account on trial it is on trial, whatever was asked. */
export async function insertSubaccount(tx: Tx, input: NewSubaccount): Promise<Subaccount | null> {
  const { responseSummary, ownHtml, blankTemplate } = input.switches;
  const rows = await sql<Row>`/* subaccounts.insert */
    insert into subaccounts (account_id, name, external_id, notes, is_trial, profile, mails_summaries, allows_own_html,
      allows_blank_template, pool_id)
    select a.id, ${input.name}, ${input.externalId}, ${input.notes}, a.is_trial or ${input.isTrial},
      ${JSON.stringify(input.profile)}::jsonb, coalesce(${responseSummary ?? null}::boolean, o.mails_summaries),
      coalesce(${ownHtml ?? null}::boolean, o.allows_own_html), coalesce(${blankTemplate ?? null}::boolean, o.allows_blank_template),
      ${input.poolId}::bigint
    from accounts a join subaccounts o on o.account_id = a.id and o.is_own where a.id = ${input.accountId}
    on conflict do nothing returning ${columns}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toSubaccount(row);
}

export type SubaccountFilter = {
  readonly after: number;
  readonly limit: number;
  readonly statuses: readonly SubaccountStatus[] | null;
  readonly isTrial: boolean | null;
  readonly search: string | null;
};

function matching({ statuses, isTrial, search }: Pick<SubaccountFilter, 'statuses' | 'isTrial' | 'search'>) {
  const like = search === null ? null : `%${search.replaceAll(/[%_\\]/g, '\\$&').toLowerCase()}%`;
  return sql`stage <> 'deleted'
    ${statuses === null ? sql`` : sql`and status = any(${statuses}::text[])`}
    ${isTrial === null ? sql`` : sql`and is_trial = ${isTrial}`}
    ${like === null ? sql`` : sql`and (lower(name) like ${like} or lower(external_id) like ${like})`}`;
}

/** By id, under the transaction's scope; `search` is a part of name or external id. Deleted ones are not listed. */
export async function listSubaccounts(tx: Tx, filter: SubaccountFilter): Promise<readonly Subaccount[]> {
  const rows = await sql<Row>`/* subaccounts.list */
    select ${columns} from subaccounts where id > ${filter.after}::bigint and ${matching(filter)}
    order by id limit ${filter.limit}`.execute(tx);
  return rows.rows.map(toSubaccount);
}

/** How many of the scope's there are in each status. */
export async function countSubaccounts(
  tx: Tx,
  filter: Pick<SubaccountFilter, 'statuses' | 'isTrial' | 'search'>,
): Promise<ReadonlyMap<SubaccountStatus, number>> {
  const rows = await sql<{ status: string; n: number }>`/* subaccounts.count */
    select status, count(*)::int as n from subaccounts where ${matching(filter)} group by status`.execute(tx);
  return new Map(rows.rows.map(({ status, n }) => [status as SubaccountStatus, n]));
}

/** By number or external id, under the transaction's scope; a tombstone is not found. `lock` until the end of it. */
export async function findSubaccount(
  tx: Tx,
  by: { readonly id: number } | { readonly externalId: string },
  lock: boolean,
): Promise<Subaccount | null> {
  const rows = await sql<Row>`/* subaccounts.find */
    select ${columns} from subaccounts
    where ${'id' in by ? sql`id = ${by.id}` : sql`external_id = ${by.externalId}`} and stage <> 'deleted'
    ${lock ? sql`for update` : sql``}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toSubaccount(row);
}

export type SubaccountChange = {
  readonly name?: string;
  readonly notes?: string;
  readonly isTrial?: boolean;
  readonly profile?: Profile;
  readonly switches?: Partial<Switches>;
  readonly poolId?: string | null;
};

export async function updateSubaccount(
  tx: Tx,
  id: SubaccountId,
  change: SubaccountChange,
  at: Date,
): Promise<Subaccount | null> {
  const { responseSummary, ownHtml, blankTemplate } = change.switches ?? {};
  const rows = await sql<Row>`/* subaccounts.update */
    update subaccounts set name = coalesce(${change.name ?? null}, name), notes = coalesce(${change.notes ?? null}, notes),
      is_trial = coalesce(${change.isTrial ?? null}::boolean, is_trial),
      profile = coalesce(${change.profile === undefined ? null : JSON.stringify(change.profile)}::jsonb, profile),
      mails_summaries = coalesce(${responseSummary ?? null}::boolean, mails_summaries),
      allows_own_html = coalesce(${ownHtml ?? null}::boolean, allows_own_html),
      allows_blank_template = coalesce(${blankTemplate ?? null}::boolean, allows_blank_template),
      pool_id = case when ${change.poolId !== undefined} then ${change.poolId ?? null}::bigint else pool_id end,
      updated_at = ${at}
    where id = ${id} returning ${columns}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toSubaccount(row);
}

/** Whether the account of the transaction's scope is on trial. */
export async function isOnTrial(tx: Tx, accountId: AccountId): Promise<boolean> {
  const rows = await sql<{ is_trial: boolean }>`/* subaccounts.on_trial */
    select is_trial from accounts where id = ${accountId}`.execute(tx);
  return rows.rows[0]?.is_trial ?? false;
}

/** What the account lets it do in the editor; everything, when it is not there. */
export async function switchesOf(tx: Tx, id: SubaccountId): Promise<Switches> {
  const found = await findSubaccount(tx, { id }, false);
  return found?.switches ?? { responseSummary: false, ownHtml: true, blankTemplate: true };
}

const stopColumns: Record<Authority, 'operator_stop' | 'system_stop' | 'parent_stop'> = {
  operator: 'operator_stop',
  system: 'system_stop',
  parent: 'parent_stop',
};

/** Sets or lifts the stop of one authority. */
export async function updateStop(
  tx: Tx,
  id: SubaccountId,
  stop: { readonly authority: Authority; readonly stop: Stop | null; readonly reason: string },
  at: Date,
): Promise<Subaccount | null> {
  const reason =
    stop.stop === null
      ? sql`stop_reasons - ${stop.authority}::text`
      : sql`stop_reasons || jsonb_build_object(${stop.authority}::text, jsonb_build_object('reason', ${stop.reason}::text, 'at', ${at.toISOString()}::text))`;
  const rows = await sql<Row>`/* subaccounts.update_stop */
    update subaccounts set ${sql.ref(stopColumns[stop.authority])} = ${stop.stop}, stop_reasons = ${reason}, updated_at = ${at}
    where id = ${id} returning ${columns}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toSubaccount(row);
}

/** Whether its mail is held for review. */
export async function updateReviewed(tx: Tx, id: SubaccountId, isReviewed: boolean): Promise<void> {
  await sql`/* subaccounts.update_reviewed */
    update subaccounts set is_reviewed = ${isReviewed} where id = ${id} and is_reviewed <> ${isReviewed}`.execute(
    tx,
  );
}

export async function updateStage(
  tx: Tx,
  id: SubaccountId,
  to: { readonly stage: Stage; readonly retiresAt: Date | null; readonly purgeAt: Date | null },
  at: Date,
): Promise<Subaccount | null> {
  const rows = await sql<Row>`/* subaccounts.update_stage */
    update subaccounts set stage = ${to.stage}, retires_at = ${to.retiresAt}, purge_at = ${to.purgeAt}, updated_at = ${at}
    where id = ${id} returning ${columns}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toSubaccount(row);
}

/** Engine: retirements whose day has come; they are retired by this statement. */
export async function retireDue(
  tx: Tx,
  now: Date,
  purgeAt: Date,
  limit: number,
): Promise<readonly Subaccount[]> {
  const rows = await sql<Row>`/* subaccounts.retire_due */
    update subaccounts set stage = 'retired', purge_at = ${purgeAt}, updated_at = ${now}
    where id = any(array(select id from subaccounts where stage = 'pending_retirement' and retires_at <= ${now}
      order by retires_at limit ${limit} for update skip locked))
    returning ${columns}`.execute(tx);
  return rows.rows.map(toSubaccount);
}

/** Engine: those whose rows are to be purged now. */
export async function duePurges(db: Db, now: Date, limit: number): Promise<readonly Subaccount[]> {
  const rows = await sql<Row>`/* subaccounts.due_purges */
    select ${columns} from subaccounts where purge_at <= ${now} and purged_at is null order by purge_at limit ${limit}`.execute(
    db,
  );
  return rows.rows.map(toSubaccount);
}

/** Engine: what is left of a purged one is a number and its months of usage. */
export async function markPurged(tx: Tx, id: SubaccountId, at: Date): Promise<void> {
  await sql`/* subaccounts.mark_purged */
    update subaccounts set stage = 'deleted', purged_at = ${at}, name = 'purged', external_id = null, notes = '',
      profile = '{}', stop_reasons = '{}', pool_id = null, updated_at = ${at} where id = ${id}`.execute(tx);
}

/** Engine, before a Scope exists: the subaccount that a credential acts for, by number or external id. */
export type ActingFor = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  /** The account's people and keys still read what is retired, and put right what is suspended. */
  readonly canRead: boolean;
  readonly canChange: boolean;
};

export async function findActingFor(
  db: Db,
  accountId: AccountId,
  target: { readonly id: number } | { readonly externalId: string },
): Promise<ActingFor | null> {
  const rows = await sql<{ id: number; can_read: boolean; can_change: boolean }>`/* subaccounts.acting_for */
    select s.id, a.can_read, a.can_change and s.stage <> 'retired' as can_change
    from subaccounts s join accounts a on a.id = s.account_id
    where s.account_id = ${accountId} and s.stage <> 'deleted' and s.purged_at is null
      and ${'id' in target ? sql`s.id = ${target.id}` : sql`s.external_id = ${target.externalId}`}`.execute(
    db,
  );
  const row = rows.rows[0];
  if (row === undefined) return null;
  return {
    accountId,
    subaccountId: row.id as SubaccountId,
    canRead: row.can_read,
    canChange: row.can_change,
  };
}

/** Engine: which of these the account has. */
export async function findPresent(
  db: Db,
  accountId: AccountId,
  ids: readonly number[],
): Promise<SubaccountId[]> {
  const { rows } = await sql<{ id: SubaccountId }>`/* subaccounts.present */
    select id from subaccounts where account_id = ${accountId} and id = any(${ids}::integer[])
      and stage <> 'deleted' and purged_at is null`.execute(db);
  return rows.map(({ id }) => id);
}

/** Engine: those of the account, the oldest first. */
export async function findSubaccountIds(
  db: Db,
  accountId: AccountId,
  limit: number,
): Promise<SubaccountId[]> {
  const { rows } = await sql<{ id: SubaccountId }>`/* subaccounts.ids */
    select id from subaccounts where account_id = ${accountId} and stage <> 'deleted' and purged_at is null
    order by id limit ${limit}`.execute(db);
  return rows.map(({ id }) => id);
}

export type StoppedSubaccounts = {
  /** Their mail waits. */
  readonly waiting: readonly SubaccountId[];
  /** Their mail is dropped. */
  readonly dropped: readonly SubaccountId[];
  /** Their mail is held for review. */
  readonly reviewed: readonly SubaccountId[];
};

/** Engine: subaccounts whose accepted mail must not leave now. Purged ones have none. */
export async function listStopped(db: Db): Promise<StoppedSubaccounts> {
  const rows = await sql<{ id: number; kind: keyof StoppedSubaccounts }>`/* subaccounts.stopped */
    select id, case when mail_dropped then 'dropped' else 'waiting' end as kind from subaccounts where not mail_leaves and purged_at is null
      -- The queue of an ended one is empty within moments; tombstones are many.
      and (not mail_dropped or updated_at > now() - interval '30 days')
    union
    select s.id, case when s.mail_dropped then 'dropped' else 'waiting' end from accounts a join subaccounts s on s.account_id = a.id
    where not a.mail_leaves and s.purged_at is null
    union all
    select s.id, 'reviewed' from subaccounts s join accounts a on a.id = s.account_id
    where s.is_reviewed and s.mail_leaves and a.mail_leaves`.execute(db);
  const ids = (kind: keyof StoppedSubaccounts): SubaccountId[] =>
    rows.rows.filter((row) => row.kind === kind).map(({ id }) => id as SubaccountId);
  return { waiting: ids('waiting'), dropped: ids('dropped'), reviewed: ids('reviewed') };
}

export type MailStop = { readonly status: string; readonly authority: Authority | 'account' };

/** What stops the mail of a subaccount, its own status or its account's; null when nothing does. */
export async function findStop(tx: Tx, id: SubaccountId): Promise<MailStop | null> {
  const rows = await sql<Row & { own_leaves: boolean; account_status: string }>`/* subaccounts.stop */
    select s.*, s.mail_leaves as own_leaves, a.status as account_status
    from subaccounts s join accounts a on a.id = s.account_id
    where s.id = ${id} and not (s.mail_leaves and a.mail_leaves)`.execute(tx);
  const row = rows.rows[0];
  if (row === undefined) return null;
  if (row.own_leaves) return { status: row.account_status, authority: 'account' };
  const { stops, status } = toSubaccount(row);
  const authority = authorities.find((each) => stops[each] !== null && stops[each] !== 'deactivated');
  return { status, authority: authority ?? 'parent' };
}
