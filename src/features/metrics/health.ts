/**
 * Health of a subaccount from its own 30 days: pure (docs/decisions/figures.md). A hundred, less what each signal costs. A
 * signal costs nothing up to `fine`, its whole weight from `bad` on, and in between in proportion; a handful of mails proves
 * nothing, so that costs grow with the evidence up to a hundred attempts.
 */
import { cohorts } from './classes.ts';
import type { Cohort } from './classes.ts';
import { sum } from './rules.ts';
import type { Figures } from './rules.ts';

export const signals = {
  hardBounces: { fine: 0.02, bad: 0.1, weight: 30 },
  blocks: { fine: 0.01, bad: 0.1, weight: 20 },
  complaints: { fine: 0.0005, bad: 0.003, weight: 30 },
  /** Of accepted mail, what a suppression stopped: a list that is not tended. */
  suppressed: { fine: 0.02, bad: 0.2, weight: 10 },
  unsubscribes: { fine: 0.005, bad: 0.03, weight: 5 },
  /** Of delivered mail, what went to people who have not engaged for a year or ever: only where tracking shows any. */
  unengaged: { fine: 0.5, bad: 0.95, weight: 5 },
} as const;
export type Signal = keyof typeof signals;

export type Cost = { readonly signal: Signal; readonly rate: number; readonly points: number };
export type Health = { readonly score: number; readonly costs: readonly Cost[] };

const evidenceFull = 100;

function rateOf(signal: Signal, figures: Figures): number | null {
  const { rates, accepted, delivered, rejected, cohorts: by } = figures;
  switch (signal) {
    case 'hardBounces':
      return rates.hardBounce;
    case 'blocks':
      return rates.block;
    case 'complaints':
      return rates.complaint;
    case 'unsubscribes':
      return rates.unsubscribe;
    case 'suppressed': {
      const stopped = Object.entries(rejected).filter(([reason]) => reason.startsWith('suppressed:'));
      return accepted === 0 ? null : sum(Object.fromEntries(stopped)) / accepted;
    }
    case 'unengaged':
      return figures.openers + figures.clickers === 0 ? null : (by['unengaged'] ?? 0) / delivered;
  }
}

export function healthOf(figures: Figures): Health {
  const attempted = figures.delivered + sum(figures.bounced);
  const evidence = Math.min(1, Math.max(attempted, figures.accepted) / evidenceFull);
  const costs = (Object.keys(signals) as Signal[]).map((signal): Cost => {
    const { fine, bad, weight } = signals[signal];
    const rate = rateOf(signal, figures) ?? 0;
    const share = Math.min(1, Math.max(0, (rate - fine) / (bad - fine)));
    return { signal, rate, points: Math.round(share * weight * evidence * 10) / 10 };
  });
  const lost = costs.reduce((total, { points }) => total + points, 0);
  return { score: Math.round(Math.max(0, 100 - lost)), costs };
}

export type CohortShare = { readonly cohort: Cohort; readonly delivered: number; readonly share: number };

/** Delivered mail by how engaged its recipients were then. */
export function cohortShares(figures: Figures): readonly CohortShare[] {
  return cohorts.map((cohort) => {
    const delivered = figures.cohorts[cohort] ?? 0;
    return { cohort, delivered, share: figures.delivered === 0 ? 0 : delivered / figures.delivered };
  });
}
