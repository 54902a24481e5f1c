/** Who may hand out, edit and remove what: pure. */
import { isReadGrant } from '../../base/scope.ts';
import type { AccountId, Grant, Scope, SubaccountId } from '../../base/scope.ts';
import type { Part, Reached } from './model.ts';
import { grantsOf } from './roles.ts';

/** What somebody can do in one place; a subaccount of null is the whole account. */
export type Holding = {
  readonly subaccountId: SubaccountId | null;
  readonly grants: ReadonlySet<Grant>;
  readonly templates: readonly string[] | null;
};
/** All that somebody can do in an account. */
export type Power = readonly Holding[];

export function powerOf(parts: readonly (Part & Reached)[]): Power {
  return parts.map((part) => ({
    subaccountId: part.reach === 'account' ? null : part.subaccountId,
    grants: grantsOf(part),
    templates: part.templates,
  }));
}

/** Of a call that reaches the account or one subaccount. */
export function powerOfScope({ reach, subaccountId, grants, bounds }: Scope): Power {
  return [{ subaccountId: reach === 'account' ? null : subaccountId, grants, templates: bounds.templates }];
}

/** Whether everything that the inner can do, the outer can do as well. */
export function covers(outer: Power, inner: Power): boolean {
  return inner.every((part) => outer.some((each) => holds(each, part)));
}

function holds(outer: Holding, inner: Holding): boolean {
  const isThere = outer.subaccountId === null || outer.subaccountId === inner.subaccountId;
  return (
    isThere &&
    [...inner.grants].every((grant) => outer.grants.has(grant)) &&
    areWithin(outer.templates, inner.templates)
  );
}

function areWithin(outer: readonly string[] | null, inner: readonly string[] | null): boolean {
  if (outer === null) return true;
  return inner !== null && inner.every((id) => outer.includes(id));
}

/** Nobody edits an equal or higher one: what they can do must be less in truth. */
export function isBelow(target: Power, editor: Power): boolean {
  return covers(editor, target) && !covers(target, editor);
}

export type PartProblem = { readonly field: string; readonly rule: string; readonly message: string };

/** A part that makes sense and that the giver may give; else what is wrong with it. `at` prefixes the field. */
export function partProblem(giver: Power, part: Part & Reached, at = ''): PartProblem | null {
  if (part.role === 'custom' && part.grants === null)
    return { field: `${at}grants`, rule: 'required', message: 'is needed with the role custom' };
  if (part.role !== 'custom' && part.grants !== null)
    return { field: `${at}grants`, rule: 'role', message: 'can be given with the role custom only' };
  if (
    part.role === 'owner' &&
    (part.reach !== 'account' || part.templates !== null || part.hiddenPages.length > 0)
  )
    return { field: `${at}role`, rule: 'owner', message: 'owner is of the whole account, without limits' };
  if (!covers(giver, powerOf([part]))) {
    const field = `${at}${part.role === 'custom' ? 'grants' : 'role'}`;
    return { field, rule: 'held', message: 'must not go beyond what you can do yourself' };
  }
  return null;
}

/** A key that is itself limited would hand out what has no such limits. */
export function canManagePeople({ bounds }: Scope): boolean {
  return bounds.domain === null && bounds.addresses.length === 0 && bounds.expiresAt === null;
}

const betweenMailsMs = 60_000;
const mailsMax = 10;

/** Why an invitation is not mailed again at this moment; null when it is. */
export function resendProblem(
  { sentAt, sentCount }: { readonly sentAt: Date; readonly sentCount: number },
  now: number,
): {
  readonly code: 'limit.reached' | 'conflict.state';
  readonly message: string;
  readonly retryAfterSeconds?: number;
} | null {
  if (sentCount >= mailsMax)
    return { code: 'limit.reached', message: `An invitation is mailed at most ${mailsMax} times` };
  const waitMs = sentAt.getTime() + betweenMailsMs - now;
  if (waitMs <= 0) return null;
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  return { code: 'conflict.state', message: 'It was mailed within the last minute', retryAfterSeconds };
}

/**
 * What a person can do across several chosen subaccounts at once: read what each of them lets them read, and give people
 * access. Everything else is done for one of them, which the call names.
 */
export function commonPart(parts: readonly (Part & Reached)[]): Omit<Holding, 'subaccountId'> {
  const all = parts.map(grantsOf);
  const narrowed = parts.filter(({ templates }) => templates !== null);
  const isMixed = narrowed.length > 0 && narrowed.length < parts.length;
  const isCommon = (grant: Grant): boolean =>
    all.every((grants) => grants.has(grant)) && !(isMixed && grant.startsWith('templates:'));
  const first = all[0] ?? new Set<Grant>();
  return {
    grants: new Set(
      [...first].filter((grant) => (isReadGrant(grant) || grant === 'users:write') && isCommon(grant)),
    ),
    templates:
      narrowed.length === 0 ? null : [...new Set(narrowed.flatMap(({ templates }) => templates ?? []))],
  };
}

/** Whether somebody who belongs to these places works for the host's holder: there, or in all of its account. */
export function worksFor(
  host: Pick<TenantHost, 'accountId' | 'subaccountId' | 'isOfAccount'>,
  places: readonly {
    readonly accountId: AccountId;
    readonly subaccountId: SubaccountId;
    readonly isWholeAccount: boolean;
  }[],
): boolean {
  return places.some(
    ({ accountId, subaccountId, isWholeAccount }) =>
      accountId === host.accountId &&
      (host.isOfAccount || isWholeAccount || subaccountId === host.subaccountId),
  );
}

/** A host that a tenant has proven, where links to it begin, and the name that stands there. */
export type TenantHost = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  /** It is the account's own, and not one of a subaccount below it. */
  readonly isOfAccount: boolean;
  readonly url: string;
  readonly brandName: string;
};

/**
 * Whether a secret link may lead to the host for somebody who belongs to these places. Whoever has a host's DNS can read the
 * links that lead there and act as their readers, so it may be no one who also works where its holder has no say.
 */
export function mayLead(
  host: TenantHost,
  places: readonly { readonly accountId: AccountId; readonly subaccountId: SubaccountId }[],
): boolean {
  return places.every(
    ({ accountId, subaccountId }) =>
      accountId === host.accountId && (host.isOfAccount || subaccountId === host.subaccountId),
  );
}
