/** What a node knows of suspensions, read again every second: asking costs nothing while there is none. */
import type { Clock } from '../../base/clock.ts';
import type { Db } from '../../base/database/database.ts';
import { covers } from './rules.ts';
import type { Covered, Suspension } from './rules.ts';
import { dropEnded, readActive } from './sql.ts';

export class Suspensions {
  readonly #options: { readonly db: Db; readonly clock: Clock };
  #byAccount: ReadonlyMap<number, readonly Suspension[]> = new Map();

  constructor(options: { readonly db: Db; readonly clock: Clock }) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#byAccount.size === 0;
  }

  async refresh(): Promise<void> {
    const { db, clock } = this.#options;
    const active = await readActive(db, new Date(clock.now()));
    this.#byAccount = Map.groupBy(active, ({ accountId }) => accountId);
    await dropEnded(db, new Date(clock.now() - 86_400_000));
  }

  /** The suspension that covers the message, null when none does. */
  hit(accountId: number, message: Covered): Suspension | null {
    const now = this.#options.clock.now();
    return this.#byAccount.get(accountId)?.find((each) => covers(each, message, now)) ?? null;
  }
}
