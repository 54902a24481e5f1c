/** Hosts at which people log in, and which mails may lead to: the installation's own, and those that brands have proven. */
import { isIP } from 'node:net';
import type { Config } from '../base/config.ts';
import { BrandHosts } from '../features/brands/index.ts';
import { atHost } from '../features/logins/index.ts';
import type { LinkHost } from '../features/logins/index.ts';
import { mayLead, placesOf, worksFor } from '../features/users/index.ts';
import type { TenantHost } from '../features/users/index.ts';
import { hostName } from '../http/credential.ts';
import type { LoginHosts } from '../http/credential.ts';
import { hostOf } from '../mail/tracking/index.ts';
import type { Store } from './store.ts';

export async function openBrandHosts(
  config: Config,
  store: Store,
): Promise<{ readonly hosts: BrandHosts; readonly loginHosts: LoginHosts }> {
  const hosts = new BrandHosts(store.db.engine);
  await hosts.refresh();
  const own = config.LETTERSHOP_PUBLIC_URL === null ? null : hostOf(config.LETTERSHOP_PUBLIC_URL);
  // Without a public address nothing is known of the names that lead here.
  const isOpen = (host: string): boolean =>
    own === null ||
    host === own ||
    host === 'localhost' ||
    isIP(host) !== 0 ||
    hosts.accountOf(host) !== null;
  return { hosts, loginHosts: { isOpen, accountOf: (host) => hosts.accountOf(host) } };
}

/** The tenant's host that a Host header names; null for any other, and for one of a suspended tenant. */
export function tenantHostAt(
  hosts: Pick<BrandHosts, 'holderOf'>,
  publicUrl: () => string,
): (header: string) => TenantHost | null {
  return (header) => {
    const name = hostName({ host: header });
    const holder = hosts.holderOf(name);
    return holder === null ? null : { ...holder, url: atHost(publicUrl(), name) };
  };
}

/** Where a link for a person may lead: to the host that was asked at, if they belong to its holder and to nobody else. */
export function linkHostOf(
  store: Pick<Store, 'db'>,
  hosts: Pick<BrandHosts, 'holderOf'>,
  publicUrl: () => string,
): (host: string, userId: string) => Promise<LinkHost | null> {
  const tenantHost = tenantHostAt(hosts, publicUrl);
  return async (name, userId) => {
    const host = tenantHost(name);
    if (host === null) return null;
    const places = await placesOf(store.db.engine, userId);
    return places.length > 0 && mayLead(host, places) ? { url: host.url, name: host.brandName } : null;
  };
}

/** Whether a person works for the holder of a brand's host; nobody does at one of a suspended tenant. */
export function memberAt(
  store: Pick<Store, 'db'>,
  hosts: Pick<BrandHosts, 'holderOf'>,
): (host: string, userId: string) => Promise<boolean> {
  return async (name, userId) => {
    const holder = hosts.holderOf(name);
    return holder !== null && worksFor(holder, await placesOf(store.db.engine, userId));
  };
}

/** Names that no tenant can have for a brand. */
export function namesOf(config: Config, publicUrl: () => string): () => readonly string[] {
  const { LETTERSHOP_MAIL_DOMAIN: mail, LETTERSHOP_HOSTNAME: host, LETTERSHOP_TRACKING_URL: links } = config;
  return () =>
    [mail, host, hostOf(publicUrl()), links === null ? '' : hostOf(links)]
      .map((name) => name.toLowerCase())
      .filter((name) => name !== '');
}
