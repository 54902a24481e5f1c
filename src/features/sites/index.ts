/**
 * Sites: how fast to go towards a destination. Promises: provider figures are data with a version; an account makes them only
 * stricter, for itself; the pace follows what receivers answer by pure rules. What a node knows of a site is told without
 * anybody's numbers; an account sees the sites that it has mail for, and of them its own mail only.
 */
export { siteRoutes } from './http.ts';
export { domainsOf, moodsOf, sitesOf } from './operations.ts';
export type { SiteWorld } from './operations.ts';
export { nextHopProfile, profileOf } from './profiles.ts';
export type { SiteProfile } from './profiles.ts';
export {
  allowed,
  fullPace,
  moodOf,
  nextSlot,
  reached,
  remember,
  slowDown,
  troubleIn,
  wentWell,
} from './rules.ts';
export type { OwnLimits, Pace, Recent, Trouble } from './rules.ts';
export { dropOldSites, readLimits, recordDomains, recordStates } from './sql.ts';
export type { SiteState } from './sql.ts';
