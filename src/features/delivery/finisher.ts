/**
 * What happens when an attempt ends: verdict, journal, group commit. HOT PATH. The journal comes first, so that a kill
 * between a remote server's answer and our commit loses nothing; the commit follows as soon as the last one is through.
 */
import { Batcher } from '../../base/batch.ts';
import type { Clock } from '../../base/clock.ts';
import { isRowFault } from '../../base/database/store-lost.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import type { LeasedMessage, RetryPolicy } from '../queue/index.ts';
import type { Journal, JournalEntry } from './journal.ts';
import { completionFor } from './model.ts';
import type { AttemptOutcome, AttemptPlace, Completion } from './model.ts';
import { isPerhapsDelivered, verdict } from './rules.ts';
import { completeBatch } from './sql-complete.ts';
import type { LedgerCause } from './sql-complete.ts';

export type FinisherOptions = {
  readonly connection: HotConnection;
  readonly journal: Journal;
  readonly node: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly retryPolicy: RetryPolicy;
  /** The message has left this node's hands: its places in the window are free. */
  readonly onDone: (message: LeasedMessage, completion: Completion) => void;
};

type Item = { readonly completion: Completion; readonly entry: JournalEntry };

/** The design's bound: at most 50 rows (or what came during the last commit) are uncommitted per batch. */
const batchMax = 50;
const storeRetryMs = 500;

export class Finisher {
  readonly #options: FinisherOptions;
  readonly #batcher: Batcher<Item, void>;
  #pending = 0;
  #idle: (() => void)[] = [];

  constructor(options: FinisherOptions) {
    this.#options = options;
    this.#batcher = new Batcher<Item, void>({
      run: async (items) => {
        await this.#commit('cut_after_dot', items);
        return items.map(() => undefined);
      },
      itemsMax: batchMax,
      weigh: () => 1,
      weightMax: batchMax,
      isItemFault: isRowFault,
    });
  }

  /** Outcomes that are journaled and not committed yet. */
  get pending(): number {
    return this.#pending;
  }

  finish(
    message: LeasedMessage,
    outcome: AttemptOutcome,
    place: AttemptPlace,
    dot: JournalEntry | null,
  ): void {
    const { clock, random, retryPolicy, journal } = this.#options;
    const now = clock.now();
    const completion = completionFor(message, now, {
      verdict: verdict(message, outcome, { now, random: random(), policy: retryPolicy }),
      place,
      phase: 'phase' in outcome ? outcome.phase : null,
      reply: 'reply' in outcome ? outcome.reply : null,
      error: 'error' in outcome ? outcome.error : null,
      ...('sizeBytes' in outcome ? { sizeBytes: outcome.sizeBytes } : {}),
      isPerhapsDelivered: isPerhapsDelivered(outcome),
    });
    const entry = journal.outcome(completion, dot);
    this.#pending += 1;
    void this.#store(message, { completion, entry });
  }

  /** Commits what an earlier life journaled; the node's rows must still be leased to its number. */
  async replay(completions: readonly Completion[], cause: LedgerCause): Promise<number> {
    let done = 0;
    for (let at = 0; at < completions.length; at += batchMax) {
      const batch = completions.slice(at, at + batchMax);
      const { connection, node } = this.#options;
      done += (await completeBatch(connection, node, cause, batch)).size;
    }
    return done;
  }

  async idle(): Promise<void> {
    if (this.#pending === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Tries until the store has it: the outcome is in the journal, and the lease lasts as long as this node lives. */
  async #store(message: LeasedMessage, first: Item): Promise<void> {
    let item = first;
    for (;;) {
      try {
        await this.#batcher.add(item);
        break;
      } catch (error) {
        if (!isRowFault(error)) {
          await new Promise((resolve) => setTimeout(resolve, storeRetryMs));
          continue;
        }
        this.#options.log.error(
          { error: errorText(error), message: message.messageId },
          'an outcome cannot be stored',
        );
        if (item !== first) break;
        item = { entry: first.entry, completion: withoutDetails(first.completion) };
      }
    }
    this.#options.journal.committed(first.entry);
    this.#options.onDone(message, item.completion);
    this.#pending -= 1;
    if (this.#pending === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #commit(cause: LedgerCause, items: readonly Item[]): Promise<void> {
    const { connection, node } = this.#options;
    await completeBatch(
      connection,
      node,
      cause,
      items.map(({ completion }) => completion),
    );
  }
}

/** The same outcome without what came from outside: for a row that the store refused. */
function withoutDetails(completion: Completion): Completion {
  return {
    ...completion,
    reply: null,
    error: 'the details could not be stored',
    place: { ...completion.place, tls: null },
  };
}
