/**
 * Counts under way. Few steps of all run at once, each with a connection of its own only while it runs, and those who count
 * take turns: who counts much, or has many counts open, is behind the others after each step.
 */
import type { Database } from '../../base/database/database.ts';
import { sqlState } from '../../base/database/store-lost.ts';
import type { Scope } from '../../base/scope.ts';
import { refuse } from '../refusals/index.ts';
import { count } from './count.ts';
import type { Count, Step } from './count.ts';
import type { EventFilter } from './sql-search.ts';
import { Turns } from './turns.ts';

type CountLimits = {
  /** Of the time that its own steps take: what others do leaves it as it is, as long as they leave turns. */
  readonly ownMs: number;
  /** With the turns that it waits for. */
  readonly wholeMs: number;
};

const limitsNow: CountLimits = { ownMs: 4000, wholeMs: 20_000 };
/** Of all connections of tenants these stay free for other work. */
const stepsAtOnce = 2;
const openMax = 10;
/** PostgreSQL's query_canceled: a step reached its time limit. */
const isOverTime = (error: unknown): boolean => sqlState(error) === '57014';

export class Counts {
  readonly #db: Database;
  readonly #limits: CountLimits;
  readonly #turns = new Turns(stepsAtOnce);
  readonly #open = new Map<string, number>();

  constructor(db: Database, limits = limitsNow) {
    this.#db = db;
    this.#limits = limits;
  }

  /** Exact when there was time to come to the end. Refused when one subaccount, or account as a whole, has too many open. */
  async count(scope: Scope, filter: EventFilter): Promise<Count> {
    const whose = `${scope.accountId}:${String(scope.reach)}`;
    const open = this.#open.get(whose) ?? 0;
    if (open >= openMax) throw refuse('limit.reached', { message: 'Too many counts are under way' });
    this.#open.set(whose, open + 1);
    try {
      return await count(this.#stepsOf(whose, scope), scope, filter);
    } finally {
      const left = (this.#open.get(whose) ?? 1) - 1;
      if (left === 0) this.#open.delete(whose);
      else this.#open.set(whose, left);
    }
  }

  #stepsOf(whose: string, scope: Scope): Step {
    const { ownMs, wholeMs } = this.#limits;
    const began = performance.now();
    let own = 0;
    return async (work) =>
      this.#turns.take(whose, async () => {
        const from = performance.now();
        if (own >= ownMs || from - began >= wholeMs) return null;
        try {
          return await this.#db.scoped(scope, work);
        } catch (error) {
          if (isOverTime(error)) return null;
          throw error;
        } finally {
          own += performance.now() - from;
        }
      });
  }
}
