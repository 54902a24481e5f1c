/**
 * Which senders accept takes a From address from: a small cache of short life, as for sending domains, asked once a second
 * per account and address. A change is effective within 2 s on every node.
 */
import { Batcher } from '../../base/batch.ts';
import type { Clock } from '../../base/clock.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { findProven } from './sql-policy.ts';
import type { AskedAddress, HeldSender, ProvenSender } from './sql-policy.ts';

const lifeMs = 1000;
const entriesMax = 20_000;
const lookupsMax = 256;
/** More who have one address in an account are not remembered together: each is asked for. */
const holdersMax = 8;

type Held = readonly HeldSender[];

export class ProvenSenders {
  readonly #clock: Clock;
  /** Of many callers at once. */
  readonly #lookups: Batcher<AskedAddress, Held>;
  readonly #known = new Map<string, { readonly value: Promise<Held>; readonly until: number }>();

  constructor(connection: HotConnection, clock: Clock, mailDomain: string) {
    this.#clock = clock;
    this.#lookups = new Batcher<AskedAddress, Held>({
      run: (asked) => findProven(connection, asked, { mailDomain, limit: holdersMax + 1 }),
      itemsMax: lookupsMax,
      weigh: () => 1,
      weightMax: lookupsMax,
      isItemFault: () => false,
    });
  }

  /** The subaccount's proven sender with exactly this address, upper and lower case alike; null when it has none. */
  async find(accountId: AccountId, subaccountId: SubaccountId, email: string): Promise<ProvenSender | null> {
    const address = email.toLowerCase();
    const ofAll = await this.#held({ accountId, subaccountId: null, address });
    const held = ofAll.length <= holdersMax ? ofAll : await this.#held({ accountId, subaccountId, address });
    return held.find((each) => each.subaccountId === subaccountId)?.sender ?? null;
  }

  #held(asked: AskedAddress): Promise<Held> {
    const key = `${asked.accountId}/${asked.subaccountId ?? ''}/${asked.address}`;
    const now = this.#clock.monotonicMs();
    const known = this.#known.get(key);
    if (known !== undefined && known.until > now) return known.value;
    if (this.#known.size >= entriesMax) this.#known.clear();
    const value = this.#lookups.add(asked);
    this.#known.set(key, { value, until: now + lifeMs });
    value.catch(() => this.#known.delete(key));
    return value;
  }
}
