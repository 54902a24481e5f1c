/** Steps and measures of reputation in words. */
import type { MeasureName, Step, TakenStep } from '../../../src/features/reputation/model.ts';
import type { Tone } from '../../parts/state.tsx';

export const measureTexts: Readonly<Record<MeasureName, string>> = {
  hard_bounces: 'Hard bounces',
  unknown_users: 'Unknown recipients',
  complaints: 'Complaints',
  trap_blocks: 'Refusals as spam',
};

export const stepTexts: Readonly<Record<TakenStep, string>> = {
  warn: 'warn: it is told',
  slow: 'slow: fewer an hour',
  review: 'review: its mail is held',
  pause: 'pause: nothing leaves',
};

export const stepTones: Readonly<Record<Step, Tone>> = {
  none: 'good',
  warn: 'wait',
  slow: 'wait',
  review: 'bad',
  pause: 'bad',
};

const holders: Readonly<Record<string, string>> = {
  system: 'its figures',
  parent: 'the account',
  operator: 'the operator of the installation',
};

export function holderText(setBy: string): string {
  return holders[setBy] ?? setBy;
}

const causes: Readonly<Record<string, string>> = {
  figures: 'its figures',
  ended: 'its time was over',
  reset: 'ended by hand',
  exempted: 'it was exempted',
};

/** What led to a change of step; by hand it was somebody's. */
export function causeText({ cause, setBy }: { readonly cause: string; readonly setBy: string }): string {
  return cause === 'raised' ? `raised by ${holderText(setBy)}` : (causes[cause] ?? cause);
}
