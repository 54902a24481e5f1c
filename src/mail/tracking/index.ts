/** Tracking of mail: signed links, and where they go into a message. */
export type { Plan, Slot, TrackingWishes } from './model.ts';
export { fill, makePlan } from './plan.ts';
export { clickTail, hostOf, LinkWriter, readLink, unsubscribeTail } from './token.ts';
export type { LinkKind, TrackedLink } from './token.ts';
