/**
 * Complete. HOT PATH (engine role): one statement commits a batch of finished attempts of many tenants: queue row gone
 * or due again, message state, events, suppressions, ledger. A row that is not leased to this node any more, or whose
 * attempts moved on, changes nothing: replaying a journal twice is harmless. Figures: docs/performance.md.
 */
import type { HotConnection } from '../../base/database/hot-connection.ts';
import { numberLock } from '../events/index.ts';
import type { Completion } from './model.ts';

const completeText = `/* delivery.complete */
with item as materialized (
  select * from unnest($2::int[], $3::bigint[], $4::smallint[], $5::smallint[], $6::timestamptz[], $7::text[], $8::text[],
      $9::text[], $10::timestamptz[], $11::boolean[], $12::boolean[], $13::text[])
    as i (subaccount_id, message_id, retention_days, attempts, at, recipient, state, kind, due_at, suppresses, perhaps, data)
),
gone as (
  delete from queue q using item i
  where q.subaccount_id = i.subaccount_id and q.message_id = i.message_id and q.leased_by = $1
    and q.attempts = i.attempts and i.due_at is null
  returning q.account_id, q.submission_id, i.*
),
again as (
  update queue q set leased_by = null, due_at = i.due_at, attempts = q.attempts + 1, dot_at = null, last_site = i.data::jsonb ->> 'site'
  from item i
  where q.subaccount_id = i.subaccount_id and q.message_id = i.message_id and q.leased_by = $1
    and q.attempts = i.attempts and i.due_at is not null
  returning q.account_id, q.submission_id, i.*
),
done as materialized (select * from gone union all select * from again),
moved as (
  update messages m set state = d.state, state_at = d.at, attempts = d.attempts + 1
  from done d where m.subaccount_id = d.subaccount_id and m.id = d.message_id and m.retention_days = d.retention_days
),
suppressed as (
  insert into suppressions (account_id, subaccount_id, layer, address, kind, source, detail, created_at)
  select account_id, subaccount_id, 'subaccount', lower(recipient), 'hard_bounce', 'delivery', message_id::text, at
  from done where suppresses
  on conflict (subaccount_id, layer, address, kind) do nothing
  returning account_id, subaccount_id, address
),
ledger as (
  insert into perhaps_delivered (account_id, subaccount_id, message_id, attempt, node, cause, resolution, at)
  select account_id, subaccount_id, message_id, attempts, $1, $14,
    case when due_at is null then 'given_up' else 'sent_again' end, at
  from done where perhaps
  on conflict do nothing
),
number_lock as materialized (select pg_advisory_xact_lock(${numberLock}) from (select count(*) from done) all_done),
told as (
  insert into events (seq, at, retention_days, account_id, subaccount_id, message_id, submission_id, kind, data)
  select nextval('event_numbers'), at, retention_days, account_id, subaccount_id, message_id, submission_id, kind, data
  from (
    select d.at, d.retention_days, d.account_id, d.subaccount_id, d.message_id, d.submission_id, 'message.perhaps_delivered' as kind,
      jsonb_build_object('recipient', d.recipient, 'attempt', d.attempts + 1, 'cause', $14) as data, 0 as step
    from done d where d.perhaps
    union all
    select d.at, d.retention_days, d.account_id, d.subaccount_id, d.message_id, d.submission_id, d.kind, d.data::jsonb, 1
    from done d
    union all
    select d.at, d.retention_days, d.account_id, d.subaccount_id, d.message_id, d.submission_id, 'suppression.added',
      jsonb_build_object('address', s.address, 'kind', 'hard_bounce'), 2
    from suppressed s cross join lateral (select * from done d
      where d.subaccount_id = s.subaccount_id and lower(d.recipient) = s.address and d.suppresses limit 1) d
  ) e, number_lock
  order by message_id, step
)
select message_id from done`;

const states = {
  delivered: ['delivered', 'message.delivered'],
  bounced: ['bounced', 'message.bounced'],
  deferred: ['deferred', 'message.deferred'],
  expired: ['expired', 'message.expired'],
  failed: ['failed', 'message.failed'],
  undetermined: ['undetermined', 'message.undetermined'],
} as const satisfies Record<Completion['verdict']['kind'], readonly [string, string]>;

export type LedgerCause = 'crash' | 'node_lost' | 'cut_after_dot';

/** Commits the batch; returns the ids of the messages that were still this node's. */
export async function completeBatch(
  connection: HotConnection,
  node: number,
  cause: LedgerCause,
  completions: readonly Completion[],
): Promise<ReadonlySet<string>> {
  const columns: unknown[][] = Array.from({ length: 12 }, () => []);
  for (const completion of completions) {
    const { verdict } = completion;
    const [state, kind] = states[verdict.kind];
    const cells = [
      completion.subaccountId,
      completion.messageId,
      completion.retentionDays,
      completion.attempts,
      new Date(completion.at),
      completion.recipient,
      state,
      kind,
      verdict.kind === 'deferred' ? new Date(verdict.dueAt) : null,
      verdict.kind === 'bounced' && verdict.suppresses,
      completion.isPerhapsDelivered,
      eventData(completion),
    ];
    for (const [index, cell] of cells.entries()) columns[index]?.push(cell);
  }
  const result = await connection.query<{ message_id: string }>('delivery.complete', completeText, [
    node,
    ...columns,
    cause,
  ]);
  return new Set(result.rows.map((row) => row.message_id));
}

/** What the event tells of the attempt; `site` is read back by the statement. */
function eventData(completion: Completion): string {
  const { verdict, place, reply, error, phase } = completion;
  return JSON.stringify({
    recipient: completion.recipient,
    attempt: completion.attempts + 1,
    ...(place.site === null ? {} : { site: place.site }),
    ...(place.host === null ? {} : { host: place.host }),
    ...(place.address === null ? {} : { address: place.address }),
    ...(place.tls === null ? {} : { tls: place.tls }),
    ...(place.source === undefined ? {} : { source: place.source }),
    ...(phase === null ? {} : { phase }),
    ...(reply === null ? {} : { reply }),
    ...(error === null ? {} : { error }),
    ...('class' in verdict ? { class: verdict.class } : {}),
    ...(verdict.kind === 'deferred' ? { nextAttemptAt: new Date(verdict.dueAt).toISOString() } : {}),
  });
}
