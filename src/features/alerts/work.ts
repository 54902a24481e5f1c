/** Background: judges alerts once a minute each, and tells what they found. */
import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import { append } from '../events/index.ts';
import { sumAccount, sumOutcomes } from '../outcomes/index.ts';
import type { Alert, Reading } from './model.ts';
import { isStanding, isTold, measured, nextTryAt, stateAfter, windowFrom } from './rules.ts';
import { mail, post } from './send.ts';
import type { Sent, SendWorld } from './send.ts';
import { insertFiring } from './sql.ts';
import {
  countFailingWebhooks,
  countLostDomains,
  dropOldFirings,
  listDueAlerts,
  recordTry,
  setAlertState,
  setTold,
  takeDueAlert,
  takeWaiting,
  tellNewest,
} from './sql-work.ts';
import type { Waiting } from './sql-work.ts';

const perRound = 500;
const everyMs = 60_000;
const tellingsPerRound = 20;
const busyMs = 60_000;
const firingsKeptMs = 90 * 86_400_000;
const batch = 2000;

/** One round; how many were judged. What fails for one keeps no other from its turn; the first failure is thrown. */
export async function judgeAlerts(db: Database, clock: Clock): Promise<number> {
  const due = await listDueAlerts(db.engine, new Date(clock.now()), perRound);
  const failures: unknown[] = [];
  for (const id of due)
    await db.asEngine((tx) => judgeOne(tx, clock.now(), id)).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
  return due.length;
}

async function judgeOne(tx: Tx, now: number, id: string): Promise<void> {
  const at = new Date(now);
  const alert = await takeDueAlert(tx, id, at, new Date(now + everyMs));
  if (alert === null) return;
  const reading = await read(tx, alert, now);
  const state = stateAfter(alert, reading, now);
  const kind = state === 'firing' ? 'fired' : 'cleared';
  if (state !== alert.state) {
    await setAlertState(tx, id, state, at);
    const quiet = { delivery: 'quiet', attempts: 0, nextTryAt: null, toldAt: null, error: '' } as const;
    await insertFiring(tx, alert, { at, kind, ...reading, ...quiet });
  }
  if (!isTold(alert, state, now)) return;
  await setTold(tx, id, state, at);
  await tellNewest(tx, id, at);
  const { accountId, subaccountId, name, measure } = alert;
  const data = { alertId: id, name, measure, value: reading.value, volume: reading.volume };
  await append(tx, at, [{ accountId, subaccountId, kind: `alert.${kind}`, data }]);
}

async function read(tx: Tx, alert: Alert, now: number): Promise<Reading> {
  const { measure, accountId, onlySubaccountId } = alert;
  if (isStanding(measure)) {
    const value =
      measure === 'domains_lost' ? await countLostDomains(tx, alert) : await countFailingWebhooks(tx, alert);
    return { value, volume: null, from: new Date(now) };
  }
  const from = new Date(windowFrom(alert, now));
  // An event may be a little ahead of this node's clock.
  const span = { from, until: new Date(now + 3_600_000) };
  const outcomes =
    onlySubaccountId === null
      ? await sumAccount(tx, accountId, span)
      : (await sumOutcomes(tx, onlySubaccountId, [span]))[0];
  if (outcomes === undefined) throw new Error('an alert was given no counts');
  return { ...measured(measure, outcomes), from };
}

export type TellWorld = SendWorld & { readonly clock: Clock };

/** Tells what waits, side by side; how many were taken. Nothing is sent while a transaction is open. */
export async function tellFirings(world: TellWorld): Promise<number> {
  const { db, clock } = world;
  const now = clock.now();
  const at = { now: new Date(now), busyUntil: new Date(now + busyMs), limit: tellingsPerRound };
  const waiting = await db.asEngine((tx) => takeWaiting(tx, at));
  const told = await Promise.all(waiting.map((each) => tellOne(world, each)));
  return told.filter(({ isTaken }) => isTaken).length;
}

async function tellOne(world: TellWorld, { alert, firing }: Waiting): Promise<Sent> {
  const { db, clock } = world;
  if (alert.targetKind === 'mail')
    return db.asEngine(async (tx) => {
      const sent = await mail(world, tx, alert, firing, new Date(clock.now()));
      const delivery = sent.isTaken ? 'sent' : 'failed';
      await recordTry(tx, firing.id, {
        delivery,
        nextTryAt: null,
        error: sent.error,
        at: new Date(clock.now()),
      });
      return sent;
    });
  const sent = await post(world, alert, firing, firing.id, clock.now());
  const now = clock.now();
  const next = sent.isTaken ? null : nextTryAt(firing.attempts, now);
  const delivery = sent.isTaken ? 'sent' : next === null ? 'failed' : 'waiting';
  const nextTry = next === null ? null : new Date(next);
  await db.asEngine((tx) =>
    recordTry(tx, firing.id, { delivery, nextTryAt: nextTry, error: sent.error, at: new Date(now) }),
  );
  return sent;
}

/** In short transactions. */
export async function endOldFirings(db: Database, clock: Clock): Promise<void> {
  const before = new Date(clock.now() - firingsKeptMs);
  while ((await db.asEngine((tx) => dropOldFirings(tx, before, batch))) >= batch);
}
