/** API keys (contract, section 4): the header says whose. */
import type { Answer } from '../../base/route.ts';
import type { Call } from '../shared/dialect.ts';
import type { Asking } from '../shared/native.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { bodyOf, everything, secondsText } from './fields.ts';
import type { Fields } from './fields.ts';
import { sparkpostGrants, subaccountGrants, toGrants, toWords } from './grants.ts';
import { keyErrors } from './subaccounts.ts';
import { tell } from './words.ts';

type NativeKey = {
  readonly id: string;
  readonly publicId: string;
  readonly name: string;
  readonly subaccountId: number;
  readonly reach: 'account' | 'subaccount' | 'person';
  readonly grants: readonly string[];
  readonly allowedAddresses: readonly string[];
  readonly createdAt: string;
};

const base = { isPrimaryOnly: true } as const;
const params = { id: '00000000-0000-4000-8000-000000000000' };

export function keyRoutes(): readonly SparkpostRoute[] {
  return [
    {
      ...base,
      method: 'POST',
      path: '/api/v1/api-keys',
      grant: 'keys:write',
      example: { body: { label: 'Shop', grants: ['smtp/inject'] } },
      run: create,
    },
    { ...base, method: 'GET', path: '/api/v1/api-keys', grant: 'keys:read', example: {}, run: list },
    {
      ...base,
      method: 'GET',
      path: '/api/v1/api-keys/:id',
      grant: 'keys:read',
      example: { params },
      run: async (caller, call) => ({
        status: 200,
        body: { results: print(caller, await get(caller, call)) },
      }),
    },
    {
      ...base,
      method: 'PUT',
      path: '/api/v1/api-keys/:id',
      grant: 'keys:write',
      example: { params, body: { label: 'Shop', grants: ['smtp/inject'] } },
      run: change,
    },
    {
      ...base,
      method: 'DELETE',
      path: '/api/v1/api-keys/:id',
      grant: 'keys:write',
      example: { params },
      run: async (caller, call) => {
        const { id } = await get(caller, call);
        await caller.world.native.call(owner(caller), 'DELETE /keys/:id', { params: { id } });
        return { status: 204 };
      },
    },
    {
      ...base,
      method: 'GET',
      path: '/api/v1/authenticate/grants',
      grant: 'keys:read',
      example: {},
      run: async (_caller, { query }) => {
        const words = query['role'] === 'subaccount' ? subaccountGrants : sparkpostGrants;
        const results = words.map((key) => ({ key, label: key, description: key }));
        return { status: 200, body: { results } };
      },
    },
  ];
}

/** A key of the primary account is made by the account; one of a subaccount by who acts for it. */
function owner({ named, one, account }: SparkpostCaller): Asking {
  return named === null || named === 0 ? account : one;
}

function wish({ named }: SparkpostCaller, body: unknown): Fields {
  const { label, grants = [], valid_ips: ips = [] } = bodyOf(body);
  const known = named === null || named === 0 ? sparkpostGrants : subaccountGrants;
  const errors = keyErrors(grants, ips, known, '');
  if (typeof label !== 'string' || label === '')
    errors.unshift({ message: '`label` is a required field', param: 'label', value: null });
  if (errors.length > 0) throw tell(400, ...errors);
  return { name: label, grants: toGrants(grants as readonly string[]), allowedAddresses: ips };
}

async function create(caller: SparkpostCaller, { body }: Call): Promise<Answer> {
  const made = await caller.world.native.call<NativeKey & { readonly secret: string }>(
    owner(caller),
    'POST /keys',
    { body: { ...wish(caller, body), secretForm: 'hex40' } },
  );
  const id = caller.world.ids.printId(made.id, 'key', 'uuid');
  const { secret: key, name: label } = made;
  const link = { href: `/sparkpost/api/v1/api-keys/${id}` };
  return { status: 200, body: { results: { id, key, short_key: key.slice(0, 4), label, link } } };
}

function print({ world, primaryId }: SparkpostCaller, key: NativeKey) {
  return {
    id: world.ids.printId(key.id, 'key', 'uuid'),
    label: key.name,
    short_key: key.publicId.slice(3, 7),
    grants: toWords(key.grants),
    valid_ips: key.allowedAddresses.map((cidr) => cidr.replace(/\/(?:32|128)$/, '')),
    created_at: secondsText(key.createdAt),
    username: '',
    ...(key.subaccountId === primaryId ? {} : { subaccount_id: key.subaccountId }),
  };
}

async function list(caller: SparkpostCaller): Promise<Answer> {
  const { world, named, all, account, primaryId } = caller;
  const asking = named === 0 ? account : all;
  const found = await everything<NativeKey>(world.native, asking, 'GET /keys');
  const shown = named === 0 ? found.filter(({ subaccountId }) => subaccountId === primaryId) : found;
  return { status: 200, body: { results: shown.map((key) => print(caller, key)) } };
}

/** Of the primary account without the header, of the named subaccount with it. */
async function get(caller: SparkpostCaller, { params }: Call): Promise<NativeKey> {
  const { world, named, primaryId } = caller;
  const unknown = tell(404, { message: 'Resource could not be found' });
  const id = world.ids.readId(params['id'] ?? '', 'key', 'uuid');
  if (id === null) throw unknown;
  const key = await world.native.call<NativeKey>(owner(caller), 'GET /keys/:id', { params: { id } });
  const wanted = named === null || named === 0 ? primaryId : named;
  if (key.subaccountId !== wanted) throw unknown;
  return key;
}

async function change(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const body = wish(caller, call.body);
  const { id } = await get(caller, call);
  const { native } = caller.world;
  const changed = await native.call<NativeKey>(owner(caller), 'PATCH /keys/:id', { params: { id }, body });
  return { status: 200, body: { results: print(caller, changed) } };
}
