/** Subaccounts (contract, section 4). There is no way to delete one. */
import { parseCidr } from '../../base/address-list.ts';
import type { Answer } from '../../base/route.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { bodyOf, everything, listOf } from './fields.ts';
import type { Fields } from './fields.ts';
import { subaccountGrants, toGrants } from './grants.ts';
import { poolNamed, poolsOf } from './pools.ts';
import { tell } from './words.ts';
import type { SparkpostError } from './words.ts';

type NativeSubaccount = {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly isOwn: boolean;
  readonly poolId: string | null;
  readonly createdAt: string;
};

const statuses = ['active', 'suspended', 'terminated'];
/** Ours that SparkPost has no word for; a deleted one is not shown at all. */
const statusWords: Readonly<Record<string, string>> = {
  active: 'active',
  pending_retirement: 'active',
  paused: 'suspended',
  suspended: 'suspended',
  deactivated: 'suspended',
  terminated: 'terminated',
  retired: 'terminated',
};

const base = { isPrimaryOnly: true } as const;
const id = { id: '1002' };

export function subaccountRoutes(): readonly SparkpostRoute[] {
  return [
    {
      ...base,
      method: 'POST',
      path: '/api/v1/subaccounts',
      grant: 'subaccounts:write',
      example: { body: { name: 'Blue Kite', key_label: 'kite key', key_grants: ['smtp/inject'] } },
      run: create,
    },
    {
      ...base,
      method: 'GET',
      path: '/api/v1/subaccounts',
      grant: 'subaccounts:read',
      example: {},
      run: list,
    },
    {
      ...base,
      method: 'GET',
      path: '/api/v1/subaccounts/summary',
      grant: 'subaccounts:read',
      example: {},
      run: async (caller) => ({ status: 200, body: { results: { total: (await all(caller)).length } } }),
    },
    {
      ...base,
      method: 'GET',
      path: '/api/v1/subaccounts/:id',
      grant: 'subaccounts:read',
      example: { params: id },
      run: async (caller, { params }) => {
        const [found, names] = [await get(caller, params['id'] ?? ''), await poolNames(caller)];
        return { status: 200, body: { results: print(caller, found, names) } };
      },
    },
    {
      ...base,
      method: 'PUT',
      path: '/api/v1/subaccounts/:id',
      grant: 'subaccounts:write',
      example: { params: id, body: { status: 'suspended' } },
      run: change,
    },
  ];
}

async function create(caller: SparkpostCaller, { body }: Call): Promise<Answer> {
  const { world, account } = caller;
  const fields = bodyOf(body);
  const {
    setup_api_key: hasKey = true,
    key_label: label,
    key_grants: words,
    key_valid_ips: ips = [],
  } = fields;
  const errors = [...required(fields, hasKey === true), ...poolErrors(fields)];
  if (hasKey === true) errors.push(...keyErrors(words, ips));
  if (errors.length > 0) throw tell(400, ...errors);
  const poolId = await poolIdOf(caller, fields['ip_pool']);
  const made = await world.native.call<NativeSubaccount & { readonly key?: { readonly secret: string } }>(
    account,
    'POST /subaccounts',
    {
      body: {
        name: fields['name'],
        ...(poolId === null ? {} : { poolId }),
        ...(hasKey === true
          ? {
              key: {
                name: label,
                grants: toGrants(words as readonly string[]),
                allowedAddresses: ips,
                secretForm: 'hex40',
              },
            }
          : {}),
      },
    },
  );
  const key = made.key?.secret;
  const shown = key === undefined ? {} : { key, label, short_key: key.slice(0, 4) };
  return { status: 200, body: { results: { subaccount_id: made.id, ...shown } } };
}

function required(fields: Fields, hasKey: boolean): SparkpostError[] {
  const names = hasKey ? ['name', 'key_label', 'key_grants'] : ['name'];
  const absent = names
    .filter((name) => fields[name] === undefined || fields[name] === null || fields[name] === '')
    .map((name) => ({ message: `\`${name}\` is a required field`, param: name, value: null }));
  return [...absent, ...nameErrors(fields)];
}

function nameErrors({ name }: Fields): SparkpostError[] {
  if (name === undefined || name === null) return [];
  if (typeof name !== 'string') return [{ message: '`name` must be a string', param: 'name', value: name }];
  return name.length > 64
    ? [{ message: 'name must be 64 characters or less', param: 'name', value: name }]
    : [];
}

/** Of a key that a subaccount holds; shared with the keys' own routes. */
export function keyErrors(
  words: unknown,
  ips: unknown,
  known: readonly string[] = subaccountGrants,
  prefix = 'key_',
): SparkpostError[] {
  const errors: SparkpostError[] = [];
  const isKnown = Array.isArray(words) && words.every((word) => known.includes(word as string));
  if (words !== undefined && words !== null && !isKnown) {
    const supported = known.map((word) => `'${word}'`).join(', ');
    errors.push({
      message: `Invalid \`${prefix}grants value\`. Supported values are: ${supported}`,
      param: `${prefix}grants`,
      value: words,
    });
  }
  if (!Array.isArray(ips))
    errors.push({
      message: `\`${prefix}valid_ips\` must be an Array`,
      param: `${prefix}valid_ips`,
      value: ips,
    });
  else if (!ips.every((ip) => typeof ip === 'string' && parseCidr(ip) !== null))
    errors.push({
      message: `\`${prefix}valid_ips\` must have valid netmask values`,
      param: `${prefix}valid_ips`,
      value: ips,
    });
  return errors;
}

function poolErrors({ ip_pool: pool }: Fields): SparkpostError[] {
  if (typeof pool !== 'string' || pool === '') return [];
  if (pool.length > 20)
    return [{ message: 'ip_pool must be 20 characters or less', param: 'ip_pool', value: pool }];
  if (!/^\w+$/.test(pool))
    return [{ message: 'ip_pool must be alphanumeric and underscore', param: 'ip_pool', value: pool }];
  return [];
}

async function poolIdOf(caller: SparkpostCaller, pool: unknown): Promise<string | null> {
  if (typeof pool !== 'string' || pool === '') return null;
  return (await poolNamed(caller, pool)).id;
}

/** The account's own one is the primary account, and no subaccount. */
async function all({ world, account }: SparkpostCaller): Promise<readonly NativeSubaccount[]> {
  const found = await everything<NativeSubaccount>(world.native, account, 'GET /subaccounts');
  return found.filter(({ isOwn, status }) => !isOwn && status in statusWords);
}

async function get({ world, account }: SparkpostCaller, id: string): Promise<NativeSubaccount> {
  const unknown = tell(404, { message: 'Resource could not be found' });
  if (!/^\d{1,10}$/.test(id)) throw unknown;
  const found = await world.native.call<NativeSubaccount>(account, 'GET /subaccounts/:id', {
    params: { id },
  });
  if (found.isOwn || !(found.status in statusWords)) throw unknown;
  return found;
}

async function poolNames(caller: SparkpostCaller): Promise<ReadonlyMap<string, string>> {
  return new Map((await poolsOf(caller)).map(({ id, name }) => [id, name]));
}

function print(
  { account }: SparkpostCaller,
  { id, name, status, poolId }: NativeSubaccount,
  pools: ReadonlyMap<string, string>,
) {
  const pool = poolId === null ? undefined : pools.get(poolId);
  return {
    id,
    name,
    status: statusWords[status],
    compliance_status: 'active',
    ...(pool === undefined ? {} : { ip_pool: pool }),
    customer_id: Number(account.scope.accountId),
  };
}

const paging = ['cursor', 'per_page', 'sort_by', 'order', 'ip_pool', 'status', 'name', 'ids'] as const;

/** Whole without a filter; with any of them page by page. */
async function list(caller: SparkpostCaller, { query }: Call): Promise<Answer> {
  const [found, pools] = [await all(caller), await poolNames(caller)];
  const printed = found.map((each) => ({ native: each, shown: print(caller, each, pools) }));
  if (paging.every((name) => query[name] === undefined))
    return { status: 200, body: { results: printed.map(({ shown }) => shown) } };
  const ids = listOf(query['ids']);
  const { name, status, ip_pool: pool, sort_by: sort = 'created_at', order = 'desc' } = query;
  const chosen = printed
    .filter(({ shown }) => status === undefined || shown.status === status)
    .filter(({ shown }) => name === undefined || shown.name.toLowerCase().includes(name.toLowerCase()))
    .filter(({ shown }) => pool === undefined || shown.ip_pool === pool)
    .filter(({ shown }) => ids === null || ids.includes(String(shown.id)))
    .toSorted((a, b) =>
      sort === 'name' ? a.shown.name.localeCompare(b.shown.name) : a.shown.id - b.shown.id,
    );
  if (order !== 'asc') chosen.reverse();
  const size = perPage(query['per_page'], 25, 100);
  const from = query['cursor'] === undefined || query['cursor'] === 'initial' ? 0 : Number(query['cursor']);
  if (!Number.isSafeInteger(from) || from < 0)
    throw tell(400, { message: 'Invalid cursor', param: 'cursor' });
  const results = chosen.slice(from, from + size).map(({ shown }) => shown);
  const next =
    from + size < chosen.length ? { next: pageLink('/api/v1/subaccounts', query, String(from + size)) } : {};
  return { status: 200, body: { results, total_count: chosen.length, links: next } };
}

export function perPage(text: string | undefined, usual: number, max: number): number {
  if (text === undefined) return usual;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > max)
    throw tell(400, { message: `per_page must be between 1 and ${max}`, param: 'per_page', value: text });
  return number;
}

/** Host-relative, with the mount, and with all filters of the call. */
export function pageLink(path: string, query: Call['query'], cursor: string): string {
  return `/sparkpost${path}?${new URLSearchParams({ ...query, cursor }).toString()}`;
}

async function change(caller: SparkpostCaller, { params, body }: Call): Promise<Answer> {
  const { world, account } = caller;
  const fields = bodyOf(body);
  const { name, status, ip_pool: pool } = fields;
  const errors = [...nameErrors(fields), ...poolErrors(fields)];
  if (status !== undefined && !statuses.includes(status as string))
    errors.push({ message: `status must be one of: ${statuses.join(', ')}`, param: 'status', value: status });
  if (errors.length > 0) throw tell(400, ...errors);
  const { id } = await get(caller, params['id'] ?? '');
  const poolId = pool === undefined ? undefined : await poolIdOf(caller, pool);
  await world.native.call(account, 'PATCH /subaccounts/:id', {
    params: { id: String(id) },
    body: {
      ...(name === undefined ? {} : { name }),
      ...(status === undefined ? {} : { status }),
      ...(poolId === undefined ? {} : { poolId }),
    },
  });
  return {
    status: 200,
    body: { results: { message: 'Successfully updated subaccount information' } },
  };
}
