/**
 * What mail gets that says nothing itself, and on which host its links lead: a small cache of short life, so that accept and
 * delivery ask the store once a second per subaccount and sending domain, and not at all where nothing was ever said. A change
 * is effective within 2 s on every node.
 */
import { invalidField } from '../refusals/index.ts';
import { Batcher } from '../../base/batch.ts';
import type { Clock } from '../../base/clock.ts';
import type { Db } from '../../base/database/database.ts';
import type { MailLane, Tracked } from './model.ts';
import { chooseTracking, laneFor, trackedFor, urlOf } from './rules.ts';
import type { Said } from './rules.ts';
import { findStanding, findUsable, provenHosts, sayingAccounts } from './sql-switches.ts';
import type { AskedTracking, Standing } from './sql-switches.ts';

const lifeMs = 1000;
const entriesMax = 20_000;
const lookupsMax = 256;
const sayingMax = 2000;

type Entry = { readonly value: Promise<Standing>; readonly until: number };

export class TrackingStanding {
  readonly #clock: Clock;
  readonly #db: Db;
  readonly #installationUrl: string | null;
  readonly #lookups: Batcher<AskedTracking, Standing>;
  readonly #known = new Map<string, Entry>();
  #hosts: ReadonlySet<string> = new Set();
  /** Accounts that say anything, by whether it is of a lane; null: not known, or too many. The mail of others asks nothing. */
  #saying: ReadonlyMap<number, boolean> | null = null;

  constructor(parts: { readonly db: Db; readonly clock: Clock; readonly installationUrl: string | null }) {
    this.#db = parts.db;
    this.#clock = parts.clock;
    this.#installationUrl = parts.installationUrl;
    this.#lookups = new Batcher<AskedTracking, Standing>({
      run: (asked) => findStanding(parts.db, asked),
      itemsMax: lookupsMax,
      weigh: () => 1,
      weightMax: lookupsMax,
      isItemFault: () => false,
    });
  }

  /** What of a submission is tracked; null for nothing. Refuses a tracking domain that is not there to be used. */
  async tracked(asked: AskedTracking, said: Said & { readonly isBulk: boolean }): Promise<Tracked | null> {
    const { wish } = said;
    const isSilent = this.#saying !== null && !this.#saying.has(asked.accountId);
    const tracked = trackedFor(isSilent ? [] : (await this.#standing(asked)).places, said);
    if (wish.domain === undefined) return tracked;
    const found = await findUsable(this.#db, asked, wish.domain.toLowerCase());
    if (found === null)
      throw invalidField('tracking.domain', 'known', 'is no proven tracking domain that may be used');
    if (found.state !== 'proven')
      throw invalidField('tracking.domain', 'proven', 'is not proven: DNS does not show its record');
    return tracked === null ? null : { ...tracked, url: urlOf(found) };
  }

  /** The lane of mail whose call and template name none: as its subaccount or account says, else `otherwise`. */
  async lane(
    { accountId, subaccountId }: Pick<AskedTracking, 'accountId' | 'subaccountId'>,
    otherwise: MailLane = 'transactional',
  ): Promise<MailLane> {
    if (this.#saying !== null && this.#saying.get(accountId) !== true) return otherwise;
    const { places } = await this.#standing({ accountId, subaccountId, domainId: '0' });
    return laneFor(places, otherwise);
  }

  /** Where the links of its copies lead, without a path; null when there is no host at all. */
  async url(asked: AskedTracking): Promise<string | null> {
    const { linked, subaccountDefault, accountDefault } = await this.#standing(asked);
    const candidates = { linked, subaccountDefault, accountDefault, installationUrl: this.#installationUrl };
    return chooseTracking(candidates)?.url ?? null;
  }

  /** Whether nothing but links may be asked for on this host. */
  isTrackingHost(host: string): boolean {
    return this.#hosts.has(host);
  }

  async refreshSaying(): Promise<void> {
    const accounts = await sayingAccounts(this.#db, sayingMax + 1);
    this.#saying = accounts.length > sayingMax ? null : new Map(accounts);
  }

  async refreshHosts(): Promise<void> {
    this.#hosts = new Set(await provenHosts(this.#db));
  }

  #standing(asked: AskedTracking): Promise<Standing> {
    const key = `${asked.subaccountId}/${asked.domainId}`;
    const now = this.#clock.monotonicMs();
    const known = this.#known.get(key);
    if (known !== undefined && known.until > now) return known.value;
    if (this.#known.size >= entriesMax) this.#known.clear();
    const value = this.#lookups.add(asked);
    this.#known.set(key, { value, until: now + lifeMs });
    // A failed look-up is not kept.
    value.catch(() => {
      if (this.#known.get(key)?.value === value) this.#known.delete(key);
    });
    return value;
  }
}
