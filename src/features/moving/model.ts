import type { DomainName } from '../../mail/address.ts';
import type { Given } from '../suppressions/index.ts';
import type { Moved } from '../templates/index.ts';

/** Whose it is at the provider: a subaccount by its id there, which is our external id; null: the account's own. */
export type Place = string | null;

/** What a provider's account holds, in the order in which it is to be made: subaccounts first. */
export type Thing =
  | {
      readonly what: 'subaccount';
      readonly externalId: string;
      readonly name: string;
      readonly notes: string;
      readonly stop: 'paused' | 'suspended' | 'terminated' | null;
      readonly hourMax: number | null;
    }
  | {
      readonly what: 'domain';
      readonly place: Place;
      readonly name: DomainName;
      readonly isShared: boolean;
    }
  | {
      readonly what: 'template';
      readonly place: Place;
      readonly moved: Moved;
      readonly isShared: boolean;
    }
  | {
      readonly what: 'suppression';
      readonly place: Place;
      /** The account's list for all its subaccounts, or the place's own. */
      readonly layer: 'account' | 'subaccount';
      readonly entry: Given;
    }
  | Remark;

/** `left`: not carried; `noted`: carried, but not as it was. */
export type Remark = {
  readonly what: 'left' | 'noted';
  readonly place: Place;
  readonly kind: string;
  readonly name: string;
  readonly why: string;
};

export const results = ['made', 'there', 'changed', 'conflict', 'left', 'noted'] as const;

export type Told = {
  readonly result: (typeof results)[number];
  readonly kind: string;
  readonly place: Place;
  readonly name: string;
  readonly why: string;
};

/** How many of each kind: `suppression made`. */
export type Counts = ReadonlyMap<string, number>;
