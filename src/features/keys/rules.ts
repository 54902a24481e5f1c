/** Who may hand out what: pure. */
import { grants as allGrants } from '../../base/scope.ts';
import type { Grant, Scope } from '../../base/scope.ts';

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

export type KeyRequest = {
  readonly reach: 'account' | 'subaccount';
  readonly grants: readonly string[];
};

export type KeyProblem = { readonly field: string; readonly rule: string; readonly message: string };

export function isGrant(text: string): text is Grant {
  return allGrants.some((grant) => grant === text);
}

/** Nobody hands out reach or grants beyond their own; a subaccount's key holds no account-only grant. */
export function keyProblem(scope: Scope, { reach, grants }: KeyRequest): KeyProblem | null {
  if (reach === 'account' && scope.reach !== 'account') {
    return {
      field: 'reach',
      rule: 'reach',
      message: 'must not go beyond the reach of the credential that makes it',
    };
  }
  for (const [index, grant] of grants.entries()) {
    const field = `grants[${index}]`;
    if (!isGrant(grant)) return { field, rule: 'known', message: `"${grant}" is not a grant` };
    if (!scope.grants.has(grant))
      return { field, rule: 'held', message: `"${grant}" is not held by the credential that gives it` };
    if (reach === 'subaccount' && accountOnlyGrants.has(grant)) {
      return { field, rule: 'account_only', message: `"${grant}" cannot be held by a key of a subaccount` };
    }
  }
  return null;
}

/** Every grant that a key of this reach may hold. */
export function fullGrants(reach: 'account' | 'subaccount'): readonly Grant[] {
  return allGrants.filter((grant) => reach === 'account' || !accountOnlyGrants.has(grant));
}
