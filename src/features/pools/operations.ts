import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import type { Scope } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import { findDomain } from '../domains/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import {
  choosePool,
  deletePool,
  findPool,
  insertPool,
  listPools,
  lockPools,
  makeDefault,
  renamePool,
  setSigners,
  usersOf,
} from './sql.ts';
import { addressesUsing } from './sql-addresses.ts';
import type { Pool } from './sql.ts';

const poolsMax = 50;

export type PoolWorld = { readonly db: Database; readonly clock: Clock };

export type RemovingWorld = PoolWorld & {
  /** The queue's: mail that names a pool which is gone names none. */
  readonly leaveGonePools: () => Promise<number>;
};

export async function create(world: PoolWorld, scope: Scope, name: string): Promise<Pool> {
  return world.db.scoped(scope, async (tx) => {
    const now = new Date(world.clock.now());
    await lockPools(tx, scope.accountId);
    // Claims walk the queue pool by pool.
    if ((await listPools(tx, '0', poolsMax)).length >= poolsMax)
      throw refuse('conflict.state', { message: `An account has at most ${poolsMax} pools` });
    const pool = await insertPool(tx, scope, name, now);
    if (pool === null) throw refuse('conflict.exists', { message: `The pool "${name}" exists already` });
    await tell(tx, scope, now, 'pool.created', pool);
    return pool;
  });
}

export async function list(
  world: PoolWorld,
  scope: Scope,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly Pool[]> {
  return world.db.scoped(scope, (tx) => listPools(tx, page.after, page.limit));
}

export async function get(world: PoolWorld, scope: Scope, id: string): Promise<Pool> {
  return world.db.scoped(scope, (tx) => existing(tx, id));
}

export type PoolChange = {
  readonly name?: string | undefined;
  readonly isDefault?: boolean | undefined;
  /** Null: nobody but the domain that the mail is from. */
  readonly signingDomainId?: string | null | undefined;
  readonly feedbackDomainId?: string | null | undefined;
};

export async function change(world: PoolWorld, scope: Scope, id: string, input: PoolChange): Promise<Pool> {
  if (input.isDefault === false)
    throw invalidField('isDefault', 'const', 'can only be made true: make another pool the default');
  return world.db.scoped(scope, async (tx) => {
    // Two that make a default at the same time, delete it or say who signs: one after the other.
    const saysSigners = input.signingDomainId !== undefined || input.feedbackDomainId !== undefined;
    if (input.isDefault === true || saysSigners) await lockPools(tx, scope.accountId);
    const pool = await existing(tx, id);
    if (saysSigners) await changeSigners(tx, scope, pool, input);
    if (input.name !== undefined && !(await renamePool(tx, id, input.name)))
      throw refuse('conflict.exists', { message: `The pool "${input.name}" exists already` });
    if (input.isDefault === true) await makeDefault(tx, id);
    const changed = await existing(tx, id);
    await tell(tx, scope, new Date(world.clock.now()), 'pool.changed', changed);
    return changed;
  });
}

async function changeSigners(tx: Tx, scope: Scope, pool: Pool, input: PoolChange): Promise<void> {
  const { signingDomainId = pool.signingDomainId, feedbackDomainId = pool.feedbackDomainId } = input;
  await checkSigner(tx, scope, 'signingDomainId', input.signingDomainId);
  await checkSigner(tx, scope, 'feedbackDomainId', input.feedbackDomainId);
  await setSigners(tx, { ...pool, signingDomainId, feedbackDomainId });
}

/** A proven one that the account itself holds: a pool carries the mail of many, and none of them gives its name for others. */
async function checkSigner(
  tx: Tx,
  scope: Scope,
  field: string,
  id: string | null | undefined,
): Promise<void> {
  if (id === null || id === undefined) return;
  const found = await findDomain(tx, id);
  if (found?.state !== 'proven' || found.subaccountId !== scope.subaccountId)
    throw invalidField(field, 'known', 'is not a proven domain of the account itself');
}

/** Mail that named it and waits leaves from the pool that counts for its subaccount. */
export async function remove(world: RemovingWorld, scope: Scope, id: string): Promise<void> {
  await world.db.scoped(scope, async (tx) => {
    await lockPools(tx, scope.accountId);
    const pool = await existing(tx, id);
    if (pool.isDefault)
      throw refuse('conflict.state', {
        message: 'The default pool of the account is not deleted: make another one the default first',
      });
    const users = await usersOf(tx, id);
    if (users > 0)
      throw refuse('conflict.state', { message: `It is the default pool of ${users} subaccounts` });
    const addresses = await addressesUsing(tx, id);
    if (addresses > 0)
      throw refuse('conflict.state', {
        message: `${addresses} source addresses are in it or overflow into it`,
      });
    await deletePool(tx, id);
    await tell(tx, scope, new Date(world.clock.now()), 'pool.deleted', pool);
  });
  await world.leaveGonePools();
}

async function existing(tx: Tx, id: string): Promise<Pool> {
  const pool = await findPool(tx, id);
  if (pool === null) throw refuse('not_found');
  return pool;
}

function tell(
  tx: Tx,
  scope: Scope,
  now: Date,
  kind: 'pool.created' | 'pool.changed' | 'pool.deleted',
  pool: Pool,
): Promise<void> {
  const { accountId, subaccountId } = scope;
  return append(tx, now, [{ accountId, subaccountId, kind, data: { poolId: pool.id, name: pool.name } }]);
}

/** Refuses a pool that the scope does not have. */
export async function checkPool(tx: Tx, id: string): Promise<void> {
  if ((await findPool(tx, id)) === null)
    throw invalidField('poolId', 'known', 'is not a pool of this account');
}

/**
 * The pool of a submission that names one (by id or name); null when it names none: then the subaccount's, else the
 * account's default counts at the attempt. A caller below the account learns of a pool that does not exist and of one
 * that is not theirs in the same words.
 */
export async function poolFor(world: PoolWorld, scope: Scope, asked: string | null): Promise<string | null> {
  if (asked === null) return null;
  const { boundId, askedId } = await choosePool(world.db.engine, scope.accountId, scope.subaccountId, asked);
  if (askedId === null || (boundId !== null && boundId !== askedId))
    throw invalidField('pool', 'known', 'is not a pool that this subaccount may use');
  return askedId;
}
