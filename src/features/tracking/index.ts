/**
 * Tracking: the hosts of links and pixels. Promises: a tracking domain is used only while DNS shows its owner's own CNAME,
 * so that a name has one prover in the installation; which one a message gets is `chooseTracking`. What of a message is tracked is said
 * by the call, else by the words of its sending domain, subaccount, account, and so is its lane (`TrackingStanding`; the order: `switchesFor`); openings and clicks are
 * told in the log while their message is there (`Engagements`), and an unsubscribe stands on the subaccount's list when its
 * answer leaves. Does not write links into mail (`delivery`) and serves none (`src/http/tracking-door.ts`). A tracking domain is unproven, then proven, and lost when its CNAME is gone or another owner's.
 */
export { trackingRoutes } from './http.ts';
export { checkDueTracking, hastenTracking } from './operations.ts';
export type { TrackingWorld } from './operations.ts';
export { Engagements, endOldEngagements } from './engagements.ts';
export type { Engagement } from './sql-engagements.ts';
export { machineOf } from './machines.ts';
export type { MailDoor, MailLane, Switches, Tracked, TrackingWish } from './model.ts';
export { readTrackHeader, readUnsubscribeHeader } from './rules.ts';
export { TrackingStanding } from './standing.ts';
export { unsubscribe } from './unsubscribe.ts';
