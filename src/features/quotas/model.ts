import type { SubaccountId } from '../../base/scope.ts';

export const periods = ['hour', 'day', 'month'] as const;
export type Period = (typeof periods)[number];

/** null: no limit. */
export type Limits = Readonly<Record<Period, number | null>>;

export type Window = {
  readonly max: number | null;
  readonly used: number;
  readonly startedAt: Date;
  /** When it counts anew. */
  readonly turnsAt: Date;
};

export type Quota = {
  readonly subaccountId: SubaccountId;
  readonly level: 'account' | 'subaccount';
  /** The hourly limit follows the reputation. */
  readonly isAutomatic: boolean;
  /** The system's own hourly limit, by reputation: the smaller counts. */
  readonly hourCap: number | null;
  readonly windows: Readonly<Record<Period, Window>>;
};

export type UsageLine = {
  readonly subaccountId: SubaccountId;
  readonly name: string;
  readonly externalId: string | null;
  readonly used: number;
};
