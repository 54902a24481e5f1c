import type { Clock } from '../../base/clock.ts';
import { refuse } from '../refusals/index.ts';

const failuresMax = 20;
const failureWindowMs = 600_000;
const addressesMax = 10_000;

/** Failed guesses by address: who has made 20 within ten minutes waits until those are over. */
export class Throttle {
  readonly #clock: Clock;
  readonly #failures = new Map<string, { count: number; until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws a refusal for an address that has to wait. */
  check(address: string): void {
    const known = this.#failures.get(address);
    if (known === undefined || known.until <= this.#clock.now() || known.count < failuresMax) return;
    throw refuse('auth.throttled', {
      retryAfterSeconds: Math.ceil((known.until - this.#clock.now()) / 1000),
    });
  }

  failed(address: string): void {
    const now = this.#clock.now();
    const known = this.#failures.get(address);
    if (known !== undefined && known.until > now) {
      known.count += 1;
      return;
    }
    if (this.#failures.size >= addressesMax) this.#failures.clear();
    this.#failures.set(address, { count: 1, until: now + failureWindowMs });
  }
}
