/** Turns at something of which there is little: at once as many as there are places, then one of each who waits. */
export class Turns {
  #free: number;
  /** In the order of turns; one's own wait in their order. */
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(places: number) {
    this.#free = places;
  }

  async take<T>(whose: string, work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else
      await new Promise<void>((resolve) => {
        const own = this.#waiting.get(whose);
        if (own === undefined) this.#waiting.set(whose, [resolve]);
        else own.push(resolve);
      });
    try {
      return await work();
    } finally {
      this.#pass();
    }
  }

  #pass(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    const [whose, [go, ...others]] = next;
    this.#waiting.delete(whose);
    if (others.length > 0) this.#waiting.set(whose, others);
    go?.();
  }
}
