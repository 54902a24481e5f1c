/**
 * Which senders accept takes a From address from: a small cache of short life, as for sending domains. A change is effective
 * within 2 s on every node.
 */
import type { Clock } from '../../base/clock.ts';
import type { Db } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { findProven } from './sql-policy.ts';
import type { ProvenSender } from './sql-policy.ts';

const lifeMs = 1000;
const entriesMax = 20_000;

export class ProvenSenders {
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #mailDomain: string;
  readonly #known = new Map<
    string,
    { readonly value: Promise<ProvenSender | null>; readonly until: number }
  >();

  constructor(db: Db, clock: Clock, mailDomain: string) {
    this.#db = db;
    this.#clock = clock;
    this.#mailDomain = mailDomain;
  }

  /** The subaccount's proven sender with exactly this address, upper and lower case alike; null when it has none. */
  find(accountId: AccountId, subaccountId: SubaccountId, email: string): Promise<ProvenSender | null> {
    const address = email.toLowerCase();
    const key = `${subaccountId}/${address}`;
    const now = this.#clock.monotonicMs();
    const known = this.#known.get(key);
    if (known !== undefined && known.until > now) return known.value;
    if (this.#known.size >= entriesMax) this.#known.clear();
    const value = findProven(this.#db, accountId, subaccountId, address, this.#mailDomain);
    this.#known.set(key, { value, until: now + lifeMs });
    value.catch(() => this.#known.delete(key));
    return value;
  }
}
