import type { ReactElement } from 'react';

export type Tone = 'good' | 'wait' | 'bad' | 'none';

const tones: Readonly<Record<string, Tone>> = {
  active: 'good',
  delivered: 'good',
  verified: 'good',
  proven: 'good',
  ok: 'good',
  pass: 'good',
  handed_over: 'good',
  queued: 'wait',
  waiting: 'wait',
  softfail: 'wait',
  held: 'wait',
  deferred: 'wait',
  paused: 'wait',
  pending: 'wait',
  unproven: 'wait',
  missing: 'wait',
  pending_retirement: 'wait',
  bounced: 'bad',
  expired: 'bad',
  suppressed: 'bad',
  rejected: 'bad',
  failed: 'bad',
  fail: 'bad',
  given_up: 'bad',
  failing: 'bad',
  firing: 'bad',
  stopped: 'bad',
  lost: 'bad',
  wrong: 'bad',
  complained: 'bad',
  suspended: 'bad',
  terminated: 'bad',
  deactivated: 'bad',
};

export function toneOf(state: string): Tone {
  return tones[state] ?? 'none';
}

/** A state as a word with a dot: never the colour alone. */
export function State({ name, tone }: { readonly name: string; readonly tone?: Tone }): ReactElement {
  return (
    <span className="state" data-tone={tone ?? toneOf(name)}>
      {name.replaceAll('_', ' ')}
    </span>
  );
}
