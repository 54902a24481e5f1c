/**
 * What one node knows of source addresses: read again every second, so that choosing costs two map look-ups. A warming address
 * sends what was taken in blocks from its day's cap beforehand; what is taken and not sent is lost to the day.
 */
import type { Clock } from '../../base/clock.ts';
import type { Db } from '../../base/database/database.ts';
import { blockOf, capOn, dayOf, nextDayAt } from './rules.ts';
import { dropOldDays, noSources, putUnsent, readSources, takeBlock } from './sql-addresses.ts';
import type { PoolSigners, SourceAddress, SourceSnapshot } from './sql-addresses.ts';

export type SourceChoice =
  /** The system's own address. */
  | { readonly kind: 'system' }
  | { readonly kind: 'address'; readonly address: SourceAddress }
  /** Another node has the pool's addresses. */
  | { readonly kind: 'elsewhere' }
  /** The pool's addresses here have sent what they may; another node has those of the pool that takes what is over. */
  | { readonly kind: 'overflow'; readonly poolId: string }
  /** The pool's addresses have sent what they may, until then. */
  | { readonly kind: 'spent'; readonly until: number };

type Sender = { readonly accountId: number; readonly subaccountId: number; readonly poolId: string };
type Allowance = { day: string; left: number; isSpent: boolean; told: number };

const overflowsMax = 3;

export class Sources {
  readonly #options: { readonly db: Db; readonly clock: Clock; readonly node: string };
  #known: SourceSnapshot = noSources;
  #byPool = new Map<string, SourceAddress[]>();
  #everywhere = new Map<string, SourceAddress[]>();
  #elsewhere: readonly string[] = [];
  readonly #allowances = new Map<string, Allowance>();
  #turn = 0;

  constructor(options: { readonly db: Db; readonly clock: Clock; readonly node: string }) {
    this.#options = options;
  }

  /** Pools that have addresses, but none on this node: claims leave their mail to the nodes that have them. */
  get poolsElsewhere(): readonly string[] {
    return this.#elsewhere;
  }

  async refresh(): Promise<void> {
    const { db, clock, node } = this.#options;
    const day = dayOf(clock.now());
    this.#known = await readSources(db, day);
    const byPool = Map.groupBy(this.#known.addresses, ({ poolId }) => poolId ?? '');
    this.#everywhere = byPool;
    this.#byPool = new Map(
      [...byPool].map(([pool, addresses]) => [pool, addresses.filter((each) => each.node === node)]),
    );
    this.#elsewhere = [...this.#byPool].filter(([, here]) => here.length === 0).map(([pool]) => pool);
    for (const address of this.#known.addresses) if (address.node === node) await this.#fill(address, day);
    if (this.#known.addresses.length > 0) await dropOldDays(db, dayOf(clock.now() - 7 * 86_400_000));
  }

  /** Whether the pool has addresses, here or elsewhere. */
  knows(poolId: string): boolean {
    return this.#byPool.has(poolId);
  }

  /** The pool that counts for a message now, null when its account has none: the one it names, unless that is gone. */
  poolOf({ accountId, subaccountId, poolId }: Sender): string | null {
    if (poolId !== '0' && this.#known.pools.get(accountId)?.has(poolId) !== false) return poolId;
    return this.#known.bound.get(subaccountId) ?? this.#known.defaults.get(accountId) ?? null;
  }

  /** Which domains sign the message because of the pool that it leaves by; null: none. */
  signersOf(message: Sender): PoolSigners | null {
    const { signers } = this.#known;
    const pool = signers.size === 0 ? null : this.poolOf(message);
    return pool === null ? null : (signers.get(pool) ?? null);
  }

  /** Where the message leaves from; an address of a plan has one message less afterwards. */
  choose(message: Sender): SourceChoice {
    let pool = this.#known.addresses.length === 0 ? null : this.poolOf(message);
    let until = Infinity;
    for (let overflows = 0; pool !== null && overflows <= overflowsMax; overflows++) {
      const here = this.#byPool.get(pool);
      if (here === undefined) return { kind: 'system' };
      if (here.length === 0) {
        if (until === Infinity) return { kind: 'elsewhere' };
        const there = this.#everywhere.get(pool) ?? [];
        if (there.some((address) => this.#hasRoom(address))) return { kind: 'overflow', poolId: pool };
        pool = overflowOf(there);
        continue;
      }
      this.#turn += 1;
      for (let at = 0; at < here.length; at++) {
        const address = here[(at + this.#turn) % here.length];
        if (address !== undefined && this.#spend(address)) return { kind: 'address', address };
      }
      until = Math.min(until, ...here.map((address) => this.#freeAt(address)));
      // The next block is on its way: the day is not over yet.
      if (here.some((address) => !this.#isSpent(address))) return { kind: 'spent', until };
      pool = overflowOf(here);
    }
    return until === Infinity ? { kind: 'system' } : { kind: 'spent', until };
  }

  /** It was not sent after all. */
  giveBack(addressId: string): void {
    const allowance = this.#allowances.get(addressId);
    if (allowance !== undefined) allowance.left += 1;
  }

  #spend(address: SourceAddress): boolean {
    if (this.#cap(address) === null) return true;
    const allowance = this.#allowances.get(address.id);
    if (allowance === undefined || allowance.left <= 0 || allowance.day !== dayOf(this.#options.clock.now()))
      return false;
    allowance.left -= 1;
    return true;
  }

  /** A spent day ends at midnight UTC; until the next block is taken it is a second. */
  #freeAt(address: SourceAddress): number {
    const now = this.#options.clock.now();
    return this.#isSpent(address) ? nextDayAt(now) : now + 1000;
  }

  #isSpent({ id }: SourceAddress): boolean {
    return this.#allowances.get(id)?.isSpent === true;
  }

  /** Of another node's: by what it has taken for today and not sent. */
  #hasRoom(address: SourceAddress): boolean {
    const cap = this.#cap(address);
    return cap === null || address.takenToday < cap || address.unsentToday > 0;
  }

  #cap(address: SourceAddress): number | null {
    const plan = { caps: address.warmupCaps, startedOn: address.warmupStartedOn };
    return capOn(plan, this.#options.clock.now());
  }

  async #fill(address: SourceAddress, day: string): Promise<void> {
    const cap = this.#cap(address);
    if (cap === null) return;
    const known = this.#allowances.get(address.id);
    const allowance =
      known?.day === day ? known : { day, left: 0, isSpent: false, told: address.unsentToday };
    this.#allowances.set(address.id, allowance);
    const { db } = this.#options;
    const block = blockOf(cap);
    if (allowance.left <= block / 2) {
      const got = await takeBlock(db, address.id, { day, cap, block });
      allowance.left += got;
      allowance.isSpent = got === 0;
    }
    if (allowance.left === allowance.told) return;
    const { left } = allowance;
    await putUnsent(db, address.id, day, left);
    allowance.told = left;
  }
}

function overflowOf(addresses: readonly SourceAddress[]): string | null {
  return addresses.find(({ overflowPoolId }) => overflowPoolId !== null)?.overflowPoolId ?? null;
}
