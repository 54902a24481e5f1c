/**
 * A login at a brand's host asks DNS again whose the host is, so that one who took its name over finds nobody logging in there.
 * One question for all who log in meanwhile, and none while the last answer is young: a stranger who tries a thousand times
 * makes the program ask once.
 */
import { setTimeout } from 'node:timers/promises';
import { withDeadline } from '../../base/dns/index.ts';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import { lookAgain } from './hosts.ts';
import type { BrandWorld } from './model.ts';
import { looksAtLogin } from './rules.ts';
import type { BrandHosts } from './standing.ts';

/**
 * Waits until it is known again whose the host is, at most `looksAtLogin.waitMs`: who has a slow name server logs in on what was
 * seen last, and what the look finds counts from then on. Does nothing for a host that is no brand's. Never throws.
 */
export type ConfirmHost = (host: string) => Promise<void>;

export function makeConfirmHost(world: BrandWorld & { readonly log: Log }, hosts: BrandHosts): ConfirmHost {
  const { clock, log } = world;
  const running = new Map<string, Promise<void>>();
  const start = (host: string, id: string): Promise<void> => {
    const hasty = { ...world, resolve: withDeadline(world.resolve, looksAtLogin.dnsMs) };
    const look = lookAgain(hasty, id)
      .then(() => hosts.refresh())
      .catch((error: unknown) => log.warn({ error: errorText(error) }, 'a brand host was not looked at'))
      .finally(() => running.delete(host));
    running.set(host, look);
    return look;
  };
  return async (host) => {
    const proven = hosts.provenAt(host);
    if (proven === null) return;
    const age = clock.now() - (proven.checkedAt?.getTime() ?? 0);
    const underWay = running.get(host);
    if (underWay === undefined && age < looksAtLogin.olderThanMs) return;
    const waiting = new AbortController();
    const { signal } = waiting;
    await Promise.race([
      underWay ?? start(host, proven.id),
      setTimeout(looksAtLogin.waitMs, undefined, { signal }).catch(() => undefined),
    ]);
    waiting.abort();
  };
}
