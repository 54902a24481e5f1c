/** Alerts and their firings as their owners see and change them: under the transaction's scope. */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import type { Alert, AlertState, Firing, FiringDelivery, FiringKind, Measure, TargetKind } from './model.ts';

export type AlertRow = {
  id: string;
  account_id: number;
  subaccount_id: number;
  reach: Alert['reach'];
  only_subaccount_id: number | null;
  name: string;
  measure: Measure;
  comparison: Alert['comparison'];
  threshold: number;
  clear_at: number;
  window_hours: number;
  volume_min: string;
  quiet_minutes: number;
  target_kind: TargetKind;
  target: string;
  sealed_secret: Buffer | null;
  status: Alert['status'];
  state: AlertState;
  state_since: Date;
  told_state: AlertState;
  told_at: Date | null;
  created_at: Date;
};

/** Of `alerts a`. */
export const alertColumns = sql`a.id, a.account_id, a.subaccount_id, a.reach, a.only_subaccount_id, a.name, a.measure, a.comparison,
  a.threshold, a.clear_at, a.window_hours, a.volume_min, a.quiet_minutes, a.target_kind, a.target, a.sealed_secret, a.status, a.state,
  a.state_since, a.told_state, a.told_at, a.created_at`;

export function toAlert(row: AlertRow): Alert {
  return {
    id: row.id,
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    reach: row.reach,
    onlySubaccountId: row.only_subaccount_id as SubaccountId | null,
    name: row.name,
    measure: row.measure,
    comparison: row.comparison,
    threshold: row.threshold,
    clearAt: row.clear_at,
    windowHours: row.window_hours,
    volumeMin: Number(row.volume_min),
    quietMinutes: row.quiet_minutes,
    targetKind: row.target_kind,
    target: row.target,
    sealedSecret: row.sealed_secret,
    status: row.status,
    state: row.state,
    stateSince: row.state_since,
    toldState: row.told_state,
    toldAt: row.told_at,
    createdAt: row.created_at,
  };
}

/** A subaccount's keys and people see only what is the subaccount's own, not even in the own subaccount. */
function visible(scope: Scope): ReturnType<typeof sql> {
  const only = onlySubaccount(scope.reach);
  return scope.reach === 'account'
    ? sql`true`
    : sql`a.reach = 'subaccount' ${only === null ? sql`` : sql`and a.subaccount_id = ${only}`}`;
}

/** An id of its own before the row is there: the sealed secret is bound to it. */
export async function nextId(tx: Tx): Promise<string> {
  const rows = await sql<{ id: string }>`/* alerts.next_id */ select nextval('object_ids') as id`.execute(tx);
  return rows.rows[0]?.id ?? '';
}

export async function insertAlert(tx: Tx, alert: Alert, now: Date): Promise<void> {
  await sql`/* alerts.insert */
    insert into alerts (account_id, subaccount_id, id, reach, only_subaccount_id, name, measure, comparison, threshold, clear_at,
      window_hours, volume_min, quiet_minutes, target_kind, target, sealed_secret, status, state_since, next_at, created_at, updated_at)
    values (${alert.accountId}, ${alert.subaccountId}, ${alert.id}, ${alert.reach}, ${alert.onlySubaccountId}, ${alert.name}, ${alert.measure},
      ${alert.comparison}, ${alert.threshold}, ${alert.clearAt}, ${alert.windowHours}, ${alert.volumeMin}, ${alert.quietMinutes},
      ${alert.targetKind}, ${alert.target}, ${alert.sealedSecret}, ${alert.status}, ${now}, ${now}, ${now}, ${now})`.execute(
    tx,
  );
}

export async function countAlerts(tx: Tx, scope: Scope): Promise<number> {
  const rows = await sql<{ n: number }>`/* alerts.count */
    select count(*)::int as n from alerts where account_id = ${scope.accountId} and subaccount_id = ${scope.subaccountId}`.execute(
    tx,
  );
  return rows.rows[0]?.n ?? 0;
}

export async function findAlert(tx: Tx, scope: Scope, id: string, lock: boolean): Promise<Alert | null> {
  const rows = await sql<AlertRow>`/* alerts.find */
    select ${alertColumns} from alerts a where a.id = ${id} and ${visible(scope)} ${lock ? sql`for update` : sql``}`.execute(
    tx,
  );
  const row = rows.rows[0];
  return row === undefined ? null : toAlert(row);
}

export async function listAlerts(
  tx: Tx,
  scope: Scope,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly Alert[]> {
  const rows = await sql<AlertRow>`/* alerts.list */
    select ${alertColumns} from alerts a where a.id > ${page.after} and ${visible(scope)} order by a.id limit ${page.limit}`.execute(
    tx,
  );
  return rows.rows.map(toAlert);
}

/** Everything that may change; it is judged anew at once. */
export async function updateAlert(tx: Tx, alert: Alert, now: Date): Promise<void> {
  await sql`/* alerts.update */
    update alerts set name = ${alert.name}, threshold = ${alert.threshold}, clear_at = ${alert.clearAt}, window_hours = ${alert.windowHours},
      volume_min = ${alert.volumeMin}, quiet_minutes = ${alert.quietMinutes}, target_kind = ${alert.targetKind}, target = ${alert.target},
      sealed_secret = ${alert.sealedSecret}, status = ${alert.status}, next_at = ${now}, updated_at = ${now}
    where id = ${alert.id}`.execute(tx);
}

export async function deleteAlert(tx: Tx, id: string): Promise<void> {
  await sql`/* alerts.delete */ delete from alerts where id = ${id}`.execute(tx);
}

/** Notes a test; false when there was one since then. */
export async function noteTest(tx: Tx, id: string, now: Date, since: Date): Promise<boolean> {
  const result = await sql`/* alerts.note_test */
    update alerts set tested_at = ${now} where id = ${id} and (tested_at is null or tested_at <= ${since})`.execute(
    tx,
  );
  return (result.numAffectedRows ?? 0n) === 1n;
}

export type NewFiring = Omit<Firing, 'id' | 'alertId' | 'subaccountId'> & { readonly nextTryAt: Date | null };

export async function insertFiring(tx: Tx, alert: Alert, firing: NewFiring): Promise<string> {
  const rows = await sql<{ id: string }>`/* alerts.insert_firing */
    insert into alert_firings (account_id, subaccount_id, alert_id, at, kind, value, volume, from_at, delivery, attempts, next_try_at, told_at, error)
    values (${alert.accountId}, ${alert.subaccountId}, ${alert.id}, ${firing.at}, ${firing.kind}, ${firing.value}, ${firing.volume},
      ${firing.from}, ${firing.delivery}, ${firing.attempts}, ${firing.nextTryAt}, ${firing.toldAt}, ${firing.error})
    returning id`.execute(tx);
  return rows.rows[0]?.id ?? '';
}

export type FiringRow = {
  id: string;
  alert_id: string;
  subaccount_id: number;
  at: Date;
  kind: FiringKind;
  value: number | null;
  volume: string | null;
  from_at: Date | null;
  delivery: FiringDelivery;
  attempts: number;
  told_at: Date | null;
  error: string;
};

/** Of `alert_firings f`. */
export const firingColumns = sql`f.id, f.alert_id, f.subaccount_id, f.at, f.kind, f.value, f.volume, f.from_at, f.delivery, f.attempts,
  f.told_at, f.error`;

export function toFiring(row: FiringRow): Firing {
  return {
    id: row.id,
    alertId: row.alert_id,
    subaccountId: row.subaccount_id as SubaccountId,
    at: row.at,
    kind: row.kind,
    value: row.value,
    volume: row.volume === null ? null : Number(row.volume),
    from: row.from_at,
    delivery: row.delivery,
    attempts: row.attempts,
    toldAt: row.told_at,
    error: row.error,
  };
}

/** Newest first; of one alert or of all that the scope sees. */
export async function listFirings(
  tx: Tx,
  scope: Scope,
  page: { readonly alertId: string | null; readonly before: string | null; readonly limit: number },
): Promise<readonly Firing[]> {
  const rows = await sql<FiringRow>`/* alerts.list_firings */
    select ${firingColumns} from alert_firings f join alerts a on a.id = f.alert_id
    where ${visible(scope)} ${page.alertId === null ? sql`` : sql`and f.alert_id = ${page.alertId}`}
      ${page.before === null ? sql`` : sql`and f.id < ${page.before}`}
    order by f.id desc limit ${page.limit}`.execute(tx);
  return rows.rows.map(toFiring);
}

/** Engine: whether mail to the address is wanted: of a person of the account (or subaccount), or of a proven sender. */
export async function isKnownMailbox(
  db: Db,
  of: { readonly accountId: AccountId; readonly subaccountId: SubaccountId | null; readonly address: string },
): Promise<boolean> {
  const { accountId, subaccountId, address } = of;
  const theirs = (table: 'm' | 's') =>
    subaccountId === null ? sql`` : sql`and ${sql.ref(`${table}.subaccount_id`)} = ${subaccountId}`;
  const rows = await sql<{ is_known: boolean }>`/* alerts.is_known_mailbox */
    select exists (select from memberships m join users u on u.id = m.user_id
        where m.account_id = ${accountId} ${theirs('m')} and lower(u.email) = ${address})
      or exists (select from senders s where s.account_id = ${accountId} ${theirs('s')} and s.address = ${address} and s.state = 'proven')
      as is_known`.execute(db);
  return rows.rows[0]?.is_known ?? false;
}
