import type { Db } from '../../base/database/database.ts';
import type { Scope } from '../../base/scope.ts';
import { grantsOf } from './roles.ts';
import { membersOf } from './sql.ts';

/**
 * Of the named people those who may read the figures of exactly this holder now: of the account, when its own subaccount is
 * named, else of that subaccount alone, so that below the account nobody learns who reaches all of it.
 */
export async function readersAmong(
  db: Db,
  { accountId, subaccountId }: Pick<Scope, 'accountId' | 'subaccountId'>,
  userIds: readonly string[],
): Promise<readonly { readonly id: string; readonly email: string }[]> {
  const members = await membersOf(db, accountId, subaccountId, userIds);
  return members
    .filter(({ membership }) => grantsOf(membership).has('metrics:read'))
    .map(({ membership, email }) => ({ id: membership.userId, email }));
}
