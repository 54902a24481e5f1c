/** Every permission there is, for keys and people alike. Dialects map their words onto these in `fields.ts`. */
export const grants = [
  'messages:send',
  'messages:read',
  'messages:content',
  'smtp:send',
  'events:read',
  'metrics:read',
  'reports:write',
  'suppressions:read',
  'suppressions:write',
  'domains:read',
  'domains:write',
  'tracking:read',
  'tracking:write',
  'senders:read',
  'senders:write',
  'templates:read',
  'templates:write',
  'templates:preview',
  'lists:read',
  'lists:write',
  'webhooks:read',
  'webhooks:write',
  'subaccounts:read',
  'subaccounts:write',
  'keys:read',
  'keys:write',
  'keys:secrets',
  'embeds:write',
  'users:read',
  'users:write',
  'pools:read',
  'pools:write',
  'quotas:read',
  'quotas:write',
  'billing:read',
  'billing:write',
  'settings:read',
  'settings:write',
  'brands:read',
  'brands:write',
  'inbound:read',
  'inbound:write',
  'monitoring:read',
  'monitoring:write',
  'logs:read',
  'audit:read',
  'erasures:read',
  'erasures:write',
] as const;

export type Grant = (typeof grants)[number];

/** Grants that make no sense below the account: plan, people of the account, pools, the account's own settings. */
export const accountOnlyGrants: ReadonlySet<Grant> = new Set<Grant>([
  'billing:read',
  'billing:write',
  'pools:write',
  'quotas:write',
  'settings:write',
  'subaccounts:write',
  'audit:read',
]);

/** Every grant that a key or person of this reach may hold. */
export function fullGrants(reach: 'account' | 'subaccount' | 'person'): readonly Grant[] {
  return grants.filter((grant) => reach !== 'subaccount' || !accountOnlyGrants.has(grant));
}

export function isReadGrant(grant: Grant): boolean {
  return grant.endsWith(':read') || grant === 'messages:content';
}

export type AccountId = number & { readonly accountId: unique symbol };
/** 31 bits, one sequence with accounts (design, section 1). */
export type SubaccountId = number & { readonly subaccountId: unique symbol };

export type Actor = {
  readonly kind: 'key' | 'user' | 'system';
  readonly id: string;
  /** Of a person: which of their sessions asks. */
  readonly sessionId?: string;
  /** Of a person at a host of a brand: the one account that they work in there. */
  readonly onlyAccount?: AccountId;
};

/** The whole account, one subaccount, or several that a person was given; row security holds each of them. */
export type Reach = 'account' | SubaccountId | readonly SubaccountId[];

/** The one subaccount that a reach is, for statements that filter by it; null: row security alone decides. */
export function onlySubaccount(reach: Reach): SubaccountId | null {
  return typeof reach === 'number' ? reach : null;
}

export function reaches(reach: Reach, subaccountId: SubaccountId): boolean {
  if (reach === 'account') return true;
  return typeof reach === 'number' ? reach === subaccountId : reach.includes(subaccountId);
}

/**
 * Who asks, for which account, which subaccounts, with which grants. Only `features/access` makes one
 * (`test/sweeps/direction.test.ts` checks it); everything that touches tenants' rows takes one.
 */
export type Scope = {
  readonly made: typeof madeByAccess;
  readonly accountId: AccountId;
  /** What the caller sees. With several subaccounts it reads only: what is made is made for one. */
  readonly reach: Reach;
  /** In whose name new things are made: the subaccount acted for, or the account's own one. */
  readonly subaccountId: SubaccountId;
  readonly grants: ReadonlySet<Grant>;
  /** False while a stop lets its keys and people read only. */
  readonly canChange: boolean;
  /** What the credential is narrowed to; nobody hands out a key beyond their own. */
  readonly bounds: Bounds;
  readonly actor: Actor;
  /** For the audit: which request this was. */
  readonly requestId: string;
};

export type Bounds = {
  /** From domains end in it. */
  readonly domain: string | null;
  /** CIDRs; empty for everywhere. */
  readonly addresses: readonly string[];
  /** Milliseconds; null for no end. */
  readonly expiresAt: number | null;
  /** Ids of templates, these only; null for all. */
  readonly templates: readonly string[] | null;
};

export const unbounded: Bounds = { domain: null, addresses: [], expiresAt: null, templates: null };

declare const madeByAccess: unique symbol;
