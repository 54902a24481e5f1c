/**
 * Whose turn it is, among what is in memory. Turns go round the accounts by weight, within an account round its subaccounts
 * by weight (deficit round robin; every message costs one), within a subaccount the transactional lane ahead of bulk, which
 * still gets every `urgentInRow + 1`st turn. Pure. HOT PATH: O(1) per message while nobody is passed by.
 *
 * The bound that follows: whoever comes into line leaves after at most one round of its account, the weights of the others in
 * it; meanwhile every other account has its weight of turns for each weight of its own. A bulk message at the head leaves
 * after `urgentInRow` more of its own.
 */

export type Turn = {
  readonly accountId: number;
  readonly subaccountId: number;
  /** 0 leaves ahead of 1. */
  readonly lane: 0 | 1;
};

/** Transactional messages of a subaccount in a row while its bulk waits. */
export const urgentInRow = 8;

/** First in, first out, with a head index: shift() of a long array would copy it. */
class Line<Item> {
  #items: Item[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): Item | undefined {
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

/** Members in a circle; who has nothing left leaves it and comes back at its end. */
class Circle<Member> {
  readonly #members: Member[] = [];
  #next = 0;

  get size(): number {
    return this.#members.length;
  }

  /** Behind everybody who is here, as seen from whose turn it is. */
  join(member: Member): void {
    this.#members.splice(this.#next, 0, member);
    this.#next = (this.#next + 1) % this.#members.length;
  }

  current(): Member | undefined {
    return this.#members[this.#next];
  }

  pass(): void {
    this.#next = this.#members.length === 0 ? 0 : (this.#next + 1) % this.#members.length;
  }

  leave(): void {
    this.#members.splice(this.#next, 1);
    if (this.#next >= this.#members.length) this.#next = 0;
  }
}

type Lines<Item> = {
  readonly id: number;
  /** As it was when it came into line: what sums count. */
  readonly weight: number;
  readonly urgent: Line<Item>;
  readonly bulk: Line<Item>;
  /** Turns left in this round. */
  credit: number;
  urgentTaken: number;
};

type Account<Item> = {
  readonly id: number;
  readonly weight: number;
  /** Of its members together. */
  weights: number;
  size: number;
  readonly circle: Circle<Lines<Item>>;
  readonly members: Map<number, Lines<Item>>;
  /** Turns left in this round. */
  credit: number;
};

export class Turns<Item extends Turn> {
  readonly #weightOf: (tenantId: number) => number;
  readonly #accounts = new Map<number, Account<Item>>();
  readonly #circle = new Circle<Account<Item>>();
  /** Of the accounts in line together. */
  #weights = 0;
  #size = 0;

  /** `weightOf` is asked of accounts and of subaccounts: their numbers are one sequence. */
  constructor(weightOf: (tenantId: number) => number = () => 1) {
    this.#weightOf = weightOf;
  }

  get size(): number {
    return this.#size;
  }

  sizeOf(accountId: number, subaccountId: number): number {
    const lines = this.#accounts.get(accountId)?.members.get(subaccountId);
    return lines === undefined ? 0 : lines.urgent.length + lines.bulk.length;
  }

  /** At which turn one more of the subaccount would leave, about: behind its own, with those of others by weight between. */
  turnsUntil(accountId: number, subaccountId: number): number {
    const account = this.#accounts.get(accountId);
    const own = this.#weight(subaccountId);
    const siblings = (account?.weights ?? 0) + (account?.members.has(subaccountId) === true ? 0 : own);
    const alone = ((this.sizeOf(accountId, subaccountId) + 1) * siblings) / own;
    const ofAccount = Math.min(alone, (account?.size ?? 0) + 1);
    const weight = this.#weight(accountId);
    const accounts = this.#weights + (account === undefined ? weight : 0);
    return Math.min((ofAccount * accounts) / weight, this.#size + 1);
  }

  #weight(tenantId: number): number {
    return Math.max(1, this.#weightOf(tenantId));
  }

  push(item: Item): void {
    const account = this.#accounts.get(item.accountId) ?? this.#enter(item.accountId);
    const lines = account.members.get(item.subaccountId) ?? this.#enterAccount(account, item.subaccountId);
    (item.lane === 0 ? lines.urgent : lines.bulk).push(item);
    account.size += 1;
    this.#size += 1;
  }

  #enter(id: number): Account<Item> {
    const weight = this.#weight(id);
    const account = {
      id,
      weight,
      weights: 0,
      size: 0,
      circle: new Circle<Lines<Item>>(),
      members: new Map(),
      credit: 0,
    };
    this.#accounts.set(id, account);
    this.#circle.join(account);
    this.#weights += weight;
    return account;
  }

  #enterAccount(account: Account<Item>, id: number): Lines<Item> {
    const weight = this.#weight(id);
    const lines = { id, weight, urgent: new Line<Item>(), bulk: new Line<Item>(), credit: 0, urgentTaken: 0 };
    account.members.set(id, lines);
    account.circle.join(lines);
    account.weights += weight;
    return lines;
  }

  /** The item whose turn it is; accounts that `mayGo` refuses keep their place and are passed by. */
  take(mayGo?: (accountId: number) => boolean): Item | undefined {
    for (let passed = this.#circle.size; passed > 0; passed--) {
      const account = this.#circle.current();
      if (account === undefined) return undefined;
      if (mayGo === undefined || mayGo(account.id)) {
        if (account.credit <= 0) account.credit = this.#weight(account.id);
        const item = this.#takeOf(account);
        account.credit -= 1;
        account.size -= 1;
        if (account.circle.size === 0) {
          this.#accounts.delete(account.id);
          this.#circle.leave();
          this.#weights -= account.weight;
        } else if (account.credit <= 0) this.#circle.pass();
        this.#size -= 1;
        return item;
      }
      this.#circle.pass();
    }
    return undefined;
  }

  /** Everything that is in line, in turn; nothing is left. */
  takeAll(): Item[] {
    const all: Item[] = [];
    for (let item = this.take(); item !== undefined; item = this.take()) all.push(item);
    return all;
  }

  #takeOf(account: Account<Item>): Item | undefined {
    const lines = account.circle.current();
    if (lines === undefined) return undefined;
    if (lines.credit <= 0) lines.credit = this.#weight(lines.id);
    const item = takeLane(lines);
    lines.credit -= 1;
    if (lines.urgent.length + lines.bulk.length === 0) {
      account.members.delete(lines.id);
      account.circle.leave();
      account.weights -= lines.weight;
    } else if (lines.credit <= 0) account.circle.pass();
    return item;
  }
}

function takeLane<Item>(lines: Lines<Item>): Item | undefined {
  const isBulkNext = lines.urgentTaken >= urgentInRow && lines.bulk.length > 0;
  const urgent = isBulkNext ? undefined : lines.urgent.shift();
  if (urgent === undefined) {
    lines.urgentTaken = 0;
    return lines.bulk.shift();
  }
  lines.urgentTaken = lines.bulk.length > 0 ? lines.urgentTaken + 1 : 0;
  return urgent;
}
