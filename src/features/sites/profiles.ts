/**
 * How the large providers are met, as data: raise the version with every change: `GET /sites` tells it. A profile belongs to the registrable domains of a provider's MX hosts.
 *
 * Where the figures come from. None of the four publishes a complete set, so these are starting points of our own on the careful
 * side, corrected at run time by what the receiver answers (`rules.ts`):
 * - Gmail asks bulk senders for steady volumes and answers 421 4.7.28 or 450 4.2.1 when a source goes too fast; it takes long
 *   conversations. Ten connections of 100 messages keep a warm address busy without meeting those answers.
 * - Microsoft (consumer and hosted mail share the hosts) names a limit of parallel connections only in its refusals (421 4.7.x,
 *   451 4.7.5xx); conversations beyond a few dozen messages are cut more often than not.
 * - Yahoo (with AOL) tells in its 421 that a connection has had its number of messages; about twenty is where that comes.
 * - Apple keeps few connections per source and answers 450 or 421 early.
 * - The default suits a single company's server: many are small, and a queue of fifty is more to it than to a provider.
 */
export const profilesVersion = 1;

export type SiteProfile = {
  readonly name: string;
  /** Registrable domains of the MX hosts. */
  readonly sites: readonly string[];
  readonly connections: number;
  readonly messagesPerConnection: number;
  /** Per source address; null leaves the pace to the connections. */
  readonly messagesPerSecond: number | null;
};

/**
 * Recipients per transaction is 1 for everyone and no figure here: each copy has its own return path (bounces are told apart by
 * it) and mostly its own content, so that two copies never share a transaction.
 */
export const profiles: readonly SiteProfile[] = [
  {
    name: 'gmail',
    sites: ['google.com', 'googlemail.com'],
    connections: 10,
    messagesPerConnection: 100,
    messagesPerSecond: 50,
  },
  {
    name: 'microsoft',
    sites: ['outlook.com', 'mx.microsoft', 'hotmail.com'],
    connections: 10,
    messagesPerConnection: 40,
    messagesPerSecond: 25,
  },
  {
    name: 'yahoo',
    sites: ['yahoodns.net', 'yahoo.com', 'aol.com'],
    connections: 5,
    messagesPerConnection: 20,
    messagesPerSecond: 15,
  },
  {
    name: 'apple',
    sites: ['icloud.com', 'apple.com'],
    connections: 5,
    messagesPerConnection: 50,
    messagesPerSecond: 10,
  },
];

export const defaultProfile: SiteProfile = {
  name: 'default',
  sites: [],
  connections: 20,
  messagesPerConnection: 200,
  messagesPerSecond: null,
};

/** A smarthost or the built-in mailbox: ours, or hired to take everything. */
export const nextHopProfile: SiteProfile = {
  name: 'next-hop',
  sites: [],
  connections: 50,
  messagesPerConnection: 500,
  messagesPerSecond: null,
};

export function profileOf(site: string): SiteProfile {
  return profiles.find(({ sites }) => sites.includes(site)) ?? defaultProfile;
}
