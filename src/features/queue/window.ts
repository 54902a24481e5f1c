/**
 * The bounded part of the queue that is in memory: leased messages, taken in turn (`turns.ts`). HOT PATH: O(1) per
 * message. Claims fill it up to `claimedMax` only, so that mail which is accepted now finds a place of its own.
 */
import type { LeasedMessage } from './model.ts';
import { Turns } from './turns.ts';

export type WindowLimits = { readonly messagesMax: number; readonly bytesMax: number };

/** How many messages a tenant has here; of an account also how many subaccounts have some. */
type AccountPlaces = { messages: number; subaccounts: number };
type SubaccountPlaces = { readonly account: AccountPlaces; readonly accountId: number; messages: number };

export class Window {
  readonly #limits: WindowLimits;
  readonly #turns: Turns<LeasedMessage>;
  readonly #mayLease: () => boolean;
  readonly #accounts = new Map<number, AccountPlaces>();
  readonly #subaccounts = new Map<number, SubaccountPlaces>();
  #messages = 0;
  #bytes = 0;

  /** `mayLease`: false while this node's term is over, when what it leases may be taken from it. */
  constructor(
    limits: WindowLimits,
    weightOf?: (tenantId: number) => number,
    mayLease: () => boolean = () => true,
  ) {
    this.#limits = limits;
    this.#turns = new Turns(weightOf);
    this.#mayLease = mayLease;
  }

  /** Messages leased and not finished, those under way included. */
  get size(): number {
    return this.#messages;
  }

  /** Messages that wait for their turn. */
  get waiting(): number {
    return this.#turns.size;
  }

  /** Of these how many an account or a subaccount has: their numbers are one sequence. */
  sizeOf(tenantId: number): number {
    return (this.#accounts.get(tenantId) ?? this.#subaccounts.get(tenantId))?.messages ?? 0;
  }

  get room(): number {
    return this.#bytes >= this.#limits.bytesMax ? 0 : Math.max(0, this.#limits.messagesMax - this.#messages);
  }

  /** Places that claims may fill: a quarter is kept for what is accepted meanwhile. */
  get claimRoom(): number {
    if (!this.#mayLease()) return 0;
    return Math.max(0, this.room - Math.floor(this.#limits.messagesMax / 4));
  }

  /** How many messages one account may have here now: the window shared by those that have mail in it. */
  shareOfAccount(accountId: number): number {
    const accounts = this.#accounts.size + (this.#accounts.has(accountId) ? 0 : 1);
    return Math.max(1, Math.floor(this.#limits.messagesMax / accounts));
  }

  /** How many of them one of its subaccounts may have: shared in the same way. */
  shareOf(accountId: number, subaccountId: number): number {
    const siblings = this.#accounts.get(accountId)?.subaccounts ?? 0;
    const subaccounts = siblings + (this.#subaccounts.has(subaccountId) ? 0 : 1);
    return Math.max(1, Math.floor(this.shareOfAccount(accountId) / subaccounts));
  }

  /** Takes places before the messages are stored; false: store them unleased, their turn comes by a claim. */
  reserve(
    { accountId, subaccountId }: { readonly accountId: number; readonly subaccountId: number },
    count: number,
    bytes: number,
  ): boolean {
    if (!this.#mayLease() || count > this.room || this.#bytes + bytes > this.#limits.bytesMax) return false;
    if (this.sizeOf(accountId) + count > this.shareOfAccount(accountId)) return false;
    if (this.sizeOf(subaccountId) + count > this.shareOf(accountId, subaccountId)) return false;
    this.#take(accountId, subaccountId, count, bytes);
    return true;
  }

  /** Puts messages in line whose places were reserved (accept) or just claimed (`isReserved` false). */
  offer(messages: readonly LeasedMessage[], isReserved: boolean): void {
    for (const message of messages) {
      if (!isReserved) this.#take(message.accountId, message.subaccountId, 1, message.weightBytes);
      this.#turns.push(message);
    }
  }

  /** The message whose turn it is. */
  take(): LeasedMessage | undefined {
    return this.#turns.take();
  }

  /** Gives places back: the message is finished, or was never stored. */
  release(subaccountId: number, count: number, bytes: number): void {
    const places = this.#subaccounts.get(subaccountId);
    if (places === undefined) return;
    const { account, accountId } = places;
    this.#messages -= count;
    this.#bytes -= bytes;
    places.messages -= count;
    account.messages -= count;
    if (places.messages > 0) return;
    this.#subaccounts.delete(subaccountId);
    account.subaccounts -= 1;
    if (account.subaccounts === 0) this.#accounts.delete(accountId);
  }

  #take(accountId: number, subaccountId: number, count: number, bytes: number): void {
    const places = this.#subaccounts.get(subaccountId) ?? this.#enter(accountId, subaccountId);
    places.messages += count;
    places.account.messages += count;
    this.#messages += count;
    this.#bytes += bytes;
  }

  #enter(accountId: number, subaccountId: number): SubaccountPlaces {
    const account = this.#accounts.get(accountId) ?? { messages: 0, subaccounts: 0 };
    const places = { account, accountId, messages: 0 };
    account.subaccounts += 1;
    this.#accounts.set(accountId, account);
    this.#subaccounts.set(subaccountId, places);
    return places;
  }
}
