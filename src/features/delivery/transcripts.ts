/**
 * Keeps what was said in the last attempt of each message that did not go through. Beside the outcome, which is journaled:
 * a kill loses transcripts, never outcomes. Bounded; what does not fit is left out.
 */
import { Batcher } from '../../base/batch.ts';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { isRowFault } from '../../base/database/store-lost.ts';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import type { LeasedMessage } from '../queue/index.ts';
import type { AttemptOutcome } from './model.ts';
import { deleteOldTranscripts, storeTranscripts } from './sql-transcripts.ts';
import type { NewTranscript } from './sql-transcripts.ts';

const waitingMax = 2000;
const batchMax = 100;
const dayMs = 86_400_000;
const keptDays = 7;

export class Transcripts implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #batcher: Batcher<NewTranscript, void>;

  constructor({ db, clock, log }: { readonly db: Database; readonly clock: Clock; readonly log: Log }) {
    this.#clock = clock;
    this.#log = log;
    this.#batcher = new Batcher<NewTranscript, void>({
      run: async (items) => {
        await db.asEngine((tx) => storeTranscripts(tx, items));
        return items.map(() => undefined);
      },
      itemsMax: batchMax,
      weigh: () => 1,
      weightMax: batchMax,
      isItemFault: isRowFault,
    });
  }

  /** Returns at once. */
  keep(message: LeasedMessage, outcome: AttemptOutcome): void {
    const text = 'transcript' in outcome ? outcome.transcript : undefined;
    if (text === undefined || this.#batcher.waiting >= waitingMax) return;
    const { accountId, subaccountId, messageId, attempts } = message;
    const at = new Date(this.#clock.now());
    const kept = { accountId, subaccountId, messageId, attempt: attempts + 1, at, text };
    this.#batcher
      .add(kept)
      .catch((error: unknown) => this.#log.warn({ error: errorText(error) }, 'a transcript was not kept'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#batcher.idle();
  }
}

/** Background: a week is enough to ask; how many went. */
export async function endOldTranscripts(db: Database, clock: Clock): Promise<number> {
  const before = new Date(clock.now() - keptDays * dayMs);
  const limit = 2000;
  let ended = 0;
  for (let last = limit; last === limit; ended += last) {
    last = await db.asEngine((tx) => deleteOldTranscripts(tx, before, limit));
  }
  return ended;
}
