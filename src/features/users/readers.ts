import type { Db } from '../../base/database/database.ts';
import type { AccountId, Grant, Scope, SubaccountId } from '../../base/scope.ts';
import { grantsOf } from './roles.ts';
import { hearingMembers, membersOf } from './sql.ts';

/**
 * Of the named people those who may read the figures of exactly this holder now: of the account when it reaches all of it,
 * else of its subaccount alone, so that below the account nobody learns who reaches all of it.
 */
export async function readersAmong(
  db: Db,
  { accountId, subaccountId, reach }: Pick<Scope, 'accountId' | 'subaccountId' | 'reach'>,
  userIds: readonly string[],
): Promise<readonly { readonly id: string; readonly email: string }[]> {
  const members = await membersOf(db, accountId, subaccountId, userIds);
  return members
    .filter(({ membership }) => (membership.reach === 'account') === (reach === 'account'))
    .filter(({ membership }) => grantsOf(membership).has('metrics:read'))
    .map(({ membership, email }) => ({ id: membership.userId, email }));
}

/** Somebody who may be told of a place: an owner, of the whole account; else of one subaccount, as far as their grants go. */
export type Hearer = {
  readonly id: string;
  readonly email: string;
  readonly accountId: AccountId;
  readonly reach: 'account' | 'subaccount';
  /** The account's own one when the whole account is reached. */
  readonly subaccountId: SubaccountId;
  readonly grants: ReadonlySet<Grant>;
};

/** Engine: the owners of these accounts, and the people of these very subaccounts, while they may log in there. */
export async function hearersOf(
  db: Db,
  places: readonly Pick<Scope, 'accountId' | 'subaccountId'>[],
): Promise<readonly Hearer[]> {
  const accountIds = [...new Set(places.map(({ accountId }) => accountId))];
  const subaccountIds = [...new Set(places.map(({ subaccountId }) => subaccountId))];
  const members = await hearingMembers(db, accountIds, subaccountIds);
  return members.map(({ membership, email }) => ({
    id: membership.userId,
    email,
    accountId: membership.accountId,
    reach: membership.reach,
    subaccountId: membership.subaccountId,
    grants: grantsOf(membership),
  }));
}
