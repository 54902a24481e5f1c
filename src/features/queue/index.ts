/**
 * Queue: whose turn it is. Promises: a row is in at most one node's hands; a node's rows come back when its term ends;
 * turns go round accounts and subaccounts, the transactional lane first; held rows leave by themselves when their time
 * comes. Does not know how to deliver, and does not write messages' states: `messages` and `delivery` do.
 * A row is: waiting (due_at), leased (leased_by), or held (hold, hold_until); it is gone when the message is finished.
 */
export { turnRoutes } from './http.ts';
export { lanes } from './model.ts';
export type { HoldReason, Lane, LeasedMessage, QueueRow } from './model.ts';
export { defaultRetryPolicy, nextAttempt, scheduleMaxMs } from './rules.ts';
export type { NextAttempt, RetryClock, RetryPolicy } from './rules.ts';
export {
  holdStopped,
  holdStoppedSchedules,
  letGo,
  letGoSuspended,
  peekHeld,
  subaccountsWithHeld,
  suspendLeased,
  suspensionsWithHeld,
  takeAllOf,
  takeExpiredHolds,
} from './sql-holds.ts';
export type { HeldCopy, HeldRow } from './sql-holds.ts';
export { cancelWaiting, hasten, holdByHand, movePool, releaseByHand } from './sql-actions.ts';
export { Backlog } from './backlog.ts';
export { claim, survey, unlease } from './sql-claim.ts';
export { leaveGonePools } from './sql-pools.ts';
export { dropNode, fenceNode, freeLeases, freeStrays, leasedBy, leasedIds, lostNodes } from './sql-nodes.ts';
export type { Inherited } from './sql-nodes.ts';
export {
  beginning,
  countBefore,
  everything,
  findWaiting,
  lookAt,
  removeReleased,
  removeUnleased,
  reschedule,
} from './sql-rows.ts';
export type { Place, QueueFilter, QueuePart } from './sql-rows.ts';
export { readWeights } from './sql-weights.ts';
export { Node } from './node.ts';
export { Turns } from './turns.ts';
export type { Turn } from './turns.ts';
export { Window } from './window.ts';
