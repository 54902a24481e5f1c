/** From a subaccount's own figures to the step that holds for it: pure, `now` given, shared with the console. */
import { measureNames, steps } from './model.ts';
import type {
  Cause,
  Finding,
  Limits,
  Measure,
  MeasureName,
  Reputation,
  SetBy,
  Step,
  TakenStep,
} from './model.ts';

export const hourMs = 3_600_000;

/** Rates at which the large receivers begin to act against a sender, then multiples of them. */
export const builtInLimits: Limits = {
  hard_bounces: {
    windowHours: 24,
    volumeMin: 100,
    harmMin: 5,
    warn: 0.05,
    slow: 0.08,
    review: 0.12,
    pause: 0.2,
  },
  unknown_users: {
    windowHours: 24,
    volumeMin: 100,
    harmMin: 5,
    warn: 0.04,
    slow: 0.07,
    review: 0.1,
    pause: 0.15,
  },
  // People complain late: the window is a week.
  complaints: {
    windowHours: 168,
    volumeMin: 500,
    harmMin: 3,
    warn: 0.001,
    slow: 0.002,
    review: 0.003,
    pause: 0.005,
  },
  trap_blocks: {
    windowHours: 168,
    volumeMin: 100,
    harmMin: 3,
    warn: 0.005,
    slow: 0.01,
    review: 0.02,
    pause: 0.05,
  },
};

/** How long a step holds before its figures are asked whether it goes on; shorter than what it holds lives (72 h). */
export const lifeMs: Readonly<Record<TakenStep, number>> = {
  warn: 24 * hourMs,
  slow: 24 * hourMs,
  review: 24 * hourMs,
  pause: 48 * hourMs,
};
export const lifeMaxMs = 400 * 24 * hourMs;

export function rank(step: Step): number {
  return steps.indexOf(step);
}

/** What of the outcomes of a span is judged. */
type Counted = Readonly<
  Record<'delivered' | 'hardBounces' | 'otherBounces' | 'complaints' | 'unknownUsers' | 'trapBlocks', number>
>;

const harmOf: Readonly<Record<MeasureName, keyof Counted>> = {
  hard_bounces: 'hardBounces',
  unknown_users: 'unknownUsers',
  complaints: 'complaints',
  trap_blocks: 'trapBlocks',
};

function volumeOf(name: MeasureName, counted: Counted): number {
  const { delivered, hardBounces, otherBounces } = counted;
  return name === 'complaints' ? delivered : delivered + hardBounces + otherBounces;
}

/** The whole hours that a measure looks at now. After a reset it begins with the next full hour. */
export function spanOf(
  measure: Measure,
  countedFrom: number | null,
  now: number,
): { from: number; until: number } {
  const opening = now - measure.windowHours * hourMs;
  const from = Math.ceil(Math.max(opening, countedFrom ?? 0) / hourMs) * hourMs;
  return { from, until: Math.max(from, now) };
}

/** What one measure says of the counts in its window. */
export function find(
  name: MeasureName,
  measure: Measure,
  counted: Counted,
  span: { readonly from: number; readonly until: number },
): Finding {
  const harm = counted[harmOf[name]];
  const volume = volumeOf(name, counted);
  const rate = volume === 0 ? 0 : harm / volume;
  const isProof = volume >= measure.volumeMin && harm >= measure.harmMin;
  const step = isProof
    ? (steps.findLast((each) => each !== 'none' && rate >= (measure[each] ?? Infinity)) ?? 'none')
    : 'none';
  return {
    measure: name,
    harm,
    volume,
    rate: Math.round(rate * 1e6) / 1e6,
    from: new Date(span.from).toISOString(),
    until: new Date(span.until).toISOString(),
    step,
    limit: step === 'none' ? null : measure[step],
  };
}

/** The strictest step of all findings. */
export function strictest(findings: readonly Finding[]): Step {
  return steps[Math.max(0, ...findings.map(({ step }) => rank(step)))] ?? 'none';
}

export type Decision = {
  readonly step: Step;
  readonly setBy: SetBy;
  readonly until: number | null;
  readonly cause: Cause;
  /** The findings that speak for a step. */
  readonly evidence: readonly Finding[];
};

/**
 * What follows from the findings now; null when everything stays. A worse finding rises at once. A step falls only when
 * its time is over: to what the figures say then, from review and pause through `slow` first. What somebody has set by
 * hand stays theirs to the end of its time, but does not keep the figures from a stricter step.
 */
export function judge(reputation: Reputation, findings: readonly Finding[], now: number): Decision | null {
  const { step, setBy, until } = reputation;
  const isExempt = reputation.exemptUntil !== null && reputation.exemptUntil > now;
  const found = isExempt ? 'none' : strictest(findings);
  const evidence = found === 'none' ? [] : findings.filter((each) => each.step !== 'none');
  if (rank(found) > rank(step)) {
    const isOver = until === null || until <= now;
    const ends = now + lifeOf(found);
    const by = isOver ? 'system' : setBy;
    return {
      step: found,
      setBy: by,
      until: isOver ? ends : Math.max(until, ends),
      cause: 'figures',
      evidence,
    };
  }
  if (step === 'none') return null;
  if (isExempt && setBy === 'system')
    return { step: 'none', setBy: 'system', until: null, cause: 'exempted', evidence: [] };
  if (until !== null && until > now) return null;
  const next = found === 'none' && rank(step) > rank('slow') && !isExempt ? 'slow' : found;
  const cause = next === found && found !== 'none' ? 'figures' : 'ended';
  return { step: next, setBy: 'system', until: next === 'none' ? null : now + lifeOf(next), cause, evidence };
}

function lifeOf(step: Step): number {
  return step === 'none' ? 0 : lifeMs[step];
}

/** When to look again by itself: at the end of the step or of the exemption; null when nothing is to end. */
export function nextLook(
  { step, until, exemptUntil }: Pick<Reputation, 'step' | 'until' | 'exemptUntil'>,
  now: number,
): number | null {
  const ends = [step === 'none' ? null : until, exemptUntil].filter((each) => each !== null && each > now);
  return ends.length === 0 ? null : Math.min(...(ends as number[]));
}

const capMin = 20;

/** A slowed subaccount may send so many an hour: a quarter of the busiest hour of its last week. */
export function slowedHourly(busiestHour: number): number {
  return Math.max(capMin, Math.floor(busiestHour / 4));
}

const authorityRank: Readonly<Record<SetBy, number>> = { system: 0, parent: 1, operator: 2 };

/** What the operator has decided the account does not undo. */
export function mayUndo(by: SetBy, of: SetBy): boolean {
  return authorityRank[by] >= authorityRank[of];
}

export type LimitProblem = { readonly field: string; readonly rule: string; readonly message: string };

/** A stricter step needs a rate at least as high as a milder one. */
export function limitsProblem(limits: Limits): LimitProblem | null {
  for (const name of measureNames) {
    let below = 0;
    for (const step of steps) {
      const limit = step === 'none' ? null : limits[name][step];
      if (limit === null) continue;
      if (limit < below)
        return {
          field: `${name}.${step}`,
          rule: 'order',
          message: 'must not be lower than the rate of a milder step',
        };
      below = limit;
    }
  }
  return null;
}
