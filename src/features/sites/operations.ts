import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import type { AccountId, Scope } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import type { SiteProfile } from './profiles.ts';
import { limitsProblem } from './rules.ts';
import {
  countByDomain,
  deleteLimits,
  findDomains,
  findSites,
  findStates,
  findTransport,
  listLimits,
  putLimits,
} from './sql.ts';
import type { SiteLimits, StoredState } from './sql.ts';

export type SiteWorld = {
  readonly db: Database;
  readonly clock: Clock;
  /** The profile of a site as this installation sends to it (a smarthost has its own). */
  readonly profileOf: (site: string) => SiteProfile;
};

/** A site as its caller may know it: their own mail, and what holds everybody there alike. */
export type SiteLook = {
  readonly site: string;
  readonly profile: SiteProfile;
  readonly waiting: number;
  readonly inHand: number;
  readonly held: number;
  /** False when there is more mail than was counted. */
  readonly isExact: boolean;
  readonly oldest: Date;
  readonly domains: readonly string[];
  readonly states: readonly StoredState[];
  readonly own: SiteLimits | null;
  /** Of the domains: what sessions with their hosts must meet, as last resolved. */
  readonly transport: readonly { readonly domain: string; readonly policy: string }[];
};

const countedMax = 10_000;
/** What a node has not said again for so long is no longer so. */
const stateLifeMs = 60_000;

const sum = (numbers: readonly number[]): number => numbers.reduce((all, n) => all + n, 0);

/** Sites that the scope has mail for. A domain that was not resolved yet stands for itself. */
export async function sitesOf(world: SiteWorld, scope: Scope): Promise<readonly SiteLook[]> {
  const { db, clock } = world;
  const { counts, isExact, limits } = await db.scoped(scope, async (tx) => ({
    ...(await countByDomain(tx, countedMax)),
    limits: await listLimits(tx),
  }));
  const resolved = await findSites(
    db.engine,
    counts.map(({ domain }) => domain),
  );
  const transport = await findTransport(
    db.engine,
    counts.map(({ domain }) => domain),
  );
  const grouped = Map.groupBy(counts, ({ domain }) => resolved.get(domain) ?? domain);
  const since = new Date(clock.now() - stateLifeMs);
  const states = await findStates(db.engine, scope.accountId, [...grouped.keys()], since);
  return [...grouped]
    .map(([site, group]) => ({
      site,
      profile: world.profileOf(site),
      waiting: sum(group.map(({ waiting }) => waiting)),
      inHand: sum(group.map(({ inHand }) => inHand)),
      held: sum(group.map(({ held }) => held)),
      isExact,
      oldest: new Date(Math.min(...group.map(({ oldest }) => oldest.getTime()))),
      domains: group.map(({ domain }) => domain).slice(0, 100),
      states: states.filter((state) => state.site === site),
      own: limits.find((each) => each.site === site) ?? null,
      transport: group.flatMap(({ domain }) => {
        const policy = transport.get(domain);
        return policy === undefined ? [] : [{ domain, policy }];
      }),
    }))
    .sort((a, b) => b.waiting - a.waiting || a.site.localeCompare(b.site));
}

/** One of them; a site that others write to is not found. */
export async function siteOf(world: SiteWorld, scope: Scope, site: string): Promise<SiteLook> {
  const found = (await sitesOf(world, scope)).find((look) => look.site === site);
  if (found === undefined) throw refuse('not_found');
  return found;
}

export function limitsOf(world: SiteWorld, scope: Scope): Promise<readonly SiteLimits[]> {
  return world.db.scoped(scope, listLimits);
}

/** Sets the account's own limits for a site; all null takes them back. Looser than the profile is refused. */
export async function setLimits(world: SiteWorld, scope: Scope, limits: SiteLimits): Promise<SiteLimits> {
  if (scope.reach !== 'account')
    throw refuse('auth.grant_missing', { message: 'Only the account sets limits for sites' });
  const problem = limitsProblem(world.profileOf(limits.site), limits);
  if (problem !== null)
    throw invalidField(problem.field, 'maximum', `can only be stricter than the profile's ${problem.max}`);
  const { connections, messagesPerConnection, messagesPerHour } = limits;
  const isNone = connections === null && messagesPerConnection === null && messagesPerHour === null;
  await world.db.scoped(scope, async (tx) => {
    if (isNone) await deleteLimits(tx, limits.site);
    else await putLimits(tx, scope, limits);
    const { accountId, subaccountId } = scope;
    const data = { ...limits };
    await append(tx, new Date(world.clock.now()), [{ accountId, subaccountId, kind: 'site.limited', data }]);
  });
  return limits;
}

/** How the site of a recipient domain is met now, from addresses that the account sends from. */
export async function moodsOf(
  { db, clock }: SiteWorld,
  accountId: AccountId,
  domain: string,
): Promise<{ readonly site: string; readonly moods: readonly StoredState[] }> {
  const site = (await findSites(db.engine, [domain])).get(domain) ?? domain;
  const moods = await findStates(db.engine, accountId, [site], new Date(clock.now() - stateLifeMs));
  return { site, moods };
}

/** Domains that were resolved to the site, at most ten thousand. */
export function domainsOf({ db }: SiteWorld, site: string): Promise<readonly string[]> {
  return findDomains(db.engine, site, 10_000);
}
