import type { AccountId, Grant, SubaccountId } from '../../base/scope.ts';

export const roles = [
  'owner',
  'admin',
  'manager',
  'developer',
  'designer',
  'accountant',
  'reporting',
  'custom',
] as const;
export type Role = (typeof roles)[number];

export const pages = [
  'statistics',
  'messages',
  'domains',
  'senders',
  'templates',
  'lists',
  'suppressions',
  'webhooks',
  'subaccounts',
  'keys',
  'users',
  'pools',
  'quotas',
  'billing',
  'settings',
  'inbound',
  'monitoring',
  'logs',
  'audit',
] as const;
export type Page = (typeof pages)[number];

/** What a person is given: in the whole account, or in one subaccount. */
export type Part = {
  readonly role: Role;
  /** Of the role `custom`; null for the others, whose grants follow from their name. */
  readonly grants: readonly Grant[] | null;
  /** Ids of templates, these only; null for all. */
  readonly templates: readonly string[] | null;
  /** Pages that this person does not see; what they stand for is taken away, not only hidden. */
  readonly hiddenPages: readonly Page[];
};

export type Reached = {
  readonly reach: 'account' | 'subaccount';
  /** The account's own one when the whole account is reached. */
  readonly subaccountId: SubaccountId;
};

/** One row: a person in an account, reaching all of it or one subaccount. */
export type Membership = Part & Reached & { readonly accountId: AccountId; readonly userId: string };

/** A person as an account sees them; as far as the caller reaches. */
export type Person = {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly hasSecondFactor: boolean;
  readonly memberships: readonly Membership[];
};
