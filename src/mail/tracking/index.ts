/** Tracking of mail: signed links, and where they go into a message. */
export type { Plan, Slot, TrackingWishes } from './model.ts';
export { fill, makePlan } from './plan.ts';
export { webTarget } from './references.ts';
export {
  clickTail,
  hostOf,
  leaveTail,
  LinkWriter,
  readLink,
  targetBytesMax,
  unsubscribeTail,
} from './token.ts';
export type { LinkKind, TrackedLink } from './token.ts';
