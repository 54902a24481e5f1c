/** Time as the world gives it, so that a test can move it. All instants are milliseconds since 1970 (UTC). */
export type Clock = {
  readonly now: () => number;
  /** Never goes back; only differences have a meaning. */
  readonly monotonicMs: () => number;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** Clocks of nodes and of the store differ by less, so that nothing of a thing is older than the time in its id by more. */
export const clocksApartMs = 60_000;
