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
