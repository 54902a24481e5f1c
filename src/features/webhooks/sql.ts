/** Webhooks themselves, as a scope sees them. What is the account's is hidden from every subaccount's scope here. */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import type { EventKind } from '../events/index.ts';
import type { Format } from './kinds.ts';
import type { Auth, Breaker, Progress, SealedWebhook, Webhook } from './model.ts';

export type WebhookRow = {
  account_id: number;
  subaccount_id: number;
  id: string;
  reach: string;
  only_subaccount_id: number | null;
  except_subaccounts: number[];
  name: string;
  url: string;
  kinds: string[] | null;
  format: string;
  names: string[] | null;
  batch_max: number;
  status: string;
  auth_kind: string;
  auth_name: string;
  sealed_auth: Buffer | null;
  sealed_secret: Buffer;
  sealed_old_secret: Buffer | null;
  old_secret_until: Date | null;
  created_at: Date;
  updated_at: Date;
};

/** Of `webhooks w`. */
export const webhookColumns = sql`w.account_id, w.subaccount_id, w.id, w.reach, w.only_subaccount_id, w.except_subaccounts, w.name, w.url, w.kinds, w.format, w.names,
  w.batch_max, w.status, w.auth_kind, w.auth_name, w.sealed_auth, w.sealed_secret, w.sealed_old_secret, w.old_secret_until,
  w.created_at, w.updated_at`;

export function toSealed(row: WebhookRow): SealedWebhook {
  return {
    id: row.id,
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    reach: row.reach as Webhook['reach'],
    onlySubaccountId: row.only_subaccount_id as SubaccountId | null,
    exceptSubaccounts: row.except_subaccounts as SubaccountId[],
    name: row.name,
    url: row.url,
    kinds: row.kinds as EventKind[] | null,
    format: row.format as Format,
    names: row.names,
    batchMax: row.batch_max,
    status: row.status as Webhook['status'],
    authKind: row.auth_kind as Auth['kind'],
    authName: row.auth_name,
    oldSecretUntil: row.old_secret_until,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    sealedAuth: row.sealed_auth,
    sealedSecret: row.sealed_secret,
    sealedOldSecret: row.sealed_old_secret,
  };
}

/** A subaccount's keys and people see only what is the subaccount's own, not even in the own subaccount. */
function visible(scope: Scope): ReturnType<typeof sql> {
  const only = onlySubaccount(scope.reach);
  return scope.reach === 'account'
    ? sql`true`
    : sql`w.reach = 'subaccount' ${only === null ? sql`` : sql`and w.subaccount_id = ${only}`}`;
}

/** An id of its own before the row is there: sealed values are bound to it. */
export async function nextId(tx: Tx): Promise<string> {
  const rows = await sql<{
    id: string;
  }>`/* webhooks.next_id */ select nextval('object_ids') as id`.execute(tx);
  return rows.rows[0]?.id ?? '';
}

export type NewWebhook = Omit<
  SealedWebhook,
  'oldSecretUntil' | 'sealedOldSecret' | 'createdAt' | 'updatedAt'
>;

export async function insertWebhook(tx: Tx, webhook: NewWebhook, now: Date): Promise<void> {
  await sql`/* webhooks.insert */
    insert into webhooks (account_id, subaccount_id, id, reach, only_subaccount_id, except_subaccounts, name, url, kinds, format, names, batch_max, status,
      auth_kind, auth_name, sealed_auth, sealed_secret, created_at, updated_at)
    values (${webhook.accountId}, ${webhook.subaccountId}, ${webhook.id}, ${webhook.reach}, ${webhook.onlySubaccountId}, ${webhook.exceptSubaccounts}, ${webhook.name},
      ${webhook.url}, ${webhook.kinds}, ${webhook.format}, ${webhook.names}, ${webhook.batchMax}, ${webhook.status}, ${webhook.authKind}, ${webhook.authName},
      ${webhook.sealedAuth}, ${webhook.sealedSecret}, ${now}, ${now})`.execute(tx);
  await sql`/* webhooks.insert_progress */
    insert into webhook_progress (account_id, subaccount_id, webhook_id, is_paused)
    values (${webhook.accountId}, ${webhook.subaccountId}, ${webhook.id}, ${webhook.status === 'paused'})`.execute(
    tx,
  );
}

export async function countWebhooks(tx: Tx, scope: Scope): Promise<number> {
  const rows = await sql<{ n: number }>`/* webhooks.count */
    select count(*)::int as n from webhooks w where w.account_id = ${scope.accountId} and w.subaccount_id = ${scope.subaccountId}`.execute(
    tx,
  );
  return rows.rows[0]?.n ?? 0;
}

export type WebhookWithProgress = { readonly webhook: SealedWebhook; readonly progress: Progress };

type ProgressRow = WebhookRow & {
  last_n: string;
  sent_n: string;
  breaker: string;
  failures: number;
  failing_since: Date | null;
  next_at: Date;
  replay_id: string | null;
};

const progressColumns = sql`p.last_n, p.sent_n, p.breaker, p.failures, p.failing_since, p.next_at, p.replay_id`;

function toBoth(row: ProgressRow): WebhookWithProgress {
  return {
    webhook: toSealed(row),
    progress: {
      lastN: Number(row.last_n),
      sentN: Number(row.sent_n),
      breaker: row.breaker as Breaker,
      failures: row.failures,
      failingSince: row.failing_since,
      nextAt: row.next_at,
      replayId: row.replay_id,
    },
  };
}

export async function findWebhook(tx: Tx, scope: Scope, id: string): Promise<WebhookWithProgress | null> {
  const rows = await sql<ProgressRow>`/* webhooks.find */
    select ${webhookColumns}, ${progressColumns} from webhooks w join webhook_progress p on p.webhook_id = w.id
    where w.id = ${id} and ${visible(scope)}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toBoth(row);
}

/** The scope's: all that it sees, or those of the subaccount that it acts for. */
export async function listWebhooks(
  tx: Tx,
  scope: Scope,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly WebhookWithProgress[]> {
  const rows = await sql<ProgressRow>`/* webhooks.list */
    select ${webhookColumns}, ${progressColumns} from webhooks w join webhook_progress p on p.webhook_id = w.id
    where w.id > ${page.after} and ${visible(scope)} order by w.id limit ${page.limit}`.execute(tx);
  return rows.rows.map(toBoth);
}

/** Everything that may change, as it is to be. */
export async function updateWebhook(tx: Tx, webhook: SealedWebhook, now: Date): Promise<void> {
  await sql`/* webhooks.update */
    update webhooks set only_subaccount_id = ${webhook.onlySubaccountId}, except_subaccounts = ${webhook.exceptSubaccounts}, name = ${webhook.name}, url = ${webhook.url}, kinds = ${webhook.kinds}, names = ${webhook.names},
      batch_max = ${webhook.batchMax}, status = ${webhook.status}, auth_kind = ${webhook.authKind}, auth_name = ${webhook.authName},
      sealed_auth = ${webhook.sealedAuth}, sealed_secret = ${webhook.sealedSecret}, sealed_old_secret = ${webhook.sealedOldSecret},
      old_secret_until = ${webhook.oldSecretUntil}, updated_at = ${now}
    where id = ${webhook.id}`.execute(tx);
}

/** Locked before the webhook's own row, as the sender does: two orders would meet in a deadlock. */
export async function setPaused(tx: Tx, id: string, isPaused: boolean): Promise<void> {
  await sql`/* webhooks.set_paused */
    update webhook_progress set is_paused = ${isPaused} where webhook_id = ${id}`.execute(tx);
}

/** A new start for an endpoint that was given up or waits for its next probe. */
export async function resumeProgress(tx: Tx, id: string, now: Date): Promise<void> {
  await sql`/* webhooks.resume */
    update webhook_progress set is_paused = false, next_at = ${now}, failures = 0, failing_since = null, refused_since = null, retry_count = null,
      breaker = case breaker when 'stopped' then 'closed' else breaker end
    where webhook_id = ${id}`.execute(tx);
}

/** The progress goes first (see `setPaused`); what was handed out and logged ends by its age. */
export async function deleteWebhook(tx: Tx, id: string): Promise<void> {
  await sql`/* webhooks.delete_progress */ delete from webhook_progress where webhook_id = ${id}`.execute(tx);
  await sql`/* webhooks.delete */ delete from webhooks where id = ${id}`.execute(tx);
}
