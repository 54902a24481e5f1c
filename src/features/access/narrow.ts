/** Reading from some of the subaccounts that a scope reaches: fewer than before, never others. */
import type { Db } from '../../base/database/database.ts';
import { fullGrants } from '../../base/scope.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { findPresent, findSubaccountIds } from '../subaccounts/index.ts';
import type { Some } from './model.ts';

/** What is left of a whole account stands in one setting of each transaction, one by one. */
const leftMax = 1000;
const field = 'Lettershop-Subaccounts';

/** Throws a refusal; one that is not reached is not found, whether there is one or not. */
export async function narrowed(db: Db, scope: Scope, some: Some): Promise<Omit<Scope, 'made'>> {
  const reach =
    scope.reach === 'account'
      ? await ofAccount(db, scope, some)
      : ofSome([scope.reach].flat() as readonly SubaccountId[], some);
  if (reach.length === 0) throw invalidField(field, 'minItems', 'leaves no subaccount to read from');
  // What is of the account as a whole is not looked at through some of its parts.
  const held = fullGrants('subaccount').filter((grant) => scope.grants.has(grant));
  return { ...scope, reach, grants: new Set(held), canChange: false };
}

function ofSome(reached: readonly SubaccountId[], { ids, isHidden }: Some): readonly SubaccountId[] {
  const named = new Set(ids);
  const known = reached.filter((id) => named.has(id));
  if (known.length < named.size) throw refuse('not_found');
  return isHidden ? reached.filter((id) => !named.has(id)) : known;
}

async function ofAccount(db: Db, { accountId }: Scope, { ids, isHidden }: Some): Promise<SubaccountId[]> {
  const present = await findPresent(db, accountId, ids);
  if (present.length < ids.length) throw refuse('not_found');
  if (!isHidden) return present;
  const all = await findSubaccountIds(db, accountId, leftMax + ids.length + 1);
  const left = all.filter((id) => !ids.includes(id));
  if (left.length > leftMax)
    throw invalidField(field, 'maxLeft', `leaves more than ${leftMax}: name those to read from instead`);
  return left;
}
