import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Alignment, Disposition } from '../../mail/aggregate/index.ts';

/** One report as it is kept, without its rows. */
export type DmarcReport = {
  readonly id: string;
  readonly reporter: string;
  readonly reference: string;
  readonly beginsAt: Date;
  readonly endsAt: Date;
  readonly policy: Disposition;
  readonly messages: number;
  readonly passed: number;
  readonly receivedAt: Date;
};

export type SourceResult = {
  readonly dkim: Alignment;
  readonly spf: Alignment;
  readonly disposition: Disposition;
  readonly messages: number;
};

/** What all reports of a time say of one source address. */
export type DmarcSource = {
  readonly address: string;
  readonly messages: number;
  readonly passed: number;
  readonly results: readonly SourceResult[];
};

export type ListingState = 'unknown' | 'clear' | 'listed';

/** What a blocklist answered; null: nothing that could be believed. */
export type Answer = {
  readonly state: 'clear' | 'listed';
  /** The A records: what they mean is the list's to say. */
  readonly codes: readonly string[];
  readonly reason: string;
} | null;

export type Listing = {
  readonly blocklist: string;
  readonly state: ListingState;
  readonly codes: readonly string[];
  readonly reason: string;
  readonly since: Date | null;
  readonly checkedAt: Date | null;
};

export type WatchedAddress = {
  readonly id: string;
  readonly address: string;
  readonly poolId: string | null;
  readonly listings: readonly Listing[];
};

export type DueListing = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly addressId: string;
  readonly address: string;
  readonly blocklist: string;
  readonly state: ListingState;
};
