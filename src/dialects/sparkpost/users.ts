/**
 * People and invitations (contract, section 4), of the primary account alone. A person's username is the e-mail address: there
 * is no other name to log in by. Names and logins belong to the person, so nobody else changes them.
 */
import type { Answer } from '../../base/route.ts';
import { isRefusal } from '../../features/refusals/index.ts';
import type { Call } from '../shared/dialect.ts';
import { accessLevel, accessLevels, roleOf } from './access-levels.ts';
import type { NativePart } from './access-levels.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { bodyOf, everything } from './fields.ts';
import type { Fields } from './fields.ts';
import { tell } from './words.ts';

type Reach = {
  readonly account: NativePart | null;
  readonly subaccounts: readonly (NativePart & { readonly id: number })[];
};
type Person = Reach & {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly hasSecondFactor: boolean;
};
type Invitation = Reach & {
  readonly id: string;
  readonly email: string;
  readonly createdAt: string;
  readonly expiresAt: string;
};

const path = '/api/v1/users';
const pending = `${path}/pending-invites`;
const params = { username: 'ann@ok.test' };
const read = { method: 'GET', grant: 'users:read', isPrimaryOnly: true } as const;
const write = { grant: 'users:write', isPrimaryOnly: true } as const;

export function userRoutes(): readonly SparkpostRoute[] {
  const one = `${path}/:username`;
  const invitation = { email: 'ann@ok.test', access_level: 'reporting' };
  return [
    { ...read, path, example: {}, run: list },
    { ...read, path: one, example: { params }, run: get },
    {
      ...write,
      method: 'PUT',
      path: one,
      example: { params, body: { access_level: 'developer' } },
      run: change,
    },
    { ...write, method: 'DELETE', path: one, example: { params }, run: remove },
    { ...write, method: 'POST', path: `${path}/invite`, example: { body: invitation }, run: invite },
    { ...read, path: pending, example: {}, run: listInvites },
    {
      ...write,
      method: 'DELETE',
      path: `${pending}/:id`,
      example: { params: { id: '100123' } },
      run: revoke,
    },
    {
      ...write,
      method: 'POST',
      path: `${one}/subaccounts`,
      example: { params, body: { subaccount_id: 1002 } },
      run: addSubaccount,
    },
    {
      ...write,
      method: 'DELETE',
      path: `${one}/subaccounts/:id`,
      example: { params: { ...params, id: '1002' } },
      run: removeSubaccount,
    },
  ];
}

/** Whose subaccounts are chosen has their numbers, of one alone its number. */
function bindingOf({ account, subaccounts }: Reach): Fields {
  const ids = subaccounts.map(({ id }) => id);
  if (account !== null) return {};
  return { subaccounts: ids, ...(ids.length === 1 ? { subaccount_id: ids[0] } : {}) };
}

async function hasSubaccounts({ world, account }: SparkpostCaller): Promise<boolean> {
  if (!account.scope.grants.has('subaccounts:read')) return false;
  // The account's own one is among them.
  const { total } = await world.native.call<{ total: number }>(account, 'GET /subaccounts/counts');
  return total > 1;
}

type Printing = { readonly customer: number; readonly has_subaccounts: boolean };

async function printing(caller: SparkpostCaller): Promise<Printing> {
  const customer = Number(caller.account.scope.accountId);
  return { customer, has_subaccounts: await hasSubaccounts(caller) };
}

function print({ customer, has_subaccounts }: Printing, person: Person): Fields {
  const { email, name, hasSecondFactor, account, subaccounts } = person;
  const [first_name = '', ...rest] = name.split(' ');
  return {
    username: email,
    name,
    first_name,
    last_name: rest.join(' '),
    email,
    customer,
    access_level: accessLevel(account, subaccounts),
    tfa_enabled: hasSecondFactor,
    is_sso: false,
    email_verified: true,
    has_subaccounts,
    ...bindingOf(person),
  };
}

function people({ world, account }: SparkpostCaller): Promise<readonly Person[]> {
  return everything<Person>(world.native, account, 'GET /users');
}

const notFound = (): Error => tell(404, { message: 'Resource could not be found' });

async function find(caller: SparkpostCaller, { params: { username = '' } }: Call): Promise<Person> {
  const found = (await people(caller)).find(({ email }) => email === username.toLowerCase());
  if (found === undefined) throw notFound();
  return found;
}

async function list(caller: SparkpostCaller): Promise<Answer> {
  const [as, found] = await Promise.all([printing(caller), people(caller)]);
  return { status: 200, body: { results: found.map((person) => print(as, person)) } };
}

async function get(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const [as, person] = await Promise.all([printing(caller), find(caller, call)]);
  return { status: 200, body: { results: print(as, person) } };
}

function roleIn({ access_level: value }: Fields): string {
  const role = roleOf(value);
  if (role === undefined)
    throw tell(400, {
      message: `access_level must be one of: ${accessLevels.map((each) => `'${each}'`).join(', ')}`,
      param: 'access_level',
      value: value ?? null,
    });
  return role;
}

/** The word says all that somebody may do: pages and templates that were taken away come back. */
const wholly = (role: string): Fields => ({ role, templates: null, hiddenPages: [] });

const personal = ['email', 'first_name', 'last_name', 'password', 'tfa_enabled', 'is_sso'];

async function change(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const fields = bodyOf(call.body);
  const person = await find(caller, call);
  const shown = print({ customer: 0, has_subaccounts: false }, person);
  const differing = personal.find((name) => fields[name] !== undefined && fields[name] !== shown[name]);
  if (differing !== undefined)
    throw tell(400, { message: `${differing} cannot be changed`, param: differing });
  if (fields['access_level'] !== undefined && fields['access_level'] !== shown['access_level'])
    await give(caller, person, roleIn(fields));
  return { status: 200, body: { results: { message: 'User has been updated' } } };
}

async function give({ world, account }: SparkpostCaller, person: Person, role: string): Promise<void> {
  const of = { params: { id: person.id } };
  if (person.account !== null)
    await world.native.call(account, 'PATCH /users/:id', { ...of, body: wholly(role) });
  else
    await world.native.call(account, 'PUT /users/:id/subaccounts', {
      ...of,
      body: { subaccounts: person.subaccounts.map(({ id }) => ({ id, ...wholly(role) })) },
    });
}

async function remove(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const { id } = await find(caller, call);
  await caller.world.native.answer(caller.account, 'DELETE /users/:id', { params: { id } });
  return { status: 204 };
}

/** Days that an invitation is good for. */
const lifeDays = 3;

/** To the whole account, or to the subaccount that the header names. */
async function invite(caller: SparkpostCaller, { body }: Call): Promise<Answer> {
  const { world, named, one, account } = caller;
  const fields = bodyOf(body);
  const { email } = fields;
  if (typeof email !== 'string' || email === '')
    throw tell(400, { message: '`email` is a required field', param: 'email', value: email ?? null });
  const made = await world.native.call<Invitation>(
    named === null || named === 0 ? account : one,
    'POST /invitations',
    { body: { email, role: roleIn(fields), lifeDays } },
  );
  return { status: 200, body: { results: { message: 'Invitation sent', id: made.id } } };
}

function printInvite(invitation: Invitation): Fields {
  const { id, email, createdAt: created, expiresAt: expires, account, subaccounts } = invitation;
  return {
    id,
    email,
    access_level: accessLevel(account, subaccounts),
    created,
    expires,
    ...bindingOf(invitation),
  };
}

async function listInvites({ world, account }: SparkpostCaller): Promise<Answer> {
  const found = await everything<Invitation>(world.native, account, 'GET /invitations');
  return { status: 200, body: { results: found.map(printInvite) } };
}

async function revoke({ world, account }: SparkpostCaller, { params: { id = '' } }: Call): Promise<Answer> {
  if (!/^\d{1,16}$/.test(id)) throw notFound();
  await world.native.answer(account, 'DELETE /invitations/:id', { params: { id } });
  return { status: 204 };
}

function subaccountIn({ subaccount_id: given }: Fields): number {
  const id = typeof given === 'string' && /^\d{1,10}$/.test(given) ? Number(given) : given;
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 1 || id > 2_147_483_647)
    throw tell(400, { message: 'subaccount_id must be a number', param: 'subaccount_id', value: given });
  return id;
}

async function setSubaccounts(
  { world, account }: SparkpostCaller,
  { id }: Person,
  subaccounts: readonly Fields[],
): Promise<void> {
  try {
    await world.native.call(account, 'PUT /users/:id/subaccounts', { params: { id }, body: { subaccounts } });
  } catch (error) {
    const [first] = isRefusal(error) ? (error.details.errors ?? []) : [];
    if (first?.rule !== 'seen') throw error;
    throw tell(400, { message: 'subaccount_id names no subaccount of this account', param: 'subaccount_id' });
  }
}

/** Without an `access_level` a person may do there what they may do elsewhere. */
async function addSubaccount(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const fields = bodyOf(call.body);
  const id = subaccountIn(fields);
  const given = fields['access_level'] === undefined ? null : roleIn(fields);
  const person = await find(caller, call);
  const { email, account, subaccounts } = person;
  if (account !== null) throw tell(409, { message: `User ${email} has access to all subaccounts` });
  const before = subaccounts.find((each) => each.id === id);
  if (before === undefined || given !== null) {
    const kept = subaccounts.filter((each) => each !== before).map((each) => ({ id: each.id }));
    await setSubaccounts(caller, person, [...kept, { id, ...likeFirst(subaccounts, given) }]);
  }
  return { status: 200, body: { results: { message: 'User has been updated' } } };
}

function likeFirst([first]: readonly NativePart[], role: string | null): Fields {
  if (role !== null || first === undefined) return wholly(role ?? 'reporting');
  const { role: same, grants, templates, hiddenPages } = first;
  return { role: same, ...(same === 'custom' ? { grants } : {}), templates, hiddenPages };
}

async function removeSubaccount(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const person = await find(caller, call);
  const kept = person.subaccounts.filter(({ id }) => String(id) !== call.params['id']);
  if (kept.length === person.subaccounts.length) throw notFound();
  if (kept.length === 0)
    throw tell(409, { message: `It is the last subaccount of ${person.email}: delete the user` });
  await setSubaccounts(
    caller,
    person,
    kept.map(({ id }) => ({ id })),
  );
  return { status: 204 };
}
