/** Which time is asked about, and what of it can be told: pure. */
import { isTimeZone } from '../../base/time-zone.ts';

export const steps = ['hour', '12_hours', 'day', 'week', 'month'] as const;
/** Told from the log itself, of a day at most. In milliseconds. */
export const minuteSteps = { minute: 60_000, '5_minutes': 300_000, '15_minutes': 900_000 } as const;
export type MinuteStep = keyof typeof minuteSteps;
export type Step = (typeof steps)[number] | MinuteStep;

export function isMinuteStep(step: Step | null): step is MinuteStep {
  return step !== null && step in minuteSteps;
}

export type Range = { readonly from: number; readonly until: number };

const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** Hours are kept for two months, so that a month can be compared with the one before it in any zone; days for three years; the
 * log itself for a week at least. */
export const keptDays = { minutes: 6, hours: 63, days: 1100 } as const;
export const defaultDays = 30;
const pointsMax = 2000;

export type Asked = {
  readonly from: number | null;
  readonly until: number | null;
  readonly step: Step | null;
  readonly timeZone: string;
};

export type Period = Range & {
  readonly step: Step | null;
  readonly timeZone: string;
  /** What is counted: single events, hours that begin in the range, or, as soon as some of them are kept no more, whole days of UTC. */
  readonly counted: 'hours' | 'days' | 'events';
};

export type PeriodProblem = {
  readonly field: 'from' | 'until' | 'step' | 'timeZone';
  readonly message: string;
};

/** To the end of this hour, and from thirty days before, where the question leaves it open. */
export function periodOf(asked: Asked, now: number): Period | PeriodProblem {
  const until = asked.until ?? Math.floor(now / hourMs) * hourMs + hourMs;
  const from = asked.from ?? until - (isMinuteStep(asked.step) ? 1 : defaultDays) * dayMs;
  if (from >= until) return { field: 'from', message: 'must be before until' };
  if (!isTimeZone(asked.timeZone))
    return { field: 'timeZone', message: 'must be a name of the time zone database' };
  if (isMinuteStep(asked.step)) {
    if (until - from > dayMs) return { field: 'step', message: 'minutes are told of 24 hours at most' };
    if (from < now - keptDays.minutes * dayMs)
      return { field: 'step', message: `minutes are told of the last ${keptDays.minutes} days` };
    return { from, until, step: asked.step, timeZone: asked.timeZone, counted: 'events' };
  }
  const counted = from >= now - keptDays.hours * dayMs ? 'hours' : 'days';
  const ofHours = asked.step === 'hour' || asked.step === '12_hours';
  if (ofHours && counted === 'days')
    return { field: 'step', message: `hours are kept for ${keptDays.hours} days` };
  const stepMs = asked.step === 'hour' ? hourMs : dayMs;
  if (asked.step !== null && (until - from) / stepMs > pointsMax)
    return { field: 'step', message: `the range has more than ${pointsMax} of these` };
  const timeZone = counted === 'hours' ? asked.timeZone : 'UTC';
  return { from, until, step: asked.step, timeZone, counted };
}

/** As long, and right before it. */
export function previousOf({ from, until }: Range): Range {
  return { from: from - (until - from), until: from };
}
