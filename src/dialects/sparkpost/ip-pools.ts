/** IP pools and sending IPs (contract, section 12): the account's pools and the addresses that its operator gave it. */
import type { Answer } from '../../base/route.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { bodyOf } from './fields.ts';
import type { Fields } from './fields.ts';
import { poolsOf } from './pools.ts';
import type { NativePool } from './pools.ts';
import { tell } from './words.ts';

type Address = {
  readonly address: string;
  readonly ehloName: string;
  readonly poolId: string | null;
  readonly warmup: Warmup | null;
};
type Warmup = {
  readonly caps: readonly number[];
  readonly startsOn: string;
  readonly overflowPoolId: string | null;
  readonly capToday: number | null;
};

const read = { method: 'GET', grant: 'pools:read', isPrimaryOnly: true } as const;
const write = { grant: 'pools:write', isPrimaryOnly: true } as const;
const pools = '/api/v1/ip-pools';
const ips = '/api/v1/sending-ips';
const poolParams = { id: 'marketing' };
const ipParams = { ip: '192.0.2.10' };

export function poolRoutes(): readonly SparkpostRoute[] {
  const [one, ip] = [`${pools}/:id`, `${ips}/:ip`];
  return [
    { ...write, method: 'POST', path: pools, example: { body: { name: 'Marketing' } }, run: create },
    { ...read, path: pools, example: {}, run: list },
    { ...read, path: one, example: { params: poolParams }, run: getOne },
    {
      ...write,
      method: 'PUT',
      path: one,
      example: { params: poolParams, body: { name: 'News' } },
      run: change,
    },
    { ...write, method: 'DELETE', path: one, example: { params: poolParams }, run: remove },
    { ...read, path: ips, example: {}, run: listIps },
    { ...read, path: ip, example: { params: ipParams }, run: getIp },
    {
      ...write,
      method: 'PUT',
      path: ip,
      example: { params: ipParams, body: { ip_pool: 'default' } },
      run: changeIp,
    },
  ];
}

/** The pool that is there from the beginning is called so, whatever its name is here. */
const reserved = 'default';
const idOf = (pool: NativePool): string => (pool.isDefault ? reserved : pool.name.toLowerCase());

function slugOf(name: unknown): string {
  const slug =
    typeof name === 'string'
      ? name
          .toLowerCase()
          .replaceAll(/\s+/g, '_')
          .replaceAll(/[^a-z0-9_]/g, '')
          .slice(0, 20)
      : '';
  if (slug === '' || slug.startsWith('_'))
    throw tell(400, { message: 'name must hold letters or digits', param: 'name', value: name ?? null });
  return slug;
}

const asked = ['signing_domain', 'fbl_signing_domain', 'auto_warmup_overflow_pool'];

/** Signing follows the sender's domain, and overflow the address: a pool has no such fields here. */
function refuseUnknown(fields: Fields): void {
  const found = asked.find((name) => fields[name] !== undefined && fields[name] !== '');
  if (found !== undefined)
    throw tell(400, { message: `${found} is not supported`, param: found, value: fields[found] });
}

function addressesOf({ world, account }: SparkpostCaller): Promise<readonly Address[]> {
  return world.native
    .call<{ readonly items: readonly Address[] }>(account, 'GET /addresses')
    .then(({ items }) => items);
}

const day = 86_400_000;

/** Days of the plan, from 1; a plan that is over has no stage. */
function warmupOf({ world }: SparkpostCaller, { warmup }: Address): Fields {
  const isOn = warmup !== null && warmup.capToday !== null;
  const days = isOn ? Math.floor((world.now() - Date.parse(warmup.startsOn)) / day) + 1 : 0;
  return {
    auto_warmup_enabled: isOn,
    ...(isOn ? { auto_warmup_stage: Math.min(29, Math.max(1, days)) } : {}),
  };
}

function printIp(caller: SparkpostCaller, address: Address): Fields {
  return { external_ip: address.address, hostname: address.ehloName, ...warmupOf(caller, address) };
}

function print(caller: SparkpostCaller, pool: NativePool, addresses: readonly Address[]): Fields {
  const own = addresses.filter(({ poolId }) => (poolId === null ? pool.isDefault : poolId === pool.id));
  return { id: idOf(pool), name: pool.name, ips: own.map((each) => printIp(caller, each)) };
}

/** An account without pools sends through one that has no row. */
const unmade: NativePool = { id: '0', name: reserved, isDefault: true };

async function poolsHere(caller: SparkpostCaller): Promise<readonly NativePool[]> {
  const found = await poolsOf(caller);
  return found.length === 0 ? [unmade] : found;
}

async function find(caller: SparkpostCaller, id: string): Promise<NativePool | undefined> {
  return (await poolsHere(caller)).find((pool) => idOf(pool) === id.toLowerCase());
}

async function create(caller: SparkpostCaller, { body }: Call): Promise<Answer> {
  const { world, account } = caller;
  const fields = bodyOf(body);
  refuseUnknown(fields);
  const id = slugOf(fields['name']);
  if (id === reserved) throw tell(400, { message: 'IP Pool default is reserved.' });
  // The first pool of an account is its default.
  if ((await poolsOf(caller)).length === 0)
    await world.native.call(account, 'POST /pools', { body: { name: reserved } });
  await world.native.call(account, 'POST /pools', { body: { name: id } });
  return { status: 200, body: { results: { id } } };
}

async function list(caller: SparkpostCaller): Promise<Answer> {
  const [found, addresses] = await Promise.all([poolsHere(caller), addressesOf(caller)]);
  return { status: 200, body: { results: found.map((pool) => print(caller, pool, addresses)) } };
}

async function getOne(caller: SparkpostCaller, { params: { id = '' } }: Call): Promise<Answer> {
  const pool = await find(caller, id);
  if (pool === undefined) throw tell(404, { message: 'IP pool not found.' });
  return { status: 200, body: { results: print(caller, pool, await addressesOf(caller)) } };
}

async function changeable(caller: SparkpostCaller, id: string, told: string): Promise<NativePool> {
  const pool = await find(caller, id);
  if (pool === undefined) throw tell(404, { message: `IP Pool ${id.slice(0, 64)} does not exist.` });
  if (pool.isDefault) throw tell(400, { message: told });
  return pool;
}

async function change(caller: SparkpostCaller, { params: { id = '' }, body }: Call): Promise<Answer> {
  const { world, account } = caller;
  const fields = bodyOf(body);
  refuseUnknown(fields);
  const wanted = fields['name'] === undefined ? null : slugOf(fields['name']);
  const pool = await changeable(caller, id, 'IP Pool default is reserved and cannot be updated.');
  const changed =
    wanted === null || wanted === pool.name
      ? pool
      : await world.native.call<NativePool>(account, 'PATCH /pools/:id', {
          params: { id: pool.id },
          body: { name: wanted },
        });
  return { status: 200, body: { results: print(caller, changed, await addressesOf(caller)) } };
}

/** Its addresses go back to the default pool. */
async function remove(caller: SparkpostCaller, { params: { id = '' } }: Call): Promise<Answer> {
  const { world, account } = caller;
  const pool = await changeable(caller, id, 'IP Pool default is reserved.');
  const params = { id: pool.id };
  if ((await addressesOf(caller)).some(({ poolId }) => poolId === pool.id))
    await world.native.call(account, 'PUT /pools/:id/addresses', { params, body: { addresses: [] } });
  await world.native.answer(account, 'DELETE /pools/:id', { params });
  return { status: 204 };
}

function poolOf({ poolId }: Address, found: readonly NativePool[]): string {
  const pool = found.find(({ id, isDefault }) => (poolId === null ? isDefault : id === poolId));
  return pool === undefined ? reserved : idOf(pool);
}

async function listIps(caller: SparkpostCaller): Promise<Answer> {
  const [found, addresses] = await Promise.all([poolsHere(caller), addressesOf(caller)]);
  const results = addresses.map((each) => ({ ...printIp(caller, each), ip_pool: poolOf(each, found) }));
  return { status: 200, body: { results } };
}

async function ipNamed(caller: SparkpostCaller, { params: { ip = '' } }: Call): Promise<Address> {
  const found = (await addressesOf(caller)).find(({ address }) => address === ip.toLowerCase());
  if (found === undefined) throw tell(404, { message: 'Sending IP does not exist' });
  return found;
}

async function getIp(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const address = await ipNamed(caller, call);
  const ip_pool = poolOf(address, await poolsHere(caller));
  return { status: 200, body: { results: { ...printIp(caller, address), ip_pool } } };
}

async function changeIp(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const { world, account } = caller;
  const fields = bodyOf(call.body);
  const warming = ['auto_warmup_enabled', 'auto_warmup_stage'].find((name) => fields[name] !== undefined);
  if (warming !== undefined)
    throw tell(400, { message: `${warming} is not supported`, param: warming, value: fields[warming] });
  const address = await ipNamed(caller, call);
  const { ip_pool: name } = fields;
  if (name !== undefined) {
    const named = typeof name === 'string' ? name : JSON.stringify(name);
    const pool = await find(caller, named);
    if (pool === undefined) throw tell(400, { message: `IP Pool ${named} does not exist.` });
    if (pool !== unmade && pool.id !== address.poolId)
      await world.native.call(account, 'PATCH /addresses', {
        body: { address: address.address, poolId: pool.id },
      });
  }
  return { status: 200, body: { results: { message: 'Updated Sending IP.' } } };
}
