/**
 * Live tails: streams of the log for who watches it. Each reads on from its own number in its own scope, so that it sees
 * what a list would show and skips nothing; bounded per key and in all; ended with the credential, and with the program.
 */
import { Readable } from 'node:stream';
import type { Database } from '../../base/database/database.ts';
import type { Scope } from '../../base/scope.ts';
import { eventJson } from './json.ts';
import type { EventKind } from './kinds.ts';
import { newestSeq } from './sql.ts';
import { search } from './search.ts';
import { everything } from './sql-search.ts';

export type TailRequest = {
  readonly after: string | null;
  readonly kinds: readonly EventKind[] | null;
  readonly lastsMs: number;
  readonly again: () => Promise<Scope>;
};

const perKeyMax = 5;
const allMax = 500;
const pollMs = 300;
const askAgainMs = 2000;
const heartbeatMs = 10_000;
const pageMax = 200;

export class Tails implements AsyncDisposable {
  readonly #db: Database;
  readonly #open = new Map<string, number>();
  readonly #stopping = new AbortController();
  #all = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The stream's text, piece by piece; null when too many are open. */
  open(scope: Scope, request: TailRequest): Readable | null {
    const key = `${scope.actor.kind}:${scope.actor.id}`;
    const open = this.#open.get(key) ?? 0;
    if (open >= perKeyMax || this.#all >= allMax || this.#stopping.signal.aborted) return null;
    this.#open.set(key, open + 1);
    this.#all += 1;
    const stream = Readable.from(this.#follow(scope, request), { objectMode: false });
    // However it ends: read to its end, left by its reader, or never begun.
    stream.once('close', () => this.#closed(key));
    return stream;
  }

  #closed(key: string): void {
    this.#all -= 1;
    const left = (this.#open.get(key) ?? 1) - 1;
    if (left === 0) this.#open.delete(key);
    else this.#open.set(key, left);
  }

  async *#follow(first: Scope, { after, kinds, lastsMs, again }: TailRequest): AsyncGenerator<string> {
    const startedMs = performance.now();
    let [askedMs, spokeMs] = [startedMs, startedMs];
    let scope = first;
    let cursor = after ?? (await newestSeq(this.#db.engine));
    yield `retry: 1000\n: from ${cursor}\n\n`;
    while (performance.now() - startedMs < lastsMs && !this.#stopping.signal.aborted) {
      if (performance.now() - askedMs > askAgainMs) {
        const known = await again().catch(() => null);
        if (known === null || !known.grants.has('events:read') || String(known.reach) !== String(scope.reach))
          return;
        [scope, askedMs] = [known, performance.now()];
      }
      const page = await this.#page(scope, cursor, kinds);
      cursor = page.lookedTo ?? cursor;
      const text = page.events
        .map(
          (event) => `id: ${event.seq}\nevent: ${event.kind}\ndata: ${JSON.stringify(eventJson(event))}\n\n`,
        )
        .join('');
      const isQuiet = text === '' && performance.now() - spokeMs > heartbeatMs;
      if (text !== '' || isQuiet) {
        yield isQuiet ? ': still here\n\n' : text;
        spokeMs = performance.now();
      }
      if (page.isEnd) await pause(pollMs, this.#stopping.signal);
    }
  }

  #page(scope: Scope, cursor: string, kinds: readonly EventKind[] | null): ReturnType<typeof search> {
    const filter = { ...everything, cursor, limit: pageMax, kinds };
    return this.#db.scoped(scope, (tx) => search(tx, scope, filter));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
