/**
 * The bounded part of the queue that is in memory: leased messages, taken in turn. Turns go round the accounts, within
 * an account round its subaccounts, within a subaccount the transactional lane first. HOT PATH: O(1) per message.
 */
import type { LeasedMessage } from './model.ts';

export type WindowLimits = { readonly messagesMax: number; readonly bytesMax: number };

/** First in, first out, with a head index: shift() of a long array would copy it. */
class Line {
  #items: LeasedMessage[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: LeasedMessage): void {
    this.#items.push(item);
  }

  shift(): LeasedMessage | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    if (this.#head === this.#items.length || this.#head > 1024) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}

type Turn = { readonly urgent: Line; readonly bulk: Line; inWindow: number };

/** Keys in turn; a key leaves the ring when it has nothing and comes back at its end. */
class Ring<Key> {
  #keys: Key[] = [];
  #next = 0;
  readonly #members = new Set<Key>();

  add(key: Key): void {
    if (this.#members.has(key)) return;
    this.#members.add(key);
    this.#keys.push(key);
  }

  get size(): number {
    return this.#members.size;
  }

  /** The key whose turn it is; the caller says whether it stays. */
  take(): Key | undefined {
    if (this.#keys.length === 0) return undefined;
    if (this.#next >= this.#keys.length) this.#next = 0;
    return this.#keys[this.#next];
  }

  advance(stays: boolean): void {
    if (stays) {
      this.#next += 1;
      return;
    }
    const [gone] = this.#keys.splice(this.#next, 1);
    if (gone !== undefined) this.#members.delete(gone);
  }
}

export class Window {
  readonly #limits: WindowLimits;
  readonly #turns = new Map<number, Turn>();
  readonly #accounts = new Map<number, Ring<number>>();
  readonly #ring = new Ring<number>();
  #messages = 0;
  #bytes = 0;
  #waiting = 0;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
  }

  /** Messages leased and not finished, those under way included. */
  get size(): number {
    return this.#messages;
  }

  /** Messages that wait for their turn. */
  get waiting(): number {
    return this.#waiting;
  }

  get room(): number {
    return this.#bytes >= this.#limits.bytesMax ? 0 : Math.max(0, this.#limits.messagesMax - this.#messages);
  }

  /** How many messages one subaccount may have here now: the window shared by those that have mail in it. */
  shareOf(subaccountId: number): number {
    const others = this.#turns.has(subaccountId) ? this.#turns.size : this.#turns.size + 1;
    return Math.max(1, Math.floor(this.#limits.messagesMax / others));
  }

  /** Takes places before the messages are stored; false: store them unleased, their turn comes by a claim. */
  reserve(subaccountId: number, count: number, bytes: number): boolean {
    const has = this.#turns.get(subaccountId)?.inWindow ?? 0;
    if (count > this.room || this.#bytes + bytes > this.#limits.bytesMax) return false;
    if (has + count > this.shareOf(subaccountId)) return false;
    this.#turn(subaccountId).inWindow += count;
    this.#messages += count;
    this.#bytes += bytes;
    return true;
  }

  /** Puts messages in line whose places were reserved (accept) or just claimed (`isReserved` false). */
  offer(messages: readonly LeasedMessage[], isReserved: boolean): void {
    for (const message of messages) {
      const turn = this.#turn(message.subaccountId);
      if (!isReserved) {
        turn.inWindow += 1;
        this.#messages += 1;
        this.#bytes += message.weightBytes;
      }
      (message.lane === 0 ? turn.urgent : turn.bulk).push(message);
      this.#waiting += 1;
      this.#ringOf(message.accountId).add(message.subaccountId);
      this.#ring.add(message.accountId);
    }
  }

  /** The message whose turn it is. */
  take(): LeasedMessage | undefined {
    for (let accountId = this.#ring.take(); accountId !== undefined; accountId = this.#ring.take()) {
      const ring = this.#ringOf(accountId);
      const message = this.#takeFrom(ring);
      this.#ring.advance(ring.size > 0);
      if (ring.size === 0) this.#accounts.delete(accountId);
      if (message !== undefined) return message;
    }
    return undefined;
  }

  /** Gives places back: the message is finished, or was never stored. */
  release(subaccountId: number, count: number, bytes: number): void {
    const turn = this.#turns.get(subaccountId);
    if (turn === undefined) return;
    turn.inWindow -= count;
    this.#messages -= count;
    this.#bytes -= bytes;
    if (turn.inWindow === 0) this.#turns.delete(subaccountId);
  }

  #takeFrom(ring: Ring<number>): LeasedMessage | undefined {
    for (let subaccountId = ring.take(); subaccountId !== undefined; subaccountId = ring.take()) {
      const turn = this.#turns.get(subaccountId);
      const message = turn?.urgent.shift() ?? turn?.bulk.shift();
      ring.advance(turn !== undefined && turn.urgent.length + turn.bulk.length > 0);
      if (message !== undefined) {
        this.#waiting -= 1;
        return message;
      }
    }
    return undefined;
  }

  #turn(subaccountId: number): Turn {
    let turn = this.#turns.get(subaccountId);
    if (turn === undefined) {
      turn = { urgent: new Line(), bulk: new Line(), inWindow: 0 };
      this.#turns.set(subaccountId, turn);
    }
    return turn;
  }

  #ringOf(accountId: number): Ring<number> {
    let ring = this.#accounts.get(accountId);
    if (ring === undefined) {
      ring = new Ring();
      this.#accounts.set(accountId, ring);
    }
    return ring;
  }
}
