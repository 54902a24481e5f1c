/** When the next attempt is, and when there is none: pure, the clock is given. */

export type RetryPolicy = {
  readonly firstDelayMs: number;
  readonly delayMaxMs: number;
  /** Time that a message may spend trying; held time does not count. */
  readonly lifetimeMs: number;
};

/** 5 minutes doubling to 4 hours, for 72 hours (design, section 5; RFC 5321 4.5.4.1). */
export const defaultRetryPolicy: RetryPolicy = {
  firstDelayMs: 5 * 60_000,
  delayMaxMs: 4 * 3_600_000,
  lifetimeMs: 72 * 3_600_000,
};

export type RetryClock = {
  readonly beganAt: number;
  readonly heldMs: number;
  /** Attempts made, the one that just failed included. */
  readonly attempts: number;
};

export type NextAttempt = { readonly kind: 'retry'; readonly dueAt: number } | { readonly kind: 'expired' };

/**
 * The next attempt after a temporary failure. `random` in [0, 1) spreads attempts by 20 % either way, so that what
 * failed together does not come back together. The last attempt falls on the end of the lifetime, not beyond it.
 */
export function nextAttempt(
  now: number,
  clock: RetryClock,
  random: number,
  policy = defaultRetryPolicy,
): NextAttempt {
  const endsAt = clock.beganAt + clock.heldMs + policy.lifetimeMs;
  if (now >= endsAt) return { kind: 'expired' };
  const doubled = policy.firstDelayMs * 2 ** Math.min(clock.attempts - 1, 20);
  const delayMs = Math.min(doubled, policy.delayMaxMs) * (0.8 + 0.4 * random);
  return { kind: 'retry', dueAt: Math.min(Math.round(now + delayMs), endsAt) };
}

/** Schedules reach at most so far ahead: a message must not outlive its partition. */
export const scheduleMaxMs = 400 * 86_400_000;
