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

export function makeRouter(options: RouterOptions): (domain: string) => Route | Promise<Route> {
  if (options.mode === 'fixed') {
    const route: Route = { kind: 'hosts', site: options.site, hosts: options.hosts };
    return () => route;
  }
  const kept = new Map<string, { readonly route: Route; readonly until: number }>();
  const asking = new Map<string, Promise<Route>>();
  return (domain) => {
    const known = kept.get(domain);
    if (known !== undefined && known.until > options.clock.monotonicMs()) return known.route;
    let asked = asking.get(domain);
    if (asked === undefined) {
      asked = resolveRoute(domain, options)
        .then((route) => {
          if (kept.size >= keptMax) kept.clear();
          if (route.kind === 'hosts')
            kept.set(domain, { route, until: options.clock.monotonicMs() + keptMs });
          return route;
        })
        .finally(() => asking.delete(domain));
      asking.set(domain, asked);
    }
    return asked;
  };
}

async function resolveRoute(
  domain: string,
  options: Extract<RouterOptions, { mode: 'direct' }>,
): Promise<Route> {
  const found = await findHosts(domain, options.resolve, options.random, options.ownName);
  switch (found.kind) {
    case 'hosts':
      return allowedHosts(found, await options.policies(domain, found.hosts), options);
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
  judged: readonly JudgedHost[],
  options: Extract<RouterOptions, { mode: 'direct' }>,
): Route {
  const hosts: Host[] = [];
  let refused = '';
  for (const [index, { name, addresses }] of found.entries()) {
    const policy = judged[index];
    if (policy === undefined || !policy.ok) continue;
    for (const { address } of addresses) {
      const why = options.refusedAddress(address);
      if (why === null) hosts.push({ name, address, port: options.port, transport: policy.transport });
      else refused = `${name} (${address}): ${why}`;
    }
  }
  if (hosts.length > 0) return { kind: 'hosts', site, hosts };
  const unmet = judged.find((each) => !each.ok);
  if (unmet !== undefined)
    return { kind: 'postponed', error: `no mail host meets the policy: ${unmet.why}`, policy: unmet.label };
  return impossible(550, '5.4.4', `all mail hosts are on addresses that are not connected to: ${refused}`);
}

function impossible(code: number, enhanced: string, text: string): Route {
  return { kind: 'impossible', reply: { code, enhanced, text } };
}
