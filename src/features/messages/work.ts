/** Background: holds that begin, end or run out; old Idempotency-Keys. Short transactions, in batches. */
import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import type { SubaccountId } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import type { EventKind, NewEvent } from '../events/index.ts';
import {
  holdStopped,
  holdStoppedSchedules,
  letGo,
  peekHeld,
  removeReleased,
  subaccountsWithHeld,
  takeAllOf,
  takeExpiredHolds,
} from '../queue/index.ts';
import type { HeldCopy, HeldRow } from '../queue/index.ts';
import { countUnits, lockRoom } from '../quotas/index.ts';
import { stoppedSubaccounts } from '../subaccounts/index.ts';
import { hitOf, told as toldOf } from '../suppressions/index.ts';
import type { LookUp } from '../suppressions/index.ts';
import { holdMs } from './accept.ts';
import { toldFault } from './fault.ts';
import { resolveLate } from './late.ts';
import type { LateWorld } from './late.ts';
import { listsOf } from './lists-of.ts';
import type { MessageState } from './model.ts';
import { dropOldAnswers, setStates } from './sql.ts';
import { findLate } from './sql-late.ts';
import { sendersOf } from './sql-lists.ts';

const batch = 500;
/** Per subaccount and round: a large backlog leaves beside the others, not before them. */
const batchesPerRound = 10;
const answerLifeMs = 24 * 3_600_000;

/**
 * One round over everything that is held or should be; true when mail may go on. What fails for one (a broken row of one
 * tenant) keeps no other from its turn; the first failure is thrown at the end.
 */
export async function tendHolds(world: LateWorld, lookUp: LookUp): Promise<boolean> {
  const { db, clock } = world;
  const stopped = await stoppedSubaccounts(db);
  const ended = new Set<number>([...stopped.waiting, ...stopped.dropped, ...stopped.reviewed]);
  const held = (await subaccountsWithHeld(db.engine, new Date(clock.now()))).filter((id) => !ended.has(id));
  const failures: unknown[] = [];
  let isAny = false;
  const rounds = [
    () => holdWhatStopped(db, clock, stopped.waiting, 'paused'),
    () => holdWhatStopped(db, clock, stopped.reviewed, 'review'),
    () => dropWhatEnded(db, clock, stopped.dropped),
    () => expireHolds(db, clock),
  ];
  for (const round of rounds) await inBatches(round).catch((error: unknown) => failures.push(error));
  for (const subaccountId of held) {
    const released = await inBatches(() => release(world, subaccountId, lookUp)).catch((error: unknown) => {
      failures.push(error);
      return 0;
    });
    isAny ||= released > 0;
  }
  if (failures.length > 0) throw failures[0];
  return isAny;
}

async function inBatches(round: () => Promise<number>): Promise<number> {
  let total = 0;
  for (let rounds = 0; rounds < batchesPerRound; rounds++) {
    const done = await round();
    total += done;
    if (done < batch) break;
  }
  return total;
}

/** Something came into what is let go after it was asked about: the next round asks about it. */
class Overtaken extends Error {}

/**
 * Lets one subaccount's mail go, in order, as far as the quotas have room. What must not be written to any more, or cannot be
 * made of its template, ends here and takes no unit; that is asked before the counters are locked, for which everybody's
 * accepting would wait.
 */
async function release(world: LateWorld, subaccountId: SubaccountId, lookUp: LookUp): Promise<number> {
  const { db, clock } = world;
  const peeked = await peekHeld(db.engine, subaccountId, new Date(clock.now()), batch);
  const submissions = new Set(peeked.map(({ submissionId }) => submissionId));
  const faults = await resolveLate(world, subaccountId, submissions);
  const ends = new Map([...endsOf(peeked, faults), ...(await stopsOf(world, peeked, lookUp))]);
  const letThemGo = db.asEngine(async (tx) => {
    const now = new Date(clock.now());
    const room = await lockRoom(tx, subaccountId);
    const at = { now, holdUntil: new Date(now.getTime() + holdMs), room, limit: batch };
    const { released, newlyHeld } = await letGo(tx, subaccountId, at);
    const leaving = released.filter(({ messageId }) => !ends.has(messageId));
    const unmade = await findLate(tx, subaccountId, [...new Set(leaving.map((row) => row.submissionId))]);
    if (unmade.length > 0) throw new Overtaken();
    await countUnits(tx, subaccountId, leaving.filter(({ counts }) => counts).length);
    await setStates(tx, leaving, 'queued', now);
    const ended: NewEvent[] = [];
    for (const state of ['suppressed', 'failed'] as const) {
      const rows = released.filter(({ messageId }) => ends.get(messageId)?.state === state);
      await setStates(tx, rows, state, now);
      await removeReleased(tx, rows);
      for (const { accountId, messageId, submissionId } of rows) {
        const data = ends.get(messageId)?.data ?? {};
        ended.push({ accountId, subaccountId, messageId, submissionId, kind: `message.${state}`, data });
      }
    }
    await append(tx, now, [
      ...told(leaving, 'message.released'),
      ...told(newlyHeld, 'message.held'),
      ...ended,
    ]);
    return released.length;
  });
  return letThemGo.catch((error: unknown) => {
    if (error instanceof Overtaken) return 0;
    throw error;
  });
}

/** What becomes of a copy instead, and what its event tells. */
type End = { readonly state: 'suppressed' | 'failed'; readonly data: NewEvent['data'] };

function endsOf(
  copies: readonly HeldCopy[],
  faults: ReadonlyMap<string, string>,
): readonly (readonly [messageId: string, End])[] {
  return copies.flatMap(({ messageId, submissionId, recipient }): [string, End][] => {
    const fault = faults.get(submissionId);
    return fault === undefined
      ? []
      : [[messageId, { state: 'failed', data: { recipient, ...toldFault(fault) } }]];
  });
}

/** By message. One subaccount's mail, so two questions at most, and what its lists and senders are where an entry is bound to one. */
async function stopsOf(
  { db, templates }: LateWorld,
  copies: readonly HeldCopy[],
  lookUp: LookUp,
): Promise<ReadonlyMap<string, End>> {
  const stops = new Map<string, End>();
  for (const [lane, some] of Map.groupBy(copies, (copy) => copy.lane)) {
    const [first] = some;
    if (first === undefined) continue;
    const { accountId, subaccountId } = first;
    const addresses = some.map(({ recipient }) => recipient);
    const hits = await lookUp({ accountId, subaccountId, addresses, lane });
    const bound = some.filter(({ recipient }) => hits.bound.has(recipient));
    const ofLists = bound.filter(({ recipient }) => hits.bound.get(recipient)?.hasLists === true);
    const lists = await listsOf({ db, templates }, subaccountId, ofLists);
    const senders = await sendersOf(db.engine, subaccountId, bound);
    for (const { messageId, recipient } of some) {
      const mail = { list: lists.get(messageId) ?? null, sender: senders.get(messageId) ?? null };
      const hit = hitOf(hits, recipient, mail);
      if (hit !== null) stops.set(messageId, { state: 'suppressed', data: { recipient, ...toldOf(hit) } });
    }
  }
  return stops;
}

function holdWhatStopped(
  db: Database,
  clock: Clock,
  ids: readonly number[],
  hold: 'paused' | 'review',
): Promise<number> {
  if (ids.length === 0) return Promise.resolve(0);
  return db.asEngine(async (tx) => {
    const now = new Date(clock.now());
    const at = { hold, now, holdUntil: new Date(now.getTime() + holdMs), limit: batch };
    const rows = [...(await holdStopped(tx, ids, at)), ...(await holdStoppedSchedules(tx, ids, at))];
    return move(tx, now, rows, 'held', 'message.held');
  });
}

function dropWhatEnded(db: Database, clock: Clock, ids: readonly number[]): Promise<number> {
  if (ids.length === 0) return Promise.resolve(0);
  return db.asEngine(async (tx) =>
    move(tx, new Date(clock.now()), await takeAllOf(tx, ids, batch), 'cancelled', 'message.dropped'),
  );
}

function expireHolds(db: Database, clock: Clock): Promise<number> {
  return db.asEngine(async (tx) => {
    const now = new Date(clock.now());
    return move(tx, now, await takeExpiredHolds(tx, now, batch), 'expired', 'message.expired');
  });
}

async function move(
  tx: Tx,
  now: Date,
  rows: readonly HeldRow[],
  state: MessageState,
  kind: EventKind,
): Promise<number> {
  await setStates(tx, rows, state, now);
  await append(tx, now, told(rows, kind));
  return rows.length;
}

function told(rows: readonly HeldRow[], kind: EventKind): Parameters<typeof append>[2] {
  return rows.map(({ hold, ...row }) => {
    const { accountId, subaccountId, messageId, submissionId, retentionDays } = row;
    return { accountId, subaccountId, messageId, submissionId, retentionDays, kind, data: { hold } };
  });
}

export async function forgetAnswers(db: Database, clock: Clock): Promise<number> {
  const before = new Date(clock.now() - answerLifeMs);
  return db.asEngine((tx) => dropOldAnswers(tx, before, 5000));
}
