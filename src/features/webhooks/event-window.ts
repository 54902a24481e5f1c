/**
 * The last events that were handed out, in memory: read once per node, then told to every webhook that keeps up. A webhook
 * that lags finds its events gone from here and reads for itself, once per batch.
 */
import type { Db } from '../../base/database/database.ts';
import { bySeqs } from '../events/index.ts';
import type { DetailedEvent } from '../events/index.ts';
import type { Numbered } from './formats.ts';
import type { Handout } from './sql-progress.ts';

const eventsMax = 20_000;

export class EventWindow {
  readonly #events = new Map<string, DetailedEvent>();

  async load(db: Db, seqs: readonly string[], range: { from: Date; until: Date }): Promise<void> {
    for (const event of await bySeqs(db, seqs, range)) this.#keep(event);
  }

  /** The events of the handouts from number `from` to `until`, in order; null for those that are no more. */
  async numbered(
    db: Db,
    handouts: readonly Handout[],
    from: number,
    until: number,
  ): Promise<readonly Numbered[]> {
    const wanted = handouts.flatMap((handout) =>
      handout.seqs
        .map((seq, index) => ({ n: handout.firstN + index, seq }))
        .filter(({ n }) => n >= from && n <= until),
    );
    const known = new Map(wanted.map(({ seq }) => [seq, this.#events.get(seq)]));
    const missing = wanted.flatMap(({ seq }) => (known.get(seq) === undefined ? [seq] : []));
    if (missing.length > 0) {
      const range = {
        from: new Date(Math.min(...handouts.map((handout) => handout.from.getTime()))),
        until: new Date(Math.max(...handouts.map((handout) => handout.until.getTime()))),
      };
      // Not kept: a lagging webhook must not push out what the others are about to ask for.
      for (const event of await bySeqs(db, missing, range)) known.set(event.seq, event);
    }
    return wanted.map(({ n, seq }) => ({ n, event: known.get(seq) ?? null }));
  }

  #keep(event: DetailedEvent): void {
    if (this.#events.size >= eventsMax) {
      const [oldest] = this.#events.keys();
      if (oldest !== undefined) this.#events.delete(oldest);
    }
    this.#events.set(event.seq, event);
  }
}
