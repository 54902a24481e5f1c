/** The account (contract, section 4): what the native one has a word for. */
import type { Answer } from '../../base/route.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { givenOptions, optionsOf, withOptions } from './account-options.ts';
import type { AccountWords } from './account-options.ts';
import { bodyOf, read, secondsText } from './fields.ts';
import type { Fields } from './fields.ts';
import { tell } from './words.ts';

type Account = { readonly id: number; readonly name: string; readonly createdAt: string };
type Defaults = { readonly own: AccountWords };
type Total = { readonly total: { readonly accepted: number } };

const path = '/api/v1/account';

export function accountRoutes(): readonly SparkpostRoute[] {
  const base = { path, isPrimaryOnly: true } as const;
  return [
    { ...base, method: 'GET', grant: 'settings:read', example: {}, run: get },
    {
      ...base,
      method: 'PUT',
      grant: 'settings:write',
      example: { body: { company_name: 'Example Ltd' } },
      run: change,
    },
  ];
}

async function get(caller: SparkpostCaller, { query }: Call): Promise<Answer> {
  const { world, account } = caller;
  const { id, name, createdAt } = await world.native.call<Account>(account, 'GET /account');
  const { own } = await world.native.call<Defaults>(account, 'GET /account/defaults');
  const created = secondsText(createdAt);
  const results = {
    customer_id: id,
    company_name: name,
    country_code: '',
    anniversary_date: created,
    created,
    updated: created,
    status: 'active',
    status_updated: created,
    status_reason_category: '',
    tfa_required: false,
    service_level: 'standard',
    subscription: { code: 'own', name: 'Own server', plan_volume: 0, self_serve: true, type: 'default' },
    options: optionsOf(own),
    support: { phone: false, online: false },
    ...(query['include']?.split(',').includes('usage') === true ? { usage: await usageOf(caller) } : {}),
  };
  return { status: 200, body: { results } };
}

const dayMs = 86_400_000;

function span(start: number, end: number): Fields {
  const [from, to] = [start, end].map((ms) => secondsText(new Date(ms).toISOString()));
  return { start: from, end: to };
}

/** Accepted mail of the day and of the calendar month, UTC. */
async function usageOf({ world, account }: SparkpostCaller): Promise<Fields> {
  const now = new Date(world.now());
  const day = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  const month = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
  const monthEnd = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
  const used = async (from: number): Promise<number> => {
    const query = { from: new Date(from).toISOString() };
    return (await world.native.call<Total>(account, 'GET /figures', { query })).total.accepted;
  };
  return {
    timestamp: secondsText(now.toISOString()),
    day: { used: await used(day), ...span(day, day + dayMs) },
    month: { used: await used(month), ...span(month, monthEnd) },
    sandbox: { used: 0, limit: 0 },
  };
}

/** What the account says is its settings'; the second factor is each person's own, and no account makes it a duty. */
async function change({ world, account }: SparkpostCaller, { body }: Call): Promise<Answer> {
  const fields = bodyOf(body);
  const { company_name: name } = fields;
  if (name !== undefined && (typeof name !== 'string' || name.trim() === '' || name.length > 200))
    throw tell(400, {
      message: 'company_name must be a string of 1 to 200 characters',
      param: 'company_name',
    });
  if (read(fields, 'tfa_required', 'bool') === true)
    throw tell(400, { message: 'tfa_required is not supported', param: 'tfa_required' });
  const given = read(fields, 'options', 'json object');
  if (given !== undefined) {
    const wanted = givenOptions(given);
    const { own } = await world.native.call<Defaults>(account, 'GET /account/defaults');
    const words = withOptions(own, wanted);
    if (words !== null) await world.native.call(account, 'PUT /account/defaults', { body: words });
  }
  if (name !== undefined) await world.native.call(account, 'PATCH /account', { body: { name } });
  return { status: 200, body: { results: { message: 'Account has been updated' } } };
}
