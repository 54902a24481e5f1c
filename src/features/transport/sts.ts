/**
 * MTA-STS policies in force (RFC 8461). Every node holds all of them in memory, so that a look-up costs one question to DNS; a
 * policy that was fetched is in the store, for the other nodes and the next start.
 */
import type { Clock } from '../../base/clock.ts';
import type { Db } from '../../base/database/database.ts';
import type { DnsOutcome } from '../../base/dns/index.ts';
import type { HttpsGet } from '../../base/https-get.ts';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import { parseStsPolicy, stsRecordId } from '../../mail/transport/index.ts';
import type { TlsResult } from '../../mail/transport/index.ts';
import type { StsInForce } from './model.ts';
import { isStale } from './rules.ts';
import { deleteEndedPolicies, putPolicy, readPolicies } from './sql.ts';

export type ResolveTxt = (name: string, type: 'TXT') => Promise<DnsOutcome>;

export type StsOptions = {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly resolve: ResolveTxt;
  readonly httpsGet: HttpsGet;
  /** A policy was announced and could not be had. */
  readonly onProblem: (domain: string, result: TlsResult, detail: string) => void;
};

/** RFC 8461 3.3: not more often than each five minutes for the same announcement. */
const againMs = 300_000;
const failuresMax = 10_000;
/** What another node has stored while this one read is read by the next round. */
const overlapMs = 120_000;

type Failure = { readonly id: string; readonly until: number };

export class StsPolicies {
  readonly #options: StsOptions;
  readonly #known = new Map<string, StsInForce>();
  readonly #failed = new Map<string, Failure>();
  readonly #fetching = new Map<string, Promise<void>>();
  #readTo = 0;

  constructor(options: StsOptions) {
    this.#options = options;
  }

  /** Before mail moves, and then each minute: what other nodes have fetched, and an end of what is over. */
  async refresh(): Promise<void> {
    const { db, clock } = this.#options;
    const now = clock.now();
    const read = await readPolicies(db, new Date(this.#readTo - overlapMs));
    for (const policy of read) {
      const known = this.#known.get(policy.domain);
      if (known === undefined || known.fetchedAt < policy.fetchedAt) this.#known.set(policy.domain, policy);
      this.#readTo = Math.max(this.#readTo, policy.fetchedAt);
    }
    for (const [domain, { expiresAt }] of this.#known) if (expiresAt <= now) this.#known.delete(domain);
    await deleteEndedPolicies(db, new Date(now));
  }

  /**
   * The policy in force. A new announcement is followed first; when DNS or the policy's host fail, what is known stays in force
   * until it ends, and a domain that nothing is known of has no policy (RFC 8461 5.1).
   */
  async find(domain: string): Promise<StsInForce | null> {
    const { resolve, clock } = this.#options;
    const outcome = await resolve(`_mta-sts.${domain}`, 'TXT');
    const id = outcome.kind === 'found' ? stsRecordId(textsOf(outcome)) : null;
    const known = this.#inForce(domain);
    if (id === null) return known;
    if (known === null || known.id !== id) await this.#fetchOnce(domain, id);
    else if (isStale(known, clock.now())) void this.#fetchOnce(domain, id);
    return this.#inForce(domain);
  }

  /** Resolves when no policy is being fetched. */
  async idle(): Promise<void> {
    await Promise.all(this.#fetching.values());
  }

  #inForce(domain: string): StsInForce | null {
    const known = this.#known.get(domain);
    return known !== undefined && known.expiresAt > this.#options.clock.now() ? known : null;
  }

  #fetchOnce(domain: string, id: string): Promise<void> {
    const failed = this.#failed.get(domain);
    if (failed !== undefined && failed.id === id && failed.until > this.#options.clock.now())
      return Promise.resolve();
    let fetching = this.#fetching.get(domain);
    if (fetching === undefined) {
      fetching = this.#fetch(domain, id).finally(() => this.#fetching.delete(domain));
      this.#fetching.set(domain, fetching);
    }
    return fetching;
  }

  async #fetch(domain: string, id: string): Promise<void> {
    const { httpsGet, clock, db, log } = this.#options;
    const answer = await httpsGet(`https://mta-sts.${domain}/.well-known/mta-sts.txt`);
    if (answer.kind === 'failed') return this.#fail(domain, id, 'sts-policy-fetch-error', answer.reason);
    // RFC 8461 3.3: any other status, a redirect too, is no policy; 3.2: nor is another type of content.
    if (answer.status !== 200 || !/^text\/plain\b/i.test(answer.contentType))
      return this.#fail(
        domain,
        id,
        'sts-policy-fetch-error',
        `status ${answer.status} ${answer.contentType}`,
      );
    const parsed = parseStsPolicy(answer.body);
    if (!parsed.ok) return this.#fail(domain, id, 'sts-policy-invalid', parsed.reason);
    const fetchedAt = clock.now();
    const expiresAt = fetchedAt + parsed.policy.maxAgeSeconds * 1000;
    const policy: StsInForce = { domain, id, policy: parsed.policy, fetchedAt, expiresAt };
    this.#known.set(domain, policy);
    this.#failed.delete(domain);
    await putPolicy(db, policy).catch((error: unknown) =>
      log.warn({ error: errorText(error), domain }, 'an MTA-STS policy was not stored'),
    );
    return undefined;
  }

  #fail(domain: string, id: string, result: TlsResult, detail: string): void {
    if (this.#failed.size >= failuresMax) this.#failed.clear();
    this.#failed.set(domain, { id, until: this.#options.clock.now() + againMs });
    this.#options.onProblem(domain, result, detail);
  }
}

/** The strings of each TXT record as one text. */
export function textsOf({ records }: Extract<DnsOutcome, { kind: 'found' }>): readonly string[] {
  return records.flatMap((record) =>
    record.type === 'TXT'
      ? [
          [record.data]
            .flat()
            .map((part) => part.toString())
            .join(''),
        ]
      : [],
  );
}
