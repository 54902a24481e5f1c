import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { statusProblem } from './rules.ts';
import type { SettableStatus, SubaccountStatus } from './rules.ts';
import {
  findByExternalId,
  findStop,
  findSubaccount,
  insertSubaccount,
  listStopped,
  listSubaccounts,
  updateSubaccount,
} from './sql.ts';
import type { Subaccount } from './sql.ts';

export type SubaccountWorld = { readonly db: Database; readonly clock: Clock };

/** Makes a subaccount. Only those who see the whole account may; `inTransaction` adds what must be there with it. */
export async function create(
  world: SubaccountWorld,
  scope: Scope,
  input: { name: string; externalId: string | null; notes: string },
  inTransaction: (tx: Tx, subaccount: Subaccount) => Promise<void> = () => Promise.resolve(),
): Promise<Subaccount> {
  if (scope.reach !== 'account')
    throw refuse('auth.grant_missing', { message: 'Only the account makes subaccounts' });
  return world.db.scoped(scope, async (tx) => {
    const made = await insertSubaccount(tx, { accountId: scope.accountId, isOwn: false, ...input });
    if (made === null)
      throw refuse('conflict.exists', { message: `The external id "${input.externalId}" is taken` });
    await inTransaction(tx, made);
    await append(tx, new Date(world.clock.now()), [
      {
        accountId: scope.accountId,
        subaccountId: made.id,
        kind: 'subaccount.created',
        data: { name: made.name },
      },
    ]);
    return made;
  });
}

export async function list(
  world: SubaccountWorld,
  scope: Scope,
  query: { after: number; limit: number; status: SubaccountStatus | null; search: string | null },
): Promise<readonly Subaccount[]> {
  return world.db.scoped(scope, (tx) => listSubaccounts(tx, query));
}

/** By id, or `external:<id>`. */
export async function get(world: SubaccountWorld, scope: Scope, reference: string): Promise<Subaccount> {
  return world.db.scoped(scope, (tx) => find(tx, reference));
}

async function find(tx: Tx, reference: string): Promise<Subaccount> {
  const found = reference.startsWith('external:')
    ? await findByExternalId(tx, reference.slice('external:'.length))
    : await findSubaccount(tx, Number(reference));
  if (found === null || found.status === 'deleted') throw refuse('not_found');
  return found;
}

export async function change(
  world: SubaccountWorld,
  scope: Scope,
  reference: string,
  input: { name?: string; notes?: string; status?: SettableStatus },
): Promise<Subaccount> {
  return world.db.scoped(scope, async (tx) => {
    const found = await find(tx, reference);
    if (input.status !== undefined) {
      if (scope.reach !== 'account')
        throw refuse('auth.grant_missing', { message: 'Only the account changes a status' });
      const problem = statusProblem(found.status, input.status, found.isOwn);
      if (problem !== null) throw invalidField('status', 'transition', problem);
    }
    const now = new Date(world.clock.now());
    const changed = await updateSubaccount(
      tx,
      found.id,
      { name: input.name ?? null, notes: input.notes ?? null, status: input.status ?? null },
      now,
    );
    if (changed === null) throw refuse('not_found');
    await append(tx, now, [
      {
        accountId: scope.accountId,
        subaccountId: found.id,
        kind: 'subaccount.changed',
        data: { fields: Object.keys(input), status: changed.status },
      },
    ]);
    return changed;
  });
}

/** Engine: subaccounts whose accepted mail must not leave now. */
export function findStopped(db: Database): Promise<ReadonlySet<number>> {
  return listStopped(db.engine);
}

/** The status that stops a subaccount's mail, null when nothing does. */
export function stoppedStatus(db: Database, scope: Scope, id: SubaccountId): Promise<string | null> {
  return db.scoped(scope, (tx) => findStop(tx, id));
}
