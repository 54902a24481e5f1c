/**
 * Counts TLS sessions by day, recipient domain, policy and result (RFC 8460), in memory, and stores them every few seconds, of
 * those domains that want reports. A kill loses seconds of counts. Bounded; what does not fit is not counted.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Db } from '../../base/database/database.ts';
import { reportTargets } from '../../mail/transport/index.ts';
import type { HostTry } from './model.ts';
import { addSessions } from './sql.ts';
import type { StoredCount } from './sql.ts';
import { textsOf } from './sts.ts';
import type { ResolveTxt } from './sts.ts';

export type CounterOptions = { readonly db: Db; readonly clock: Clock; readonly resolve: ResolveTxt };

const keysMax = 20_000;
const askedAtOnce = 20;
const detailCharsMax = 200;

type Key = string;

export class TlsCounters {
  readonly #options: CounterOptions;
  #counts = new Map<Key, { -readonly [Name in keyof StoredCount]: StoredCount[Name] }>();

  constructor(options: CounterOptions) {
    this.#options = options;
  }

  count(domain: string, tries: readonly HostTry[]): void {
    const day = new Date(this.#options.clock.now()).toISOString().slice(0, 10);
    for (const { policy, result, mx, address, detail } of tries) {
      const isGood = result === 'ok';
      const policyKey = createHash('sha256').update(JSON.stringify(policy)).digest('hex');
      const where = isGood ? { mx: '', address: '' } : { mx, address };
      const key = [day, domain, policyKey, result, where.mx, where.address].join(' ');
      const known = this.#counts.get(key);
      if (known !== undefined) known.sessions += 1;
      else if (this.#counts.size < keysMax) {
        const told = detail
          .replaceAll(/[\p{Cc}\p{Cs}]/gu, ' ')
          .slice(0, detailCharsMax)
          .toWellFormed();
        this.#counts.set(key, {
          day,
          domain,
          policyKey,
          policy,
          result,
          ...where,
          detail: told,
          sessions: 1,
        });
      }
    }
  }

  /** Background and at the end. What cannot be stored now is kept for the next round. */
  async flush(): Promise<void> {
    const counts = [...this.#counts.values()];
    if (counts.length === 0) return;
    this.#counts = new Map();
    const wanted = await this.#wanted(new Set(counts.map(({ domain }) => domain)));
    const kept = counts.filter(({ domain }) => wanted.has(domain));
    try {
      await addSessions(this.#options.db, kept);
    } catch (error) {
      for (const each of kept) this.#giveBack(each);
      throw error;
    }
  }

  #giveBack(count: StoredCount): void {
    const { day, domain, policyKey, result, mx, address } = count;
    const key = [day, domain, policyKey, result, mx, address].join(' ');
    const known = this.#counts.get(key);
    if (known !== undefined) known.sessions += count.sessions;
    else if (this.#counts.size < keysMax) this.#counts.set(key, { ...count });
  }

  /** Domains with a TLSRPT record now: the resolver's cache keeps the answers. */
  async #wanted(domains: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const wanted = new Set<string>();
    const waiting = [...domains];
    const ask = async (): Promise<void> => {
      for (let domain = waiting.pop(); domain !== undefined; domain = waiting.pop()) {
        if ((await targetsOf(this.#options.resolve, domain)).length > 0) wanted.add(domain);
      }
    };
    await Promise.all(Array.from({ length: askedAtOnce }, ask));
    return wanted;
  }
}

/** Where a domain wants its reports; nowhere when DNS does not say so now. */
export async function targetsOf(resolve: ResolveTxt, domain: string): Promise<readonly string[]> {
  const outcome = await resolve(`_smtp._tls.${domain}`, 'TXT');
  return outcome.kind === 'found' ? reportTargets(textsOf(outcome)) : [];
}
