import type { AccountId, Scope } from '../../base/scope.ts';
import { findLogins, remember } from '../logins/index.ts';
import type { Login } from '../logins/index.ts';
import { findActingFor } from '../subaccounts/index.ts';
import { refuse } from '../refusals/index.ts';
import { actingOf } from './acting.ts';
import type { Usable } from './acting.ts';
import type { UserWorld } from './operations.ts';
import { updateTold, usableMemberships } from './sql.ts';
import { actAsUser } from './sql-invitations.ts';

export type Me = { readonly login: Login | null; readonly memberships: readonly Usable[] };

/** Who asks, with every account that they can work in, or the one of the brand at whose host they are; a key is nobody. */
export async function me({ db }: UserWorld, { actor }: Scope): Promise<Me> {
  if (actor.kind !== 'user') return { login: null, memberships: [] };
  const logins = await findLogins(db.engine, [actor.id]);
  const memberships = await usableMemberships(db.engine, actor.id);
  const { onlyAccount } = actor;
  return {
    login: logins.get(actor.id) ?? null,
    memberships: memberships.filter(
      ({ accountId }) => onlyAccount === undefined || accountId === onlyAccount,
    ),
  };
}

/** What later calls of the session act for, unless they say otherwise. */
export async function switchTo(
  world: UserWorld,
  scope: Scope,
  to: { readonly accountId: number; readonly subaccountId: number | null },
): Promise<void> {
  const target = to.subaccountId === null ? null : { id: to.subaccountId };
  const { memberships } = await me(world, scope);
  const wish = { account: to.accountId, target, currentAccount: null, currentSubaccount: null };
  const acting = actingOf(memberships, wish);
  if (acting === null) throw refuse('not_found');
  if (acting.kind === 'account' && target !== null) {
    const found = await findActingFor(world.db.engine, to.accountId as AccountId, target);
    if (found === null) throw refuse('not_found');
  }
  await remember(world, scope, to);
}

/** Whether notices of an account go to who asks, or of one subaccount that was given to them by itself. */
export async function setTold(
  world: UserWorld,
  scope: Scope,
  to: { readonly accountId: number; readonly subaccountId: number | null; readonly isTold: boolean },
): Promise<void> {
  const { memberships } = await me(world, scope);
  const meant = memberships.filter(
    ({ accountId, subaccountId, reach }) =>
      Number(accountId) === to.accountId &&
      (to.subaccountId === null || (reach === 'subaccount' && Number(subaccountId) === to.subaccountId)),
  );
  if (meant.length === 0) throw refuse('not_found');
  await world.db.asEngine(async (tx) => {
    for (const membership of meant) {
      await actAsUser(tx, membership.userId, membership.subaccountId);
      await updateTold(tx, membership, to.isTold);
    }
  });
}
