/** Every kind of credential that the attack tries, and what each may expect: derived from the product's own rules. */
import type { Route } from '../base/route.ts';
import { fullGrants, grants as allGrants } from '../base/scope.ts';
import type { Grant } from '../base/scope.ts';
import { capabilities } from '../features/subaccounts/index.ts';
import type { SubaccountStatus } from '../features/subaccounts/index.ts';
import { grantsOf } from '../features/users/index.ts';
import type { Role } from '../features/users/index.ts';
import { bearer, routeName, session, succeed } from './door.ts';
import type { Door } from './door.ts';
import { makeKey } from './holders.ts';
import type { Holder, MadeKey } from './holders.ts';
import { missingLike, randomWord } from './compare.ts';
import type { ThrowAwayAccount, ThrowAwayPerson } from './operator.ts';

/** `status`: exactly this. `own`: the caller's own world, anything but an error of ours. `as sibling`: as a sibling is answered. */
export type Verdict =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'own' }
  | { readonly kind: 'as sibling' };

export type Credential = {
  readonly name: string;
  /** For the route, as the lacking grant differs; null: no header is sent. */
  readonly authorization: (route: Route) => string | null;
  /** There is no such credential for the route. */
  readonly skips?: (route: Route) => boolean;
  /** Acts for a subaccount that is not its own: A, and one that nobody has. */
  readonly actsFor?: { readonly foreign: string; readonly missing: string };
  /** Whatever it says of the subaccount, it is fixed. */
  readonly alwaysActsFor?: string;
  readonly expects: (route: Route) => Verdict;
  /** The bare secret, for the SMTP door. */
  readonly secret: string | null;
  /** A login at SMTP with it succeeds. */
  readonly logsIn: boolean;
};

const status = (value: number): Verdict => ({ kind: 'status', status: value });

function hasThing(route: Route): boolean {
  return route.path.includes('/:');
}

/** A credential that is good, of somebody else. */
function elsewhere(route: Route, reach: 'account' | 'subaccount'): Verdict {
  if (route.grant !== null && !fullGrants(reach).includes(route.grant)) return status(403);
  return hasThing(route) ? status(404) : { kind: 'own' };
}

function refused(name: string, secret: string | null, value: number): Credential {
  return {
    name,
    authorization: () => (secret === null ? null : bearer(secret)),
    expects: () => status(value),
    secret,
    logsIn: false,
  };
}

/** What a key of a sibling in this status may expect, from the one table of capabilities. */
function inStatus(route: Route, of: SubaccountStatus): Verdict {
  const { reads, changes } = capabilities[of];
  if (!reads) return status(401);
  if (route.method !== 'GET' && route.isPersonal !== true && !changes) return status(403);
  const verdict = elsewhere(route, 'subaccount');
  return verdict.kind === 'own' && route.method === 'GET' ? { kind: 'as sibling' } : verdict;
}

export type Parties = {
  readonly door: Door;
  readonly routes: readonly Route[];
  readonly victim: ThrowAwayAccount;
  readonly stranger: ThrowAwayAccount;
  readonly a: { readonly subaccountId: string; readonly word: string };
  readonly b: Holder;
  readonly outsider: Holder;
};

export async function makeCredentials(parties: Parties): Promise<readonly Credential[]> {
  const { door, victim, stranger, a, b } = parties;
  const account = (more: Readonly<Record<string, unknown>>): Promise<MadeKey> =>
    makeKey(door, victim.secret, null, more);
  const elsewhereOnly = await account({ allowedAddresses: ['192.0.2.0/24'] });
  const external = `external:${a.word}`;
  const foreignAccount: Credential = {
    name: 'foreign account',
    authorization: () => bearer(stranger.secret),
    expects: (route) => elsewhere(route, 'account'),
    secret: stranger.secret,
    logsIn: true,
  };
  const sibling: Credential = {
    name: 'sibling',
    authorization: () => bearer(b.secret),
    expects: (route) => elsewhere(route, 'subaccount'),
    secret: b.secret,
    logsIn: true,
  };
  const acting = (form: string): Credential => ({
    ...foreignAccount,
    name: `foreign account acting for ${form.startsWith('external:') ? 'an external id' : 'a number'}`,
    actsFor: { foreign: form, missing: missingLike(form) },
    expects: () => status(404),
  });
  return [
    { ...refused('none', null, 401) },
    { ...refused('malformed', null, 401), authorization: () => 'Bearer' },
    refused('unknown key', randomWord('ls_'), 401),
    refused('expired key', await expiredKey(door, victim), 401),
    refused('deactivated key', await deactivatedKey(door, victim), 401),
    refused('key for another address', elsewhereOnly.secret, 403),
    await withoutGrant(parties),
    foreignAccount,
    acting(a.subaccountId),
    acting(external),
    sibling,
    { ...sibling, name: 'sibling that names A', alwaysActsFor: a.subaccountId },
    ...people(parties),
    ...(await inEveryStatus(parties)),
  ];
}

/** Logins instead of keys: their grants follow from their roles. */
function people({ a, b, outsider }: Parties): readonly Credential[] {
  const owner = person('foreign owner', outsider.owner, 'owner', 'account');
  const acting = (form: string): Credential => ({
    ...owner,
    name: `foreign owner acting for ${form.startsWith('external:') ? 'an external id' : 'a number'}`,
    actsFor: { foreign: form, missing: missingLike(form) },
    expects: () => status(404),
  });
  return [
    { ...refused('unknown session', null, 401), authorization: () => session(randomWord('nobody')) },
    owner,
    acting(a.subaccountId),
    acting(`external:${a.word}`),
    person('foreign person', outsider.person, 'manager', 'subaccount'),
    person('sibling person', b.person, 'manager', 'subaccount'),
    person('sibling reader', b.reader, 'reporting', 'subaccount'),
  ];
}

function person(
  name: string,
  { token }: ThrowAwayPerson,
  role: Role,
  reach: 'account' | 'subaccount',
): Credential {
  const grants = grantsOf({ role, reach, grants: null, templates: null, hiddenPages: [] });
  return {
    name,
    authorization: () => session(token),
    expects: ({ grant, ...route }) =>
      grant !== null && !grants.has(grant) ? status(403) : elsewhere({ ...route, grant }, reach),
    secret: null,
    logsIn: false,
  };
}

async function expiredKey(door: Door, victim: ThrowAwayAccount): Promise<string> {
  const made = await makeKey(door, victim.secret, null, {});
  const path = `/keys/${made.id}/rotate`;
  const body = { overlapSeconds: 0 };
  await succeed(door, { method: 'POST', path, authorization: bearer(victim.secret), body });
  return made.secret;
}

async function deactivatedKey(door: Door, victim: ThrowAwayAccount): Promise<string> {
  const made = await makeKey(door, victim.secret, null, {});
  const path = `/keys/${made.id}`;
  const body = { status: 'inactive' };
  await succeed(door, { method: 'PATCH', path, authorization: bearer(victim.secret), body });
  return made.secret;
}

/** Of A's own account with every grant but the route's. */
async function withoutGrant({ door, routes, victim }: Parties): Promise<Credential> {
  const secrets = new Map<Grant, string>();
  for (const grant of new Set(routes.map((route) => route.grant).filter((each) => each !== null))) {
    const grants = allGrants.filter((each) => each !== grant);
    secrets.set(grant, (await makeKey(door, victim.secret, null, { grants })).secret);
  }
  const grants = allGrants.filter((each) => each !== 'messages:send' && each !== 'smtp:send');
  return {
    name: 'without the grant',
    authorization: ({ grant }) => (grant === null ? null : bearer(secrets.get(grant) ?? '')),
    skips: ({ grant }) => grant === null,
    expects: () => status(403),
    secret: (await makeKey(door, victim.secret, null, { grants })).secret,
    logsIn: true,
  };
}

/** A sibling subaccount in each status that the API can set or that a route of its own leads to. */
async function inEveryStatus({ door, routes, victim }: Parties): Promise<readonly Credential[]> {
  const made: Credential[] = [];
  for (const each of Object.keys(capabilities) as SubaccountStatus[]) {
    if (each === 'active') continue;
    const body = { name: randomWord('isolation') };
    const authorization = bearer(victim.secret);
    const post = { method: 'POST', path: '/subaccounts', authorization, body };
    const { id } = await succeed<{ id: number }>(door, post);
    const { secret } = await makeKey(door, victim.secret, String(id), {});
    if (!(await reach(each, String(id), door, routes, authorization))) continue;
    const verdictOf = (route: Route): Verdict => inStatus(route, each);
    made.push({
      name: `${each} sibling`,
      authorization: () => bearer(secret),
      expects: verdictOf,
      secret,
      logsIn: capabilities[each].reads,
    });
  }
  return made;
}

/** Brings a subaccount into a status; false when this installation has no way there. A way that fails throws. */
async function reach(
  wanted: SubaccountStatus,
  id: string,
  door: Door,
  routes: readonly Route[],
  authorization: string,
): Promise<boolean> {
  const path = `/subaccounts/${id}`;
  const patched = await door({ method: 'PATCH', path, authorization, body: { status: wanted } });
  if (patched.status === 200) return true;
  const names = new Set(routes.map(routeName));
  if (wanted === 'retired' && names.has('POST /subaccounts/:id/retire')) {
    await succeed(door, { method: 'POST', path: `${path}/retire`, authorization, body: {} });
    return true;
  }
  if (wanted === 'deleted' && names.has('DELETE /subaccounts/:id')) {
    await succeed(door, { method: 'DELETE', path, authorization });
    return true;
  }
  return false;
}

/** Statuses whose keys could not be tried, as there is no way into them. */
export function unreachedStatuses(credentials: readonly Credential[]): readonly string[] {
  const names = new Set(credentials.map(({ name }) => name));
  return Object.keys(capabilities).filter((each) => each !== 'active' && !names.has(`${each} sibling`));
}
