/**
 * Claims. HOT PATH (engine role): one statement takes up to `each` due messages of every subaccount that has some,
 * by a loose walk over the due index (one probe per subaccount), so that a subaccount with a million waiting costs and
 * gets no more than one with three. Figures: docs/decisions/queue.md.
 */
import type { HotConnection } from '../../base/database/hot-connection.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Lane, LeasedMessage } from './model.ts';

export type ClaimRequest = {
  readonly node: number;
  readonly now: Date;
  /** Messages per subaccount and lane. */
  readonly each: number;
  readonly subaccountsMax: number;
  /** Walk on from here, so that a bounded claim reaches everyone in turn. */
  readonly afterSubaccount: number;
  /** Domains that cannot be served now. */
  readonly blockedDomains: readonly string[];
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
  data: unknown;
  attempts: number;
  began_at: Date;
  held_ms: string;
  rather_not: boolean;
};

const claimText = `/* queue.claim */
with recursive walk as (
  (select subaccount_id from queue where leased_by is null and hold is null and subaccount_id > $5
   order by subaccount_id limit 1)
  union all
  select (select q.subaccount_id from queue q where q.leased_by is null and q.hold is null
          and q.subaccount_id > w.subaccount_id order by q.subaccount_id limit 1)
  from walk w where w.subaccount_id is not null
),
picked as materialized (
  select p.subaccount_id, p.message_id
  from (select w.subaccount_id from walk w
        join subaccounts b on b.id = w.subaccount_id and b.mail_leaves
        join accounts a on a.id = b.account_id and a.mail_leaves
        where w.subaccount_id is not null limit $4) s
  cross join (values (0::smallint), (1::smallint)) l (lane)
  cross join lateral (
    select subaccount_id, message_id from queue
    where subaccount_id = s.subaccount_id and lane = l.lane and leased_by is null and hold is null and due_at <= $2
      and domain <> all ($6::text[])
    order by due_at, message_id limit $3 for update skip locked
  ) p
),
taken as (
  update queue q set leased_by = $1 from picked p
  where q.subaccount_id = p.subaccount_id and q.message_id = p.message_id
  returning q.*
)
select t.account_id, t.subaccount_id, t.message_id, t.submission_id, t.retention_days, t.lane, m.recipient, t.domain,
  m.data, t.attempts, t.began_at, t.held_ms, t.rather_not
from taken t join messages m
  on m.subaccount_id = t.subaccount_id and m.id = t.message_id and m.retention_days = t.retention_days
order by t.lane, t.due_at, t.message_id`;

/** Takes what is due; the rows are leased to the node when this returns. */
export async function claim(
  connection: HotConnection,
  request: ClaimRequest,
): Promise<readonly LeasedMessage[]> {
  const result = await connection.query<Row>('queue.claim', claimText, [
    request.node,
    request.now,
    request.each,
    request.subaccountsMax,
    request.afterSubaccount,
    request.blockedDomains,
  ]);
  return result.rows.map((row) => ({
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    messageId: row.message_id,
    submissionId: row.submission_id,
    retentionDays: row.retention_days,
    lane: row.lane as Lane,
    recipient: row.recipient,
    domain: row.domain,
    data: row.data,
    attempts: row.attempts,
    checkedAt: 0,
    beganAt: row.began_at.getTime(),
    heldMs: Number(row.held_ms),
    ratherNot: row.rather_not,
    weightBytes: 0,
  }));
}

const unleaseText = `/* queue.unlease */
update queue q set leased_by = null, due_at = i.due_at
from unnest($2::int[], $3::bigint[], $4::timestamptz[]) as i (subaccount_id, message_id, due_at)
where q.subaccount_id = i.subaccount_id and q.message_id = i.message_id and q.leased_by = $1`;

/** Gives back what this node will not try now; no attempt is counted. */
export async function unlease(
  connection: HotConnection,
  node: number,
  messages: readonly { subaccountId: number; messageId: string; dueAt: Date }[],
): Promise<void> {
  await connection.query('queue.unlease', unleaseText, [
    node,
    messages.map((message) => message.subaccountId),
    messages.map((message) => message.messageId),
    messages.map((message) => message.dueAt),
  ]);
}
