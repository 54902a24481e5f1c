/**
 * Which senders accept takes a From address from: a small cache of short life, as for sending domains. A change is effective
 * within 2 s on every node.
 */
import { Batcher } from '../../base/batch.ts';
import type { Clock } from '../../base/clock.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { findProven } from './sql-policy.ts';
import type { AskedAddress, ProvenSender } from './sql-policy.ts';

const lifeMs = 1000;
const entriesMax = 20_000;
const lookupsMax = 256;

export class ProvenSenders {
  readonly #clock: Clock;
  /** Of many subaccounts at once. */
  readonly #lookups: Batcher<AskedAddress, ProvenSender | null>;
  readonly #known = new Map<
    string,
    { readonly value: Promise<ProvenSender | null>; readonly until: number }
  >();

  constructor(connection: HotConnection, clock: Clock, mailDomain: string) {
    this.#clock = clock;
    this.#lookups = new Batcher<AskedAddress, ProvenSender | null>({
      run: (asked) => findProven(connection, asked, mailDomain),
      itemsMax: lookupsMax,
      weigh: () => 1,
      weightMax: lookupsMax,
      isItemFault: () => false,
    });
  }

  /** The subaccount's proven sender with exactly this address, upper and lower case alike; null when it has none. */
  find(accountId: AccountId, subaccountId: SubaccountId, email: string): Promise<ProvenSender | null> {
    const address = email.toLowerCase();
    const key = `${subaccountId}/${address}`;
    const now = this.#clock.monotonicMs();
    const known = this.#known.get(key);
    if (known !== undefined && known.until > now) return known.value;
    if (this.#known.size >= entriesMax) this.#known.clear();
    const value = this.#lookups.add({ accountId, subaccountId, address });
    this.#known.set(key, { value, until: now + lifeMs });
    value.catch(() => this.#known.delete(key));
    return value;
  }
}
