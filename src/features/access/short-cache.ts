import type { Clock } from '../../base/clock.ts';

/** Answers of the store kept for a second at most, identical questions joined, bounded. Failures are not kept. */
export class ShortCache<T> {
  readonly #clock: Clock;
  readonly #lifeMs: number;
  readonly #entriesMax: number;
  readonly #entries = new Map<string, { readonly value: Promise<T>; readonly until: number }>();

  constructor(clock: Clock, lifeMs: number, entriesMax: number) {
    this.#clock = clock;
    this.#lifeMs = lifeMs;
    this.#entriesMax = entriesMax;
  }

  clear(): void {
    this.#entries.clear();
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  get(key: string, load: () => Promise<T>): Promise<T> {
    const now = this.#clock.monotonicMs();
    const known = this.#entries.get(key);
    if (known !== undefined && known.until > now) return known.value;
    if (this.#entries.size >= this.#entriesMax) this.#entries.clear();
    const value = load();
    this.#entries.set(key, { value, until: now + this.#lifeMs });
    value.catch(() => {
      if (this.#entries.get(key)?.value === value) this.#entries.delete(key);
    });
    return value;
  }
}
