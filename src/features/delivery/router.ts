/**
 * Where mail for a domain goes: MX hosts (direct), a smarthost (relay), or the built-in mailbox (capture). Answers are
 * kept for a short while beside the DNS cache, so that the next message for the same domain costs one map look-up.
 */
import type { Clock } from '../../base/clock.ts';
import type { Reply } from '../../mail/reply.ts';
import { findHosts } from './mx.ts';
import type { FoundHosts, Resolve } from './mx.ts';
import type { FoundHost, JudgedHost } from '../transport/index.ts';
import type { Host } from './site.ts';

export type Route =
  | { readonly kind: 'hosts'; readonly site: string; readonly hosts: readonly Host[] }
  | { readonly kind: 'impossible'; readonly reply: Reply }
  | {
      readonly kind: 'postponed';
      readonly error: string;
      /** The transport policy that no host meets. */
      readonly policy?: string;
    };

export type RouterOptions =
  | { readonly mode: 'fixed'; readonly site: string; readonly hosts: readonly Host[] }
  | {
      readonly mode: 'direct';
      readonly resolve: Resolve;
      readonly random: () => number;
      readonly clock: Clock;
      readonly port: number;
      /** Our own name: a domain whose best MX is us would loop (RFC 5321 5.1). */
      readonly ownName: string;
      /** Why this address must not be connected to, null when it may be (the address filter). */
      readonly refusedAddress: (address: string) => string | null;
      /** What sessions with the hosts must meet, in their order. */
      readonly policies: (domain: string, hosts: readonly FoundHost[]) => Promise<readonly JudgedHost[]>;
    };

const keptMs = 30_000;
const keptMax = 20_000;

/** `isTlsOptional`: whatever the policies of the domain and its hosts demand (RFC 8689 5). */
export type FindRoute = (domain: string, isTlsOptional: boolean) => Route | Promise<Route>;

export function makeRouter(options: RouterOptions): FindRoute {
  if (options.mode === 'fixed') {
    const route: Route = { kind: 'hosts', site: options.site, hosts: options.hosts };
    return () => route;
  }
  const kept = new Map<string, { readonly route: Route; readonly until: number }>();
  const asking = new Map<string, Promise<Route>>();
  return (domain, isTlsOptional) => {
    const key = isTlsOptional ? `${domain} optional` : domain;
    const known = kept.get(key);
    if (known !== undefined && known.until > options.clock.monotonicMs()) return known.route;
    let asked = asking.get(key);
    if (asked === undefined) {
      asked = resolveRoute(domain, isTlsOptional, options)
        .then((route) => {
          if (kept.size >= keptMax) kept.clear();
          if (route.kind === 'hosts') kept.set(key, { route, until: options.clock.monotonicMs() + keptMs });
          return route;
        })
        .finally(() => asking.delete(key));
      asking.set(key, asked);
    }
    return asked;
  };
}

async function resolveRoute(
  domain: string,
  isTlsOptional: boolean,
  options: Extract<RouterOptions, { mode: 'direct' }>,
): Promise<Route> {
  const found = await findHosts(domain, options.resolve, options.random, options.ownName);
  switch (found.kind) {
    case 'hosts':
      return allowedHosts(found, isTlsOptional ? null : await options.policies(domain, found.hosts), options);
    case 'null-mx':
      return impossible(556, '5.1.10', `${domain} takes no mail (null MX)`);
    case 'no-mail':
      return impossible(550, '5.1.2', `${domain} has no mail host (${found.why})`);
    case 'loop':
      return impossible(554, '5.4.6', `mail for ${domain} would come back to this host`);
    case 'defer':
      return { kind: 'postponed', error: `mail hosts of ${domain} are unknown now (${found.why})` };
  }
}

/**
 * Hosts on addresses that the filter refuses are passed by; when none is left, that is final (design, section 5). So are
 * hosts that cannot meet their policy before a word is said; when none is left, the mail waits.
 */
function allowedHosts(
  { site, hosts: found }: Extract<FoundHosts, { kind: 'hosts' }>,
  /** Null when no policy counts. */
  judged: readonly JudgedHost[] | null,
  options: Extract<RouterOptions, { mode: 'direct' }>,
): Route {
  const hosts: Host[] = [];
  let refused = '';
  for (const [index, { name, addresses }] of found.entries()) {
    const policy = judged?.[index];
    if (policy?.ok === false) continue;
    const more = policy === undefined ? {} : { transport: policy.transport };
    for (const { address } of addresses) {
      const why = options.refusedAddress(address);
      if (why === null) hosts.push({ name, address, port: options.port, ...more });
      else refused = `${name} (${address}): ${why}`;
    }
  }
  if (hosts.length > 0) return { kind: 'hosts', site, hosts };
  const unmet = judged?.find((each) => !each.ok);
  if (unmet !== undefined)
    return { kind: 'postponed', error: `no mail host meets the policy: ${unmet.why}`, policy: unmet.label };
  return impossible(550, '5.4.4', `all mail hosts are on addresses that are not connected to: ${refused}`);
}

function impossible(code: number, enhanced: string, text: string): Route {
  return { kind: 'impossible', reply: { code, enhanced, text } };
}
