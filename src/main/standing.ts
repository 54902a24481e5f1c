/** What every node must know to send, beside the messages: read again once a second, asked without waiting. */
import type { Clock } from '../base/clock.ts';
import type { Database } from '../base/database/database.ts';
import { feedbackAccounts } from '../features/accounts/index.ts';
import { Sources } from '../features/pools/index.ts';
import { readWeights } from '../features/queue/index.ts';
import { dropOldSites, readLimits, recordDomains, recordStates } from '../features/sites/index.ts';
import type { OwnLimits, SiteState } from '../features/sites/index.ts';
import { Suspensions } from '../features/suspensions/index.ts';

export type Standing = {
  readonly sources: Sources;
  readonly suspensions: Suspensions;
  /** Of an account or a subaccount. */
  readonly weightOf: (tenantId: number) => number;
  readonly limitsOf: (accountId: number, site: string) => OwnLimits | null;
  /** Whether the mail of an account carries feedback headers. */
  readonly hasFeedbackHeaders: (accountId: number) => boolean;
  readonly refresh: () => Promise<void>;
};

export function makeStanding(options: {
  readonly db: Database;
  readonly clock: Clock;
  readonly nodeName: string;
}): Standing {
  const { clock, nodeName } = options;
  const db = options.db.engine;
  const sources = new Sources({ db, clock, node: nodeName });
  const suspensions = new Suspensions({ db, clock });
  let weights: ReadonlyMap<number, number> = new Map();
  let limits: ReadonlyMap<string, OwnLimits> = new Map();
  let feedback: ReadonlySet<number> = new Set();
  return {
    sources,
    suspensions,
    weightOf: (tenantId) => weights.get(tenantId) ?? 1,
    limitsOf: (accountId, site) => (limits.size === 0 ? null : (limits.get(`${accountId} ${site}`) ?? null)),
    hasFeedbackHeaders: (accountId) => feedback.has(accountId),
    refresh: async () => {
      await sources.refresh();
      await suspensions.refresh();
      weights = await readWeights(db);
      limits = await readLimits(db);
      feedback = await feedbackAccounts(db);
    },
  };
}

/** Writes down what this node knows of sites, and which site a domain is. */
export async function recordSites(
  db: Database,
  now: number,
  known: {
    readonly node: number;
    readonly states: readonly SiteState[];
    readonly domains: readonly {
      readonly domain: string;
      readonly site: string;
      readonly transport: string | null;
    }[];
  },
): Promise<void> {
  await recordStates(db.engine, known.node, known.states, new Date(now));
  await recordDomains(db.engine, known.domains, new Date(now));
  await dropOldSites(db.engine, now);
}
