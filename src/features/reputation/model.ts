import type { AccountId, SubaccountId } from '../../base/scope.ts';

/** From the mildest. warn: it is told; slow: fewer an hour; review: its mail is held; pause: nothing leaves. */
export const steps = ['none', 'warn', 'slow', 'review', 'pause'] as const;
export type Step = (typeof steps)[number];
export type TakenStep = Exclude<Step, 'none'>;

export const measureNames = ['hard_bounces', 'unknown_users', 'complaints', 'trap_blocks'] as const;
export type MeasureName = (typeof measureNames)[number];

/** From which rate on a measure leads to a step; null: never. Fewer than the minima prove nothing. */
export type Measure = {
  readonly windowHours: number;
  readonly volumeMin: number;
  readonly harmMin: number;
} & Readonly<Record<TakenStep, number | null>>;

export type Limits = Readonly<Record<MeasureName, Measure>>;

/** What a measure showed: the figures, over which time, and the step that they lead to. */
export type Finding = {
  readonly measure: MeasureName;
  readonly harm: number;
  /** Attempts, or for complaints deliveries. */
  readonly volume: number;
  readonly rate: number;
  readonly from: string;
  readonly until: string;
  readonly step: Step;
  /** The rate from which on that step is taken; null without one. */
  readonly limit: number | null;
};

/** Who set the step. Each undoes its own and what stands below: system, parent, operator. */
export type SetBy = 'system' | 'parent' | 'operator';

/** All instants in milliseconds. */
export type Reputation = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly step: Step;
  readonly setBy: SetBy;
  readonly since: number | null;
  readonly until: number | null;
  readonly evidence: readonly Finding[];
  readonly reason: string;
  readonly exemptUntil: number | null;
  readonly exemptBy: Exclude<SetBy, 'system'> | null;
  readonly countedFrom: number | null;
};

export type Cause = 'figures' | 'ended' | 'raised' | 'reset' | 'exempted';

/** One change of step, as it is kept. */
export type StepTaken = {
  readonly id: string;
  readonly at: Date;
  readonly from: Step;
  readonly step: Step;
  readonly cause: Cause;
  readonly setBy: SetBy;
  readonly evidence: readonly Finding[];
  readonly until: Date | null;
  readonly reason: string;
};
