/**
 * Leases of this node that nobody here holds. A connection that is cut between a commit and its answer leaves them: the
 * mail was accepted or claimed, and this node never heard of it. No other node may touch it while this one lives.
 *
 * Looked for only while a loss is fresh, or this life of the node is, whose killed one before it may have left statements: a statement that the server still runs for a client that is gone ends within its
 * own time limit (30 s). A row is freed when two looks in turn found it held by nobody, and no statement that makes leases
 * has been under way since before the first of them: its answer may still bring the row into hand.
 */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import { freeStrays, leasedIds } from '../queue/index.ts';

export type StraysOptions = {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly node: number;
  /** Those whose statements make leases. */
  readonly connections: readonly Pick<HotConnection, 'lostAtMs' | 'busySinceMs'>[];
  readonly isInHand: (messageId: string) => boolean;
  /** Some were freed: they are to be claimed. */
  readonly onFreed: () => void;
};

const everyMs = 5000;
const freshMs = 90_000;

export class Strays implements Disposable {
  readonly #options: StraysOptions;
  readonly #timer: NodeJS.Timeout;
  #suspects: ReadonlySet<string> = new Set();
  #lookedAtMs = Number.POSITIVE_INFINITY;
  readonly #startedAtMs = performance.now();
  #isLooking = false;

  constructor(options: StraysOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      this.look().catch((error: unknown) =>
        options.log.warn({ error: errorText(error) }, 'leases could not be looked at'),
      );
    }, everyMs);
    this.#timer.unref();
  }

  /** How many were freed. */
  async look(): Promise<number> {
    const { connections, node, db, clock, log, isInHand, onFreed } = this.#options;
    const nowMs = performance.now();
    const isFresh = [this.#startedAtMs, ...connections.map(({ lostAtMs }) => lostAtMs)].some(
      (atMs) => atMs !== null && nowMs - atMs < freshMs,
    );
    if (this.#isLooking || (!isFresh && this.#suspects.size === 0)) return 0;
    this.#isLooking = true;
    try {
      const leased = await leasedIds(db.engine, node);
      const strays = leased.filter((id) => !isInHand(id));
      const isAnswerOpen = connections.some(
        ({ busySinceMs }) => busySinceMs !== null && busySinceMs <= this.#lookedAtMs,
      );
      const sure = isAnswerOpen ? [] : strays.filter((id) => this.#suspects.has(id));
      this.#suspects = new Set(strays);
      this.#lookedAtMs = nowMs;
      if (sure.length === 0) return 0;
      const freed = await freeStrays(db.engine, node, sure, new Date(clock.now()));
      log.info({ messages: freed }, 'mail whose lease nobody heard of goes on');
      onFreed();
      return freed;
    } finally {
      this.#isLooking = false;
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
