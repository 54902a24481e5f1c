/**
 * Who has mail waiting in the store, as far as this node knows, and how much of whose a claim takes. The places that are free
 * go to accounts by weight, counting what each has in the window already, and within an account to its subaccounts in the same
 * way: nobody runs dry there while others have more, so that the turns in the window (`turns.ts`) are those of the whole queue,
 * however many subaccounts an account has. Pure.
 */

export type Waiting = { readonly accountId: number; readonly subaccountId: number };

/** What a claim takes of one subaccount at most, from each lane and pool. */
export type Portion = Waiting & { readonly most: number };

export type PortionLimits = {
  /** Places that are free. */
  readonly room: number;
  /** Subaccounts in one claim. */
  readonly subaccountsMax: number;
  /** Messages of one of them. */
  readonly eachMax: number;
};

const lanes = 2;

export class Backlog {
  readonly #weightOf: (tenantId: number) => number;
  readonly #inWindow: (tenantId: number) => number;
  /** Accounts with their subaccounts, both in the order of their turns: who was asked goes to the end. */
  readonly #accounts = new Map<number, Set<number>>();

  /** Both are asked of accounts and of subaccounts: their numbers are one sequence. */
  constructor(weightOf: (tenantId: number) => number, inWindow: (tenantId: number) => number) {
    this.#weightOf = weightOf;
    this.#inWindow = inWindow;
  }

  get isEmpty(): boolean {
    return this.#accounts.size === 0;
  }

  /** They have mail that is due. Who is known keeps their place. */
  add(waiting: readonly Waiting[]): void {
    for (const { accountId, subaccountId } of waiting) {
      const members = this.#accounts.get(accountId) ?? new Set();
      this.#accounts.set(accountId, members.add(subaccountId));
    }
  }

  /** What the next claim takes; empty when nobody is known or there is no room. */
  portions({ room, subaccountsMax, eachMax }: PortionLimits): readonly Portion[] {
    const shares = this.#shares([...this.#accounts.keys()], room);
    const seats = Math.max(1, Math.floor(subaccountsMax / Math.max(1, shares.length)));
    const portions: Portion[] = [];
    for (const { id, share } of shares) {
      if (portions.length >= subaccountsMax) break;
      const members = this.#accounts.get(id) ?? new Set();
      for (const portion of this.#portionsOf(members, share, { subaccountsMax: seats, eachMax }))
        portions.push({ accountId: id, ...portion });
      this.#accounts.delete(id);
      this.#accounts.set(id, members);
    }
    return portions;
  }

  #portionsOf(
    members: Set<number>,
    room: number,
    { subaccountsMax, eachMax }: Omit<PortionLimits, 'room'>,
  ): readonly Omit<Portion, 'accountId'>[] {
    return this.#shares([...members], room)
      .slice(0, subaccountsMax)
      .map(({ id, share }) => {
        members.delete(id);
        members.add(id);
        return { subaccountId: id, most: Math.min(eachMax, Math.ceil(share / lanes)) };
      });
  }

  /** The room in whole messages, one at least for each until none is left, to those below their share of what all will have. */
  #shares(ids: readonly number[], room: number): readonly { readonly id: number; readonly share: number }[] {
    if (room <= 0) return [];
    const weights = ids.reduce((sum, id) => sum + this.#weightOf(id), 0);
    const total = ids.reduce((sum, id) => sum + this.#inWindow(id), room);
    const missing = ids.map((id) => Math.max(0, (total * this.#weightOf(id)) / weights - this.#inWindow(id)));
    const scale = Math.min(1, room / missing.reduce((sum, each) => sum + each, 0));
    let left = room;
    return ids.flatMap((id, index) => {
      const share = Math.min(left, Math.ceil((missing[index] ?? 0) * scale));
      left -= share;
      return share > 0 ? [{ id, share }] : [];
    });
  }

  /** What came of it: who gave less than was asked has nothing more that is due. */
  settle(portions: readonly Portion[], taken: readonly Waiting[]): void {
    const counts = new Map<number, number>();
    for (const { subaccountId } of taken) counts.set(subaccountId, (counts.get(subaccountId) ?? 0) + 1);
    for (const { accountId, subaccountId, most } of portions) {
      const members = this.#accounts.get(accountId);
      if ((counts.get(subaccountId) ?? 0) >= most || members === undefined) continue;
      members.delete(subaccountId);
      if (members.size === 0) this.#accounts.delete(accountId);
    }
  }
}
