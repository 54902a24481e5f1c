/**
 * One webhook's turn: batch after batch in order, one request at a time, until it has caught up, fails, or has had its time.
 * What was sent is recorded with how far the webhook is, under the lease; a kill between sending and recording means that
 * the batch is sent again, with the same id and the same numbers.
 */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { composeBatch } from './compose.ts';
import type { ComposeWorld } from './compose.ts';
import type { EventWindow } from './event-window.ts';
import type { Numbered } from './formats.ts';
import type { Post } from './post.ts';
import { noteAnswer, recordSent, recordWithoutSending } from './record.ts';
import type { RunState, Sent } from './record.ts';
import { batchSize, judge } from './rules.ts';
import { failureFrom, handoutsFrom, runningReplay } from './sql-progress.ts';
import type { Claimed, Replay, Standing } from './sql-progress.ts';

export type RunWorld = ComposeWorld & {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: () => number;
  readonly post: Post;
  readonly window: EventWindow;
  /** Ends when the program stops: what runs is cut, and recorded as nothing. */
  readonly signal: AbortSignal;
};

/** Then others get its place; it comes again when it is their turn no more. */
const turnMs = 5000;
/** With less of the lease left a request might outlive it (40 s, of which a request may take 17). */
const leaseUsedMsMax = 20_000;

/** What is to be sent next: events, or numbers whose events have ended. */
type Next = {
  readonly replay: Replay | null;
  readonly items: readonly Numbered[];
  /** Numbers before the items that nothing is left of. */
  readonly ended: { readonly firstN: number; readonly lastN: number } | null;
};

/** True when the webhook was left with its lease given back or lost; false when the lease is still to be given back. */
export async function runWebhook(world: RunWorld, claimed: Claimed): Promise<boolean> {
  const { clock, signal } = world;
  const endsAt = clock.monotonicMs() + turnMs;
  const state = stateOf(claimed);
  let recordedAt = clock.monotonicMs();
  for (let turn = 0; !signal.aborted && (turn === 0 || clock.monotonicMs() < endsAt); turn++) {
    const next = await findNext(world, claimed, state, turn);
    if (next === null || clock.monotonicMs() - recordedAt > leaseUsedMsMax) return false;
    const standing = await sendNext(world, claimed, state, next);
    if (standing === 'cut') return false;
    recordedAt = clock.monotonicMs();
    state.lastN = standing.lastN;
    state.sentN = standing.sentN;
    state.hasReplay = standing.hasReplay;
    if (standing.lastN === standing.sentN && !standing.hasReplay) return true;
    if (standing.isPaused || state.health.failures > 0) return false;
  }
  return false;
}

function stateOf(claimed: Claimed): RunState {
  return {
    lastN: claimed.lastN,
    sentN: claimed.sentN,
    health: {
      breaker: claimed.breaker,
      failures: claimed.failures,
      failingSince: claimed.failingSince?.getTime() ?? null,
      refusedSince: claimed.refusedSince?.getTime() ?? null,
      retryCount: claimed.retryCount,
    },
    isSlow: claimed.isSlow,
    hasReplay: true,
  };
}

/** Replay and live take turns, so that neither waits for the other's end. */
async function findNext(
  world: RunWorld,
  { webhook }: Claimed,
  state: RunState,
  turn: number,
): Promise<Next | null> {
  const { engine } = world.db;
  const hasLive = state.sentN < state.lastN;
  const replay =
    state.hasReplay && (turn % 2 === 0 || !hasLive) ? await runningReplay(engine, webhook.id) : null;
  if (replay !== null) return nextOfReplay(world, webhook, state, replay);
  return hasLive
    ? nextItems(world, webhook, state, { from: state.sentN + 1, until: state.lastN }, null)
    : null;
}

async function nextOfReplay(
  world: RunWorld,
  webhook: Claimed['webhook'],
  state: RunState,
  replay: Replay,
): Promise<Next> {
  const whole = { from: replay.nextN, until: replay.lastN };
  if (replay.kind === 'range') return nextItems(world, webhook, state, whole, replay);
  const failure = await failureFrom(world.db.engine, webhook.id, replay.nextN);
  if (failure === null || failure.firstN > replay.lastN)
    return { replay: { ...replay, nextN: replay.lastN + 1 }, items: [], ended: null };
  const range = {
    from: Math.max(failure.firstN, replay.nextN),
    until: Math.min(failure.lastN, replay.lastN),
  };
  return nextItems(world, webhook, state, range, replay);
}

async function nextItems(
  { db, window }: RunWorld,
  webhook: Claimed['webhook'],
  state: RunState,
  range: { readonly from: number; readonly until: number },
  replay: Replay | null,
): Promise<Next> {
  const size = batchSize(state.health, webhook.batchMax);
  const until = Math.min(range.until, range.from + size - 1);
  const handouts = await handoutsFrom(db.engine, webhook.id, range.from, size);
  const [first] = handouts;
  const firstN = first?.firstN ?? until + 1;
  if (firstN > range.from)
    return { replay, items: [], ended: { firstN: range.from, lastN: Math.min(firstN - 1, until) } };
  return { replay, items: await window.numbered(db.engine, handouts, range.from, until), ended: null };
}

async function sendNext(
  world: RunWorld,
  claimed: Claimed,
  state: RunState,
  next: Next,
): Promise<Standing | 'cut'> {
  const { db, clock, post, random, signal } = world;
  const { webhook } = claimed;
  const { items, replay } = next;
  if (items.length === 0)
    return db.asEngine((tx) => recordWithoutSending(tx, claimed, state, next, new Date(clock.now())));
  const composed = composeBatch(world, webhook, { isReplay: replay !== null, items }, clock.now());
  const answer = await post(webhook.url, composed.headers, composed.body, signal);
  if (signal.aborted && answer.outcome.kind === 'unreachable') return 'cut';
  const now = new Date(clock.now());
  const judgement = judge(state.health, answer.outcome, {
    now: now.getTime(),
    random: random(),
    count: composed.items.length,
  });
  const sent: Sent = { composed, answer, judgement, replay };
  noteAnswer(state, answer);
  const standing = await db.asEngine((tx) => recordSent(tx, claimed, state, sent, now));
  state.health = judgement.health;
  return standing;
}
