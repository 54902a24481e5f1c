/** When an endpoint is tried again, when it is given up, how much it gets at a time: pure. */
import type { Breaker, Outcome } from './model.ts';

/** What the rules know of an endpoint. All instants in milliseconds. */
export type Health = {
  readonly breaker: Breaker;
  /** In a row. */
  readonly failures: number;
  readonly failingSince: number | null;
  /** Since when the event that is next is refused all by itself. */
  readonly refusedSince: number | null;
  /** How many events the last request that failed had, or fewer: so many are tried next. */
  readonly retryCount: number | null;
};

export const healthy: Health = {
  breaker: 'closed',
  failures: 0,
  failingSince: null,
  refusedSince: null,
  retryCount: null,
};

export const limits = {
  firstDelayMs: 1000,
  delayMaxMs: 30 * 60_000,
  retryAfterMaxMs: 60 * 60_000,
  /** Failures in a row that open the breaker. */
  opensAfter: 5,
  /** Tried at growing intervals for so long; then stopped. The contract asks for a day at least. */
  givesUpAfterMs: 5 * 86_400_000,
  /** An event that is refused all by itself for so long is passed over. */
  passesOverAfterMs: 86_400_000,
  /** Slower endpoints share places with failing ones. */
  slowMs: 2000,
} as const;

/** Doubling from one second to half an hour, a fifth more or less by `random` (0..1), at least what the endpoint asked. */
export function retryDelayMs(failures: number, random: number, retryAfterMs: number | null): number {
  const doubled = limits.firstDelayMs * 2 ** Math.min(failures - 1, 20);
  const delay = Math.min(doubled, limits.delayMaxMs) * (0.8 + 0.4 * random);
  return Math.round(Math.max(delay, Math.min(retryAfterMs ?? 0, limits.retryAfterMaxMs)));
}

/** The same batch again, under the same id, while it is the endpoint that fails. */
export function batchSize(health: Health, batchMax: number): number {
  return Math.min(health.retryCount ?? batchMax, batchMax);
}

export type Judgement = {
  readonly health: Health;
  /** Earliest next try; `now` when it may go on at once. */
  readonly nextAt: number;
  /** The batch is done with: taken, or passed over. */
  readonly moves: boolean;
  readonly isPassedOver: boolean;
  /** What the owner is to be told. */
  readonly news: 'failing' | 'recovered' | 'stopped' | null;
};

/** Statuses that say something of the endpoint, not of the event: login, address, time, load. */
const aboutEndpoint: ReadonlySet<number> = new Set([401, 402, 403, 404, 405, 407, 408, 421, 425, 429]);

/** It is what was sent that the endpoint does not want. */
export function refusesContent(outcome: Outcome): boolean {
  return (
    outcome.kind === 'refused' &&
    outcome.status >= 400 &&
    outcome.status < 500 &&
    !aboutEndpoint.has(outcome.status)
  );
}

/** After one request with `count` events. A 410 stops at once (Standard Webhooks). */
export function judge(
  health: Health,
  outcome: Outcome,
  at: { readonly now: number; readonly random: number; readonly count: number },
): Judgement {
  const { now, random, count } = at;
  if (outcome.kind === 'taken') {
    const news = health.breaker === 'closed' ? null : 'recovered';
    return { health: healthy, nextAt: now, moves: true, isPassedOver: false, news };
  }
  const failures = health.failures + 1;
  const failingSince = health.failingSince ?? now;
  const isContent = refusesContent(outcome);
  const refusedSince = isContent && count === 1 ? (health.refusedSince ?? now) : null;
  // A batch that is refused for what is in it comes in smaller parts: the poisoned event ends up alone.
  const retryCount = isContent ? Math.max(1, count >> 2) : count;
  const isGone = outcome.kind === 'refused' && outcome.status === 410;
  if (isGone || now - failingSince >= limits.givesUpAfterMs) {
    const stopped: Health = { breaker: 'stopped', failures, failingSince, refusedSince, retryCount };
    return { health: stopped, nextAt: now, moves: false, isPassedOver: false, news: 'stopped' };
  }
  if (refusedSince !== null && now - refusedSince >= limits.passesOverAfterMs) {
    const next: Health = { ...health, failures, failingSince, refusedSince: null, retryCount: null };
    return { health: next, nextAt: now, moves: true, isPassedOver: true, news: null };
  }
  const opens = health.breaker === 'closed' && failures >= limits.opensAfter;
  const breaker = opens ? 'open' : health.breaker;
  const retryAfterMs = outcome.kind === 'refused' ? outcome.retryAfterMs : null;
  return {
    health: { breaker, failures, failingSince, refusedSince, retryCount },
    nextAt: now + retryDelayMs(failures, random, retryAfterMs),
    moves: false,
    isPassedOver: false,
    news: opens ? 'failing' : null,
  };
}

/** A failing or slow endpoint takes one of the few places for these, so that a hundred dead ones delay no healthy one. */
export function isTroubled(endpoint: { readonly failures: number; readonly isSlow: boolean }): boolean {
  return endpoint.failures > 0 || endpoint.isSlow;
}
