/** What a subscriber reads of a webhook that its scope sees: numbered events, days, replays, requests. And their ends. */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { Delivery, Handout } from './sql-progress.ts';
import type { DeliveryKind } from './model.ts';

/** What was handed out after number `after`, oldest first. */
export async function handoutsAfter(
  tx: Tx,
  webhookId: string,
  after: number,
  events: number,
): Promise<readonly Handout[]> {
  const rows = await sql<{
    first_n: string;
    last_n: string;
    seqs: string[];
    from_at: Date;
    until_at: Date;
  }>`/* webhooks.handouts_after */
    select first_n, last_n, seqs, from_at, until_at from handouts
    where webhook_id = ${webhookId} and last_n > ${after} order by last_n limit ${events}`.execute(tx);
  return rows.rows.map((row) => ({
    firstN: Number(row.first_n),
    lastN: Number(row.last_n),
    seqs: row.seqs,
    from: row.from_at,
    until: row.until_at,
  }));
}

export type DayRow = {
  readonly day: string;
  readonly kind: string;
  readonly n: number;
  readonly firstN: number;
  readonly lastN: number;
};

export async function dayRows(
  tx: Tx,
  webhookId: string,
  from: string,
  until: string,
): Promise<readonly DayRow[]> {
  const rows = await sql<{
    day: string;
    kind: string;
    n: string;
    first_n: string;
    last_n: string;
  }>`/* webhooks.days */
    select day::text as day, kind, n, first_n, last_n from webhook_days
    where webhook_id = ${webhookId} and day >= ${from}::date and day <= ${until}::date order by day, kind`.execute(
    tx,
  );
  return rows.rows.map((row) => ({
    day: row.day,
    kind: row.kind,
    n: Number(row.n),
    firstN: Number(row.first_n),
    lastN: Number(row.last_n),
  }));
}

export type ReplayRow = {
  readonly id: string;
  readonly kind: 'range' | 'failed';
  readonly firstN: number;
  readonly lastN: number;
  readonly nextN: number;
  readonly state: 'running' | 'done' | 'cancelled';
  readonly createdAt: Date;
};

type StoredReplay = {
  id: string;
  kind: string;
  first_n: string;
  last_n: string;
  next_n: string;
  state: string;
  created_at: Date;
};

function toReplay(row: StoredReplay): ReplayRow {
  return {
    id: row.id,
    kind: row.kind as ReplayRow['kind'],
    firstN: Number(row.first_n),
    lastN: Number(row.last_n),
    nextN: Number(row.next_n),
    state: row.state as ReplayRow['state'],
    createdAt: row.created_at,
  };
}

const replayColumns = sql`id, kind, first_n, last_n, next_n, state, created_at`;

/** Starts a replay; null when one runs already. */
export async function startReplay(
  tx: Tx,
  webhook: { readonly accountId: number; readonly subaccountId: number; readonly id: string },
  replay: Pick<ReplayRow, 'kind' | 'firstN' | 'lastN' | 'state'>,
  now: Date,
): Promise<ReplayRow | null> {
  const free = await sql`/* webhooks.lock_replay */
    select from webhook_progress where webhook_id = ${webhook.id} and replay_id is null for update`.execute(
    tx,
  );
  if (free.rows.length === 0) return null;
  const rows = await sql<StoredReplay>`/* webhooks.start_replay */
    insert into webhook_replays (account_id, subaccount_id, webhook_id, kind, first_n, last_n, next_n, state, created_at)
    values (${webhook.accountId}, ${webhook.subaccountId}, ${webhook.id}, ${replay.kind}, ${replay.firstN}, ${replay.lastN}, ${replay.firstN}, ${replay.state}, ${now})
    returning ${replayColumns}`.execute(tx);
  const row = rows.rows[0];
  if (row === undefined) return null;
  if (replay.state !== 'running') return toReplay(row);
  await sql`/* webhooks.attach_replay */
    update webhook_progress set replay_id = ${row.id} where webhook_id = ${webhook.id}`.execute(tx);
  return toReplay(row);
}

/** Stops the running replay. Its row before the progress, as the sender does: two orders would meet in a deadlock. */
export async function cancelReplay(tx: Tx, webhookId: string): Promise<void> {
  await sql`/* webhooks.cancel_replay */
    update webhook_replays set state = 'cancelled' where webhook_id = ${webhookId} and state = 'running'`.execute(
    tx,
  );
  await sql`/* webhooks.detach_replay */
    update webhook_progress set replay_id = null where webhook_id = ${webhookId}`.execute(tx);
}

export async function listReplays(
  tx: Tx,
  webhookId: string,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly ReplayRow[]> {
  const rows = await sql<StoredReplay>`/* webhooks.replays */
    select ${replayColumns} from webhook_replays where webhook_id = ${webhookId}
      ${page.before === null ? sql`` : sql`and id < ${page.before}`}
    order by id desc limit ${page.limit}`.execute(tx);
  return rows.rows.map(toReplay);
}

/** The span of what was passed over; null when nothing was. */
export async function failureSpan(
  tx: Tx,
  webhookId: string,
): Promise<{ readonly firstN: number; readonly lastN: number } | null> {
  const rows = await sql<{ first_n: string | null; last_n: string | null }>`/* webhooks.failure_span */
    select min(first_n) as first_n, max(last_n) as last_n from webhook_failures where webhook_id = ${webhookId}`.execute(
    tx,
  );
  const row = rows.rows[0];
  return row?.first_n == null || row.last_n === null
    ? null
    : { firstN: Number(row.first_n), lastN: Number(row.last_n) };
}

export type DeliveryRow = Delivery & { readonly id: string };

export async function listDeliveries(
  tx: Tx,
  webhookId: string,
  page: { readonly before: string | null; readonly limit: number; readonly isTaken: boolean | null },
): Promise<readonly DeliveryRow[]> {
  const rows = await sql<{
    id: string;
    at: Date;
    kind: string;
    first_n: string | null;
    last_n: string | null;
    failures: number;
    is_taken: boolean;
    status: number | null;
    error: string | null;
    ms: number;
    request_headers: string;
    request_body: string;
    request_bytes: number;
    response_headers: string;
    response_body: string;
  }>`/* webhooks.deliveries */
    select id, at, kind, first_n, last_n, failures, is_taken, status, error, ms, request_headers, request_body, request_bytes,
      response_headers, response_body
    from webhook_deliveries where webhook_id = ${webhookId}
      ${page.before === null ? sql`` : sql`and id < ${page.before}`}
      ${page.isTaken === null ? sql`` : sql`and is_taken = ${page.isTaken}`}
    order by id desc limit ${page.limit}`.execute(tx);
  return rows.rows.map((row) => ({
    id: row.id,
    at: row.at,
    kind: row.kind as DeliveryKind,
    firstN: row.first_n === null ? null : Number(row.first_n),
    lastN: row.last_n === null ? null : Number(row.last_n),
    failures: row.failures,
    isTaken: row.is_taken,
    status: row.status,
    error: row.error,
    ms: row.ms,
    requestHeaders: row.request_headers,
    requestBody: row.request_body,
    requestBytes: row.request_bytes,
    responseHeaders: row.response_headers,
    responseBody: row.response_body,
  }));
}

/** Engine: requests older than `before`, and all but the last `kept` of each webhook; how many went. */
export async function endDeliveries(db: Db, before: Date, kept: number, limit: number): Promise<number> {
  const result = await sql`/* webhooks.end_deliveries */
    delete from webhook_deliveries where id in (
      (select id from webhook_deliveries where at < ${before} order by at limit ${limit})
      union all
      (select d.id from webhook_progress p cross join lateral (
        select id from webhook_deliveries where webhook_id = p.webhook_id order by id desc offset ${kept} limit ${limit}) d limit ${limit})
    )`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}

/** Engine: what was handed out longer ago than its account keeps events; certificates after 400 days. How many went. */
export async function endHandouts(db: Db, now: Date, limit: number): Promise<number> {
  const result = await sql`/* webhooks.end_handouts */
    delete from handouts where (webhook_id, last_n) in (
      select h.webhook_id, h.last_n from accounts a cross join lateral (
        select webhook_id, last_n from handouts
        where account_id = a.id and at < ${now}::timestamptz - make_interval(days => a.retention_days) order by at limit ${limit}) h
      limit ${limit})`.execute(db);
  await sql`/* webhooks.end_days */
    delete from webhook_days where day < (${now}::timestamptz - interval '400 days')::date`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}
