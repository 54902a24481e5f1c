import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import type { DnsOutcome } from '../../base/dns/index.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Resolve } from '../domains/index.ts';
import type { EventKind } from '../events/index.ts';

export type ClaimState = 'unproven' | 'proven' | 'lost';

export type Claim = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly id: string;
  readonly name: string;
  /** Different for each owner; part of the record that proves it. */
  readonly ownerToken: string;
  readonly state: ClaimState;
  /** What DNS showed at the last look, and what that means. */
  readonly seen: string;
  readonly explain: string;
  readonly checkedAt: Date | null;
  readonly createdAt: Date;
};

/** What a look at DNS makes of a claim. */
export type Proof = Pick<Claim, 'state' | 'seen' | 'explain'>;

/** One sort of claims: where they are kept, and what proves them. */
export type ClaimKind = {
  readonly table: 'tracking_domains' | 'inbound_domains' | 'brand_hosts';
  readonly recordType: 'CNAME' | 'MX';
  /** Silence of DNS must change no state. */
  readonly judge: (claim: Claim, outcome: DnsOutcome) => Proof;
  /** Told to whom the name was proven for before. */
  readonly deposed: string;
  readonly events: { readonly proven: EventKind; readonly lost: EventKind };
  /** The field of an event that holds the claim's id. */
  readonly idField: string;
  /** How soon a proven one is looked at again; twice a day when left out. */
  readonly provenLookMs?: number;
};

export type LookWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly resolve: Resolve;
};
