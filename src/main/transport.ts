/** Transport policies of mail hosts and the counts of sessions with them, for direct delivery. */
import type { Clock } from '../base/clock.ts';
import type { DnsOutcome, RecordType } from '../base/dns/index.ts';
import type { HttpsGet } from '../base/https-get.ts';
import type { Log } from '../base/log.ts';
import { policiesFor, StsPolicies, TlsCounters } from '../features/transport/index.ts';
import type { FoundHost, HostTry, JudgedHost } from '../features/transport/index.ts';
import type { Store } from './store.ts';

export type Transport = {
  readonly policies: (domain: string, hosts: readonly FoundHost[]) => Promise<readonly JudgedHost[]>;
  readonly countTries: (domain: string, tries: readonly HostTry[]) => void;
  /** Reads what other nodes have fetched. */
  readonly refresh: () => Promise<void>;
  /** Stores the counts. */
  readonly flush: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

type Resolve = (name: string, type: RecordType) => Promise<DnsOutcome>;

export async function openTransport(
  { store, clock, log }: { readonly store: Store; readonly clock: Clock; readonly log: Log },
  asking: { readonly resolve: Resolve; readonly httpsGet: HttpsGet; readonly dnssec: Resolve | null },
): Promise<Transport> {
  const db = store.db.engine;
  const { resolve, httpsGet, dnssec } = asking;
  const counters = new TlsCounters({ db, clock, resolve });
  const countTries: Transport['countTries'] = (domain, tries) => counters.count(domain, tries);
  const sts = new StsPolicies({
    db,
    clock,
    log,
    resolve,
    httpsGet,
    onProblem: (domain, result, detail) => {
      const policy = { type: 'sts', strings: [], mx: [] } as const;
      countTries(domain, [{ mx: '', address: '', policy, result, detail }]);
    },
  });
  await sts.refresh();
  return {
    policies: (domain, hosts) => policiesFor({ sts, resolveTlsa: dnssec, countTries }, domain, hosts),
    countTries,
    refresh: () => sts.refresh(),
    flush: () => counters.flush(),
    stop: async () => {
      await sts.idle();
      await counters.flush();
    },
  };
}
