import type { AccountId, SubaccountId } from '../../base/scope.ts';

export const measures = [
  'bounce_rate',
  'hard_bounce_rate',
  'complaint_rate',
  'deferral_rate',
  'sent',
  'domains_lost',
  'webhooks_failing',
] as const;
export type Measure = (typeof measures)[number];

export const targetKinds = ['mail', 'webhook', 'slack'] as const;
export type TargetKind = (typeof targetKinds)[number];
export type AlertState = 'ok' | 'firing';

export type Alert = {
  readonly id: string;
  readonly accountId: AccountId;
  /** To whom it belongs. */
  readonly subaccountId: SubaccountId;
  readonly reach: 'account' | 'subaccount';
  /** Whose figures; null for the whole account's. */
  readonly onlySubaccountId: SubaccountId | null;
  readonly name: string;
  readonly measure: Measure;
  readonly comparison: 'above' | 'below';
  readonly threshold: number;
  readonly clearAt: number;
  readonly windowHours: number;
  readonly volumeMin: number;
  readonly quietMinutes: number;
  readonly targetKind: TargetKind;
  readonly target: string;
  readonly sealedSecret: Uint8Array | null;
  readonly status: 'active' | 'paused';
  readonly state: AlertState;
  readonly stateSince: Date;
  readonly toldState: AlertState;
  readonly toldAt: Date | null;
  readonly createdAt: Date;
};

/** What the measure shows now. `volume` is what a rate is of, null for a count. */
export type Reading = {
  readonly value: number;
  readonly volume: number | null;
  readonly from: Date;
};

export type FiringKind = 'fired' | 'cleared' | 'test';
export type FiringDelivery = 'quiet' | 'waiting' | 'sent' | 'failed';

export type Firing = {
  readonly id: string;
  readonly alertId: string;
  readonly subaccountId: SubaccountId;
  readonly at: Date;
  readonly kind: FiringKind;
  readonly value: number | null;
  readonly volume: number | null;
  readonly from: Date | null;
  readonly delivery: FiringDelivery;
  readonly attempts: number;
  readonly toldAt: Date | null;
  readonly error: string;
};
