/**
 * Which domain signs for a From address, and its keys: small caches of short life, so that accept and signing ask the
 * store once a second per account and From domain, however many subaccounts send from it, instead of once per message. A
 * change of who may send is effective within 2 s on every node; one of keys, and of who signs, within half a minute.
 */
import { createPrivateKey } from 'node:crypto';
import { Batcher } from '../../base/batch.ts';
import type { Clock } from '../../base/clock.ts';
import type { Db } from '../../base/database/database.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Keyring } from '../../base/seal.ts';
import type { DkimKey } from '../../mail/dkim/index.ts';
import type { Cover, Holder, SendingDomain } from './model.ts';
import { bounceUsableBy, usableBy } from './rules.ts';
import { findCovers, listKeys } from './sql.ts';
import type { AskedCover } from './sql.ts';
import { findBounceHost, findDefaultBounces } from './sql-bounces.ts';
import type { AskedDefault } from './sql-bounces.ts';
import { findProvenHost, findSigner } from './sql-signing.ts';

export type SigningDomain = {
  /** That bounces of its mail come back to, unless the mail says otherwise. */
  readonly bounceHost: string;
  /** Where complaints about what is signed may go. */
  readonly feedbackHost: string;
  /** That signs it (d=). */
  readonly domain: string;
  /** Changes when the keys do. */
  readonly ids: string;
  readonly keys: readonly DkimKey[];
};

export type ProvenKeys = Pick<SigningDomain, 'feedbackHost' | 'domain' | 'ids' | 'keys'>;

const domainLifeMs = 1000;
const keysLifeMs = 30_000;
const entriesMax = 20_000;
const lookupsMax = 256;
/** More who hold one name in an account are not remembered together: each is asked for. */
const holdersMax = 8;

type Entry<T> = { readonly value: Promise<T>; readonly until: number };

export type SendingDomainsWorld = {
  readonly db: Db;
  /** For what accept asks. */
  readonly connection: HotConnection;
  readonly clock: Clock;
  readonly ring: Keyring;
};

export class SendingDomains {
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #ring: Keyring;
  /** Of many callers at once. */
  readonly #lookups: Batcher<AskedCover, Cover>;
  readonly #defaults: Batcher<AskedDefault, readonly Holder[]>;
  readonly #covers = new Map<string, Entry<Cover>>();
  readonly #bounces = new Map<string, Entry<readonly Holder[]>>();
  readonly #bounceHosts = new Map<string, Entry<string | null>>();
  readonly #keys = new Map<string, Entry<SigningDomain | null>>();
  readonly #provenKeys = new Map<string, Entry<ProvenKeys | null>>();

  constructor({ db, connection, clock, ring }: SendingDomainsWorld) {
    this.#db = db;
    this.#clock = clock;
    this.#ring = ring;
    this.#lookups = new Batcher<AskedCover, Cover>({
      run: (asked) => findCovers(connection, asked, holdersMax + 1),
      itemsMax: lookupsMax,
      weigh: ({ candidates }) => candidates.length,
      weightMax: 4 * lookupsMax,
      isItemFault: () => false,
    });
    this.#defaults = new Batcher<AskedDefault, readonly Holder[]>({
      run: (asked) => findDefaultBounces(connection, asked, holdersMax + 1),
      itemsMax: lookupsMax,
      weigh: () => 1,
      weightMax: lookupsMax,
      isItemFault: () => false,
    });
  }

  /** The most specific proven domain that covers the From domain, if the subaccount may use it. */
  async find(
    accountId: AccountId,
    subaccountId: SubaccountId,
    fromDomain: string,
  ): Promise<SendingDomain | null> {
    return usableBy(await this.#holders(accountId, subaccountId, fromDomain), subaccountId);
  }

  /** The domain of this name, or with this bounce host, if the subaccount may use it and bounces come back by it. */
  async findBounce(
    accountId: AccountId,
    subaccountId: SubaccountId,
    name: string,
  ): Promise<SendingDomain | null> {
    return bounceUsableBy(await this.#holders(accountId, subaccountId, name), subaccountId, name);
  }

  /** By which bounces come back unless a call says so: the subaccount's default, else that of the account if it is shared. */
  async defaultBounce(accountId: AccountId, subaccountId: SubaccountId): Promise<SendingDomain | null> {
    const ofAll = await this.#defaultsOf({ accountId, subaccountId: null });
    const holders = ofAll.length <= holdersMax ? ofAll : await this.#defaultsOf({ accountId, subaccountId });
    return usableBy(holders, subaccountId);
  }

  #defaultsOf(asked: AskedDefault): Promise<readonly Holder[]> {
    const key = `${asked.accountId}/${asked.subaccountId ?? ''}`;
    return this.#remember(this.#bounces, key, domainLifeMs, () => this.#defaults.add(asked));
  }

  /** The host in the envelope sender of mail whose bounces come back by this domain; null when they would not now. */
  bounceHost(domainId: string): Promise<string | null> {
    return this.#remember(this.#bounceHosts, domainId, keysLifeMs, () => findBounceHost(this.#db, domainId));
  }

  /** Of the most specific proven domain that covers the name: those in the account who hold it, the subaccount among them. */
  async #holders(accountId: AccountId, subaccountId: SubaccountId, name: string): Promise<readonly Holder[]> {
    const { holders } = await this.#cover(accountId, null, name);
    if (holders.length <= holdersMax) return holders;
    return (await this.#cover(accountId, subaccountId, name)).holders;
  }

  /** Whether anybody in the installation has proven the From domain or a parent of it. */
  async isProven(accountId: AccountId, fromDomain: string): Promise<boolean> {
    return (await this.#cover(accountId, null, fromDomain)).isProven;
  }

  #cover(accountId: AccountId, subaccountId: SubaccountId | null, fromDomain: string): Promise<Cover> {
    return this.#remember(
      this.#covers,
      `${accountId}/${subaccountId ?? ''}/${fromDomain}`,
      domainLifeMs,
      () => this.#lookups.add({ accountId, subaccountId, candidates: withParents(fromDomain) }),
    );
  }

  /** Parsed keys that sign its mail now, its own or those of the domain that signs for it; null when the domain is gone (its mail then leaves unsigned). */
  signing(domainId: string): Promise<SigningDomain | null> {
    return this.#remember(this.#keys, domainId, keysLifeMs, async () => {
      const signer = await findSigner(this.#db, domainId);
      if (signer === null) return null;
      const { bounceHost, signerId, signerName: domain, signerHost: feedbackHost } = signer;
      const keys = await this.#keysOf(signerId);
      return {
        bounceHost,
        feedbackHost,
        domain,
        ids: `${signerId}:${keys.map(({ selector }) => selector).join(',')}`,
        keys,
      };
    });
  }

  async #keysOf(domainId: string): Promise<readonly DkimKey[]> {
    const rows = (await listKeys(this.#db, domainId)).filter((row) => row.state === 'signing');
    return rows.map((row): DkimKey => {
      const der = this.#ring.open(row.sealedPrivateKey, sealContext(domainId, row.selector));
      const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
      return { selector: row.selector, algorithm: row.algorithm, key };
    });
  }

  /** Its own keys, whoever signs for it; null while it is not proven. What the account's pools sign with. */
  ownKeys(domainId: string): Promise<ProvenKeys | null> {
    return this.#remember(this.#provenKeys, domainId, keysLifeMs, async () => {
      const found = await findProvenHost(this.#db, domainId);
      if (found === null) return null;
      const keys = await this.#keysOf(domainId);
      return { ...found, ids: `${domainId}:${keys.map(({ selector }) => selector).join(',')}`, keys };
    });
  }

  /** They have changed, or where bounces come back to. */
  forgetKeys(domainId: string): void {
    this.#bounceHosts.delete(domainId);
    this.#keys.delete(domainId);
    this.#provenKeys.delete(domainId);
  }

  #remember<T>(
    cache: Map<string, Entry<T>>,
    key: string,
    lifeMs: number,
    load: () => Promise<T>,
  ): Promise<T> {
    const now = this.#clock.monotonicMs();
    const known = cache.get(key);
    if (known !== undefined && known.until > now) return known.value;
    if (cache.size >= entriesMax) cache.clear();
    const value = load();
    cache.set(key, { value, until: now + lifeMs });
    // A failed look-up is not kept.
    value.catch(() => {
      if (cache.get(key)?.value === value) cache.delete(key);
    });
    return value;
  }
}

/** What a sealed DKIM key is bound to. */
export function sealContext(domainId: string, selector: string): string {
  return `dkim/${domainId}/${selector}`;
}

/** `a.b.example.com` -> itself, `b.example.com`, `example.com`. */
export function withParents(domain: string): string[] {
  const labels = domain.split('.');
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
}
