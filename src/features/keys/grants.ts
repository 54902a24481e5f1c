/** Which grants a key may hold: pure, shared with the console. */
import { grants as allGrants } from '../../base/scope.ts';
import type { Grant } from '../../base/scope.ts';

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

export function isGrant(text: string): text is Grant {
  return allGrants.some((grant) => grant === text);
}

/** Every grant that a key of this reach may hold. */
export function fullGrants(reach: 'account' | 'subaccount' | 'person'): readonly Grant[] {
  return allGrants.filter((grant) => reach !== 'subaccount' || !accountOnlyGrants.has(grant));
}
