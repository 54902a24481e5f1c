/** Failed logins per address: 20 in 10 minutes close the door for the rest of them (contract 1.4). Bounded. */
const failuresMax = 20;
const windowMs = 600_000;
const addressesMax = 10_000;

export class LoginThrottle {
  readonly #failures = new Map<string, { count: number; until: number }>();

  isBlocked(address: string, now: number): boolean {
    const known = this.#failures.get(address);
    return known !== undefined && known.until > now && known.count >= failuresMax;
  }

  failed(address: string, now: number): void {
    const known = this.#failures.get(address);
    if (known !== undefined && known.until > now) {
      known.count += 1;
      return;
    }
    if (this.#failures.size >= addressesMax) this.#failures.clear();
    this.#failures.set(address, { count: 1, until: now + windowMs });
  }

  succeeded(address: string): void {
    this.#failures.delete(address);
  }
}
