/** Source addresses as things: given to an account by the operator, put into pools by the account. */
import ipaddr from 'ipaddr.js';
import type { Db, Tx } from '../../base/database/database.ts';
import type { Scope } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { checkPool } from './operations.ts';
import type { PoolWorld } from './operations.ts';
import { capOn, dayOf, nextDayAt } from './rules.ts';
import { findPool, lockPools } from './sql.ts';
import {
  clearMembership,
  deleteAddress,
  findEffectivePool,
  insertAddress,
  listAddresses,
  setMembership,
} from './sql-addresses.ts';
import type { Membership, SourceAddress } from './sql-addresses.ts';

/** The operator gives an address of a node to the account; it is in no pool yet. */
export async function addAddress(
  world: PoolWorld,
  scope: Scope,
  input: { readonly address: string; readonly ehloName: string; readonly node: string },
): Promise<string> {
  if (scope.actor.kind !== 'system')
    throw refuse('auth.grant_missing', { message: 'The operator gives addresses' });
  if (!ipaddr.isValid(input.address)) throw invalidField('address', 'format', 'must be an IP address');
  const id = await world.db.scoped(scope, (tx) => insertAddress(tx, scope, input));
  if (id === null)
    throw refuse('conflict.exists', { message: `Node ${input.node} has ${input.address} already` });
  return id;
}

export async function removeAddress(
  world: PoolWorld,
  scope: Scope,
  input: { readonly address: string; readonly node: string },
): Promise<boolean> {
  if (scope.actor.kind !== 'system')
    throw refuse('auth.grant_missing', { message: 'The operator takes addresses' });
  return world.db.scoped(scope, (tx) => deleteAddress(tx, input.address, input.node));
}

/** Of one pool, or all that the account has. */
export async function addresses(
  world: PoolWorld,
  scope: Scope,
  poolId: string | null,
): Promise<readonly SourceAddress[]> {
  return world.db.scoped(scope, async (tx) => {
    if (poolId !== null && (await findPool(tx, poolId)) === null) throw refuse('not_found');
    return listAddresses(tx, { poolId, day: dayOf(world.clock.now()) });
  });
}

export type PoolMember = {
  readonly address: string;
  readonly warmup: {
    readonly caps: readonly number[];
    readonly startsOn: string | null;
    readonly overflowPoolId: string | null;
  } | null;
};

/** Puts exactly these addresses of the account into the pool; those of another pool change over. */
export async function setMembers(
  world: PoolWorld,
  scope: Scope,
  poolId: string,
  members: readonly PoolMember[],
): Promise<readonly SourceAddress[]> {
  const day = dayOf(world.clock.now());
  return world.db.scoped(scope, async (tx) => {
    if ((await findPool(tx, poolId)) === null) throw refuse('not_found');
    const own = await listAddresses(tx, { poolId: null, day });
    const kept: string[] = [];
    for (const [index, { address, warmup }] of members.entries()) {
      const found = own.filter((each) => each.address === address);
      if (found.length === 0)
        throw invalidField(`addresses[${index}].address`, 'known', 'is not an address of this account');
      const overflowPoolId = warmup?.overflowPoolId ?? null;
      if (
        overflowPoolId !== null &&
        (overflowPoolId === poolId || (await findPool(tx, overflowPoolId)) === null)
      )
        throw invalidField(
          `addresses[${index}].warmup.overflowPoolId`,
          'known',
          'is not another pool of this account',
        );
      for (const { id } of found) {
        kept.push(id);
        const warmupStartedOn = warmup === null ? null : (warmup.startsOn ?? day);
        await setMembership(tx, {
          id,
          poolId,
          warmupCaps: warmup?.caps ?? [],
          warmupStartedOn,
          overflowPoolId,
        });
      }
    }
    await clearMembership(tx, poolId, kept);
    await tellMembers(tx, world, scope, { id: poolId, day });
    return listAddresses(tx, { poolId, day });
  });
}

export type AddressChange = {
  readonly address: string;
  /** Null takes it out of its pool, and its plan with it; undefined leaves it where it is. */
  readonly poolId?: string | null | undefined;
  /** Null: it is warm; undefined: as it was. */
  readonly warmup?: PoolMember['warmup'] | undefined;
};

/** Changes one address of the account and leaves all others as they are; on every node that has it. */
export async function changeAddress(
  world: PoolWorld,
  scope: Scope,
  { address, poolId, warmup }: AddressChange,
): Promise<readonly SourceAddress[]> {
  const day = dayOf(world.clock.now());
  return world.db.scoped(scope, async (tx) => {
    await lockPools(tx, scope.accountId);
    const found = (await listAddresses(tx, { poolId: null, day })).filter((each) => each.address === address);
    if (found.length === 0) throw invalidField('address', 'known', 'is not an address of this account');
    if (typeof poolId === 'string') await checkPool(tx, poolId);
    const overflow = warmup?.overflowPoolId ?? null;
    if (overflow !== null && (await findPool(tx, overflow)) === null) throw notAnother();
    for (const each of found) await setMembership(tx, changed(each, { poolId, warmup, day }));
    const pools = new Set([...found.map((each) => each.poolId), poolId ?? null]);
    for (const id of pools) if (id !== null) await tellMembers(tx, world, scope, { id, day });
    return (await listAddresses(tx, { poolId: null, day })).filter((each) => each.address === address);
  });
}

const notAnother = (): Error =>
  invalidField('warmup.overflowPoolId', 'known', 'is not another pool of this account');

/** What stays over when it moves into the pool that its mail went over into waits from now on. */
function changed(
  before: SourceAddress,
  { poolId, warmup, day }: Pick<AddressChange, 'poolId' | 'warmup'> & { readonly day: string },
): Membership {
  const { id, warmupCaps, warmupStartedOn } = before;
  const pool = poolId === undefined ? before.poolId : poolId;
  if (pool === null) {
    if (warmup !== undefined && warmup !== null)
      throw invalidField('warmup', 'pool', 'is for an address that is in a pool');
    return { id, poolId: null, warmupCaps: [], warmupStartedOn: null, overflowPoolId: null };
  }
  if (warmup === undefined) {
    const overflowPoolId = before.overflowPoolId === pool ? null : before.overflowPoolId;
    return { id, poolId: pool, warmupCaps, warmupStartedOn, overflowPoolId };
  }
  if (warmup === null)
    return { id, poolId: pool, warmupCaps: [], warmupStartedOn: null, overflowPoolId: null };
  const { caps, startsOn, overflowPoolId } = warmup;
  if (overflowPoolId === pool) throw notAnother();
  return { id, poolId: pool, warmupCaps: caps, warmupStartedOn: startsOn ?? day, overflowPoolId };
}

async function tellMembers(
  tx: Tx,
  world: PoolWorld,
  { accountId, subaccountId }: Scope,
  of: { readonly id: string; readonly day: string },
): Promise<void> {
  const pool = await findPool(tx, of.id);
  if (pool === null) return;
  const members = await listAddresses(tx, { poolId: of.id, day: of.day });
  const data = { poolId: of.id, name: pool.name, addresses: members.map(({ address }) => address) };
  await append(tx, new Date(world.clock.now()), [{ accountId, subaccountId, kind: 'pool.changed', data }]);
}

/** What the pool of a waiting message lets it expect: until when its warming addresses have sent what they may. */
export async function poolOutlook(
  db: Db,
  of: {
    readonly accountId: number;
    readonly subaccountId: number;
    readonly poolId: string;
    readonly now: number;
  },
): Promise<{ readonly poolId: string | null; readonly spentUntil: number | null }> {
  const { poolId, addresses: found } = await findEffectivePool(db, { ...of, day: dayOf(of.now) });
  const isSpent = ({ warmupCaps, warmupStartedOn, takenToday, overflowPoolId }: SourceAddress): boolean => {
    const cap = capOn({ caps: warmupCaps, startedOn: warmupStartedOn }, of.now);
    return cap !== null && takenToday >= cap && overflowPoolId === null;
  };
  return { poolId, spentUntil: found.length > 0 && found.every(isSpent) ? nextDayAt(of.now) : null };
}
