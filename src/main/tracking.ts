/** What of mail is tracked, and the door that its links lead to. */
import { isIP } from 'node:net';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import { HotConnection } from '../base/database/hot-connection.ts';
import type { Log } from '../base/log.ts';
import { Engagements, TrackingStanding, unsubscribe } from '../features/tracking/index.ts';
import { makeTrackingDoor } from '../http/tracking-door.ts';
import type { Front } from '../http/connections.ts';
import { hostOf } from '../mail/tracking/index.ts';
import type { Store } from './store.ts';

export type Tracker = {
  readonly standing: TrackingStanding;
  readonly engagements: Engagements;
  readonly door: (publicUrl: () => string) => Front;
};

export function makeTracker(parts: {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}): Tracker {
  const { config, store, clock, log } = parts;
  const { db, ring } = store;
  const installationUrl = config.LETTERSHOP_TRACKING_URL;
  const standing = new TrackingStanding({ db: db.engine, clock, installationUrl });
  const engagements = new Engagements(new HotConnection(db.target, 'tracking', log), log);
  return {
    standing,
    engagements,
    door: (publicUrl) => {
      const own = installationUrl === null ? '' : hostOf(installationUrl);
      return makeTrackingDoor({
        ring,
        clock,
        log,
        engagements,
        unsubscribe: (link, by) => unsubscribe({ db, clock }, link, by),
        // Whoever has one host for all loses no API by it.
        isTrackingHost: (host) =>
          (host === own || standing.isTrackingHost(host)) &&
          host !== hostOf(publicUrl()) &&
          host !== 'localhost' &&
          isIP(host) === 0,
        trustedProxies: config.LETTERSHOP_TRUSTED_PROXIES,
        placeHeader: config.LETTERSHOP_PLACE_HEADER,
      });
    },
  };
}
