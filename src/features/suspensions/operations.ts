import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import { checkPool } from '../pools/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { mayLift } from './rules.ts';
import type { Suspension, SuspensionAuthority, SuspensionKind } from './rules.ts';
import { deleteSuspension, findSuspension, listSuspensions, upsertSuspension } from './sql.ts';

export type SuspensionWorld = { readonly db: Database; readonly clock: Clock };

export type AddSuspension = {
  readonly kind: SuspensionKind;
  readonly value: string;
  readonly reason: string;
  readonly until: number | null;
  /** The account's: of one subaccount only. */
  readonly forSubaccount: SubaccountId | null;
};

function authorityOf(scope: Scope): SuspensionAuthority {
  if (scope.actor.kind === 'system') return 'operator';
  return scope.reach === 'account' ? 'parent' : 'subaccount';
}

/** Suspends; a second call for the same thing changes reason and end. A subaccount suspends its own mail only. */
export async function add(world: SuspensionWorld, scope: Scope, input: AddSuspension): Promise<Suspension> {
  const now = world.clock.now();
  if (input.until !== null && input.until <= now)
    throw invalidField('until', 'minimum', 'must be in the future');
  return world.db.scoped(scope, async (tx) => {
    if (input.kind === 'pool' && scope.reach === 'account') await checkPool(tx, input.value);
    const made = await upsertSuspension(
      tx,
      scope,
      {
        ...input,
        value: input.kind === 'site' || input.kind === 'domain' ? input.value.toLowerCase() : input.value,
        forSubaccount: scope.reach === 'account' ? input.forSubaccount : scope.subaccountId,
        authority: authorityOf(scope),
        setBy: `${scope.actor.kind}:${scope.actor.id}`,
        until: input.until === null ? null : new Date(input.until),
      },
      new Date(now),
    );
    await tell(tx, scope, new Date(now), 'suspension.added', made);
    return made;
  });
}

export function list(
  world: SuspensionWorld,
  scope: Scope,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly Suspension[]> {
  const now = new Date(world.clock.now());
  return world.db.scoped(scope, (tx) => listSuspensions(tx, { ...page, now }));
}

export async function remove(world: SuspensionWorld, scope: Scope, id: string): Promise<void> {
  await world.db.scoped(scope, async (tx) => {
    const found = await findSuspension(tx, id);
    if (found === null) throw refuse('not_found');
    if (!mayLift(authorityOf(scope), found.authority))
      throw refuse('conflict.state', { message: `It was set by the ${found.authority}, who lifts it` });
    await deleteSuspension(tx, id);
    await tell(tx, scope, new Date(world.clock.now()), 'suspension.lifted', found);
  });
}

function tell(
  tx: Tx,
  scope: Scope,
  now: Date,
  kind: 'suspension.added' | 'suspension.lifted',
  { id, kind: what, value, until, forSubaccount }: Suspension,
): Promise<void> {
  const { accountId, subaccountId } = scope;
  const data = { suspensionId: id, kind: what, value, until: until?.toISOString() ?? null, forSubaccount };
  return append(tx, now, [{ accountId, subaccountId, kind, data }]);
}
