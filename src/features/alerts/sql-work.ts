/** Engine role: alerts whose turn it is, firings on their way, what stands now. */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { Alert, AlertState, Firing } from './model.ts';
import { alertColumns, firingColumns, toAlert, toFiring } from './sql.ts';
import type { AlertRow, FiringRow } from './sql.ts';

/** Whose turn it is, without a lock. Those of subaccounts that are no more rest. */
export async function listDueAlerts(db: Db, now: Date, limit: number): Promise<readonly string[]> {
  const rows = await sql<{ id: string }>`/* alerts.due */
    select a.id from alerts a join subaccounts s on s.id = a.subaccount_id and s.stage not in ('retired', 'deleted')
    where a.status = 'active' and a.next_at <= ${now} order by a.next_at limit ${limit}`.execute(db);
  return rows.rows.map(({ id }) => id);
}

/** A due one, locked, and its next turn set; null when another node has it. */
export async function takeDueAlert(tx: Tx, id: string, now: Date, nextAt: Date): Promise<Alert | null> {
  const rows = await sql<AlertRow>`/* alerts.take_due */
    with taken as (
      select id from alerts where id = ${id} and status = 'active' and next_at <= ${now} for update skip locked
    )
    update alerts a set next_at = ${nextAt} from taken t where a.id = t.id returning ${alertColumns}`.execute(
    tx,
  );
  const row = rows.rows[0];
  return row === undefined ? null : toAlert(row);
}

/** How many domains have lost their proof. */
export async function countLostDomains(tx: Tx, { accountId, onlySubaccountId }: Alert): Promise<number> {
  const rows = await sql<{ n: number }>`/* alerts.lost_domains */
    select count(*)::int as n from domains where account_id = ${accountId} and state = 'lost'
      ${onlySubaccountId === null ? sql`` : sql`and subaccount_id = ${onlySubaccountId}`}`.execute(tx);
  return rows.rows[0]?.n ?? 0;
}

/** How many webhooks fail or were given up; a subaccount's alert counts only its own ones. */
export async function countFailingWebhooks(
  tx: Tx,
  { accountId, onlySubaccountId, reach }: Alert,
): Promise<number> {
  const rows = await sql<{ n: number }>`/* alerts.failing_webhooks */
    select count(*)::int as n from webhooks w join webhook_progress p on p.webhook_id = w.id
    where w.account_id = ${accountId} and w.status = 'active' and p.breaker <> 'closed'
      ${onlySubaccountId === null ? sql`` : sql`and w.subaccount_id = ${onlySubaccountId}`}
      ${reach === 'account' ? sql`` : sql`and w.reach = 'subaccount'`}`.execute(tx);
  return rows.rows[0]?.n ?? 0;
}

export async function setAlertState(tx: Tx, id: string, state: AlertState, now: Date): Promise<void> {
  await sql`/* alerts.set_state */ update alerts set state = ${state}, state_since = ${now} where id = ${id}`.execute(
    tx,
  );
}

export async function setTold(tx: Tx, id: string, state: AlertState, now: Date): Promise<void> {
  await sql`/* alerts.set_told */ update alerts set told_state = ${state}, told_at = ${now} where id = ${id}`.execute(
    tx,
  );
}

/** The newest firing is told now. */
export async function tellNewest(tx: Tx, alertId: string, now: Date): Promise<void> {
  await sql`/* alerts.tell_newest */
    update alert_firings set delivery = 'waiting', next_try_at = ${now}
    where id = (select max(id) from alert_firings where alert_id = ${alertId} and kind <> 'test') and delivery = 'quiet'`.execute(
    tx,
  );
}

export type Waiting = { readonly alert: Alert; readonly firing: Firing };

/** Takes firings that wait, oldest first, until `busyUntil`: a node that dies leaves them to any other then. */
export async function takeWaiting(
  tx: Tx,
  at: { readonly now: Date; readonly busyUntil: Date; readonly limit: number },
): Promise<readonly Waiting[]> {
  type Both = FiringRow & { alert: string };
  const taken = await sql<Both>`/* alerts.take_waiting */
    with taken as (
      select id from alert_firings where delivery = 'waiting' and next_try_at <= ${at.now}
      order by next_try_at limit ${at.limit} for update skip locked
    )
    update alert_firings f set next_try_at = ${at.busyUntil}, attempts = f.attempts + 1 from taken t where f.id = t.id
    returning ${firingColumns}`.execute(tx);
  if (taken.rows.length === 0) return [];
  const ids = taken.rows.map(({ alert_id: id }) => id);
  const alerts = await sql<AlertRow>`/* alerts.of_waiting */
    select ${alertColumns} from alerts a where a.id = any(${ids}::bigint[])`.execute(tx);
  const byId = new Map(alerts.rows.map((row) => [row.id, toAlert(row)]));
  return taken.rows.map(toFiring).flatMap((firing) => {
    const alert = byId.get(firing.alertId);
    return alert === undefined ? [] : [{ alert, firing }];
  });
}

/** What came of one try. */
export async function recordTry(
  tx: Tx,
  id: string,
  result: {
    readonly delivery: 'waiting' | 'sent' | 'failed';
    readonly nextTryAt: Date | null;
    readonly error: string;
    readonly at: Date;
  },
): Promise<void> {
  await sql`/* alerts.record_try */
    update alert_firings set delivery = ${result.delivery}, next_try_at = ${result.nextTryAt}, error = ${result.error},
      told_at = case when ${result.delivery} = 'sent' then ${result.at}::timestamptz end
    where id = ${id} and delivery = 'waiting'`.execute(tx);
}

export async function dropOldFirings(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`/* alerts.drop_firings */
    delete from alert_firings where id = any(array(
      select id from alert_firings where at < ${before} order by at limit ${limit}))`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}
