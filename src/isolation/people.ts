/** Logins in place of keys: sessions that are over or were never there, and people of every kind in every foreign place. */
import type { Route } from '../base/route.ts';
import type { AccountId, Grant, SubaccountId } from '../base/scope.ts';
import { capabilities } from '../features/subaccounts/index.ts';
import type { SubaccountStatus } from '../features/subaccounts/index.ts';
import { commonPart, grantsOf } from '../features/users/index.ts';
import type { Page, Part, Role } from '../features/users/index.ts';
import { missingLike, randomWord } from './compare.ts';
import { elsewhere, reach, status } from './expected.ts';
import type { Credential, Parties } from './expected.ts';
import { bearer, session, succeed } from './door.ts';
import type { ThrowAwayPerson } from './operator.ts';

type Given = Pick<Part, 'role' | 'hiddenPages'>;

type Token = Pick<ThrowAwayPerson, 'token'>;

/** Takes the right to send as well as its own grant. */
const sending: ReadonlySet<string> = new Set(['/templates/:id/test']);

/** A login's life: a session that is older than this is over. */
const dayMs = 24 * 3_600_000;

/** What a client of an agency is typically not shown. */
const hidden: readonly Page[] = ['messages', 'templates', 'suppressions', 'domains'];

/** Roles with which somebody of a foreign account, or of a sibling, asks; holders have owner, manager and reporting. */
const foreignRoles: readonly Role[] = ['admin', 'accountant'];
const siblingRoles: readonly Role[] = ['developer', 'designer', 'reporting'];

export async function people(parties: Parties): Promise<readonly Credential[]> {
  const { a, b, outsider, victim, stranger } = parties;
  const owner = person('foreign owner', outsider.owner, { role: 'owner' }, 'account');
  const acting = (form: string): Credential => ({
    ...owner,
    name: `foreign owner acting for ${form.startsWith('external:') ? 'an external id' : 'a number'}`,
    actsFor: { foreign: form, missing: missingLike(form) },
    expects: () => status(404),
  });
  const manager = person('sibling person', b.person, { role: 'manager' }, 'subaccount');
  return [
    ...(await overSessions(parties)),
    owner,
    acting(a.subaccountId),
    acting(`external:${a.word}`),
    {
      ...owner,
      name: "foreign owner naming A's account",
      headers: naming(victim.id),
      expects: () => status(404),
    },
    person('foreign person', outsider.person, { role: 'manager' }, 'subaccount'),
    manager,
    {
      ...manager,
      name: 'sibling person acting for a number',
      actsFor: { foreign: a.subaccountId, missing: missingLike(a.subaccountId) },
      expects: () => status(404),
    },
    person('sibling reader', b.reader, { role: 'reporting' }, 'subaccount'),
    ...(await Promise.all(foreignRoles.map((role) => newcomer(parties, stranger.id, null, role)))),
    ...(await Promise.all(siblingRoles.map((role) => newcomer(parties, victim.id, b.subaccountId, role)))),
    await clientWithHiddenPages(parties),
    await ofTwoSiblings(parties),
    await onceOfA(parties),
    ...(await inEveryStatus(parties)),
  ];
}

function naming(account: number): Readonly<Record<string, string>> {
  return { 'lettershop-account': String(account) };
}

function person(
  name: string,
  made: Token,
  { role, hiddenPages = [] }: { readonly role: Role; readonly hiddenPages?: readonly Page[] },
  of: 'account' | 'subaccount',
): Credential {
  return personWith(name, made, grantsOf({ ...partOf(role, hiddenPages), reach: of }), of);
}

function partOf(role: Role, hiddenPages: readonly Page[]): Part {
  return { role, grants: null, templates: null, hiddenPages };
}

function personWith(
  name: string,
  { token }: Token,
  grants: ReadonlySet<Grant>,
  of: 'account' | 'subaccount',
): Credential {
  const lacks = ({ grant, path }: Route): boolean =>
    (grant !== null && !grants.has(grant)) || (sending.has(path) && !grants.has('messages:send'));
  return {
    name,
    authorization: () => session(token),
    expects: (route) => (lacks(route) ? status(403) : elsewhere(route, of)),
    secret: null,
    logsIn: false,
  };
}

function noLongerOne(name: string, token: string): Credential {
  return {
    name,
    authorization: () => session(token),
    expects: () => status(401),
    secret: null,
    logsIn: false,
    isNobody: true,
  };
}

/** None that ever was, one whose time is over, one that was ended: of somebody who would see everything of A. */
async function overSessions({ door, operator, victim }: Parties): Promise<readonly Credential[]> {
  const made = await operator.makePerson(victim.id, null, 'owner', mailbox());
  const old = await operator.openSession(made.id, -dayMs);
  const ended = await operator.openSession(made.id, 0);
  const path = `/me/sessions/${ended.id}`;
  await succeed(door, { method: 'DELETE', path, authorization: session(ended.token) });
  return [
    noLongerOne('unknown session', randomWord('nobody')),
    noLongerOne('no session in the cookie', '.'),
    noLongerOne('expired session', old.token),
    noLongerOne('ended session', ended.token),
  ];
}

async function newcomer(
  { operator }: Parties,
  account: AccountId,
  subaccount: string | null,
  role: Role,
): Promise<Credential> {
  const made = await operator.makePerson(account, subaccount, role, mailbox());
  const of = subaccount === null ? 'account' : 'subaccount';
  return person(`${subaccount === null ? 'foreign' : 'sibling'} ${role}`, made, { role }, of);
}

/** Of a sibling, with every page of `hidden` taken away: what they stand for is refused, whoever's it is. */
async function clientWithHiddenPages({ door, operator, victim, b }: Parties): Promise<Credential> {
  const given: Given = { role: 'manager', hiddenPages: hidden };
  const made = await operator.makePerson(victim.id, b.subaccountId, given.role, mailbox());
  await succeed(door, {
    method: 'PATCH',
    path: `/users/${made.id}`,
    authorization: bearer(victim.secret),
    headers: { 'lettershop-subaccount': b.subaccountId },
    body: { hiddenPages: hidden },
  });
  return person('sibling client with hidden pages', made, given, 'subaccount');
}

/** Reads over several subaccounts at once, of which A is none: what both memberships allow together. */
async function ofTwoSiblings(parties: Parties): Promise<Credential> {
  const { operator, victim, b } = parties;
  const email = mailbox();
  const made = await operator.makePerson(victim.id, b.subaccountId, 'manager', email);
  await operator.makePerson(victim.id, await anotherSubaccount(parties), 'manager', email);
  const part = { ...partOf('manager', []), reach: 'subaccount' } as const;
  const { grants } = commonPart([part, part].map((each) => ({ ...each, subaccountId: 0 as SubaccountId })));
  return personWith('person of two siblings', made, grants, 'subaccount');
}

/** Somebody who worked in A and was taken out of it. */
async function onceOfA({ door, operator, victim, a }: Parties): Promise<Credential> {
  const made = await operator.makePerson(victim.id, a.subaccountId, 'manager', mailbox());
  const path = `/users/${made.id}`;
  await succeed(door, { method: 'DELETE', path, authorization: bearer(victim.secret) });
  return noLongerOne('person who was taken out of A', made.token);
}

/** Somebody of a sibling in each status that can be reached. */
async function inEveryStatus(parties: Parties): Promise<readonly Credential[]> {
  const { door, operator, routes, victim } = parties;
  const made: Credential[] = [];
  for (const each of Object.keys(capabilities) as SubaccountStatus[]) {
    if (each === 'active') continue;
    const id = await anotherSubaccount(parties);
    const someone = await operator.makePerson(victim.id, id, 'manager', mailbox());
    if (!(await reach(each, id, door, routes, bearer(victim.secret)))) continue;
    const asPerson = person(`person of a ${each} sibling`, someone, { role: 'manager' }, 'subaccount');
    made.push({ ...asPerson, expects: (route) => inStatus(route, each, asPerson) });
  }
  return made;
}

function inStatus(
  route: Route,
  of: SubaccountStatus,
  asPerson: Credential,
): ReturnType<Credential['expects']> {
  const { reads, changes } = capabilities[of];
  if (!reads) return status(401);
  const isChange = route.method !== 'GET' && route.isPersonal !== true;
  return isChange && !changes ? status(403) : asPerson.expects(route);
}

async function anotherSubaccount({ door, victim }: Parties): Promise<string> {
  const { id } = await succeed<{ id: number }>(door, {
    method: 'POST',
    path: '/subaccounts',
    authorization: bearer(victim.secret),
    body: { name: randomWord('isolation') },
  });
  return String(id);
}

function mailbox(): string {
  return `${randomWord('somebody')}@people.test`;
}
