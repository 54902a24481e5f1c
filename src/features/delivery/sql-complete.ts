/**
 * Complete. HOT PATH (engine role): one statement commits a batch of finished attempts of many tenants: queue row gone
 * or due again, message state, events, suppressions, ledger. A row that is not leased to this node any more, or whose
 * attempts moved on, changes nothing: replaying a journal twice is harmless. Figures: docs/performance.md.
 */
import type { HotConnection } from '../../base/database/hot-connection.ts';
import { numberLock } from '../events/index.ts';
import {
  addressKey,
  entryKeyText,
  isRenewedText,
  renewedText,
  softBounceText,
} from '../suppressions/index.ts';
import type { Completion } from './model.ts';

/** What of a batch needs a part of the statement of its own; most batches need one. */
type Parts = {
  /** Some are over. */
  readonly ends: boolean;
  /** Some are due again. */
  readonly again: boolean;
  /** A hard bounce suppresses its address. */
  readonly hard: boolean;
  /** A mailbox that could not take it to the last. */
  readonly soft: boolean;
  /** Was perhaps delivered. */
  readonly perhaps: boolean;
};

const own = `q.subaccount_id = i.subaccount_id and q.message_id = i.message_id and q.leased_by = $1 and q.attempts = i.attempts`;
const taken = 'q.account_id, q.submission_id, q.began_at, q.held_ms, i.*';

const endsText = `gone as (
  delete from queue q using item i where ${own} and i.due_at is null returning ${taken}
),`;

const againText = `again as (
  update queue q set leased_by = null, due_at = i.due_at, attempts = q.attempts + 1, dot_at = null, last_site = i.data::jsonb ->> 'site'
  from item i where ${own} and i.due_at is not null returning ${taken}
),`;

const hardText = `suppressed as (
  insert into suppressions as s (account_id, subaccount_id, layer, address, kind, source, message_id, reason, created_at,
    updated_at, last_event_at, expires_at)
  select distinct on (subaccount_id, hard) account_id, subaccount_id, 'subaccount', hard, 'hard_bounce', 'delivery', message_id,
    coalesce(left(regexp_replace(data::jsonb -> 'reply' ->> 'text', '[[:cntrl:]]+', ' ', 'g'), 500), ''), at, at, at,
    suppression_end(at, (select t.hard_bounce_hours from suppression_settings_of(account_id, subaccount_id) t))
  from done where hard is not null order by subaccount_id, hard, message_id
  on conflict (${entryKeyText}) do update set ${renewedText},
    message_id = excluded.message_id, reason = excluded.reason
  where ${isRenewedText}
  returning s.subaccount_id, s.address, s.kind, s.expires_at, s.message_id
),`;

const softText = `soft_end as (select account_id, subaccount_id, soft as address, message_id, at from done where soft is not null),
${softBounceText('delivery')},`;

const ledgerText = `ledger as (
  insert into perhaps_delivered (account_id, subaccount_id, message_id, attempt, node, cause, resolution, at)
  select account_id, subaccount_id, message_id, attempts, $1, perhaps,
    case when due_at is null then 'given_up' else 'sent_again' end, at
  from done where perhaps is not null
  on conflict do nothing
),`;

const ids = 'd.at, d.retention_days, d.account_id, d.subaccount_id, d.message_id, d.submission_id';
const perhapsTold = `select ${ids}, 'message.perhaps_delivered' as kind,
      jsonb_build_object('recipient', d.recipient, 'attempt', d.attempts + 1, 'cause', d.perhaps) as data, 0 as step
    from done d where d.perhaps is not null`;
const attemptTold = `select ${ids}, d.kind,
      d.data::jsonb || case when d.kind = 'message.suppressed' then '{}'::jsonb -- no attempt was made
        else jsonb_build_object('waitedMs', greatest(0, (extract(epoch from d.at - d.began_at) * 1000)::bigint - d.held_ms)) end as data, 1 as step
    from done d`;

function addedTold(from: readonly string[]): string {
  return `select ${ids}, 'suppression.added',
      jsonb_build_object('address', s.address, 'kind', s.kind, 'layer', 'subaccount')
        || case when s.expires_at is null then '{}'::jsonb else jsonb_build_object('expiresAt', s.expires_at) end, 2
    from (${from.map((each) => `select * from ${each}`).join(' union all ')}) s
    join done d on d.subaccount_id = s.subaccount_id and d.message_id = s.message_id`;
}

/** The start of a statement's every node costs, whether there is a row for it or not: only what the batch needs is in it. */
export function completeText({ ends, again, hard, soft, perhaps }: Parts): string {
  const done = [...(ends ? ['gone'] : []), ...(again ? ['again'] : [])];
  const added = [...(hard ? ['suppressed'] : []), ...(soft ? ['on_hold'] : [])];
  const told = [
    ...(perhaps ? [perhapsTold] : []),
    attemptTold,
    ...(added.length > 0 ? [addedTold(added)] : []),
  ];
  return `/* delivery.complete */
with item as ${done.length > 1 ? '' : 'not '}materialized (
  select * from unnest($2::int[], $3::bigint[], $4::smallint[], $5::smallint[], $6::timestamptz[], $7::text[], $8::text[],
      $9::text[], $10::timestamptz[], $11::text[], $12::text[], $13::text[], $14::text[])
    as i (subaccount_id, message_id, retention_days, attempts, at, recipient, state, kind, due_at, hard, perhaps, data, soft)
),
${ends ? endsText : ''}
${again ? againText : ''}
done as materialized (${done.map((each) => `select * from ${each}`).join(' union all ')}),
moved as (
  update messages m set state = d.state, state_at = d.at, attempts = d.attempts + case d.state when 'suppressed' then 0 else 1 end
  from done d where m.subaccount_id = d.subaccount_id and m.id = d.message_id and m.retention_days = d.retention_days
    and m.id between $15 and $16 and m.retention_days between $17 and $18 -- other leaves are not opened
),
${hard ? hardText : ''}
${soft ? softText : ''}
${perhaps ? ledgerText : ''}
number_lock as materialized (select pg_advisory_xact_lock(${numberLock}) from (select count(*) from done) all_done),
told as (
  insert into events (seq, at, retention_days, account_id, subaccount_id, message_id, submission_id, kind, data)
  select nextval('event_numbers'), at, retention_days, account_id, subaccount_id, message_id, submission_id, kind, data
  from (${told.join(' union all ')}) e, number_lock
  order by message_id, step
)
select message_id from done`;
}

/** The statement that a batch needs, and its name. */
function statementFor(parts: Parts): { readonly name: string; readonly text: string } {
  const names = Object.entries(parts).flatMap(([part, isNeeded]) => (isNeeded ? [part] : []));
  const name = ['delivery.complete', ...names].join('.');
  const text = texts.get(name) ?? completeText(parts);
  texts.set(name, text);
  return { name, text };
}

const texts = new Map<string, string>();

const states = {
  delivered: ['delivered', 'message.delivered'],
  bounced: ['bounced', 'message.bounced'],
  deferred: ['deferred', 'message.deferred'],
  expired: ['expired', 'message.expired'],
  failed: ['failed', 'message.failed'],
  suppressed: ['suppressed', 'message.suppressed'],
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
  const soft: (string | null)[] = [];
  for (const completion of completions) {
    const { verdict } = completion;
    const [state, kind] = states[verdict.kind];
    const address = addressKey(completion.recipient);
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
      verdict.kind === 'bounced' && verdict.suppresses ? address : null,
      completion.isPerhapsDelivered ? cause : null,
      eventData(completion),
    ];
    for (const [index, cell] of cells.entries()) columns[index]?.push(cell);
    soft.push(isSoftEnd(verdict) ? address : null);
  }
  const { name, text } = statementFor({
    ends: completions.some(({ verdict }) => verdict.kind !== 'deferred'),
    again: completions.some(({ verdict }) => verdict.kind === 'deferred'),
    hard: completions.some(({ verdict }) => verdict.kind === 'bounced' && verdict.suppresses),
    soft: soft.some((address) => address !== null),
    perhaps: completions.some(({ isPerhapsDelivered }) => isPerhapsDelivered),
  });
  const result = await connection.query<{ message_id: string }>(name, text, [
    node,
    ...columns,
    soft,
    ...rangeOf(completions),
  ]);
  return new Set(result.rows.map((row) => row.message_id));
}

/** Between which ids and which retention days they are, as partitions are by these; a list of days would rule out none. */
function rangeOf(completions: readonly Completion[]): readonly [bigint, bigint, number, number] {
  const ids = completions.map(({ messageId }) => BigInt(messageId)).toSorted((a, b) => (a < b ? -1 : 1));
  const days = completions.map(({ retentionDays }) => retentionDays);
  return [ids[0] ?? 0n, ids.at(-1) ?? 0n, Math.min(...days), Math.max(...days)];
}

/** The last word on the message was that the mailbox cannot take it now. */
function isSoftEnd(verdict: Completion['verdict']): boolean {
  return (verdict.kind === 'expired' || verdict.kind === 'bounced') && verdict.class === 'soft';
}

/** What the event tells of the attempt; `site` is read back by the statement. */
function eventData(completion: Completion): string {
  const { verdict, place, reply, error, phase } = completion;
  if (verdict.kind === 'suppressed')
    return JSON.stringify({ recipient: completion.recipient, ...verdict.suppression });
  return JSON.stringify({
    recipient: completion.recipient,
    attempt: completion.attempts + 1,
    ...(completion.sizeBytes === undefined ? {} : { sizeBytes: completion.sizeBytes }),
    ...(place.site === null ? {} : { site: place.site }),
    ...(place.host === null ? {} : { host: place.host }),
    ...(place.address === null ? {} : { address: place.address }),
    ...(place.tls === null ? {} : { tls: place.tls }),
    ...(place.source === undefined ? {} : { source: place.source }),
    ...(place.policy === undefined ? {} : { policy: place.policy }),
    ...(phase === null ? {} : { phase }),
    ...(reply === null ? {} : { reply }),
    ...(error === null ? {} : { error }),
    ...('class' in verdict ? { class: verdict.class } : {}),
    ...(verdict.kind === 'deferred' ? { nextAttemptAt: new Date(verdict.dueAt).toISOString() } : {}),
  });
}
