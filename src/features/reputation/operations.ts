import type { Clock } from '../../base/clock.ts';
import type { Database, Db, Tx } from '../../base/database/database.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import type { NewEvent } from '../events/index.ts';
import { busiestHour, sumOutcomes } from '../outcomes/index.ts';
import { capHour } from '../quotas/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { holdBySystem } from '../subaccounts/index.ts';
import { measureNames } from './model.ts';
import type { Cause, Finding, Limits, Reputation, SetBy, Step, StepTaken, TakenStep } from './model.ts';
import {
  builtInLimits,
  find,
  hourMs,
  lifeMaxMs,
  lifeMs,
  limitsProblem,
  mayUndo,
  nextLook,
  slowedHourly,
  spanOf,
} from './rules.ts';
import {
  findLimits,
  findReputation,
  insertStep,
  listReputations,
  listSteps,
  lockReputation,
  putLimits,
  saveReputation,
} from './sql.ts';

export type ReputationWorld = { readonly db: Database; readonly clock: Clock };

/** The limits that count for an account. */
export async function limitsOf(db: Db, accountId: AccountId): Promise<Limits> {
  return (await findLimits(db, accountId)) ?? builtInLimits;
}

/** What each measure says of a subaccount now, as the transaction may see it. */
export async function findings(
  tx: Tx,
  { subaccountId, countedFrom }: Pick<Reputation, 'subaccountId' | 'countedFrom'>,
  limits: Limits,
  now: number,
): Promise<readonly Finding[]> {
  const spans = measureNames.map((name) => spanOf(limits[name], countedFrom, now));
  const dates = spans.map(({ from, until }) => ({ from: new Date(from), until: new Date(until) }));
  const sums = await sumOutcomes(tx, subaccountId, dates);
  return measureNames.flatMap((name, index) => {
    const [span, outcomes] = [spans[index], sums[index]];
    return span === undefined || outcomes === undefined ? [] : [find(name, limits[name], outcomes, span)];
  });
}

export type Change = {
  readonly step: Step;
  readonly setBy: SetBy;
  readonly until: number | null;
  readonly cause: Cause;
  readonly evidence: readonly Finding[];
  readonly reason: string;
};

/**
 * Carries a decision out in the transaction of the caller, who holds the row: what the step does, history, events. A step
 * that goes on only gets its new end.
 */
export async function take(tx: Tx, before: Reputation, change: Change, now: number): Promise<void> {
  const { step, setBy, until, cause, evidence, reason } = change;
  const at = new Date(now);
  const isNew = step !== before.step;
  const since = step === 'none' ? null : isNew ? now : before.since;
  const after: Reputation = { ...before, step, setBy, until, evidence, reason, since };
  await saveReputation(tx, after, dateOf(nextLook(after, now)), at);
  if (!isNew) return;
  await insertStep(
    tx,
    before,
    { from: before.step, step, cause, setBy, evidence, until: dateOf(until), reason },
    at,
  );
  const told = await hold(tx, before.subaccountId, step, at);
  const { accountId, subaccountId } = before;
  const shared = { step, from: before.step, cause, setBy };
  const event: NewEvent =
    step === 'none'
      ? { accountId, subaccountId, kind: 'reputation.recovered', data: { ...shared, reason } }
      : {
          accountId,
          subaccountId,
          kind: 'reputation.step',
          data: { ...shared, evidence, until: dateOf(until)?.toISOString() ?? null, reason },
        };
  await append(tx, at, [event, ...told]);
}

/** What the step means for quota, review and stop; each is set or lifted with every change. */
async function hold(tx: Tx, id: SubaccountId, step: Step, now: Date): Promise<readonly NewEvent[]> {
  const since = new Date(now.getTime() - 168 * hourMs);
  const cap = step === 'none' || step === 'warn' ? null : slowedHourly(await busiestHour(tx, id, since));
  await capHour(tx, id, cap);
  return holdBySystem(
    tx,
    id,
    { stop: step === 'pause' ? 'paused' : null, isReviewed: step === 'review', reason: 'its reputation' },
    now,
  );
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

function authorityOf(scope: Scope): Exclude<SetBy, 'system'> {
  return scope.actor.kind === 'system' ? 'operator' : 'parent';
}

/** For those who decide by hand: the row of a subaccount that the scope sees, locked. */
async function locked(tx: Tx, scope: Scope, subaccountId: SubaccountId): Promise<Reputation> {
  if (scope.reach !== 'account') throw refuse('not_found');
  return lockReputation(tx, { accountId: scope.accountId, subaccountId });
}

function checkAuthority(scope: Scope, of: SetBy): void {
  if (!mayUndo(authorityOf(scope), of))
    throw refuse('conflict.state', { message: `It was set by the ${of}, who undoes it` });
}

/** Takes a step by hand, for as long as it is asked (its usual time when left out). */
export async function raise(
  world: ReputationWorld,
  scope: Scope,
  subaccountId: SubaccountId,
  asked: { readonly step: TakenStep; readonly until: number | null; readonly reason: string },
): Promise<View> {
  const now = world.clock.now();
  const until = asked.until ?? now + lifeMs[asked.step];
  checkEnd(until, now);
  await world.db.scoped(scope, async (tx) => {
    const before = await locked(tx, scope, subaccountId);
    checkAuthority(scope, before.setBy);
    const { step, reason } = asked;
    await take(
      tx,
      before,
      { step, setBy: authorityOf(scope), until, cause: 'raised', evidence: [], reason },
      now,
    );
  });
  return get(world, scope, subaccountId);
}

function checkEnd(until: number, now: number): void {
  if (until <= now) throw invalidField('until', 'minimum', 'must be in the future');
  if (until - now > lifeMaxMs) throw invalidField('until', 'maximum', 'must be within 400 days');
}

/** Ends the step; figures of before do not count any more, those from the next full hour on do. */
export async function reset(
  world: ReputationWorld,
  scope: Scope,
  subaccountId: SubaccountId,
  reason: string,
): Promise<View> {
  const now = world.clock.now();
  await world.db.scoped(scope, async (tx) => {
    const before = { ...(await locked(tx, scope, subaccountId)), countedFrom: now };
    checkAuthority(scope, before.setBy);
    await take(
      tx,
      before,
      { step: 'none', setBy: 'system', until: null, cause: 'reset', evidence: [], reason },
      now,
    );
  });
  return get(world, scope, subaccountId);
}

/** Its figures lead to nothing until then; null ends the exemption, and they count again. */
export async function exempt(
  world: ReputationWorld,
  scope: Scope,
  subaccountId: SubaccountId,
  asked: { readonly until: number | null; readonly reason: string },
): Promise<View> {
  const now = world.clock.now();
  if (asked.until !== null) checkEnd(asked.until, now);
  await world.db.scoped(scope, async (tx) => {
    const before = await locked(tx, scope, subaccountId);
    if (before.exemptBy !== null) checkAuthority(scope, before.exemptBy);
    const exemptBy = asked.until === null ? null : authorityOf(scope);
    const after: Reputation = { ...before, exemptUntil: asked.until, exemptBy };
    // Looked at at once: a step of the system ends with the exemption, and may come back with its end.
    await saveReputation(tx, after, new Date(now), new Date(now));
    const data = { until: dateOf(asked.until)?.toISOString() ?? null, reason: asked.reason };
    await append(tx, new Date(now), [
      { accountId: scope.accountId, subaccountId, kind: 'reputation.exempted', data },
    ]);
  });
  return get(world, scope, subaccountId);
}

export type View = { readonly reputation: Reputation; readonly findings: readonly Finding[] };

const good = {
  step: 'none',
  setBy: 'system',
  since: null,
  until: null,
  evidence: [],
  reason: '',
  exemptUntil: null,
  exemptBy: null,
  countedFrom: null,
} as const;

/** Step and figures of now of a subaccount that the scope sees. */
export async function get(world: ReputationWorld, scope: Scope, subaccountId: SubaccountId): Promise<View> {
  const limits = await limitsOf(world.db.engine, scope.accountId);
  return world.db.scoped(scope, async (tx) => {
    const known = await findReputation(tx, subaccountId);
    const reputation = known ?? { accountId: scope.accountId, subaccountId, ...good };
    return { reputation, findings: await findings(tx, reputation, limits, world.clock.now()) };
  });
}

export function list(
  world: ReputationWorld,
  scope: Scope,
  page: { readonly after: number; readonly limit: number; readonly step: Step | null },
): Promise<readonly Reputation[]> {
  const now = new Date(world.clock.now());
  return world.db.scoped(scope, (tx) => listReputations(tx, { ...page, now }));
}

export function history(
  world: ReputationWorld,
  scope: Scope,
  subaccountId: SubaccountId,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly StepTaken[]> {
  return world.db.scoped(scope, (tx) => listSteps(tx, subaccountId, page));
}

/** Sets the account's own limits, all of them. */
export async function setLimits(world: ReputationWorld, scope: Scope, limits: Limits): Promise<Limits> {
  if (scope.reach !== 'account') throw refuse('not_found');
  const problem = limitsProblem(limits);
  if (problem !== null) throw invalidField(problem.field, problem.rule, problem.message);
  const { accountId, subaccountId } = scope;
  await world.db.scoped(scope, async (tx) => {
    await putLimits(tx, { accountId, subaccountId }, limits);
    await append(tx, new Date(world.clock.now()), [
      { accountId, subaccountId, kind: 'account.changed', data: { fields: ['reputationLimits'] } },
    ]);
  });
  return limits;
}
