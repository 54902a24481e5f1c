/** Hosts at which people log in: the installation's own, and those that brands have proven. */
import { isIP } from 'node:net';
import type { Config } from '../base/config.ts';
import { BrandHosts } from '../features/brands/index.ts';
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

/** Names that no tenant can have for a brand. */
export function namesOf(config: Config, publicUrl: () => string): () => readonly string[] {
  const { LETTERSHOP_MAIL_DOMAIN: mail, LETTERSHOP_HOSTNAME: host, LETTERSHOP_TRACKING_URL: links } = config;
  return () =>
    [mail, host, hostOf(publicUrl()), links === null ? '' : hostOf(links)]
      .map((name) => name.toLowerCase())
      .filter((name) => name !== '');
}
