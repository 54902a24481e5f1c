/** Every kind of credential that the attack tries: keys here, logins in `people.ts`. */
import type { Route } from '../base/route.ts';
import { grants as allGrants } from '../base/scope.ts';
import type { Grant } from '../base/scope.ts';
import { capabilities } from '../features/subaccounts/index.ts';
import type { SubaccountStatus } from '../features/subaccounts/index.ts';
import { bearer, succeed } from './door.ts';
import type { Door } from './door.ts';
import { elsewhere, reach, status } from './expected.ts';
import type { Credential, Parties, Verdict } from './expected.ts';
import { makeKey } from './holders.ts';
import type { MadeKey } from './holders.ts';
import { missingLike, randomWord } from './compare.ts';
import type { ThrowAwayAccount } from './operator.ts';
import { people } from './people.ts';
import { siblingView } from './view.ts';

function refused(name: string, secret: string | null, value: number): Credential {
  return {
    name,
    authorization: () => (secret === null ? null : bearer(secret)),
    expects: () => status(value),
    secret,
    logsIn: false,
    isNobody: true,
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
    await siblingView(parties),
    ...(await people(parties)),
    ...(await inEveryStatus(parties)),
  ];
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

/** Statuses whose keys could not be tried, as there is no way into them. */
export function unreachedStatuses(credentials: readonly Credential[]): readonly string[] {
  const names = new Set(credentials.map(({ name }) => name));
  return Object.keys(capabilities).filter((each) => each !== 'active' && !names.has(`${each} sibling`));
}
