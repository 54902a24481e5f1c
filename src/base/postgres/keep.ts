import { setTimeout as wait } from 'node:timers/promises';
import { errorLine } from '../start-fault.ts';
import type { Connection, Place } from './place.ts';
import { type PostgresOptions, launch, placeOf } from './postgres.ts';
import type { PostgresExit, PostgresServer } from './server.ts';

export type PostgresNews =
  | { readonly kind: 'died'; readonly exit: PostgresExit }
  | { readonly kind: 'restarted'; readonly pid: number }
  /** It stays down: the program should end, so that whoever supervises it sees. */
  | { readonly kind: 'gave up'; readonly reason: string };

export type KeepOptions = PostgresOptions & {
  /** More deaths than this within a minute end the attempts (5). */
  readonly restartsPerMinuteMax?: number;
  readonly tell?: (news: PostgresNews) => void;
};

/**
 * After a death: how long to wait before the next start, or null to give up. `deathsMs` holds the instants of all
 * deaths, the present one included. 100 ms, doubled with each death of the last minute, at most 5 s. Pure.
 */
export function restartDelayMs(deathsMs: readonly number[], nowMs: number, max: number): number | null {
  const recent = deathsMs.filter((each) => nowMs - each < 60_000).length;
  return recent > max ? null : Math.min(5_000, 50 * 2 ** recent);
}

/** The database, brought back when it dies. `connection` stays valid across restarts; open connections do not. */
export class KeptPostgres implements AsyncDisposable {
  readonly #place: Place;
  readonly #options: KeepOptions;
  readonly #stopping = new AbortController();
  #server: PostgresServer;
  #isUnref = false;
  #keeping: Promise<void>;

  private constructor(place: Place, options: KeepOptions, server: PostgresServer) {
    this.#place = place;
    this.#options = options;
    this.#server = server;
    this.#keeping = this.#keep();
  }

  static async start(options: KeepOptions): Promise<KeptPostgres> {
    const place = await placeOf(options);
    try {
      return new KeptPostgres(place, options, await launch(place, options));
    } catch (error) {
      await place.close();
      throw error;
    }
  }

  get connection(): Connection {
    return this.#place.connection;
  }

  /** Of the present run; after a death, until the restart, that of the dead one. */
  get pid(): number {
    return this.#server.pid;
  }

  unref(): void {
    this.#isUnref = true;
    this.#server.unref();
  }

  async stop(): Promise<void> {
    if (!this.#stopping.signal.aborted) {
      this.#stopping.abort();
      await this.#server.stop();
      await this.#keeping;
      await this.#place.close();
    }
    await this.#keeping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Ends when stopped or when it gave up; never rejects. */
  async #keep(): Promise<void> {
    const deathsMs: number[] = [];
    const max = this.#options.restartsPerMinuteMax ?? 5;
    for (;;) {
      const exit = await this.#server.exited;
      if (this.#stopping.signal.aborted) return;
      this.#tell({ kind: 'died', exit });
      let reason = exit.reason;
      do {
        deathsMs.push(performance.now());
        const delayMs = restartDelayMs(deathsMs, performance.now(), max);
        if (delayMs === null) return this.#tell({ kind: 'gave up', reason });
        if (!(await this.#pause(delayMs))) return;
        reason = await this.#restart();
      } while (reason !== '');
      if (this.#stopping.signal.aborted) return this.#server.stop();
      this.#tell({ kind: 'restarted', pid: this.#server.pid });
    }
  }

  /** False when stopped meanwhile. */
  async #pause(delayMs: number): Promise<boolean> {
    const options = { signal: this.#stopping.signal, ref: !this.#isUnref };
    return wait(delayMs, true, options).catch(() => false);
  }

  /** An empty string, or why it did not start. */
  async #restart(): Promise<string> {
    try {
      this.#server = await launch(this.#place, this.#options);
      if (this.#isUnref) this.#server.unref();
      return '';
    } catch (error) {
      return errorLine(error);
    }
  }

  #tell(news: PostgresNews): void {
    const { log, tell } = this.#options;
    if (news.kind === 'restarted') log.warn({ pid: news.pid }, 'the database runs again');
    else if (news.kind === 'died') {
      log.error({ reason: news.exit.reason, lastLines: news.exit.lastLines }, 'the database died');
    } else log.error({ reason: news.reason }, 'the database dies again and again; it stays down');
    tell?.(news);
  }
}

/** As `startPostgres`, and starts it again when it dies: at most so often a minute, with growing pauses. */
export async function keepPostgres(options: KeepOptions): Promise<KeptPostgres> {
  return KeptPostgres.start(options);
}
