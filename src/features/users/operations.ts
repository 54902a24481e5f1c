import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import { onlySubaccount, reaches } from '../../base/scope.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import type { EventKind } from '../events/index.ts';
import { findLogins, hashPassword, upsertLogin, upsertPassword } from '../logins/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import type { Membership, Part, Person, Reached, Role } from './model.ts';
import { canManagePeople, isBelow, partProblem, powerOf, powerOfScope } from './rules.ts';
import type { Power } from './rules.ts';
import {
  deleteMembership,
  findMemberships,
  insertMember,
  listMemberships,
  lockOwners,
  seenSubaccounts,
  upsertMembership,
  usableMemberships,
} from './sql.ts';

export type UserWorld = {
  readonly db: Database;
  readonly clock: Clock;
  /** Called once a change is committed, for those who remember memberships. */
  readonly forgetPeople?: () => void;
};

/** Operator: makes the person owner of the account; their user id. The address counts as proven. */
export async function addOwner(
  db: Database,
  owner: { email: string; accountId: AccountId; password?: string | null },
): Promise<string> {
  const hash = typeof owner.password === 'string' ? await hashPassword(owner.password) : null;
  return db.asEngine(async (tx) => {
    const userId = await upsertLogin(tx, owner.email.toLowerCase(), '');
    if (hash !== null) await upsertPassword(tx, userId, hash);
    await insertMember(tx, { accountId: owner.accountId, subaccountId: null, role: 'owner', userId });
    return userId;
  });
}

/** Operator: a person in the whole account, or in one of its subaccounts; their user id. */
export async function addPerson(
  db: Database,
  person: { accountId: AccountId; subaccountId: string | null; role: Role; email: string },
): Promise<string> {
  return db.asEngine(async (tx) => {
    const userId = await upsertLogin(tx, person.email.toLowerCase(), '');
    await insertMember(tx, { ...person, userId });
    return userId;
  });
}

/** Without address and name, which belong to the login: people by id. */
export async function list(
  world: UserWorld,
  scope: Scope,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly Person[]> {
  const rows = await world.db.scoped(scope, (tx) =>
    listMemberships(tx, { ...page, ofAccount: isOfAccount(scope) }),
  );
  return peopleOf(world, rows);
}

export async function get(world: UserWorld, scope: Scope, id: string): Promise<Person> {
  const rows = await world.db.scoped(scope, (tx) => find(tx, scope, id, false));
  const [person] = await peopleOf(world, rows);
  if (person === undefined) throw refuse('not_found');
  return person;
}

function isOfAccount({ reach }: Scope): boolean {
  return reach === 'account';
}

async function find(tx: Tx, scope: Scope, id: string, lock: boolean): Promise<readonly Membership[]> {
  const rows = await findMemberships(tx, id, { ofAccount: isOfAccount(scope), lock });
  if (rows.length === 0) throw refuse('not_found');
  return rows;
}

async function peopleOf({ db }: UserWorld, rows: readonly Membership[]): Promise<readonly Person[]> {
  if (rows.length === 0) return [];
  const byUser = Map.groupBy(rows, ({ userId }) => userId);
  const logins = await findLogins(db.engine, [...byUser.keys()]);
  return [...byUser].flatMap(([id, memberships]) => {
    const login = logins.get(id);
    if (login === undefined) return [];
    const { email, name, hasSecondFactor } = login;
    return [{ id, email, name, hasSecondFactor, memberships }];
  });
}

export type Given = {
  readonly [Field in keyof Part]?: Part[Field] | undefined;
};

/** What was there with what is given over it; another role than custom has no grants of its own. */
export function overlaid(before: Part | null, given: Given): Part | null {
  const role = given.role ?? before?.role;
  if (role === undefined) return null;
  const kept = role === before?.role ? before.grants : null;
  return {
    role,
    grants: given.grants === undefined ? kept : given.grants,
    templates: given.templates === undefined ? (before?.templates ?? null) : given.templates,
    hiddenPages: given.hiddenPages ?? before?.hiddenPages ?? [],
  };
}

/**
 * All that the caller can do, as far as this call reaches: what is given and edited is measured by it. Across several
 * subaccounts that is more than the scope says, which only reads. Refuses a key that is itself limited.
 */
export async function powerOfCaller({ db }: UserWorld, scope: Scope): Promise<Power> {
  if (!canManagePeople(scope))
    throw refuse('auth.grant_missing', {
      message:
        'A key with a limit of domain, address or life cannot give people access: they would not have it',
    });
  if (scope.reach === 'account' || typeof scope.reach === 'number') return powerOfScope(scope);
  // Of a person's key: what all of them allow.
  if (scope.actor.kind !== 'user') return powerAcross(scope, scope.reach);
  const memberships = await usableMemberships(db.engine, scope.actor.id);
  return powerOf(
    memberships.filter(
      ({ accountId, subaccountId }) => accountId === scope.accountId && reaches(scope.reach, subaccountId),
    ),
  );
}

function powerAcross({ grants, bounds }: Scope, subaccountIds: readonly SubaccountId[]): Power {
  return subaccountIds.map((subaccountId) => ({ subaccountId, grants, templates: bounds.templates }));
}

/** Changes what a person can do in all of the account, or in the one subaccount that the call acts for. */
export async function change(world: UserWorld, scope: Scope, id: string, given: Given): Promise<Person> {
  const power = await powerOfCaller(world, scope);
  await world.db.scoped(scope, async (tx) => {
    const rows = await editable(tx, scope, power, id);
    const reached = await placeOf(tx, scope);
    const before = rows.find(
      (row) => row.reach === reached.reach && row.subaccountId === reached.subaccountId,
    );
    const part = overlaid(before ?? null, given);
    if (part === null) throw invalidField('role', 'required', 'is needed: the person has none here yet');
    checkPart(power, { ...part, ...reached }, '');
    await keepAnOwner(tx, rows, part.role === 'owner');
    // Who reaches the whole account needs no subaccount, and the other way round.
    if (reached.reach === 'account')
      for (const row of rows) if (row.subaccountId !== reached.subaccountId) await deleteMembership(tx, row);
    await upsertMembership(tx, { ...part, ...reached, accountId: scope.accountId, userId: id });
    await tell(world, tx, scope, 'user.changed', id);
  });
  world.forgetPeople?.();
  return get(world, scope, id);
}

/**
 * What a call that names no list of subaccounts gives: the whole account, or the one subaccount that it acts for. The
 * account's own one is no place apart: whoever works there works for the account.
 */
export async function placeOf(tx: Tx, { reach, subaccountId }: Scope): Promise<Reached> {
  if (reach === 'account') return { reach, subaccountId };
  const only = onlySubaccount(reach);
  if (only === null)
    throw invalidField('subaccounts', 'required', 'is needed: you reach several subaccounts and named none');
  if (!(await seenSubaccounts(tx, [only])).has(only))
    throw refuse('request.invalid', {
      message: "Nobody is given the account's own subaccount: give them the account",
    });
  return { reach: 'subaccount', subaccountId: only };
}

export type GivenSubaccount = Given & { readonly id: number };

/**
 * Overwrites the list of subaccounts that a person reaches. It may name only what the caller sees (Emma: 400 otherwise),
 * and leaves alone what the caller does not see. What is left out of an entry stays as it was.
 */
export async function setSubaccounts(
  world: UserWorld,
  scope: Scope,
  id: string,
  given: readonly GivenSubaccount[],
): Promise<Person> {
  const power = await powerOfCaller(world, scope);
  await world.db.scoped(scope, async (tx) => {
    const rows = await editable(tx, scope, power, id);
    const before = (subaccountId: number): Part | null =>
      rows.find((row) => Number(row.subaccountId) === subaccountId) ?? null;
    const parts = await checkedParts(tx, power, given, before);
    await keepAnOwner(tx, rows, false);
    const wanted = new Set(parts.map(({ subaccountId }) => subaccountId));
    for (const row of rows) if (!wanted.has(row.subaccountId)) await deleteMembership(tx, row);
    for (const part of parts) await upsertMembership(tx, { ...part, accountId: scope.accountId, userId: id });
    await tell(world, tx, scope, 'user.changed', id);
  });
  world.forgetPeople?.();
  return get(world, scope, id);
}

/** The given subaccounts as parts: each seen by the caller, named once, within what the caller may give. */
export async function checkedParts(
  tx: Tx,
  power: Power,
  given: readonly GivenSubaccount[],
  before: (subaccountId: number) => Part | null,
): Promise<readonly (Part & Reached)[]> {
  const seen = await seenSubaccounts(
    tx,
    given.map(({ id }) => id),
  );
  return given.map((each, index) => {
    const at = `subaccounts[${index}].`;
    if (!seen.has(each.id)) throw invalidField(`${at}id`, 'seen', 'must be a subaccount that you see');
    if (given.findIndex(({ id }) => id === each.id) !== index)
      throw invalidField(`${at}id`, 'unique', 'is named twice');
    const part = overlaid(before(each.id), each);
    if (part === null)
      throw invalidField(`${at}role`, 'required', 'is needed: the person has none there yet');
    const whole = { ...part, reach: 'subaccount', subaccountId: each.id as SubaccountId } as const;
    checkPart(power, whole, at);
    return whole;
  });
}

export function checkPart(power: Power, part: Part & Reached, at: string): void {
  const problem = partProblem(power, part, at);
  if (problem !== null) throw invalidField(problem.field, problem.rule, problem.message);
}

/** Takes a person out of the account, as far as the caller reaches; people may leave by themselves. */
export async function remove(world: UserWorld, scope: Scope, id: string): Promise<void> {
  const isLeaving = scope.actor.kind === 'user' && scope.actor.id === id;
  const power = await powerOfCaller(world, scope);
  await world.db.scoped(scope, async (tx) => {
    const rows = isLeaving ? await find(tx, scope, id, true) : await editable(tx, scope, power, id);
    await keepAnOwner(tx, rows, false);
    for (const row of rows) await deleteMembership(tx, row);
    await tell(world, tx, scope, 'user.removed', id);
  });
  world.forgetPeople?.();
}

/** The person's memberships in the caller's reach, when the caller may change them. */
async function editable(tx: Tx, scope: Scope, power: Power, id: string): Promise<readonly Membership[]> {
  const rows = await find(tx, scope, id, true);
  if (!isBelow(powerOf(rows), power)) throw refuse('user.not_below');
  return rows;
}

async function keepAnOwner(tx: Tx, rows: readonly Membership[], staysOwner: boolean): Promise<void> {
  if (staysOwner || rows.every(({ role }) => role !== 'owner')) return;
  const others = (await lockOwners(tx)).filter((userId) => userId !== rows[0]?.userId);
  if (others.length === 0) throw refuse('conflict.state', { message: 'The last owner stays' });
}

/** Told by the subaccount of the call: who does not reach the account does not hear of it. */
export function tell(
  { clock }: UserWorld,
  tx: Tx,
  scope: Pick<Scope, 'accountId' | 'subaccountId'>,
  kind: EventKind,
  userId: string,
): Promise<void> {
  const { accountId, subaccountId } = scope;
  return append(tx, new Date(clock.now()), [{ accountId, subaccountId, kind, data: { userId } }]);
}
