/**
 * Claims. HOT PATH (engine role), in two statements: a survey says which subaccounts have mail that is due, by a loose walk over
 * the due index (one probe per subaccount), so that one with a million waiting costs no more than one with three; a claim takes
 * the portions that `backlog.ts` makes of it. Figures: docs/decisions/queue.md.
 */
import type { HotConnection } from '../../base/database/hot-connection.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Portion, Waiting } from './backlog.ts';
import type { Lane, LeasedMessage } from './model.ts';

export type SurveyRequest = {
  readonly now: Date;
  readonly subaccountsMax: number;
  /** Walk on from here, so that a bounded survey reaches everyone in turn. */
  readonly afterSubaccount: number;
  /** Pools whose addresses other nodes have: their mail is left to them. */
  readonly poolsElsewhere: readonly string[];
};

export type Survey = {
  /** Those with mail that is due. */
  readonly waiting: readonly Waiting[];
  /** The last subaccount that was looked at, with mail due or not; 0 when the walk is at its end. */
  readonly walkedTo: number;
};

export type ClaimRequest = Pick<SurveyRequest, 'now' | 'poolsElsewhere'> & {
  readonly node: number;
  readonly portions: readonly Portion[];
};

type Row = {
  account_id: number;
  subaccount_id: number;
  message_id: string;
  submission_id: string;
  retention_days: number;
  lane: number;
  recipient: string;
  domain: string;
  pool_id: string;
  tags: readonly string[] | null;
  data: unknown;
  attempts: number;
  began_at: Date;
  held_ms: string;
  rather_not: boolean;
};

/** Of the subaccounts `w`: those whose mail may leave, by pool (as named in a row, and as it is meant) and lane. */
const lines = `join subaccounts b on b.id = w.subaccount_id and b.mail_leaves and not b.is_reviewed
  join accounts a on a.id = b.account_id and a.mail_leaves
  left join pools d on d.account_id = b.account_id and d.is_default
  cross join lateral (
    select 0::bigint as named, coalesce(b.pool_id, d.id, 0) as pool_id
    union all select o.id, o.id from pools o where o.account_id = b.account_id
  ) k
  cross join (values (0::smallint), (1::smallint)) l (lane)`;
const isWaiting = `q.subaccount_id = w.subaccount_id and q.lane = l.lane and q.pool_id = k.named and q.leased_by is null and q.hold is null`;

export const surveyText = `/* queue.survey */
with recursive walk as (
  (select 1 as n, (select subaccount_id from queue where leased_by is null and hold is null and subaccount_id > $3
   order by subaccount_id limit 1) as subaccount_id)
  union all
  select w.n + 1, (select q.subaccount_id from queue q where q.leased_by is null and q.hold is null
          and q.subaccount_id > w.subaccount_id order by q.subaccount_id limit 1)
  from walk w where w.subaccount_id is not null and w.n < $2
),
asked as materialized (select * from walk where subaccount_id is not null),
waiting as (
  select distinct b.account_id, w.subaccount_id from asked w ${lines}
  cross join lateral (select from queue q where ${isWaiting} and q.due_at <= $1 order by q.due_at limit 1) p
  where k.pool_id <> all ($4::bigint[])
)
select t.walked_to, t.n, w.account_id, w.subaccount_id
from (select coalesce(max(subaccount_id), 0) as walked_to, count(*)::int as n from asked) t left join waiting w on true
order by w.subaccount_id`;

type SurveyRow = {
  walked_to: number;
  n: number;
  account_id: number | null;
  subaccount_id: number | null;
};

/** Who has mail that is due, among the next subaccounts with any. */
export async function survey(connection: HotConnection, request: SurveyRequest): Promise<Survey> {
  const { now, subaccountsMax, afterSubaccount, poolsElsewhere } = request;
  const values = [now, subaccountsMax, afterSubaccount, poolsElsewhere];
  const { rows } = await connection.query<SurveyRow>('queue.survey', surveyText, values);
  const [first] = rows;
  const isAtEnd = first === undefined || first.n < subaccountsMax;
  return {
    waiting: rows.flatMap(({ account_id: accountId, subaccount_id: subaccountId }) =>
      accountId === null || subaccountId === null ? [] : [{ accountId, subaccountId }],
    ),
    walkedTo: isAtEnd ? 0 : first.walked_to,
  };
}

export const claimText = `/* queue.claim */
with picked as materialized (
  select p.subaccount_id, p.message_id
  from unnest($4::int[], $5::int[]) w (subaccount_id, most) ${lines}
  cross join lateral (
    select q.subaccount_id, q.message_id from queue q where ${isWaiting} and q.due_at <= $2
    order by q.due_at, q.message_id limit w.most for update skip locked
  ) p
  where k.pool_id <> all ($3::bigint[])
),
taken as (
  update queue q set leased_by = $1 from picked p
  where q.subaccount_id = p.subaccount_id and q.message_id = p.message_id
  returning q.*
)
select t.account_id, t.subaccount_id, t.message_id, t.submission_id, t.retention_days, t.lane, m.recipient, t.domain,
  t.pool_id, t.tags, m.data, t.attempts, t.began_at, t.held_ms, t.rather_not
from taken t join messages m
  on m.subaccount_id = t.subaccount_id and m.id = t.message_id and m.retention_days = t.retention_days
order by t.lane, t.due_at, t.message_id`;

/** Takes what is due of these portions; the rows are leased to the node when this returns. */
export async function claim(
  connection: HotConnection,
  { node, now, portions, poolsElsewhere }: ClaimRequest,
): Promise<readonly LeasedMessage[]> {
  const { rows } = await connection.query<Row>('queue.claim', claimText, [
    node,
    now,
    poolsElsewhere,
    portions.map(({ subaccountId }) => subaccountId),
    portions.map(({ most }) => most),
  ]);
  return rows.map(toLeased);
}

function toLeased(row: Row): LeasedMessage {
  return {
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    messageId: row.message_id,
    submissionId: row.submission_id,
    retentionDays: row.retention_days,
    lane: row.lane as Lane,
    recipient: row.recipient,
    domain: row.domain,
    poolId: row.pool_id,
    tags: row.tags ?? [],
    data: row.data,
    attempts: row.attempts,
    checkedAt: 0,
    beganAt: row.began_at.getTime(),
    heldMs: Number(row.held_ms),
    ratherNot: row.rather_not,
    weightBytes: 0,
  };
}

const unleaseText = `/* queue.unlease */
update queue q set leased_by = null, due_at = i.due_at, last_site = coalesce(i.site, q.last_site), pool_id = coalesce(i.pool_id, q.pool_id)
from unnest($2::int[], $3::bigint[], $4::timestamptz[], $5::text[], $6::bigint[]) as i (subaccount_id, message_id, due_at, site, pool_id)
where q.subaccount_id = i.subaccount_id and q.message_id = i.message_id and q.leased_by = $1`;

/** Gives back what this node will not try now; no attempt is counted. */
export async function unlease(
  connection: HotConnection,
  node: number,
  messages: readonly {
    subaccountId: number;
    messageId: string;
    dueAt: Date;
    site: string | null;
    /** The pool that it leaves from from now on; null changes nothing. */
    poolId: string | null;
  }[],
): Promise<void> {
  await connection.query('queue.unlease', unleaseText, [
    node,
    messages.map((message) => message.subaccountId),
    messages.map((message) => message.messageId),
    messages.map((message) => message.dueAt),
    messages.map((message) => message.site),
    messages.map((message) => message.poolId),
  ]);
}
