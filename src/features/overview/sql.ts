/**
 * Read again by every overview that is looked at, over every subaccount of the account (figures: docs/performance.md). What
 * orders them is read for all, from rows that are there once for each; what is only shown is read for the page's rows.
 */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { SubaccountId } from '../../base/scope.ts';
import type { Step } from '../reputation/index.ts';
import type { SubaccountStatus } from '../subaccounts/index.ts';
import { waitingCountedMax } from './model.ts';
import type { Recent, Trouble } from './model.ts';
import { weightOf } from './rules.ts';
import type { Place } from './rules.ts';

export type Filter = {
  readonly statuses: readonly SubaccountStatus[] | null;
  readonly search: string | null;
  /** Those with many waiting, of the scope and others. */
  readonly crowded: readonly SubaccountId[];
};

function when(trouble: Trouble, is: ReturnType<typeof sql>): ReturnType<typeof sql> {
  return sql`case when ${is} then ${sql.lit(weightOf(trouble))} else 0 end`;
}

/** Each subaccount of the scope with the weight of its troubles. What has left the account for good is in no trouble. */
function weighed({ statuses, search, crowded }: Filter): ReturnType<typeof sql> {
  const like = search === null ? null : `%${search.replaceAll(/[%_\\]/g, '\\$&').toLowerCase()}%`;
  return sql`
    turns as materialized (
      select quota_hour(quota_clock()) as hour, quota_day(quota_clock()) as day, quota_month(quota_clock(), month_starts_on) as month from accounts
    ),
    full_quotas as materialized (
      select q.subaccount_id from quotas q cross join turns t where q.level = 'subaccount' and (
        (q.hour_start = t.hour and q.hour_used >= least(q.hour_max, q.hour_cap))
        or (q.day_start = t.day and q.day_used >= q.day_max) or (q.month_start = t.month and q.month_used >= q.month_max)
        or least(q.hour_max, q.hour_cap, q.day_max, q.month_max) = 0)
    ),
    weighed as materialized (
      select s.id, s.name, s.external_id, s.is_own, s.status, coalesce(r.step, 'none') as step,
        case when s.stage = 'retired' then 0 else
          ${when('stopped_by_operator', sql`s.operator_stop is not null`)} + ${when('stopped_by_system', sql`s.system_stop is not null`)}
          + ${when('stopped_by_parent', sql`s.parent_stop is not null`)} + ${when('under_review', sql`s.is_reviewed`)}
          + ${when('slowed', sql`r.step = 'slow'`)} + ${when('warned', sql`r.step = 'warn'`)}
          + ${when('bounces_over_limit', sql`r.over_limits && '{hard_bounces,unknown_users}'`)}
          + ${when('complaints_over_limit', sql`'complaints' = any(r.over_limits)`)}
          + ${when('trap_blocks_over_limit', sql`'trap_blocks' = any(r.over_limits)`)}
          + ${when('over_quota', sql`f.subaccount_id is not null`)} + ${when('many_waiting', sql`s.id = any(${crowded}::int[])`)}
        end as weight
      from subaccounts s
      left join reputations r on r.subaccount_id = s.id
      left join full_quotas f on f.subaccount_id = s.id
      where s.stage <> 'deleted'
        ${statuses === null ? sql`` : sql`and s.status = any(${statuses}::text[])`}
        ${like === null ? sql`` : sql`and (lower(s.name) like ${like} or lower(s.external_id) like ${like})`}
    )`;
}

export type Group = { readonly status: SubaccountStatus; readonly weight: number; readonly n: number };

/** How many there are of each status and weight. */
export async function countWeights(tx: Tx, crowded: readonly SubaccountId[]): Promise<readonly Group[]> {
  const rows = await sql<Group>`/* overview.count_weights */
    with ${weighed({ statuses: null, search: null, crowded })}
    select status, weight, count(*)::int as n from weighed group by status, weight`.execute(tx);
  return rows.rows;
}

export type Weighed = {
  readonly id: SubaccountId;
  readonly name: string;
  readonly externalId: string | null;
  readonly isOwn: boolean;
  readonly status: SubaccountStatus;
  readonly step: Step;
  readonly weight: number;
  readonly recent: Recent;
  readonly waiting: number;
};

type Row = {
  id: number;
  name: string;
  external_id: string | null;
  is_own: boolean;
  status: SubaccountStatus;
  step: Step;
  weight: number;
  waiting: number;
  accepted: string;
  delivered: string;
  bounced: string;
  complained: string;
};

export type Page = Filter & {
  readonly trouble: Trouble | null;
  readonly after: Place | null;
  readonly limit: number;
  /** The beginning of the first hour that is counted. */
  readonly since: Date;
};

/** The worst first, then by number. */
export async function listWeighed(tx: Tx, page: Page): Promise<readonly Weighed[]> {
  const { trouble, after, limit, since } = page;
  const rows = await sql<Row>`/* overview.list */
    with ${weighed(page)},
    page as materialized (
      select * from weighed where true
        ${trouble === null ? sql`` : sql`and weight & ${sql.lit(weightOf(trouble))} <> 0`}
        ${after === null ? sql`` : sql`and (weight < ${after.weight} or (weight = ${after.weight} and id > ${after.id}::bigint))`}
      order by weight desc, id limit ${limit}
    )
    select p.*, h.*, q.waiting from page p
    cross join lateral (
      select coalesce(sum(accepted), 0) as accepted, coalesce(sum(delivered), 0) as delivered,
        coalesce(sum(hard_bounces + other_bounces), 0) as bounced, coalesce(sum(complaints), 0) as complained
      from outcome_hours where subaccount_id = p.id and hour >= ${since}
    ) h
    cross join lateral (
      select count(*)::int as waiting from (select from queue where subaccount_id = p.id limit ${sql.lit(waitingCountedMax)}) counted
    ) q
    order by p.weight desc, p.id`.execute(tx);
  return rows.rows.map((row) => ({
    id: row.id as SubaccountId,
    name: row.name,
    externalId: row.external_id,
    isOwn: row.is_own,
    status: row.status,
    step: row.step,
    weight: row.weight,
    waiting: row.waiting,
    recent: {
      accepted: Number(row.accepted),
      delivered: Number(row.delivered),
      bounced: Number(row.bounced),
      complained: Number(row.complained),
    },
  }));
}
