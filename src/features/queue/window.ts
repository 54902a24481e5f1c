/**
 * The bounded part of the queue that is in memory: leased messages, taken in turn (`turns.ts`). HOT PATH: O(1) per
 * message. Claims fill it up to `claimedMax` only, so that mail which is accepted now finds a place of its own.
 */
import type { LeasedMessage } from './model.ts';
import { Turns } from './turns.ts';

export type WindowLimits = { readonly messagesMax: number; readonly bytesMax: number };

export class Window {
  readonly #limits: WindowLimits;
  readonly #turns: Turns<LeasedMessage>;
  readonly #mayLease: () => boolean;
  readonly #inWindow = new Map<number, number>();
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

  get room(): number {
    return this.#bytes >= this.#limits.bytesMax ? 0 : Math.max(0, this.#limits.messagesMax - this.#messages);
  }

  /** Places that claims may fill: a quarter is kept for what is accepted meanwhile. */
  get claimRoom(): number {
    if (!this.#mayLease()) return 0;
    return Math.max(0, this.room - Math.floor(this.#limits.messagesMax / 4));
  }

  /** How many messages one subaccount may have here now: the window shared by those that have mail in it. */
  shareOf(subaccountId: number): number {
    const others = this.#inWindow.size + (this.#inWindow.has(subaccountId) ? 0 : 1);
    return Math.max(1, Math.floor(this.#limits.messagesMax / others));
  }

  /** Takes places before the messages are stored; false: store them unleased, their turn comes by a claim. */
  reserve(subaccountId: number, count: number, bytes: number): boolean {
    const has = this.#inWindow.get(subaccountId) ?? 0;
    if (!this.#mayLease() || count > this.room || this.#bytes + bytes > this.#limits.bytesMax) return false;
    if (has + count > this.shareOf(subaccountId)) return false;
    this.#take(subaccountId, count, bytes);
    return true;
  }

  /** Puts messages in line whose places were reserved (accept) or just claimed (`isReserved` false). */
  offer(messages: readonly LeasedMessage[], isReserved: boolean): void {
    for (const message of messages) {
      if (!isReserved) this.#take(message.subaccountId, 1, message.weightBytes);
      this.#turns.push(message);
    }
  }

  /** The message whose turn it is. */
  take(): LeasedMessage | undefined {
    return this.#turns.take();
  }

  /** Gives places back: the message is finished, or was never stored. */
  release(subaccountId: number, count: number, bytes: number): void {
    const has = this.#inWindow.get(subaccountId);
    if (has === undefined) return;
    this.#messages -= count;
    this.#bytes -= bytes;
    if (has === count) this.#inWindow.delete(subaccountId);
    else this.#inWindow.set(subaccountId, has - count);
  }

  #take(subaccountId: number, count: number, bytes: number): void {
    this.#inWindow.set(subaccountId, (this.#inWindow.get(subaccountId) ?? 0) + count);
    this.#messages += count;
    this.#bytes += bytes;
  }
}
