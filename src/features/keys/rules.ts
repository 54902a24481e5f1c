/** Who may hand out what: pure. */
import { accountOnlyGrants, grants as allGrants } from '../../base/scope.ts';
import { containsCidr } from '../../base/address-list.ts';
import type { Bounds, Grant, Scope } from '../../base/scope.ts';

export type KeyRequest = {
  readonly reach: 'account' | 'subaccount' | 'person';
  readonly grants: readonly string[];
  readonly domainLimit: string | null;
  readonly allowedAddresses: readonly string[];
  readonly expiresAt: number | null;
  /** Named templates, these only; null for all. */
  readonly templates: readonly string[] | null;
};

export type KeyProblem = { readonly field: string; readonly rule: string; readonly message: string };

export function isGrant(text: string): text is Grant {
  return allGrants.some((grant) => grant === text);
}

/** Nobody hands out reach, grants or a life beyond their own; a subaccount's key holds no account-only grant. */
export function keyProblem(scope: Scope, request: KeyRequest): KeyProblem | null {
  // It never reaches more than its person, whatever stands in it: each use asks what that is.
  if (request.reach === 'person') return unknownGrant(request);
  if (request.reach === 'account' && scope.reach !== 'account') {
    return {
      field: 'reach',
      rule: 'reach',
      message: 'must not go beyond the reach of the credential that makes it',
    };
  }
  return grantProblem(scope, request) ?? boundProblem(scope.bounds, request);
}

function unknownGrant({ grants }: KeyRequest): KeyProblem | null {
  const index = grants.findIndex((grant) => !isGrant(grant));
  if (index === -1) return null;
  return { field: `grants[${index}]`, rule: 'known', message: `"${grants[index]}" is not a grant` };
}

function grantProblem(scope: Scope, { reach, grants }: KeyRequest): KeyProblem | null {
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

function beyond(field: string): KeyProblem {
  return { field, rule: 'held', message: 'must not go beyond the credential that makes it' };
}

function boundProblem(bounds: Bounds, request: KeyRequest): KeyProblem | null {
  const { domain, addresses, expiresAt, templates } = bounds;
  if (domain !== null && (request.domainLimit === null || !isWithin(request.domainLimit, domain)))
    return beyond('domainLimit');
  if (expiresAt !== null && (request.expiresAt === null || request.expiresAt > expiresAt))
    return beyond('expiresAt');
  const isCovered = (cidr: string): boolean => addresses.some((outer) => containsCidr(outer, cidr));
  if (
    addresses.length > 0 &&
    (request.allowedAddresses.length === 0 || !request.allowedAddresses.every(isCovered))
  )
    return beyond('allowedAddresses');
  if (
    templates !== null &&
    !(request.templates ?? [null]).every((id) => id !== null && templates.includes(id))
  )
    return beyond('templates');
  return null;
}

/** `a.example.com` is within `example.com`. */
export function isWithin(domain: string, limit: string): boolean {
  return domain === limit || domain.endsWith(`.${limit}`);
}
