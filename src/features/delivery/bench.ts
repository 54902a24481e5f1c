/**
 * Turns at what all lanes share: composing and signing. HOT PATH. A lane that was given its message earlier would otherwise
 * sign earlier, and with fifty lanes a newcomer's mail waits for fifty signatures of somebody else.
 */
import { Turns } from '../queue/index.ts';
import type { LeasedMessage } from '../queue/index.ts';

type Waiting = Pick<LeasedMessage, 'accountId' | 'subaccountId' | 'lane'> & { readonly start: () => void };

export class Bench {
  readonly #placesMax: number;
  readonly #waiting: Turns<Waiting>;
  #busy = 0;

  /** `placesMax` is how many work at once: enough to keep the signing threads busy. */
  constructor(placesMax: number, weightOf?: (tenantId: number) => number) {
    this.#placesMax = placesMax;
    this.#waiting = new Turns(weightOf);
  }

  async run<T>({ accountId, subaccountId, lane }: LeasedMessage, work: () => Promise<T>): Promise<T> {
    if (this.#busy < this.#placesMax) this.#busy += 1;
    else await new Promise<void>((start) => this.#waiting.push({ accountId, subaccountId, lane, start }));
    try {
      return await work();
    } finally {
      // The place goes on to whoever is next.
      const next = this.#waiting.take();
      if (next === undefined) this.#busy -= 1;
      else next.start();
    }
  }
}
