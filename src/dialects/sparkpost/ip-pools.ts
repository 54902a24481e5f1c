/** IP pools and sending IPs (contract, section 12): the account's pools and the addresses that its operator gave it. */
import type { Answer } from '../../base/route.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { bodyOf, everything } from './fields.ts';
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

/** Overflow follows the address: a pool has no such field here. */
function refuseUnknown(fields: Fields): void {
  const name = 'auto_warmup_overflow_pool';
  if (fields[name] !== undefined && fields[name] !== '')
    throw tell(400, { message: `${name} is not supported`, param: name, value: fields[name] });
}

type Domain = {
  readonly id: string;
  readonly subaccountId: number;
  readonly name: string;
  readonly state: string;
};
type Signers = Partial<Pick<NativePool, 'signingDomainId' | 'feedbackDomainId'>>;

const signing = { signing_domain: 'signingDomainId', fbl_signing_domain: 'feedbackDomainId' } as const;
const signingFields = ['signing_domain', 'fbl_signing_domain'] as const;

function domainsOf({ world, account }: SparkpostCaller): Promise<readonly Domain[]> {
  return everything<Domain>(world.native, account, 'GET /domains');
}

/** Verified domains of the primary account, by name; an empty one is taken away. */
async function signersOf(caller: SparkpostCaller, fields: Fields): Promise<Signers> {
  const said = signingFields.filter((name) => fields[name] !== undefined);
  if (said.length === 0) return {};
  const domains = await domainsOf(caller);
  return Object.fromEntries(
    said.map((name) => {
      const value = fields[name];
      if (value === '' || value === null) return [signing[name], null];
      const found = domains.find(
        (each) =>
          each.subaccountId === caller.primaryId &&
          each.state === 'proven' &&
          typeof value === 'string' &&
          each.name === value.toLowerCase(),
      );
      if (found === undefined)
        throw tell(400, { message: `${name} must be a verified sending domain`, param: name, value });
      return [signing[name], found.id];
    }),
  );
}

async function setSigners(caller: SparkpostCaller, pool: NativePool, signers: Signers): Promise<NativePool> {
  if (Object.keys(signers).length === 0) return pool;
  const input = { params: { id: pool.id }, body: signers };
  return caller.world.native.call<NativePool>(caller.account, 'PATCH /pools/:id', input);
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

type Known = { readonly addresses: readonly Address[]; readonly domains: readonly Domain[] };

/** What pools are told with; domains are asked for only where a pool names some. */
async function knownFor(caller: SparkpostCaller, pools: readonly NativePool[]): Promise<Known> {
  const isSigned = pools.some((pool) => pool.signingDomainId !== null || pool.feedbackDomainId !== null);
  const [addresses, domains] = await Promise.all([addressesOf(caller), isSigned ? domainsOf(caller) : []]);
  return { addresses, domains };
}

function print(caller: SparkpostCaller, pool: NativePool, { addresses, domains }: Known): Fields {
  const own = addresses.filter(({ poolId }) => (poolId === null ? pool.isDefault : poolId === pool.id));
  const signers = signingFields.flatMap((name) => {
    const found = domains.find(({ id }) => id === pool[signing[name]]);
    return found === undefined ? [] : [[name, found.name] as const];
  });
  const ips = own.map((each) => printIp(caller, each));
  return { id: idOf(pool), name: pool.name, ips, ...Object.fromEntries(signers) };
}

/** An account without pools sends through one that has no row. */
const unmade: NativePool = {
  id: '0',
  name: reserved,
  isDefault: true,
  signingDomainId: null,
  feedbackDomainId: null,
};

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
  const signers = await signersOf(caller, fields);
  await defaultPool(caller);
  const made = await world.native.call<NativePool>(account, 'POST /pools', { body: { name: id } });
  await setSigners(caller, made, signers);
  return { status: 200, body: { results: { id } } };
}

async function list(caller: SparkpostCaller): Promise<Answer> {
  const found = await poolsHere(caller);
  const known = await knownFor(caller, found);
  return { status: 200, body: { results: found.map((pool) => print(caller, pool, known)) } };
}

async function getOne(caller: SparkpostCaller, { params: { id = '' } }: Call): Promise<Answer> {
  const pool = await find(caller, id);
  if (pool === undefined) throw tell(404, { message: 'IP pool not found.' });
  return { status: 200, body: { results: print(caller, pool, await knownFor(caller, [pool])) } };
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
  const signers = await signersOf(caller, fields);
  const renamed =
    wanted === null || wanted === pool.name
      ? pool
      : await world.native.call<NativePool>(account, 'PATCH /pools/:id', {
          params: { id: pool.id },
          body: { name: wanted },
        });
  const changed = await setSigners(caller, renamed, signers);
  return { status: 200, body: { results: print(caller, changed, await knownFor(caller, [changed])) } };
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

async function ipNamed(
  caller: SparkpostCaller,
  { params: { ip = '' } }: Pick<Call, 'params'>,
): Promise<Address> {
  const found = (await addressesOf(caller)).find(({ address }) => address === ip.toLowerCase());
  if (found === undefined) throw tell(404, { message: 'Sending IP does not exist' });
  return found;
}

async function getIp(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const address = await ipNamed(caller, call);
  const ip_pool = poolOf(address, await poolsHere(caller));
  return { status: 200, body: { results: { ...printIp(caller, address), ip_pool } } };
}

/** Null: it is warm; undefined: nothing is said. A stage is a day of the plan, and goes back only. */
function wantedWarmup(
  caller: SparkpostCaller,
  address: Address,
  { auto_warmup_enabled: isOn, auto_warmup_stage: stage }: Fields,
): Fields | null | undefined {
  if (isOn !== undefined && typeof isOn !== 'boolean')
    throw tell(400, {
      message: 'auto_warmup_enabled must be a boolean',
      param: 'auto_warmup_enabled',
      value: isOn,
    });
  const { auto_warmup_stage: current } = warmupOf(caller, address);
  const isStage = Number.isInteger(stage) && Number(stage) >= 1 && Number(stage) <= Number(current ?? 1);
  if (stage !== undefined && !isStage)
    throw tell(400, {
      message: 'auto_warmup_stage must be a number from 1 to the current stage',
      param: 'auto_warmup_stage',
      value: stage,
    });
  if (isOn === false) return null;
  if (current === undefined) return isOn === true ? {} : undefined;
  if (stage === undefined || stage === current) return undefined;
  const startsOn = new Date(caller.world.now() - (Number(stage) - 1) * day).toISOString().slice(0, 10);
  const { caps = [], overflowPoolId = null } = address.warmup ?? {};
  return { caps, startsOn, ...(overflowPoolId === null ? {} : { overflowPoolId }) };
}

/** One that is in no pool warms up in the default one. */
async function setWarmup(
  caller: SparkpostCaller,
  { address }: Address,
  warmup: Fields | null,
): Promise<void> {
  const { world, account } = caller;
  const now = await ipNamed(caller, { params: { ip: address } });
  if (warmup === null && now.poolId === null) return;
  const pool = now.poolId === null ? { poolId: (await defaultPool(caller)).id } : {};
  await world.native.call(account, 'PATCH /addresses', { body: { address, ...pool, warmup } });
}

/** The first pool of an account is its default. */
async function defaultPool(caller: SparkpostCaller): Promise<NativePool> {
  const found = (await poolsOf(caller)).find(({ isDefault }) => isDefault);
  if (found !== undefined) return found;
  return caller.world.native.call<NativePool>(caller.account, 'POST /pools', { body: { name: reserved } });
}

async function changeIp(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const { world, account } = caller;
  const fields = bodyOf(call.body);
  const address = await ipNamed(caller, call);
  const warmup = wantedWarmup(caller, address, fields);
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
  if (warmup !== undefined) await setWarmup(caller, address, warmup);
  return { status: 200, body: { results: { message: 'Updated Sending IP.' } } };
}
