/** Every site that this node sends to: one governor per site and source address, behind it one `Site` per group of hosts. */
import type { Clock } from '../../base/clock.ts';
import type { OwnLimits, SiteProfile, SiteState } from '../sites/index.ts';
import type { LeasedMessage } from '../queue/index.ts';
import { Governor } from './governor.ts';
import type { Source } from './governor.ts';
import { Site } from './site.ts';
import type { Host, SiteOptions } from './site.ts';
import { policyLabel } from '../transport/index.ts';

export type DestinationOptions = Pick<
  SiteOptions,
  'open' | 'finish' | 'turnAway' | 'later' | 'onBug' | 'idleMs' | 'weightOf' | 'countTries'
> & {
  readonly clock: Clock;
  readonly random: () => number;
  readonly profileOf: (site: string) => SiteProfile;
  /** An account's own limits for a site. */
  readonly limitsOf: (accountId: number, site: string) => OwnLimits | null;
};

export class Destinations {
  readonly #options: DestinationOptions;
  readonly #governors = new Map<string, Governor>();
  readonly #sites = new Map<string, Site>();
  readonly #keys = new WeakMap<readonly Host[], string>();

  constructor(options: DestinationOptions) {
    this.#options = options;
  }

  /** How many groups of hosts have mail or connections. */
  get size(): number {
    return this.#sites.size;
  }

  /**
   * Domains of one provider may have hosts of their own: they share its limits, never a connection. Nor does mail with
   * REQUIRETLS go with other mail, which the first host takes.
   */
  find(name: string, source: Source, hosts: readonly Host[], isTlsRequired: boolean): Site {
    const governorKey = `${name} ${source.addressId}`;
    const key = `${governorKey} ${isTlsRequired ? 'REQUIRETLS ' : ''}${this.#hostsKey(hosts)}`;
    let site = this.#sites.get(key);
    if (site === undefined) {
      const { open, finish, turnAway, later, onBug, idleMs, weightOf, countTries } = this.#options;
      const governor = this.#governor(governorKey, name, source);
      site = new Site({
        name,
        governor,
        isTlsRequired,
        open,
        finish,
        turnAway,
        later,
        onBug,
        idleMs,
        weightOf,
        countTries,
      });
      this.#sites.set(key, site);
    }
    return site;
  }

  /** Forgets what is at rest. */
  tidy(): void {
    for (const [key, site] of this.#sites) if (site.isQuiet) this.#sites.delete(key);
    for (const [key, governor] of this.#governors) {
      if (!governor.isQuiet) continue;
      governor.stop();
      this.#governors.delete(key);
    }
  }

  /** What is known of each site now: limits and moods, nobody's messages. */
  states(): readonly SiteState[] {
    return [...this.#governors.values()].map((governor) => {
      const { site, source, profile } = governor.options;
      const { level, reason, since, until } = governor.pace;
      return {
        site,
        addressId: source.addressId,
        profile: profile.name,
        level,
        reason,
        since,
        until,
        ...governor.allowed(),
      };
    });
  }

  async stop(): Promise<readonly LeasedMessage[]> {
    const parked = await Promise.all([...this.#sites.values()].map((site) => site.stop()));
    for (const governor of this.#governors.values()) governor.stop();
    return parked.flat();
  }

  #governor(key: string, site: string, source: Source): Governor {
    let governor = this.#governors.get(key);
    if (governor === undefined) {
      const { clock, random, profileOf, limitsOf } = this.#options;
      governor = new Governor({
        site,
        source,
        profile: profileOf(site),
        clock,
        random,
        limitsOf: (accountId) => limitsOf(accountId, site),
      });
      this.#governors.set(key, governor);
    }
    return governor;
  }

  /** Hosts come in an order of chance: the same set under the same policies is the same group. The router keeps its arrays for a while. */
  #hostsKey(hosts: readonly Host[]): string {
    let key = this.#keys.get(hosts);
    if (key === undefined) {
      key = [...new Set(hosts.map(hostKey))].sort().join(' ');
      this.#keys.set(hosts, key);
    }
    return key;
  }
}

/** Mail of which different things are demanded, or proven, never shares a connection. */
function hostKey({ name, transport }: Host): string {
  if (transport === undefined) return name;
  if (transport.policy.kind === 'none') return `${name} ${transport.isNameProven ? 'proven' : 'found'}`;
  return `${name} ${policyLabel(transport)} ${JSON.stringify([transport.policy.facts, transport.names])}`;
}
