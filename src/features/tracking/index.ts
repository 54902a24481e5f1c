/**
 * Tracking: the hosts of links and pixels. Promises: a tracking domain is used only while DNS shows its owner's own CNAME,
 * so that a name has one prover in the installation; which one a message gets is `chooseTracking`. Does not rewrite mail
 * and answers no clicks. A tracking domain is unproven, then proven, and lost when its CNAME is gone or another owner's.
 */
export { trackingRoutes } from './http.ts';
export { checkDueTracking, hastenTracking } from './operations.ts';
export type { TrackingWorld } from './operations.ts';
