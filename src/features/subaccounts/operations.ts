import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import type { NewEvent } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { profileProblem } from './profile.ts';
import { purgeAfterMs, statusProblem } from './rules.ts';
import type { Authority, Profile, SettableStatus, SubaccountStatus, Switches } from './rules.ts';
import {
  countSubaccounts,
  findStop,
  findSubaccount,
  insertSubaccount,
  isOnTrial,
  listStopped,
  listSubaccounts,
  retireDue,
  updateReviewed,
  updateStage,
  updateStop,
  updateSubaccount,
} from './sql.ts';
import type { MailStop, StoppedSubaccounts, Subaccount, SubaccountChange, SubaccountFilter } from './sql.ts';

export type SubaccountWorld = { readonly db: Database; readonly clock: Clock };

export type CreateSubaccount = {
  readonly name: string;
  readonly externalId: string | null;
  readonly notes: string;
  readonly isTrial: boolean;
  readonly profile: Profile;
  readonly switches: Partial<Switches>;
  readonly poolId: string | null;
};

/** Makes a subaccount. Only those who see the whole account may; `inTransaction` adds what must be there with it. */
export async function create<T>(
  world: SubaccountWorld,
  scope: Scope,
  input: CreateSubaccount,
  inTransaction: (tx: Tx, subaccount: Subaccount) => Promise<T>,
): Promise<{ readonly subaccount: Subaccount; readonly added: T }> {
  onlyAccount(scope, 'Only the account makes subaccounts');
  checkProfile(input.profile);
  return world.db.scoped(scope, (tx) => createWithin(world, tx, scope, input, inTransaction));
}

/** Within a transaction of the caller's, who sees the whole account. */
export async function createWithin<T>(
  world: Pick<SubaccountWorld, 'clock'>,
  tx: Tx,
  { accountId }: Pick<Scope, 'accountId'>,
  input: CreateSubaccount,
  inTransaction: (tx: Tx, subaccount: Subaccount) => Promise<T>,
): Promise<{ readonly subaccount: Subaccount; readonly added: T }> {
  const made = await insertSubaccount(tx, { accountId, ...input });
  if (made === null)
    throw refuse('conflict.exists', { message: `The external id "${input.externalId}" is taken` });
  const added = await inTransaction(tx, made);
  await append(tx, new Date(world.clock.now()), [event(made, 'subaccount.created', { name: made.name })]);
  return { subaccount: made, added };
}

export async function list(
  world: SubaccountWorld,
  scope: Scope,
  filter: SubaccountFilter,
): Promise<readonly Subaccount[]> {
  return world.db.scoped(scope, (tx) => listSubaccounts(tx, filter));
}

export async function count(
  world: SubaccountWorld,
  scope: Scope,
  filter: Pick<SubaccountFilter, 'statuses' | 'isTrial' | 'search'>,
): Promise<ReadonlyMap<SubaccountStatus, number>> {
  return world.db.scoped(scope, (tx) => countSubaccounts(tx, filter));
}

/** By number, or `external:<id>`. */
export async function get(world: SubaccountWorld, scope: Scope, reference: string): Promise<Subaccount> {
  return world.db.scoped(scope, (tx) => find(tx, reference, false));
}

/** Within a transaction of the caller's; locked, so that what follows stands on what was read. */
export async function find(tx: Tx, reference: string, lock: boolean): Promise<Subaccount> {
  const by = reference.startsWith('external:')
    ? { externalId: reference.slice('external:'.length) }
    : { id: Number(reference) };
  const found = await findSubaccount(tx, by, lock);
  if (found === null) throw refuse('not_found');
  return found;
}

export type ChangeSubaccount = SubaccountChange & {
  readonly status?: SettableStatus;
  readonly reason?: string;
};

/** Changes what was given. A status is the stop of `authority`; `active` lifts that one only. */
export async function change(
  world: SubaccountWorld,
  scope: Scope,
  reference: string,
  { status, reason, ...input }: ChangeSubaccount,
  authority: Authority = 'parent',
): Promise<Subaccount> {
  if (input.profile !== undefined) checkProfile(input.profile);
  const { isTrial, poolId, switches } = input;
  if ([status, isTrial, poolId, switches].some((given) => given !== undefined))
    onlyAccount(scope, 'Only the account changes status, trial, pool and switches');
  const given = { ...input, ...(status === undefined ? {} : { status, reason: reason ?? '' }) };
  return world.db.scoped(scope, (tx) => changeWithin(world, tx, reference, given, authority));
}

/** Within a transaction of the caller's, who sees the whole account and has checked the profile. */
export async function changeWithin(
  world: Pick<SubaccountWorld, 'clock'>,
  tx: Tx,
  reference: string,
  { status, reason, ...input }: ChangeSubaccount,
  authority: Authority = 'parent',
): Promise<Subaccount> {
  const { isTrial } = input;
  const found = await find(tx, reference, true);
  if (isTrial === false && found.isTrial && (await isOnTrial(tx, found.accountId)))
    throw refuse('conflict.state', { message: 'The account is on trial, and so are its subaccounts' });
  if (found.isOwn && input.name !== undefined && input.name !== found.name)
    throw refuse('conflict.state', { message: "The account's own subaccount is called as the account" });
  const now = new Date(world.clock.now());
  let changed = await updateSubaccount(tx, found.id, input, now);
  if (status !== undefined) {
    const problem = statusProblem(found.stage, status, found.isOwn);
    if (problem !== null) throw invalidField('status', 'transition', problem);
    const stop = status === 'active' ? null : status;
    changed = await updateStop(tx, found.id, { authority, stop, reason: reason ?? '' }, now);
  }
  if (changed === null) throw refuse('not_found');
  const fields = Object.keys(status === undefined ? input : { ...input, status });
  await append(tx, now, [event(changed, 'subaccount.changed', { fields, status: changed.status })]);
  return changed;
}

/** How the account sends by itself is not a subaccount to end. */
function endable(found: Subaccount): void {
  if (found.isOwn) throw refuse('conflict.state', { message: "The account's own subaccount does not end" });
}

/**
 * Retires now, or on a day: keys fail and mail is dropped; people of the account read on for 30 days, then everything is
 * purged. Until then the operator can bring it back.
 */
export async function retire(
  world: SubaccountWorld,
  scope: Scope,
  reference: string,
  at: number | null,
): Promise<Subaccount> {
  onlyAccount(scope, 'Only the account retires subaccounts');
  return world.db.scoped(scope, async (tx) => {
    const found = await find(tx, reference, true);
    endable(found);
    if (found.stage === 'retired') return found;
    const now = world.clock.now();
    const isLater = at !== null && at > now;
    const to = isLater
      ? ({ stage: 'pending_retirement', retiresAt: new Date(at), purgeAt: null } as const)
      : ({ stage: 'retired', retiresAt: new Date(now), purgeAt: new Date(now + purgeAfterMs) } as const);
    const changed = await updateStage(tx, found.id, to, new Date(now));
    if (changed === null) throw refuse('not_found');
    const kind = isLater ? 'subaccount.changed' : 'subaccount.retired';
    await append(tx, new Date(now), [event(changed, kind, { status: changed.status })]);
    return changed;
  });
}

/** Takes a retirement back: the parent's while it is pending, the operator's until the purge. */
export async function unretire(
  world: SubaccountWorld,
  scope: Scope,
  reference: string,
  authority: Authority,
): Promise<Subaccount> {
  onlyAccount(scope, 'Only the account changes a retirement');
  return world.db.scoped(scope, async (tx) => {
    const found = await find(tx, reference, true);
    if (found.stage === 'active') return found;
    if (found.stage === 'retired' && authority !== 'operator') {
      throw refuse('conflict.state', {
        message: `A retired subaccount is brought back by the operator only, until ${found.purgeAt?.toISOString()}`,
      });
    }
    const now = new Date(world.clock.now());
    const changed = await updateStage(tx, found.id, { stage: 'active', retiresAt: null, purgeAt: null }, now);
    if (changed === null) throw refuse('not_found');
    await append(tx, now, [event(changed, 'subaccount.changed', { status: changed.status })]);
    return changed;
  });
}

/**
 * Leaves a tombstone: activity stays by number, the name is no longer found, the external id is free again; what
 * `inTransaction` removes (keys, denylist) is gone with it.
 */
export async function remove(
  world: SubaccountWorld,
  scope: Scope,
  reference: string,
  inTransaction: (tx: Tx, subaccount: Subaccount) => Promise<void>,
): Promise<void> {
  onlyAccount(scope, 'Only the account deletes subaccounts');
  await world.db.scoped(scope, async (tx) => {
    const found = await find(tx, reference, true);
    endable(found);
    await inTransaction(tx, found);
    const now = new Date(world.clock.now());
    await updateStage(tx, found.id, { stage: 'deleted', retiresAt: null, purgeAt: null }, now);
    await append(tx, now, [event(found, 'subaccount.deleted', { name: found.name })]);
  });
}

/** Background: retirements whose day has come. */
export async function retireWhatIsDue(world: SubaccountWorld): Promise<number> {
  return world.db.asEngine(async (tx) => {
    const now = world.clock.now();
    const retired = await retireDue(tx, new Date(now), new Date(now + purgeAfterMs), 100);
    await append(
      tx,
      new Date(now),
      retired.map((each) => event(each, 'subaccount.retired', { status: each.status })),
    );
    return retired.length;
  });
}

function onlyAccount(scope: Scope, message: string): void {
  if (scope.reach !== 'account') throw refuse('auth.grant_missing', { message });
}

function checkProfile(profile: Profile): void {
  const problem = profileProblem(profile);
  if (problem !== null) throw invalidField(problem.field, problem.rule, problem.message);
}

function event(
  { accountId, id }: Subaccount,
  kind: NewEvent['kind'],
  data: Readonly<Record<string, unknown>>,
): NewEvent {
  return { accountId, subaccountId: id, kind, data };
}

/** The system's own stop and review, as its reputation wants them; the events for the caller to append. */
export async function holdBySystem(
  tx: Tx,
  id: SubaccountId,
  hold: { readonly stop: 'paused' | null; readonly isReviewed: boolean; readonly reason: string },
  now: Date,
): Promise<readonly NewEvent[]> {
  const found = await findSubaccount(tx, { id }, true);
  if (found === null) return [];
  await updateReviewed(tx, id, hold.isReviewed);
  if (found.stops.system === hold.stop) return [];
  const changed = await updateStop(tx, id, { authority: 'system', ...hold }, now);
  if (changed === null) return [];
  return [event(changed, 'subaccount.changed', { fields: ['status'], status: changed.status })];
}

/** Engine: subaccounts whose accepted mail must not leave now. */
export function stoppedSubaccounts(db: Database): Promise<StoppedSubaccounts> {
  return listStopped(db.engine);
}

/** What stops a subaccount's mail, null when nothing does. */
export function mailStop(db: Database, scope: Scope, id: SubaccountId): Promise<MailStop | null> {
  return db.scoped(scope, (tx) => findStop(tx, id));
}
