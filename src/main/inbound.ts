/** The listener for mail that comes back, and what it works with. */
import type { Clock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import type { DiskFloor } from '../base/disk.ts';
import type { Log } from '../base/log.ts';
import type { IncomingWorld } from '../features/incoming/index.ts';
import { prepareDmarc } from '../features/monitoring/index.ts';
import { inboundHooks } from '../smtp/inbound.ts';
import type { InboundDoor } from '../smtp/inbound.ts';
import { SmtpListener } from '../smtp/listener.ts';
import type { Certificate } from './certificate.ts';
import type { Store } from './store.ts';

export function inboundDoor(
  { db, ring }: Store,
  {
    config,
    clock,
    disk,
    incoming,
  }: { config: Config; clock: Clock; disk: DiskFloor; incoming: IncomingWorld },
): InboundDoor {
  return {
    db,
    ring,
    clock,
    mailDomain: config.LETTERSHOP_MAIL_DOMAIN.toLowerCase(),
    hostname: config.LETTERSHOP_HOSTNAME.toLowerCase(),
    prepareDmarc,
    incoming,
    hasDisk: () => !disk.isLow,
  };
}

export function openInbound(
  { config, log, inbound }: { config: Config; log: Log; inbound: InboundDoor },
  certificate: Certificate | null,
): Promise<SmtpListener<never>> {
  return SmtpListener.start<never>({
    host: config.LETTERSHOP_HOST,
    port: config.LETTERSHOP_INBOUND_PORT,
    hostname: config.LETTERSHOP_HOSTNAME,
    ...(certificate === null ? {} : { tls: { implicit: false, context: certificate.context } }),
    requireAuth: false,
    clearAuthFrom: () => false,
    // For reports; what tenants may receive is the smaller `messageBytesMax`. A bounce brings back what we sent, and is larger by as much as it says itself.
    sizeMax: Math.ceil(config.LETTERSHOP_MESSAGE_BYTES_MAX * 1.5),
    recipientsMax: 100,
    connectionsMax: 500,
    perAddressConnectionsMax: 50,
    // RFC 5321 4.5.3.2.7.
    idleTimeoutMs: 300_000,
    dataTimeoutMs: 600_000,
    bufferedBytesMax: 128 * 1024 * 1024,
    hooks: inboundHooks(inbound),
    log,
  });
}
