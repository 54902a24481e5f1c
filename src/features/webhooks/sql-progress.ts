/**
 * The sender's statements (engine role, across tenants). A claim takes a lease with a term, and every record names it: a
 * node that was away too long changes nothing. What was sent and how far the webhook is are written in one statement.
 */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import { toSealed, webhookColumns } from './sql.ts';
import type { WebhookRow } from './sql.ts';
import type { Breaker, DeliveryKind, SealedWebhook } from './model.ts';

/** How long a lease lives without a record: longer than a request can take. */
const leaseSeconds = 40;
/** In nobody's hands: given back, run out, or its node is lost. */
const isFree = sql`(p.leased_until is null or p.leased_until < now()
  or not exists (select from nodes n where n.number = p.leased_by and n.term_ends_at > now()))`;

export type Replay = {
  readonly id: string;
  readonly kind: 'range' | 'failed';
  readonly nextN: number;
  readonly lastN: number;
};

export type Claimed = {
  readonly webhook: SealedWebhook;
  readonly lease: string;
  readonly lastN: number;
  readonly sentN: number;
  readonly breaker: Breaker;
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly refusedSince: Date | null;
  readonly retryCount: number | null;
  readonly isSlow: boolean;
};

type ClaimedRow = WebhookRow & {
  lease: string;
  last_n: string;
  sent_n: string;
  breaker: string;
  failures: number;
  failing_since: Date | null;
  refused_since: Date | null;
  retry_count: number | null;
  is_slow: boolean;
};

export type ClaimRequest = {
  readonly node: number;
  readonly now: Date;
  readonly limit: number;
  /** What this node has under way, per account. */
  readonly busy: readonly { readonly accountId: number; readonly all: number; readonly troubled: number }[];
  readonly perAccount: number;
  readonly troubledPerAccount: number;
  /** Places left for troubled endpoints on this node. */
  readonly troubledLimit: number;
};

/** Webhooks that are due and in nobody's hands, the longest due first, no account above its places on this node. */
export async function claim(db: Db, request: ClaimRequest): Promise<readonly Claimed[]> {
  const { node, now, limit, busy, perAccount, troubledPerAccount, troubledLimit } = request;
  const rows = await sql<ClaimedRow>`/* webhooks.claim, plan kept */
    with due as materialized (
      select webhook_id, account_id, next_at, failures > 0 or is_slow as is_troubled from webhook_progress p
      where has_work and next_at <= ${now} and ${isFree}
    ),
    ranked as materialized (
      select *, row_number() over (partition by account_id order by next_at, webhook_id) as place,
        count(*) filter (where is_troubled) over (partition by account_id order by next_at, webhook_id) as troubled_place,
        count(*) filter (where is_troubled) over (order by next_at, webhook_id) as troubled_rank
      from due
    ),
    allowed as materialized (
      select r.webhook_id from ranked r
      left join unnest(${busy.map((each) => each.accountId)}::int[], ${busy.map((each) => each.all)}::int[],
        ${busy.map((each) => each.troubled)}::int[]) as b (account_id, all_n, troubled_n) on b.account_id = r.account_id
      where case when r.is_troubled then r.troubled_place <= ${troubledPerAccount} - coalesce(b.troubled_n, 0) and r.troubled_rank <= ${troubledLimit}
        else r.place - r.troubled_place <= ${perAccount} - coalesce(b.all_n - b.troubled_n, 0) end
      order by r.next_at, r.webhook_id limit ${limit}
    ),
    mine as materialized (
      select p.webhook_id from webhook_progress p join allowed a on a.webhook_id = p.webhook_id
      where p.has_work and ${isFree}
      for update of p skip locked
    ),
    taken as (
      update webhook_progress p set lease = nextval('object_ids'), leased_by = ${node}, leased_until = now() + make_interval(secs => ${leaseSeconds})
      from mine m where p.webhook_id = m.webhook_id returning p.*
    )
    select ${webhookColumns}, t.lease, t.last_n, t.sent_n, t.breaker, t.failures, t.failing_since, t.refused_since, t.retry_count,
      t.is_slow
    from taken t join webhooks w on w.id = t.webhook_id`.execute(db);
  return rows.rows.map((row) => ({
    webhook: toSealed(row),
    lease: row.lease,
    lastN: Number(row.last_n),
    sentN: Number(row.sent_n),
    breaker: row.breaker as Breaker,
    failures: row.failures,
    failingSince: row.failing_since,
    refusedSince: row.refused_since,
    retryCount: row.retry_count,
    isSlow: row.is_slow,
  }));
}

/** The running replay of a webhook. */
export async function runningReplay(db: Db, webhookId: string): Promise<Replay | null> {
  const rows = await sql<{
    id: string;
    kind: string;
    next_n: string;
    last_n: string;
  }>`/* webhooks.running_replay */
    select r.id, r.kind, r.next_n, r.last_n from webhook_progress p join webhook_replays r on r.id = p.replay_id
    where p.webhook_id = ${webhookId} and r.state = 'running'`.execute(db);
  const row = rows.rows[0];
  if (row === undefined) return null;
  return {
    id: row.id,
    kind: row.kind as Replay['kind'],
    nextN: Number(row.next_n),
    lastN: Number(row.last_n),
  };
}

export type Handout = {
  readonly firstN: number;
  readonly lastN: number;
  readonly seqs: readonly string[];
  readonly from: Date;
  readonly until: Date;
};

/** What was handed out from number `from` on, oldest first, until `events` are together. */
export async function handoutsFrom(
  db: Db,
  webhookId: string,
  from: number,
  events: number,
): Promise<readonly Handout[]> {
  const rows = await sql<{
    first_n: string;
    last_n: string;
    seqs: string[];
    from_at: Date;
    until_at: Date;
  }>`/* webhooks.handouts */
    select first_n, last_n, seqs, from_at, until_at from handouts
    where webhook_id = ${webhookId} and last_n >= ${from} and first_n < ${from + events} order by last_n limit 200`.execute(
    db,
  );
  return rows.rows.map((row) => ({
    firstN: Number(row.first_n),
    lastN: Number(row.last_n),
    seqs: row.seqs,
    from: row.from_at,
    until: row.until_at,
  }));
}

/** The first range that was passed over at or after `from`. */
export async function failureFrom(
  db: Db,
  webhookId: string,
  from: number,
): Promise<{ firstN: number; lastN: number } | null> {
  const rows = await sql<{ first_n: string; last_n: string }>`/* webhooks.failure_from */
    select first_n, last_n from webhook_failures where webhook_id = ${webhookId} and last_n >= ${from} order by first_n limit 1`.execute(
    db,
  );
  const row = rows.rows[0];
  return row === undefined ? null : { firstN: Number(row.first_n), lastN: Number(row.last_n) };
}

export type Delivery = {
  readonly at: Date;
  readonly kind: DeliveryKind;
  readonly firstN: number | null;
  readonly lastN: number | null;
  readonly failures: number;
  readonly isTaken: boolean;
  readonly status: number | null;
  readonly error: string | null;
  readonly ms: number;
  readonly requestHeaders: string;
  readonly requestBody: string;
  readonly requestBytes: number;
  readonly responseHeaders: string;
  readonly responseBody: string;
};

export async function insertDelivery(
  tx: Tx | Db,
  webhook: { readonly accountId: number; readonly subaccountId: number; readonly id: string },
  delivery: Delivery,
): Promise<string> {
  const rows = await sql<{ id: string }>`/* webhooks.insert_delivery */
    insert into webhook_deliveries (account_id, subaccount_id, webhook_id, at, kind, first_n, last_n, failures, is_taken, status,
      error, ms, request_headers, request_body, request_bytes, response_headers, response_body)
    values (${webhook.accountId}, ${webhook.subaccountId}, ${webhook.id}, ${delivery.at}, ${delivery.kind}, ${delivery.firstN},
      ${delivery.lastN}, ${delivery.failures}, ${delivery.isTaken}, ${delivery.status}, ${delivery.error}, ${delivery.ms},
      ${delivery.requestHeaders}, ${delivery.requestBody}, ${delivery.requestBytes}, ${delivery.responseHeaders}, ${delivery.responseBody})
    returning id`.execute(tx);
  return rows.rows[0]?.id ?? '';
}

export type ProgressNow = {
  readonly lease: string;
  readonly sentN: number;
  readonly breaker: Breaker;
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly refusedSince: Date | null;
  readonly retryCount: number | null;
  readonly isSlow: boolean;
  readonly nextAt: Date;
};

export type Standing = {
  readonly lastN: number;
  readonly sentN: number;
  readonly isPaused: boolean;
  readonly hasReplay: boolean;
};

/**
 * Writes how far the webhook is; the lease is prolonged, or given back when nothing is left to do. Null when the lease was
 * another's: nothing was written.
 */
export async function record(tx: Tx, webhookId: string, now: ProgressNow): Promise<Standing | null> {
  const rows = await sql<{
    last_n: string;
    sent_n: string;
    is_paused: boolean;
    has_replay: boolean;
  }>`/* webhooks.record */
    update webhook_progress set sent_n = least(last_n, greatest(sent_n, ${now.sentN}::bigint)), breaker = ${now.breaker}, failures = ${now.failures},
      failing_since = ${now.failingSince}, refused_since = ${now.refusedSince}, retry_count = ${now.retryCount}, is_slow = ${now.isSlow},
      next_at = ${now.nextAt}, leased_until = case when last_n > ${now.sentN}::bigint or replay_id is not null
        then now() + make_interval(secs => ${leaseSeconds}) end
    where webhook_id = ${webhookId} and lease = ${now.lease}
    returning last_n, sent_n, is_paused, replay_id is not null as has_replay`.execute(tx);
  const row = rows.rows[0];
  if (row === undefined) return null;
  return {
    lastN: Number(row.last_n),
    sentN: Number(row.sent_n),
    isPaused: row.is_paused,
    hasReplay: row.has_replay,
  };
}

/** Gives the lease back; whether there is more to do is for the next claim to see. */
export async function release(db: Db, webhookId: string, lease: string): Promise<void> {
  await sql`/* webhooks.release */
    update webhook_progress set lease = null, leased_by = null, leased_until = null
    where webhook_id = ${webhookId} and lease = ${lease}`.execute(db);
}

/** At a node's start: whatever an earlier life of it (its data folder is ours alone) held. */
export async function releaseOf(db: Db, node: number): Promise<void> {
  await sql`/* webhooks.release_of */
    update webhook_progress set lease = null, leased_by = null, leased_until = null where leased_by = ${node}`.execute(
    db,
  );
}

export async function passOver(
  tx: Tx,
  webhook: { readonly accountId: number; readonly subaccountId: number; readonly id: string },
  range: { readonly firstN: number; readonly lastN: number; readonly cause: 'refused' | 'ended' },
  now: Date,
): Promise<void> {
  await sql`/* webhooks.pass_over */
    insert into webhook_failures (account_id, subaccount_id, webhook_id, first_n, last_n, cause, at)
    values (${webhook.accountId}, ${webhook.subaccountId}, ${webhook.id}, ${range.firstN}, ${range.lastN}, ${range.cause}, ${now})
    on conflict (webhook_id, first_n) do nothing`.execute(tx);
}

/** Failures that a replay has mended: those wholly inside the range. */
export async function mend(tx: Tx, webhookId: string, firstN: number, lastN: number): Promise<void> {
  await sql`/* webhooks.mend */
    delete from webhook_failures where webhook_id = ${webhookId} and first_n >= ${firstN} and last_n <= ${lastN}`.execute(
    tx,
  );
}

/** The replay goes on from `nextN`; done (and off the webhook) when that is beyond its end or `isDone`. */
export async function moveReplay(
  tx: Tx,
  webhookId: string,
  replay: { readonly id: string; readonly nextN: number; readonly isDone: boolean },
): Promise<void> {
  await sql`/* webhooks.move_replay */
    with moved as (
      update webhook_replays set next_n = ${replay.nextN},
        state = case when state = 'running' and (${replay.isDone} or ${replay.nextN} > last_n) then 'done' else state end
      where id = ${replay.id} returning state
    )
    update webhook_progress set replay_id = null
    where webhook_id = ${webhookId} and replay_id = ${replay.id} and (select state from moved) <> 'running'`.execute(
    tx,
  );
}
