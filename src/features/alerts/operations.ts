import type { Clock } from '../../base/clock.ts';
import type { Tx } from '../../base/database/database.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import type { EventKind } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { checkUrl, makeSigningSecret } from '../webhooks/index.ts';
import type { Network } from '../webhooks/index.ts';
import type { Alert, Firing, Measure, TargetKind } from './model.ts';
import { alertProblem, usualClearAt } from './rules.ts';
import { isWanted, mail, post, sealContext } from './send.ts';
import type { Sent, SendWorld } from './send.ts';
import {
  countAlerts,
  deleteAlert,
  findAlert,
  insertAlert,
  insertFiring,
  listAlerts,
  listFirings,
  nextId,
  noteTest,
  updateAlert,
} from './sql.ts';

export type AlertWorld = SendWorld & {
  readonly clock: Clock;
  readonly network: Network;
  /** The number behind `external:<id>` or a number, as the scope sees it; refuses what is not found. */
  readonly subaccountOf: (scope: Scope, reference: string) => Promise<SubaccountId>;
};

/** Per subaccount, the account's own among them. */
const alertsMax = 100;
const testEveryMs = 60_000;

export type Target = { readonly kind: TargetKind; readonly to: string };

export type CreateAlert = {
  readonly name: string;
  readonly measure: Measure;
  readonly comparison: Alert['comparison'];
  readonly threshold: number;
  readonly clearAt: number | null;
  readonly windowHours: number;
  readonly volumeMin: number;
  readonly quietMinutes: number;
  readonly target: Target;
  readonly status: Alert['status'];
  /** Of an account's alert: this one's figures only. */
  readonly subaccount: string | null;
};

export type MadeAlert = { readonly alert: Alert; readonly secret: string | null };

/** Makes an alert; the secret that signs its requests is known here only. */
export async function create(world: AlertWorld, scope: Scope, input: CreateAlert): Promise<MadeAlert> {
  const isAccounts = scope.reach === 'account';
  if (!isAccounts && input.subaccount !== null)
    throw invalidField('subaccount', 'fixed', 'cannot be set: it is about its own subaccount');
  const asked = input.subaccount === null ? null : await world.subaccountOf(scope, input.subaccount);
  const reach = isAccounts ? 'account' : 'subaccount';
  await checkTarget(world, { ...scopeOf(scope), reach }, input.target);
  return world.db.scoped(scope, async (tx) => {
    if ((await countAlerts(tx, scope)) >= alertsMax)
      throw refuse('limit.reached', { message: `There are ${alertsMax} alerts already` });
    const id = await nextId(tx);
    const now = new Date(world.clock.now());
    const secret = input.target.kind === 'webhook' ? makeSigningSecret() : null;
    const alert: Alert = {
      id,
      ...scopeOf(scope),
      reach,
      onlySubaccountId: isAccounts ? asked : scope.subaccountId,
      name: input.name,
      measure: input.measure,
      comparison: input.comparison,
      threshold: input.threshold,
      clearAt: input.clearAt ?? usualClearAt(input.comparison, input.threshold),
      windowHours: input.windowHours,
      volumeMin: input.volumeMin,
      quietMinutes: input.quietMinutes,
      targetKind: input.target.kind,
      target: input.target.to,
      sealedSecret: sealed(world, id, secret),
      status: input.status,
      state: 'ok',
      stateSince: now,
      toldState: 'ok',
      toldAt: null,
      createdAt: now,
    };
    check(alert);
    await insertAlert(tx, alert, now);
    await tell(tx, alert, 'alert.created', now);
    return { alert, secret };
  });
}

function scopeOf({ accountId, subaccountId }: Scope): Pick<Alert, 'accountId' | 'subaccountId'> {
  return { accountId, subaccountId };
}

function sealed({ ring }: AlertWorld, id: string, secret: string | null): Buffer | null {
  return secret === null ? null : ring.seal(Buffer.from(secret, 'utf8'), sealContext(id));
}

function check(alert: Alert): void {
  const problem = alertProblem(alert);
  if (problem !== null) throw invalidField(problem.field, problem.rule, problem.message);
}

/** Mail goes only to who is known to want it, requests only where webhooks may go. */
async function checkTarget(
  world: AlertWorld,
  of: Pick<Alert, 'accountId' | 'subaccountId' | 'reach'>,
  { kind, to }: Target,
): Promise<void> {
  if (kind !== 'mail') return checkUrl(world, to, 'target.to');
  if (!(await isWanted(world, { ...of, target: to })))
    throw invalidField(
      'target.to',
      'known',
      'must be the address of a person of the account or of a proven sender',
    );
}

/** Within a transaction; what the scope does not see is not found. */
async function found(tx: Tx, scope: Scope, id: string, lock: boolean): Promise<Alert> {
  const alert = await findAlert(tx, scope, id, lock);
  if (alert === null) throw refuse('not_found');
  return alert;
}

export function get(world: AlertWorld, scope: Scope, id: string): Promise<Alert> {
  return world.db.scoped(scope, (tx) => found(tx, scope, id, false));
}

export function list(
  world: AlertWorld,
  scope: Scope,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly Alert[]> {
  return world.db.scoped(scope, (tx) => listAlerts(tx, scope, page));
}

export type ChangeAlert = {
  readonly name?: string;
  readonly threshold?: number;
  readonly clearAt?: number;
  readonly windowHours?: number;
  readonly volumeMin?: number;
  readonly quietMinutes?: number;
  readonly status?: Alert['status'];
  readonly target?: Target;
};

/** Changes what was given; another webhook gets another secret, which is known here only. */
export async function change(
  world: AlertWorld,
  scope: Scope,
  id: string,
  input: ChangeAlert,
): Promise<MadeAlert> {
  const { target, ...values } = input;
  if (target !== undefined) await checkTarget(world, await get(world, scope, id), target);
  return world.db.scoped(scope, async (tx) => {
    const before = await found(tx, scope, id, true);
    const now = new Date(world.clock.now());
    const secret = target?.kind === 'webhook' ? makeSigningSecret() : null;
    const threshold = input.threshold ?? before.threshold;
    const clearAt =
      input.threshold === undefined ? before.clearAt : usualClearAt(before.comparison, threshold);
    const wanted: Alert = {
      ...before,
      clearAt,
      ...values,
      ...(target === undefined
        ? {}
        : { targetKind: target.kind, target: target.to, sealedSecret: sealed(world, id, secret) }),
    };
    check(wanted);
    await updateAlert(tx, wanted, now);
    await tell(tx, wanted, 'alert.changed', now);
    return { alert: wanted, secret };
  });
}

export async function remove(world: AlertWorld, scope: Scope, id: string): Promise<void> {
  await world.db.scoped(scope, async (tx) => {
    const alert = await found(tx, scope, id, true);
    await deleteAlert(tx, id);
    await tell(tx, alert, 'alert.deleted', new Date(world.clock.now()));
  });
}

/** Tells its target that this is a test, at most once a minute, and says what came of it. */
export async function sendTest(world: AlertWorld, scope: Scope, id: string): Promise<Sent> {
  const now = new Date(world.clock.now());
  const told = { kind: 'test', at: now, value: null, volume: null, from: null } as const;
  const alert = await world.db.scoped(scope, async (tx) => {
    const asked = await found(tx, scope, id, false);
    if (!(await noteTest(tx, id, now, new Date(now.getTime() - testEveryMs))))
      throw refuse('limit.reached', { message: 'A test was sent within the last minute' });
    return asked;
  });
  const isMail = alert.targetKind === 'mail';
  const sent = isMail ? null : await post(world, alert, told, `test_${scope.requestId}`, now.getTime());
  return world.db.scoped(scope, async (tx) => {
    const result = sent ?? (await mail(world, tx, alert, told, now));
    await insertFiring(tx, alert, {
      ...told,
      delivery: result.isTaken ? 'sent' : 'failed',
      attempts: 1,
      nextTryAt: null,
      toldAt: result.isTaken ? now : null,
      error: result.error,
    });
    return result;
  });
}

/** Newest first; of one alert, which the scope must see, or of all. */
export function firings(
  world: AlertWorld,
  scope: Scope,
  page: { readonly alertId: string | null; readonly before: string | null; readonly limit: number },
): Promise<readonly Firing[]> {
  return world.db.scoped(scope, async (tx) => {
    if (page.alertId !== null) await found(tx, scope, page.alertId, false);
    return listFirings(tx, scope, page);
  });
}

function tell(
  tx: Tx,
  { id, name, accountId, subaccountId }: Alert,
  kind: EventKind,
  now: Date,
): Promise<void> {
  return append(tx, now, [{ accountId, subaccountId, kind, data: { alertId: id, name } }]);
}
