/** For which account and subaccount a person's call acts: pure. */
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Membership } from './model.ts';

/** A membership as logging in sees it: of an account and subaccount whose people may read. */
export type Usable = Membership & {
  readonly accountName: string;
  readonly subaccountName: string;
  readonly externalId: string | null;
  /** Of account and subaccount together. */
  readonly canChange: boolean;
  /** Whether notices are mailed to them. */
  readonly isTold: boolean;
};

export type Target = { readonly id: number } | { readonly externalId: string };

export type Wish = {
  /** What the call itself says. */
  readonly account: number | null;
  readonly target: Target | null;
  /** What the session was switched to. */
  readonly currentAccount: number | null;
  readonly currentSubaccount: number | null;
};

export type Acting =
  /** Reaches the whole account; acts for the target, whose existence is still to be seen. */
  | { readonly kind: 'account'; readonly membership: Usable; readonly target: Target | null }
  /** Reaches these subaccounts and nothing else of the account: one that was meant, or all. */
  | { readonly kind: 'subaccounts'; readonly accountId: AccountId; readonly memberships: readonly Usable[] };

/** Null: the call names an account or subaccount that is not theirs, or they have none at all. */
export function actingOf(memberships: readonly Usable[], wish: Wish): Acting | null {
  const has = (id: number | null): boolean => memberships.some(({ accountId }) => Number(accountId) === id);
  const remembered = has(wish.currentAccount) ? wish.currentAccount : (memberships[0]?.accountId ?? null);
  const wanted = wish.account ?? remembered;
  const inAccount = memberships.filter(({ accountId }) => Number(accountId) === wanted);
  const [first] = inAccount;
  if (first === undefined) return null;
  // A call that names the account means it as a whole, whatever the session remembers.
  const isSwitched = wish.account === null && wish.currentAccount === wanted;
  const switched = isSwitched && wish.currentSubaccount !== null ? { id: wish.currentSubaccount } : null;
  const whole = inAccount.find(({ reach }) => reach === 'account');
  if (whole !== undefined) return { kind: 'account', membership: whole, target: wish.target ?? switched };
  const { accountId } = first;
  if (wish.target !== null) {
    const meant = inAccount.filter((each) => isMeant(each, wish.target));
    return meant.length === 0 ? null : { kind: 'subaccounts', accountId, memberships: meant };
  }
  const current = inAccount.filter((each) => isMeant(each, switched));
  return { kind: 'subaccounts', accountId, memberships: current.length === 0 ? inAccount : current };
}

function isMeant(
  membership: { subaccountId: SubaccountId; externalId: string | null },
  target: Target | null,
): boolean {
  if (target === null) return false;
  return 'id' in target
    ? Number(membership.subaccountId) === target.id
    : membership.externalId === target.externalId;
}
