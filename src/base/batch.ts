/**
 * Group commit: the next batch is whatever arrived while the last one ran; there is no timer. HOT PATH.
 * A batch that fails is halved until the item that cannot be stored stands alone, so that one tenant's bad row never
 * fails another's; a failure that is not about the data (lost connection, shutdown) fails the batch as a whole.
 */
export type BatcherOptions<Item, Result> = {
  /** Stores the items in one transaction; results in the order of the items. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly itemsMax: number;
  /** Bytes (or any weight) of an item, and how much of it one batch may carry. */
  readonly weigh: (item: Item) => number;
  readonly weightMax: number;
  /** True when the failure may lie in one of the items, so that halving finds it. */
  readonly isItemFault: (error: unknown) => boolean;
};

type Waiting<Item, Result> = {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
};

export class Batcher<Item, Result> {
  readonly #options: BatcherOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  #running = false;
  #idle: (() => void)[] = [];

  constructor(options: BatcherOptions<Item, Result>) {
    this.#options = options;
  }

  /** How many items wait for a later batch. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves when the item's transaction has committed; rejects with what made it impossible. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#running) {
        this.#running = true;
        // After the current tick's other arrivals, so that a burst read from one socket is one batch.
        setImmediate(() => void this.#drain());
      }
    });
  }

  /** Resolves when nothing waits and nothing runs. */
  async idle(): Promise<void> {
    if (!this.#running) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.#runBisecting(this.#take());
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #take(): Waiting<Item, Result>[] {
    const { itemsMax, weigh, weightMax } = this.#options;
    let count = 0;
    let weight = 0;
    for (const { item } of this.#waiting) {
      weight += weigh(item);
      if (count > 0 && (count === itemsMax || weight > weightMax)) break;
      count += 1;
    }
    if (count === this.#waiting.length) {
      const all = this.#waiting;
      this.#waiting = [];
      return all;
    }
    return this.#waiting.splice(0, count);
  }

  async #runBisecting(batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.run(batch.map(({ item }) => item));
      // `results` may hold undefined on purpose (Result void); order and length are the contract of run.
      for (const [index, waiting] of batch.entries()) waiting.resolve(results[index] as Result);
    } catch (error) {
      if (batch.length === 1 || !this.#options.isItemFault(error)) {
        for (const waiting of batch) waiting.reject(error);
        return;
      }
      const middle = batch.length >> 1;
      await this.#runBisecting(batch.slice(0, middle));
      await this.#runBisecting(batch.slice(middle));
    }
  }
}
