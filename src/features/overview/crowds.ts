/** Which subaccounts have many waiting, of all accounts: counted when somebody looks, and again after a while, not at every look. */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import type { SubaccountId } from '../../base/scope.ts';
import { countCrowded } from './sql-crowds.ts';

const freshMs = 10_000;

export class Crowds {
  readonly #db: Database;
  readonly #clock: Clock;
  #counted: Promise<readonly SubaccountId[]> | null = null;
  #countedAt = -Infinity;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** As of ten seconds ago at most; who asks together is answered by one count. */
  crowded(): Promise<readonly SubaccountId[]> {
    const now = this.#clock.now();
    if (this.#counted !== null && now - this.#countedAt < freshMs) return this.#counted;
    const counted = this.#db.asEngine(countCrowded);
    this.#counted = counted;
    this.#countedAt = now;
    // A failure is told to whoever asked, and the next one counts anew.
    counted.catch(() => {
      if (this.#counted === counted) this.#counted = null;
    });
    return counted;
  }
}
