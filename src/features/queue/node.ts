/**
 * This process as a node: its number (part of every id and lease) is valid while its term lasts, and the term is
 * prolonged three times as often as it would end. Time is measured by the monotonic clock from before the statement
 * was sent, so that a stopped process never believes in a term that has ended.
 */
import type { Clock } from '../../base/clock.ts';
import type { Db } from '../../base/database/database.ts';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import { prolong, takeNumber } from './sql-nodes.ts';
import type { NodeRow } from './sql-nodes.ts';

export type NodeOptions = {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  /** Identity of the data folder: the journal in it belongs to the number. */
  readonly instance: string;
  readonly host: string;
  readonly termMs: number;
  /** Called once when the number was lost to someone else: this process must stop sending. */
  readonly onLost: () => void;
};

export class Node implements AsyncDisposable {
  readonly number: number;
  readonly #row: NodeRow;
  readonly #options: NodeOptions;
  #termEndsMonotonicMs: number;
  /** Since when terms have followed each other without a gap. */
  #unbrokenSinceMs: number;
  #timer: NodeJS.Timeout | null = null;
  #beating: Promise<void> | null = null;
  #newestIdMs: () => number = () => 0;

  private constructor(options: NodeOptions, row: NodeRow, termEndsMonotonicMs: number) {
    this.number = row.number;
    this.#row = row;
    this.#options = options;
    this.#termEndsMonotonicMs = termEndsMonotonicMs;
    this.#unbrokenSinceMs = options.clock.monotonicMs();
    this.#timer = setInterval(() => {
      this.#beating ??= this.#beat().finally(() => {
        this.#beating = null;
      });
    }, options.termMs / 3);
    this.#timer.unref();
  }

  static async start(options: NodeOptions): Promise<Node> {
    const asked = options.clock.monotonicMs();
    const row = await takeNumber(options.db, {
      instance: options.instance,
      host: options.host,
      pid: process.pid,
      termMs: options.termMs,
    });
    if (row === null)
      throw new Error('All 512 node numbers are taken; remove dead nodes or wait for their terms to end.');
    return new Node(options, row, asked + options.termMs);
  }

  /** The newest millisecond that ids of this number have surely not passed. */
  get newestIdMs(): number {
    return Number(this.#row.newest_id_ms);
  }

  /** Each sign of life records how far ids have come. */
  watchIds(newestMs: () => number): void {
    this.#newestIdMs = newestMs;
  }

  /** Milliseconds for which everything leased by this node is surely its own. */
  remainingMs(): number {
    return this.#termEndsMonotonicMs - this.#options.clock.monotonicMs();
  }

  /** A final dot needs a third of the term left: the answer must be written down while the lease holds. */
  maySendDot(): boolean {
    return this.remainingMs() >= this.#options.termMs / 3;
  }

  /**
   * Others whose term has ended are lost: not so when the store was away from all of us, until each has had the time for a
   * sign of life.
   */
  mayJudgeOthers(): boolean {
    const { clock, termMs } = this.#options;
    return this.remainingMs() > 0 && clock.monotonicMs() - this.#unbrokenSinceMs >= termMs / 2;
  }

  async #beat(): Promise<void> {
    const { clock, db, termMs, log } = this.#options;
    const asked = clock.monotonicMs();
    try {
      if (await prolong(db, this.#row, termMs, this.#newestIdMs())) {
        if (this.remainingMs() <= 0) this.#unbrokenSinceMs = clock.monotonicMs();
        this.#termEndsMonotonicMs = asked + termMs;
        return;
      }
    } catch (error) {
      log.warn({ error: errorText(error) }, 'the node could not prolong its term');
      return;
    }
    this.#termEndsMonotonicMs = 0;
    log.error({ node: this.number }, 'the node number was taken over; sending stops');
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#options.onLost();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#beating;
  }
}
