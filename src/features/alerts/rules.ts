/** When an alert fires, when it is over, when somebody is told: pure, `now` given, shared with the console. */
import type { Alert, AlertState, Measure } from './model.ts';

const hourMs = 3_600_000;

/** Counts of things as they stand; the others look back over a window. */
export function isStanding(measure: Measure): boolean {
  return measure === 'domains_lost' || measure === 'webhooks_failing';
}

export function isRate(measure: Measure): boolean {
  return measure.endsWith('_rate');
}

/**
 * Where the window begins: so many hours with the one that has begun. For `below` one more, as an hour that has only begun
 * has little in it.
 */
export function windowFrom(
  { windowHours, comparison }: Pick<Alert, 'windowHours' | 'comparison'>,
  now: number,
): number {
  const hours = comparison === 'below' ? windowHours : windowHours - 1;
  return (Math.floor(now / hourMs) - hours) * hourMs;
}

/** What of the outcomes of a span is measured. */
type Counted = Readonly<
  Record<'accepted' | 'delivered' | 'deferred' | 'hardBounces' | 'otherBounces' | 'complaints', number>
>;

/** Value and, of a rate, what it is a rate of. */
export function measured(measure: Measure, counted: Counted): { value: number; volume: number | null } {
  const { accepted, delivered, deferred, hardBounces, otherBounces, complaints } = counted;
  const ended = delivered + hardBounces + otherBounces;
  switch (measure) {
    case 'bounce_rate':
      return rate(hardBounces + otherBounces, ended);
    case 'hard_bounce_rate':
      return rate(hardBounces, ended);
    case 'complaint_rate':
      return rate(complaints, delivered);
    case 'deferral_rate':
      return rate(deferred, deferred + ended);
    case 'sent':
    case 'domains_lost':
    case 'webhooks_failing':
      return { value: accepted, volume: null };
  }
}

function rate(part: number, volume: number): { value: number; volume: number } {
  return { value: volume === 0 ? 0 : part / volume, volume };
}

type Line = Pick<
  Alert,
  'comparison' | 'threshold' | 'clearAt' | 'volumeMin' | 'state' | 'windowHours' | 'createdAt'
>;

/**
 * The state that follows: it fires beyond the threshold and is over only at `clearAt`. A rate of too little proves nothing
 * and fires nothing. `below` waits until the alert has watched for a whole window.
 */
export function stateAfter(
  alert: Line,
  { value, volume }: { readonly value: number; readonly volume: number | null },
  now: number,
): AlertState {
  if (volume !== null && volume < alert.volumeMin) return 'ok';
  if (alert.comparison === 'below') {
    if (now - alert.createdAt.getTime() < alert.windowHours * hourMs) return alert.state;
    return alert.state === 'firing'
      ? value >= alert.clearAt
        ? 'ok'
        : 'firing'
      : value < alert.threshold
        ? 'firing'
        : 'ok';
  }
  if (alert.state === 'firing') return value <= alert.clearAt ? 'ok' : 'firing';
  return value > alert.threshold ? 'firing' : 'ok';
}

/** Whether the target is to hear how it stands: when that is news, and its quiet time is over. */
export function isTold(
  { toldState, toldAt, quietMinutes }: Pick<Alert, 'toldState' | 'toldAt' | 'quietMinutes'>,
  state: AlertState,
  now: number,
): boolean {
  if (state === toldState) return false;
  return toldAt === null || now - toldAt.getTime() >= quietMinutes * 60_000;
}

/** A fifth back from the threshold, unless somebody has said otherwise. */
export function usualClearAt(comparison: Alert['comparison'], threshold: number): number {
  return comparison === 'above' ? threshold * 0.8 : threshold * 1.2;
}

export type AlertProblem = { readonly field: string; readonly rule: string; readonly message: string };

export function alertProblem(
  alert: Pick<Alert, 'measure' | 'comparison' | 'threshold' | 'clearAt'>,
): AlertProblem | null {
  const { measure, comparison, threshold, clearAt } = alert;
  if (isRate(measure) && threshold > 1)
    return { field: 'threshold', rule: 'maximum', message: 'must be a share, 0 to 1' };
  if (isStanding(measure) && comparison === 'below')
    return { field: 'comparison', rule: 'measure', message: `must be above for ${measure}` };
  if (comparison === 'above' ? clearAt > threshold : clearAt < threshold)
    return { field: 'clearAt', rule: 'order', message: 'must lie on the good side of the threshold' };
  return null;
}

const triesMax = 8;

/** Doubling from half a minute; null when it was tried often enough, over an hour. */
export function nextTryAt(attempts: number, now: number): number | null {
  return attempts >= triesMax ? null : now + 30_000 * 2 ** (attempts - 1);
}
