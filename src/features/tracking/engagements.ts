/**
 * Openings and clicks on their way into the log. Whoever clicked does not wait for the store: a redirect works while it
 * does not answer, and what a killed node had in hand is not told: of milliseconds, or of seconds under more load than the
 * store takes. Bounded: what comes beyond while the store is away is counted and not kept.
 */
import { Batcher } from '../../base/batch.ts';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { isRowFault, StoreUnavailable } from '../../base/database/store-lost.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import { dropEngagements, recordEngagements } from './sql-engagements.ts';
import type { Engagement } from './sql-engagements.ts';

const batchMax = 500;
const keptMax = 200_000;
const againMs = 1000;

export class Engagements implements AsyncDisposable {
  readonly #connection: HotConnection;
  readonly #log: Log;
  readonly #batcher: Batcher<Engagement, boolean>;
  /** The store was away when they came. */
  #later: Engagement[] = [];
  #timer: NodeJS.Timeout | null = null;
  #dropped = 0;

  constructor(connection: HotConnection, log: Log) {
    this.#connection = connection;
    this.#log = log;
    this.#batcher = new Batcher<Engagement, boolean>({
      run: (engagements) => recordEngagements(connection, engagements),
      itemsMax: batchMax,
      weigh: () => 1,
      weightMax: batchMax,
      isItemFault: isRowFault,
    });
  }

  add(engagement: Engagement): void {
    if (this.#batcher.waiting + this.#later.length >= keptMax) {
      this.#dropped += 1;
      if (this.#dropped % 10_000 === 1)
        this.#log.warn({ dropped: this.#dropped }, 'openings and clicks are not kept');
      return;
    }
    this.#batcher.add(engagement).catch((error: unknown) => this.#failed(engagement, error));
  }

  /** Resolves when all that was added is stored, or the store is away. */
  idle(): Promise<void> {
    return this.#batcher.idle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#again();
    await this.#batcher.idle();
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#later.length > 0)
      this.#log.warn({ lost: this.#later.length }, 'openings and clicks were not stored');
    await this.#connection[Symbol.asyncDispose]();
  }

  #failed(engagement: Engagement, error: unknown): void {
    if (!(error instanceof StoreUnavailable)) {
      this.#log.error(
        { error: errorText(error), kind: engagement.kind },
        'an opening or click was not stored',
      );
      return;
    }
    this.#later.push(engagement);
    this.#timer ??= setTimeout(() => this.#again(), againMs);
  }

  #again(): void {
    this.#timer = null;
    for (const engagement of this.#later.splice(0)) this.add(engagement);
  }
}

const dropBatch = 5000;

/** Background: what belongs to messages that are gone. */
export async function endOldEngagements(db: Database, clock: Clock): Promise<void> {
  while ((await dropEngagements(db.engine, new Date(clock.now()), dropBatch)) === dropBatch);
}
