/** Mail that goes back into the queue without an attempt, in batches: not now, not from here, or held by a suspension. */
import type { HotConnection } from '../../base/database/hot-connection.ts';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import type { Suspension } from '../suspensions/index.ts';
import { unlease } from '../queue/index.ts';
import type { LeasedMessage } from '../queue/index.ts';

export type ReturnOptions = {
  readonly connection: HotConnection;
  readonly node: number;
  readonly log: Log;
  /** Holds leased messages for their suspensions, with state and event. */
  readonly hold: (held: readonly Held[]) => Promise<void>;
  /** The message is out of this node's hands. */
  readonly onGone: (message: LeasedMessage) => void;
};

export type Held = { readonly message: LeasedMessage; readonly suspension: Suspension };
type Later = {
  readonly message: LeasedMessage;
  readonly dueAt: number;
  readonly site: string | null;
  readonly poolId: string | null;
};

const batchMax = 500;

export class Returns {
  readonly #options: ReturnOptions;
  #later: Later[] = [];
  #held: Held[] = [];
  #flushing: Promise<void> | null = null;

  constructor(options: ReturnOptions) {
    this.#options = options;
  }

  /** Due again at `dueAt`; `site` when it is known where it goes, `poolId` when it is to leave from there from now on. */
  later(message: LeasedMessage, dueAt: number, site: string | null, poolId: string | null = null): void {
    this.#later.push({ message, dueAt, site, poolId });
    this.#flush();
  }

  hold(message: LeasedMessage, suspension: Suspension): void {
    this.#held.push({ message, suspension });
    this.#flush();
  }

  /** Resolves when everything that was given is stored. */
  async idle(): Promise<void> {
    while (this.#flushing !== null) await this.#flushing;
  }

  #flush(): void {
    this.#flushing ??= this.#run().finally(() => {
      this.#flushing = null;
      if (this.#later.length + this.#held.length > 0) this.#flush();
    });
  }

  async #run(): Promise<void> {
    // What arrives in the same turn of the loop goes together.
    await Promise.resolve();
    const { connection, node, log, hold, onGone } = this.#options;
    const later = this.#later.splice(0, batchMax);
    const held = this.#held.splice(0, batchMax);
    try {
      if (held.length > 0) await hold(held);
      if (later.length > 0) {
        const rows = later.map(({ message: { subaccountId, messageId }, dueAt, site, poolId }) => {
          return { subaccountId, messageId, dueAt: new Date(dueAt), site, poolId };
        });
        await unlease(connection, node, rows);
      }
    } catch (error) {
      log.warn(
        { error: errorText(error) },
        'messages could not be given back; their lease ends with the term',
      );
    }
    for (const { message } of [...later, ...held]) onGone(message);
  }
}
