/** Event webhooks (contract, section 10): of the whole account, of the primary account alone, or of one subaccount. */
import type { Answer } from '../../base/route.ts';
import { isRefusal } from '../../features/refusals/index.ts';
import { tokenFault } from '../../features/webhooks/index.ts';
import type { Call } from '../shared/dialect.ts';
import type { Asking } from '../shared/native.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { bodyOf, everything, isObject } from './fields.ts';
import type { Fields } from './fields.ts';
import { eventTypes, kindsOf } from './webhook-events.ts';
import { authOf, printAuth } from './webhook-auth.ts';
import { batchStatus, documentation, samples } from './webhook-reading.ts';
import { tell } from './words.ts';
import type { SparkpostError } from './words.ts';

export type NativeWebhook = {
  readonly id: string;
  readonly subaccountId: number;
  readonly name: string;
  readonly url: string;
  readonly told: string;
  readonly except: readonly number[];
  readonly format: string;
  readonly names: readonly string[] | null;
  readonly status: 'active' | 'paused';
  readonly auth: { readonly kind: string; readonly name: string };
};

const path = '/api/v1/webhooks';
const params = { id: '00000000-0000-4000-8000-000000000000' };
const example = {
  body: { name: 'Shop', target: 'https://hooks.example.com/sparkpost', events: ['delivery', 'bounce'] },
};
const read = { method: 'GET', grant: 'webhooks:read' } as const;
const write = { grant: 'webhooks:write' } as const;

export function webhookRoutes(): readonly SparkpostRoute[] {
  const one = `${path}/:id`;
  return [
    { ...write, method: 'POST', path, example, run: create },
    { ...read, path, example: {}, run: list },
    { ...read, path: one, example: { params }, run: getOne },
    { ...write, method: 'PUT', path: one, example: { params, body: { name: 'Shop' } }, run: change },
    { ...write, method: 'DELETE', path: one, example: { params }, run: remove },
    { ...write, method: 'POST', path: `${one}/validate`, example: { params }, run: validate },
    {
      ...read,
      path: `${one}/batch-status`,
      example: { params },
      run: async (caller, call) => batchStatus(caller, call, await get(caller, call)),
    },
    { ...read, grant: null, path: `${path}/events/documentation`, example: {}, run: documentation },
    { ...read, grant: null, path: `${path}/events/samples`, example: {}, run: samples },
  ];
}

/** A subaccount's are its own; all others are the account's. */
function owner({ named, one, account }: SparkpostCaller): Asking {
  return named === null || named === 0 ? account : one;
}

type Wish = {
  readonly name?: string;
  readonly url?: string;
  readonly names?: readonly string[];
  readonly kinds?: readonly string[];
  readonly status?: 'active' | 'paused';
  readonly auth?: Fields;
  readonly except?: readonly string[];
};

/** What of the body is there, in our words; all faults at once. */
function wishOf(fields: Fields): Wish {
  const { name, target, events, active, exception_subaccounts: exceptions } = fields;
  const errors: SparkpostError[] = [];
  const fault = (message: string, param: string): void => {
    errors.push({ message, param, value: fields[param] });
  };
  if (name !== undefined && (typeof name !== 'string' || name === '' || name.length > 200))
    fault('`name` must be a string of 1 to 200 characters', 'name');
  if (target !== undefined && (typeof target !== 'string' || !/^https?:\/\/\S{1,1990}$/i.test(target)))
    fault('`target` must be a valid URL', 'target');
  const given = Array.isArray(events) ? events.map(String) : [];
  const unknown = given.find((each) => !eventTypes.includes(each));
  if (events !== undefined && given.length === 0) fault('`events` must be a list of event types', 'events');
  if (unknown !== undefined) fault(`'${unknown.slice(0, 64)}' is not a valid event type`, 'events');
  else if (given.length > 0 && kindsOf(given).length === 0)
    fault('none of these events is made here', 'events');
  if (active !== undefined && typeof active !== 'boolean') fault('`active` must be a boolean', 'active');
  const numbers = Array.isArray(exceptions) ? exceptions.map(String) : [];
  const isList =
    Array.isArray(exceptions) && exceptions.every((each) => Number.isSafeInteger(each) && each >= 0);
  if (exceptions !== undefined && (!isList || numbers.length > 10 || new Set(numbers).size < numbers.length))
    fault('`exception_subaccounts` must be at most 10 different numbers', 'exception_subaccounts');
  const auth = authOf(fields, errors);
  if (errors.length > 0) throw tell(400, ...errors);
  const names = [...new Set(given)];
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof target === 'string' ? { url: target } : {}),
    ...(names.length > 0 ? { names, kinds: kindsOf(names) } : {}),
    ...(active === undefined ? {} : { status: active === true ? 'active' : 'paused' }),
    ...(auth === null ? {} : { auth }),
    ...(exceptions === undefined ? {} : { except: numbers }),
  };
}

const linksOf = (id: string): readonly Fields[] => [
  {
    href: `/sparkpost${path}/${id}`,
    rel: 'urn.msys.webhooks.webhook',
    method: ['GET', 'PUT'],
  },
];

async function create(caller: SparkpostCaller, { body }: Call): Promise<Answer> {
  const { world, named, isPrimary } = caller;
  const fields = bodyOf(body);
  const missing = ['name', 'target', 'events'].filter((each) => fields[each] === undefined);
  if (missing.length > 0)
    throw tell(
      400,
      ...missing.map((param) => ({ message: `\`${param}\` is a required field`, param, value: null })),
    );
  const { status = 'active', ...wish } = exceptIn(caller, wishOf(fields));
  const told = isPrimary && (named === null || named === 0) ? { told: named === 0 ? 'account' : 'all' } : {};
  const asking = owner(caller);
  const made = await nativeUrl(
    world.native.call<NativeWebhook>(asking, 'POST /webhooks', {
      body: { ...wish, ...told, format: 'sparkpost', batchMax: 350, status: 'paused' },
    }),
    (wish.except ?? []).length > 0,
  );
  // Told of nothing until it has answered.
  const params = { id: made.id };
  try {
    await probe(caller, asking, made.id, {});
  } catch (error) {
    await world.native.answer(asking, 'DELETE /webhooks/:id', { params });
    throw error;
  }
  if (status === 'active')
    await world.native.call(asking, 'PATCH /webhooks/:id', { params, body: { status } });
  const id = world.ids.printId(made.id, 'webhook', 'uuid');
  return { status: 200, body: { results: { id, links: linksOf(id) } } };
}

/** The primary account is number 0. */
function exceptIn({ primaryId }: SparkpostCaller, wish: Wish): Wish {
  if (wish.except === undefined) return wish;
  return { ...wish, except: wish.except.map((id) => (id === '0' ? String(primaryId ?? 0) : id)) };
}

/** What our own look at the address refuses counts as an endpoint that does not answer. */
async function nativeUrl<T>(asked: Promise<T>, hasExceptions = false): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    const param = 'exception_subaccounts';
    const isOfExcept =
      isRefusal(error) && error.details.errors?.some(({ field }) => field === 'except') === true;
    if (isOfExcept)
      throw tell(400, { message: '`exception_subaccounts` is for webhooks of all subaccounts', param });
    if (hasExceptions && isRefusal(error) && error.code === 'not_found')
      throw tell(400, { message: '`exception_subaccounts` must name subaccounts', param });
    if (isRefusal(error) && error.details.errors?.some(({ field }) => field === 'auth.url') === true)
      throw failed('POST to webhook tokens URL failed', 0, error.details.errors[0]?.message ?? '');
    if (isRefusal(error) && error.details.errors?.some(({ field }) => field === 'url') === true)
      throw failed('POST to webhook target URL failed', 0, error.details.errors[0]?.message ?? '');
    throw error;
  }
}

type Probe = { readonly status: number | null; readonly error: string | null; readonly response: string };

/** Answers that are not 200 are a failure, the other 2xx as well. */
async function probe(caller: SparkpostCaller, asking: Asking, id: string, to: Fields): Promise<Probe> {
  const seen = await nativeUrl(
    caller.world.native.call<Probe>(asking, 'POST /webhooks/:id/test-change', { params: { id }, body: to }),
  );
  if (seen.status === 200) return seen;
  const isOfToken = seen.error?.startsWith(tokenFault) === true;
  const url = isOfToken ? 'webhook tokens URL' : 'webhook target URL';
  throw failed(`POST to ${url} failed`, seen.status ?? 0, seen.error ?? seen.response);
}

/** The code is a number here, and nowhere else. */
function failed(message: string, status: number, body: string): Error {
  const error = { code: 400, message, response: { status, headers: {}, body } };
  return tell(400, error as unknown as SparkpostError);
}

function printFields({ primaryId, named }: SparkpostCaller, webhook: NativeWebhook): Fields {
  const isOwn = webhook.subaccountId !== primaryId;
  const number = isOwn ? webhook.subaccountId : webhook.told === 'account' ? 0 : Number(webhook.told);
  return {
    name: webhook.name,
    target: webhook.url,
    events: webhook.names ?? [],
    active: webhook.status === 'active',
    exception_subaccounts: webhook.except.map((id) => (id === primaryId ? 0 : id)),
    ...printAuth(webhook.auth),
    // For all: none. A subaccount's key knows whose it is.
    ...(Number.isNaN(number) || (primaryId === null && named === null) ? {} : { subaccount_id: number }),
  };
}

async function list(caller: SparkpostCaller): Promise<Answer> {
  const { world, named, all, account, primaryId } = caller;
  const found = await everything<NativeWebhook>(world.native, named === 0 ? account : all, 'GET /webhooks');
  const results = found
    .filter(({ format }) => format === 'sparkpost')
    .filter((each) => named !== 0 || (each.subaccountId === primaryId && each.told === 'account'))
    .map((each) => {
      const id = world.ids.printId(each.id, 'webhook', 'uuid');
      return { id, ...printFields(caller, each), links: linksOf(id) };
    });
  return { status: 200, body: { results } };
}

async function get(caller: SparkpostCaller, { params: { id: given = '' } }: Call): Promise<NativeWebhook> {
  const { world, named, isPrimary, primaryId } = caller;
  const unknown = tell(404, { message: 'Resource could not be found' });
  const id = world.ids.readId(given, 'webhook', 'uuid');
  if (id === null) throw unknown;
  const found = await world.native.call<NativeWebhook>(owner(caller), 'GET /webhooks/:id', {
    params: { id },
  });
  const isPrimarys = isPrimary && (named === null || named === 0);
  if (found.format !== 'sparkpost' || (isPrimarys && found.subaccountId !== primaryId)) throw unknown;
  return found;
}

async function getOne(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const found = await get(caller, call);
  const id = caller.world.ids.printId(found.id, 'webhook', 'uuid');
  const at = `/sparkpost${path}/${id}`;
  const links = [
    { href: `${at}/validate`, rel: 'urn.msys.webhooks.validate', method: ['POST'] },
    { href: `${at}/batch-status`, rel: 'urn.msys.webhooks.batch-status', method: ['GET'] },
  ];
  return { status: 200, body: { results: { ...printFields(caller, found), links } } };
}

async function change(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const { world } = caller;
  const fields = bodyOf(call.body);
  const wish = exceptIn(caller, wishOf(fields));
  const told = toldOf(caller, fields['subaccount_id']);
  const webhook = await get(caller, call);
  const asking = owner(caller);
  const { url, auth } = wish;
  // A new target, or a new key to it, answers before it is taken.
  if ((url !== undefined && url !== webhook.url) || auth !== undefined)
    await probe(caller, asking, webhook.id, {
      ...(url === undefined ? {} : { url }),
      ...(auth === undefined ? {} : { auth }),
    });
  await nativeUrl(
    world.native.call(asking, 'PATCH /webhooks/:id', {
      params: { id: webhook.id },
      body: { ...wish, ...told },
    }),
    (wish.except ?? []).length > 0,
  );
  const id = world.ids.printId(webhook.id, 'webhook', 'uuid');
  return { status: 200, body: { results: { id, links: linksOf(id) } } };
}

/** −1: all, 0: the primary account. A subaccount's key does not say whose events it wants. */
function toldOf({ isPrimary, named }: SparkpostCaller, value: unknown): Fields {
  if (value === undefined || !isPrimary || (named !== null && named !== 0)) return {};
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < -1)
    throw tell(400, { message: '`subaccount_id` must be a number', param: 'subaccount_id', value });
  return { told: value === -1 ? 'all' : value === 0 ? 'account' : String(value) };
}

async function remove(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const { id } = await get(caller, call);
  await caller.world.native.answer(owner(caller), 'DELETE /webhooks/:id', { params: { id } });
  return { status: 204 };
}

async function validate(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const { body } = call;
  if (isObject(body) && body['message'] !== undefined && !isObject(body['message']))
    throw tell(400, { message: '`message` must be an object', param: 'message' });
  const { id } = await get(caller, call);
  const { status, response } = await probe(caller, owner(caller), id, {});
  const results = {
    msg: 'Test POST to endpoint succeeded',
    response: { status, headers: {}, body: response },
  };
  return { status: 200, body: { results } };
}
