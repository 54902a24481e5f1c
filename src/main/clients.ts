/** What domains, tracking domains, sender identities and incoming mail are handed. */
import type { Clock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import type { BrandWorld } from '../features/brands/index.ts';
import type { ConnectWorld } from '../features/domains/index.ts';
import { removeOfDomain } from '../features/senders/index.ts';
import type { IncomingWorld } from '../features/incoming/index.ts';
import type { SenderWorld } from '../features/senders/index.ts';
import type { TrackingWorld } from '../features/tracking/index.ts';
import { namesOf } from './brands.ts';
import type { Outbound } from './outbound.ts';
import type { Store } from './store.ts';

export function clientWorlds(parts: {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly outbound: Outbound;
  readonly publicUrl: () => string;
}): {
  readonly domains: ConnectWorld;
  readonly tracking: TrackingWorld;
  readonly senders: SenderWorld;
  readonly incoming: IncomingWorld;
  readonly brands: BrandWorld;
} {
  const { config, store, clock, outbound, publicUrl } = parts;
  const shared = {
    db: store.db,
    clock,
    resolve: outbound.resolve,
    mailDomain: config.LETTERSHOP_MAIL_DOMAIN,
  };
  return {
    domains: {
      ...shared,
      resolve: outbound.resolveAnew,
      ring: store.ring,
      httpsGet: outbound.httpsGet,
      publicUrl,
      removeWith: (tx, { id }) => removeOfDomain(tx, id, new Date(clock.now())),
    },
    tracking: {
      ...shared,
      resolve: outbound.resolveAnew,
      installationUrl: config.LETTERSHOP_TRACKING_URL,
    },
    senders: { ...shared, publicUrl },
    brands: { ...shared, resolve: outbound.resolveNow, ownNames: namesOf(config, publicUrl) },
    incoming: {
      ...shared,
      resolveAnew: outbound.resolveAnew,
      ring: store.ring,
      hostname: config.LETTERSHOP_HOSTNAME.toLowerCase(),
      messageBytesMax: config.LETTERSHOP_MESSAGE_BYTES_MAX,
    },
  };
}
