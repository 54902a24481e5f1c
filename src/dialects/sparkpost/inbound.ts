/**
 * Inbound domains and relay webhooks (contract, section 13), of the primary account alone. A relay webhook is the one route of
 * its domain; a domain receives once its MX leads to the host that `mx_target` names.
 */
import type { Answer } from '../../base/route.ts';
import { isRefusal } from '../../features/refusals/index.ts';
import { parseDomainName } from '../../mail/address.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { bodyOf, classic, everything, invalidFormat, isObject, missing } from './fields.ts';
import type { Fields } from './fields.ts';
import { authOf, printAuth } from './webhook-auth.ts';
import { tell } from './words.ts';
import type { SparkpostError } from './words.ts';

type NativeDomain = {
  readonly id: string;
  readonly subaccountId: number;
  readonly name: string;
  readonly record: { readonly value: string };
};
type NativeRoute = {
  readonly id: string;
  readonly subaccountId: number;
  readonly domain: string;
  readonly name: string;
  readonly format: string;
  readonly url: string;
  readonly auth: { readonly kind: string; readonly name: string };
};

const domainsPath = '/api/v1/inbound-domains';
const hooksPath = '/api/v1/relay-webhooks';
const read = { method: 'GET', grant: 'inbound:read', isPrimaryOnly: true } as const;
const write = { grant: 'inbound:write', isPrimaryOnly: true } as const;

export function inboundRoutes(): readonly SparkpostRoute[] {
  const ofDomain = { path: `${domainsPath}/:domain`, example: { params: { domain: 'in.kite.test' } } };
  const params = { id: '100123' };
  const one = { path: `${hooksPath}/:id`, example: { params } };
  const hook = {
    name: 'Replies',
    target: 'https://hooks.example.com/relay',
    match: { domain: 'in.kite.test' },
  };
  return [
    { ...read, path: domainsPath, example: {}, run: listDomains },
    { ...read, ...ofDomain, run: getDomain },
    {
      ...write,
      method: 'POST',
      path: domainsPath,
      example: { body: { domain: 'in.kite.test' } },
      run: createDomain,
    },
    { ...write, method: 'DELETE', ...ofDomain, run: removeDomain },
    { ...read, path: hooksPath, example: {}, run: listHooks },
    { ...read, ...one, run: getHook },
    { ...write, method: 'POST', path: hooksPath, example: { body: hook }, run: createHook },
    {
      ...write,
      method: 'PUT',
      path: one.path,
      example: { params, body: { name: 'Replies' } },
      run: changeHook,
    },
    { ...write, method: 'DELETE', ...one, run: removeHook },
    { ...write, method: 'POST', path: `${hooksPath}/:id/validate`, example: { params }, run: validateHook },
  ];
}

async function domainsOf({ world, one, primaryId }: SparkpostCaller): Promise<readonly NativeDomain[]> {
  const found = await everything<NativeDomain>(world.native, one, 'GET /inbound-domains');
  return found.filter(({ subaccountId }) => subaccountId === primaryId);
}

async function domainNamed(caller: SparkpostCaller, name: string): Promise<NativeDomain | null> {
  return (await domainsOf(caller)).find((each) => each.name === name.toLowerCase()) ?? null;
}

async function existing(caller: SparkpostCaller, { params: { domain = '' } }: Call): Promise<NativeDomain> {
  const found = await domainNamed(caller, domain);
  if (found === null) throw classic(404, '1600', 'resource not found');
  return found;
}

const printDomain = ({ name, record }: NativeDomain): Fields => ({ domain: name, mx_target: record.value });

async function listDomains(caller: SparkpostCaller): Promise<Answer> {
  return { status: 200, body: { results: (await domainsOf(caller)).map(printDomain) } };
}

async function getDomain(caller: SparkpostCaller, call: Call): Promise<Answer> {
  return { status: 200, body: { results: printDomain(await existing(caller, call)) } };
}

const conflict = (description: string): Error => classic(409, '1602', 'resource conflict', description);

async function createDomain(caller: SparkpostCaller, { body }: Call): Promise<Answer> {
  const { domain: given } = bodyOf(body);
  if (given === undefined || given === null) throw missing('domain is a required field');
  const name = typeof given === 'string' ? parseDomainName(given) : null;
  if (name === null) throw invalidFormat('domain must be a valid domain name');
  await caller.world.native
    .call(caller.one, 'POST /inbound-domains', { body: { name } })
    .catch((error: unknown) => {
      if (isRefusal(error) && error.code === 'conflict.exists')
        throw conflict('An inbound domain with similar attributes already exists');
      throw error;
    });
  return { status: 200, body: {} };
}

async function removeDomain(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const { id, name } = await existing(caller, call);
  if ((await hooksOf(caller)).some(({ domain }) => domain === name))
    throw conflict(`Domain '${name}' is in use by a relay webhook`);
  await caller.world.native.answer(caller.one, 'DELETE /inbound-domains/:id', { params: { id } });
  return { status: 200, body: {} };
}

async function hooksOf({ world, one, primaryId }: SparkpostCaller): Promise<readonly NativeRoute[]> {
  const found = await everything<NativeRoute>(world.native, one, 'GET /inbound-routes');
  return found.filter(({ subaccountId }) => subaccountId === primaryId);
}

async function hook(caller: SparkpostCaller, { params: { id = '' } }: Call): Promise<NativeRoute> {
  const found = (await hooksOf(caller)).find((each) => each.id === id && each.format === 'sparkpost');
  if (found === undefined) throw tell(404, { message: 'Resource could not be found' });
  return found;
}

function printHook({ id, name, url, domain, auth }: NativeRoute): Fields {
  const { auth_type, auth_token, auth_request_details, custom_headers } = printAuth(auth);
  return {
    id,
    name,
    target: url,
    auth_type,
    ...(auth_request_details === undefined ? {} : { auth_request_details }),
    auth_token,
    custom_headers,
    match: { domain, protocol: 'SMTP' },
  };
}

async function listHooks(caller: SparkpostCaller): Promise<Answer> {
  const results = (await hooksOf(caller)).filter(({ format }) => format === 'sparkpost').map(printHook);
  return { status: 200, body: { results } };
}

async function getHook(caller: SparkpostCaller, call: Call): Promise<Answer> {
  return { status: 200, body: { results: printHook(await hook(caller, call)) } };
}

/** What of the body is there, in our words; all faults at once. */
function wishOf(fields: Fields): { readonly wish: Fields; readonly domain: string | null } {
  const { name, target, match, auth_type: type } = fields;
  const errors: SparkpostError[] = [];
  const fault = (message: string, param: string): void => {
    errors.push({ message, param, value: fields[param] });
  };
  if (name !== undefined && (typeof name !== 'string' || name === '' || name.length > 200))
    fault('`name` must be a string of 1 to 200 characters', 'name');
  if (target !== undefined && (typeof target !== 'string' || !/^https?:\/\/\S{1,1990}$/i.test(target)))
    fault('`target` must be a valid URL', 'target');
  if (type !== undefined && type !== 'none' && type !== 'oauth2')
    fault('`auth_type` must be one of: none, oauth2', 'auth_type');
  const { domain, protocol } = isObject(match) ? match : {};
  if (match !== undefined && (typeof domain !== 'string' || domain === ''))
    fault('`match` must have a domain', 'match');
  if (protocol !== undefined && !/^smtp$/i.test(typeof protocol === 'string' ? protocol : ''))
    fault('`protocol` must be SMTP', 'match');
  const custom = isObject(fields['custom_headers']) ? JSON.stringify(fields['custom_headers']) : '';
  if (custom.length > 3000) fault('`custom_headers` must be at most 3000 bytes', 'custom_headers');
  const auth = authOf(type === 'basic' ? { ...fields, auth_type: 'none' } : fields, errors);
  if (errors.length > 0) throw tell(400, ...errors);
  return {
    wish: {
      ...(name === undefined ? {} : { name }),
      ...(target === undefined ? {} : { url: target }),
      ...(auth === null ? {} : { auth }),
    },
    domain: typeof domain === 'string' ? domain.toLowerCase() : null,
  };
}

/** The domain of a new match: registered, and nobody else's. */
async function matched(caller: SparkpostCaller, name: string, ownId: string | null): Promise<string> {
  const domain = await domainNamed(caller, name);
  if (domain === null) throw tell(400, { message: `Domain '${name}' is not a registered inbound domain` });
  const others = (await hooksOf(caller)).filter(({ id }) => id !== ownId);
  if (others.some((each) => each.domain === domain.name))
    throw tell(409, { message: `Domain '${name}' is already in use` });
  return domain.id;
}

/** Our own look at the target refuses in our words. */
async function nativeUrl<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    const [first] = isRefusal(error) ? (error.details.errors ?? []) : [];
    if (first?.field === 'url') throw tell(400, { message: `\`target\` ${first.message}`, param: 'target' });
    throw error;
  }
}

async function createHook(caller: SparkpostCaller, { body }: Call): Promise<Answer> {
  const fields = bodyOf(body);
  const lacking = ['name', 'target', 'match'].filter((each) => fields[each] === undefined);
  if (lacking.length > 0)
    throw tell(
      400,
      ...lacking.map((param) => ({ message: `\`${param}\` is a required field`, param, value: null })),
    );
  const { wish, domain } = wishOf(fields);
  const inboundDomainId = await matched(caller, domain ?? '', null);
  const made = await nativeUrl(
    caller.world.native.call<NativeRoute>(caller.one, 'POST /inbound-routes', {
      body: { ...wish, inboundDomainId, pattern: '*', format: 'sparkpost' },
    }),
  );
  return { status: 200, body: { results: { id: made.id } } };
}

async function changeHook(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const { wish, domain } = wishOf(bodyOf(call.body));
  const { id } = await hook(caller, call);
  if (Object.keys(wish).length === 0 && domain === null)
    throw tell(400, { message: 'no valid fields in body' });
  const moved = domain === null ? {} : { inboundDomainId: await matched(caller, domain, id) };
  await nativeUrl(
    caller.world.native.call(caller.one, 'PATCH /inbound-routes/:id', {
      params: { id },
      body: { ...wish, ...moved },
    }),
  );
  return { status: 200, body: { results: { id } } };
}

async function removeHook(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const { id } = await hook(caller, call);
  await caller.world.native.answer(caller.one, 'DELETE /inbound-routes/:id', { params: { id } });
  return { status: 200, body: {} };
}

type Tested = { readonly isTaken: boolean; readonly status: number | null; readonly error: string };

async function validateHook(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const { id } = await hook(caller, call);
  const seen = await caller.world.native.call<Tested>(caller.one, 'POST /inbound-routes/:id/test', {
    params: { id },
  });
  const response = { status: seen.status ?? 0, headers: {}, body: seen.isTaken ? '' : seen.error };
  if (!seen.isTaken) {
    const error = { code: 400, message: 'POST to webhook target URL failed', response };
    throw tell(400, error as unknown as SparkpostError);
  }
  return { status: 200, body: { results: { msg: 'Test POST to endpoint succeeded', response } } };
}
