/** What a quota allows: pure. */
import { periods } from './model.ts';
import type { Limits, Period } from './model.ts';

export type LimitProblem = { readonly field: Period; readonly message: string };

/** A subaccount's limit above its account's would never count: it is refused, so that nobody relies on it. */
export function limitProblem(own: Limits, account: Limits): LimitProblem | null {
  for (const period of periods) {
    const [asked, above] = [own[period], account[period]];
    if (asked !== null && above !== null && asked > above)
      return { field: period, message: `must not exceed the account's ${above}` };
  }
  return null;
}

export type Standing = {
  /** 0 to 100. */
  readonly score: number;
  readonly delivered: number;
  readonly hardBounces: number;
  readonly complaints: number;
};

/**
 * Reputation from 30 days of outcomes: trust grows with what was delivered, hard bounces above 2 % and complaints above
 * 0.05 % cost it (the rates at which the large receivers begin to act).
 */
export function reputation(outcomes: Omit<Standing, 'score'>): Standing {
  const { delivered, hardBounces, complaints } = outcomes;
  const attempted = delivered + hardBounces;
  const trust = 50 + 50 * Math.min(1, Math.sqrt(delivered / 100_000));
  const bounceRate = attempted === 0 ? 0 : hardBounces / attempted;
  const complaintRate = delivered === 0 ? 0 : complaints / delivered;
  const cost = 500 * Math.max(0, bounceRate - 0.02) + 20_000 * Math.max(0, complaintRate - 0.0005);
  // A handful of mails proves nothing against anybody.
  const weight = Math.min(1, attempted / 100);
  return { ...outcomes, score: Math.round(Math.max(0, Math.min(100, trust - cost * weight))) };
}

/** Messages an hour: at least 100; a good name may send four times its own average, and 1,000 to begin with. */
export function automaticHourly({ score, delivered }: Standing): number {
  const average = delivered / (30 * 24);
  return Math.max(100, Math.round((score / 50) ** 2 * Math.max(1000, 4 * average)));
}
