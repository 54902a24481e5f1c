/**
 * Pools and dedicated IPs (contract, 4.14): the account's pools and the source addresses that its operator gave it. The default
 * pool is called "Main Pool"; an address that is in none yet is shown in it.
 */
import { isRefusal, refuse } from '../../features/refusals/index.ts';
import { pages } from './caller.ts';
import type { MandrillCall, MandrillCaller } from './caller.ts';
import { flag, flat, neededText } from './fields.ts';
import type { Body } from './fields.ts';
import { timeText } from './times.ts';
import { tell, unknown } from './words.ts';

const ip = '192.0.2.10';
const pool = 'newsletters';
const domain = 'mta.news.example.com';

export const ipCalls: readonly MandrillCall[] = [
  { call: 'ips/list', example: {}, run: list },
  { call: 'ips/info', example: { ip }, run: info },
  { call: 'ips/start-warmup', example: { ip }, run: startWarmup },
  { call: 'ips/cancel-warmup', example: { ip }, run: cancelWarmup },
  { call: 'ips/set-pool', example: { ip, pool, create_pool: true }, run: setPool },
  { call: 'ips/list-pools', example: {}, run: listPools },
  { call: 'ips/pool-info', example: { pool }, run: poolInfo },
  { call: 'ips/create-pool', example: { pool }, run: createPool },
  { call: 'ips/delete-pool', example: { pool }, run: deletePool },
  { call: 'ips/check-custom-dns', example: { ip, domain }, run: checkName },
  { call: 'ips/set-custom-dns', example: { ip, domain }, run: setName },
].map((each) => ({ ...each, run: (caller, body) => each.run(ofAccount(caller), body) }));

/** They are the account's: a subaccount's key has none, and is told nothing of them. */
function ofAccount(caller: MandrillCaller): MandrillCaller {
  if (!caller.isPrimary) throw refuse('auth.grant_missing');
  return caller;
}

type Address = {
  readonly address: string;
  readonly ehloName: string;
  readonly poolId: string | null;
  readonly warmup: {
    readonly caps: readonly number[];
    readonly startsOn: string;
    readonly capToday: number | null;
  } | null;
  readonly createdAt: string;
};
type Pool = {
  readonly id: string | null;
  readonly name: string;
  readonly isDefault: boolean;
  readonly createdAt: string;
};

const main = 'Main Pool';
const nameOf = ({ name, isDefault }: Pool): string => (isDefault ? main : name);
const dayMs = 86_400_000;

async function addressesOf({ world, all }: MandrillCaller): Promise<readonly Address[]> {
  const { items } = await world.native.call<{ items: readonly Address[] }>(all, 'GET /addresses');
  // Nodes that share an address have it once.
  return [...new Map(items.map((each) => [each.address, each])).values()];
}

/** An account without pools sends through one that has no row, as old as itself. */
async function poolsOf({ world, all }: MandrillCaller): Promise<readonly Pool[]> {
  const found = await pages<Pool>(world, all, 'GET /pools', {});
  if (found.some(({ isDefault }) => isDefault)) return found;
  const { createdAt } = await world.native.call<{ createdAt: string }>(all, 'GET /account');
  return [{ id: null, name: main, isDefault: true, createdAt }, ...found];
}

const holds = (of: Pool, { poolId }: Address): boolean => (poolId === null ? of.isDefault : poolId === of.id);

const at = (ms: number): string => timeText(new Date(ms).toISOString());

function printIp(address: Address, name: string): unknown {
  const { warmup } = address;
  const begun = warmup === null || warmup.capToday === null ? null : Date.parse(warmup.startsOn);
  return {
    ip: address.address,
    created_at: timeText(address.createdAt),
    pool: name,
    domain: address.ehloName,
    custom_dns: { enabled: false, valid: false, error: null },
    warmup: {
      warming_up: begun !== null,
      start_at: begun === null ? null : at(begun),
      end_at: begun === null ? null : at(begun + (warmup?.caps.length ?? 0) * dayMs),
    },
  };
}

function printPool(of: Pool, addresses: readonly Address[]): unknown {
  const own = addresses.filter((each) => holds(of, each));
  const name = nameOf(of);
  return { name, created_at: timeText(of.createdAt), ips: own.map((each) => printIp(each, name)) };
}

async function list(caller: MandrillCaller): Promise<unknown> {
  const [addresses, pools] = await Promise.all([addressesOf(caller), poolsOf(caller)]);
  return addresses.map((each) => printIp(each, poolNameOf(each, pools)));
}

function poolNameOf(address: Address, pools: readonly Pool[]): string {
  const found = pools.find((each) => holds(each, address));
  return found === undefined ? main : nameOf(found);
}

async function needed(caller: MandrillCaller, body: Body): Promise<Address> {
  const given = neededText(body, 'ip', 64).trim();
  const found = (await addressesOf(caller)).find(({ address }) => address === given.toLowerCase());
  if (found === undefined) throw unknown.ip(given);
  return found;
}

async function info(caller: MandrillCaller, body: Body): Promise<unknown> {
  return shown(caller, await needed(caller, body));
}

async function shown(caller: MandrillCaller, address: Address): Promise<unknown> {
  return printIp(address, poolNameOf(address, await poolsOf(caller)));
}

function poolNamed(pools: readonly Pool[], name: string): Pool | undefined {
  if (name.toLowerCase() === main.toLowerCase()) return pools.find(({ isDefault }) => isDefault);
  return (
    pools.find((each) => each.name === name) ??
    pools.find((each) => each.name.toLowerCase() === name.toLowerCase())
  );
}

const poolText = (body: Body): string => neededText(body, 'pool', 100).trim();

async function neededPool(caller: MandrillCaller, body: Body): Promise<Pool> {
  const name = poolText(body);
  const found = poolNamed(await poolsOf(caller), name);
  if (found === undefined) throw unknown.pool(name);
  return found;
}

async function listPools(caller: MandrillCaller): Promise<unknown> {
  const [addresses, pools] = await Promise.all([addressesOf(caller), poolsOf(caller)]);
  return pools.map((each) => printPool(each, addresses));
}

async function poolInfo(caller: MandrillCaller, body: Body): Promise<unknown> {
  const found = await neededPool(caller, body);
  return printPool(found, await addressesOf(caller));
}

/** Two who make it at the same time have the same one. */
async function made(caller: MandrillCaller, name: string): Promise<Pool> {
  const { world, all } = caller;
  try {
    return await world.native.call<Pool>(all, 'POST /pools', { body: { name } });
  } catch (error) {
    if (!isRefusal(error) || error.code !== 'conflict.exists') throw error;
    const found = (await poolsOf(caller)).find((each) => each.name === name);
    if (found === undefined) throw error;
    return found;
  }
}

/** With a row: the first pool of an account is its default, so that one comes before any other. */
async function kept(caller: MandrillCaller, found: Pool): Promise<Pool & { readonly id: string }> {
  const { id } = found.id === null ? await made(caller, 'main') : found;
  if (id === null) throw refuse('not_found');
  return { ...found, id };
}

async function poolFor(caller: MandrillCaller, name: string): Promise<Pool> {
  const pools = await poolsOf(caller);
  const known = poolNamed(pools, name);
  if (known !== undefined) return known;
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/i.test(name))
    throw flat('pool', 'Please enter at most 64 letters, digits, underscores or dashes');
  const first = pools.find(({ isDefault }) => isDefault);
  if (first !== undefined) await kept(caller, first);
  return made(caller, name);
}

async function createPool(caller: MandrillCaller, body: Body): Promise<unknown> {
  const found = await poolFor(caller, poolText(body));
  return printPool(found, await addressesOf(caller));
}

async function deletePool(caller: MandrillCaller, body: Body): Promise<unknown> {
  const found = await neededPool(caller, body);
  if (found.isDefault || found.id === null)
    throw tell(400, 17, 'Invalid_DeleteDefaultPool', 'You cannot delete your default pool');
  if ((await addressesOf(caller)).some((each) => holds(found, each)))
    throw tell(400, 18, 'Invalid_DeleteNonEmptyPool', 'You cannot delete a pool that has IPs in it');
  await caller.world.native.answer(caller.all, 'DELETE /pools/:id', { params: { id: found.id } });
  return { pool: nameOf(found), deleted: true };
}

async function changed({ world, all }: MandrillCaller, body: Body): Promise<Address | undefined> {
  const { items } = await world.native.call<{ items: readonly Address[] }>(all, 'PATCH /addresses', { body });
  return items[0];
}

async function setPool(caller: MandrillCaller, body: Body): Promise<unknown> {
  const name = poolText(body);
  const mayMake = flag(body, 'create_pool') ?? false;
  const { address } = await needed(caller, body);
  const known = mayMake ? await poolFor(caller, name) : await neededPool(caller, body);
  const { id } = await kept(caller, known);
  const found = await changed(caller, { address, poolId: id });
  if (found === undefined) throw unknown.ip(address);
  return printIp(found, nameOf(known));
}

/** Thirty days, each with two fifths more than the one before, rounded to two digits; then there is no limit. */
const caps = Array.from({ length: 30 }, (_, day) => Number((50 * 1.4 ** day).toPrecision(2)));

/** In the pool that it is shown in. What is over the day's cap leaves from the default pool, or waits when that is its own. */
async function startWarmup(caller: MandrillCaller, body: Body): Promise<unknown> {
  const found = await needed(caller, body);
  // One that is on goes on.
  if (found.warmup !== null && found.warmup.capToday !== null) return shown(caller, found);
  const pools = await poolsOf(caller);
  const own = pools.find((each) => holds(each, found));
  const first = pools.find(({ isDefault }) => isDefault);
  if (own === undefined || first === undefined) throw unknown.ip(found.address);
  const { id } = await kept(caller, own);
  const overflow = own.isDefault || first.id === null ? {} : { overflowPoolId: first.id };
  const startsOn = new Date(caller.world.now()).toISOString().slice(0, 10);
  const after = await changed(caller, {
    address: found.address,
    poolId: id,
    warmup: { caps, startsOn, ...overflow },
  });
  return shown(caller, after ?? found);
}

async function cancelWarmup(caller: MandrillCaller, body: Body): Promise<unknown> {
  const found = await needed(caller, body);
  if (found.warmup === null) return shown(caller, found);
  return shown(caller, (await changed(caller, { address: found.address, warmup: null })) ?? found);
}

/** The name of an address is what its operator gave it, which is what DNS has to say of it: no other is good for it. */
async function nameFault(caller: MandrillCaller, body: Body): Promise<readonly [Address, string | null]> {
  const name = neededText(body, 'domain', 253).trim().toLowerCase();
  const found = await needed(caller, body);
  const own = found.ehloName.toLowerCase();
  return [found, name === own ? null : `The name of ${found.address} is ${own}; the operator gives names`];
}

async function checkName(caller: MandrillCaller, body: Body): Promise<unknown> {
  const [, error] = await nameFault(caller, body);
  return { valid: error === null, error };
}

async function setName(caller: MandrillCaller, body: Body): Promise<unknown> {
  const [found, error] = await nameFault(caller, body);
  if (error !== null) throw tell(400, 19, 'Invalid_CustomDNS', error);
  return shown(caller, found);
}
