import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { ShareLevel } from '../domains/index.ts';

export type TrackingState = 'unproven' | 'proven' | 'lost';

export type TrackingDomain = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly id: string;
  readonly name: string;
  readonly ownerToken: string;
  readonly share: ShareLevel;
  readonly state: TrackingState;
  readonly isDefault: boolean;
  /** Its links begin with https. */
  readonly isSecure: boolean;
  /** What DNS showed at the last look, and what that means. */
  readonly seen: string;
  readonly explain: string;
  readonly checkedAt: Date | null;
  readonly createdAt: Date;
};

/** Where a tracking domain came from, in the order in which they are asked. */
export type TrackingSource = 'sending_domain' | 'subaccount' | 'account' | 'installation';
