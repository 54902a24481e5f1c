import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import type { Limits, Quota, UsageLine } from './model.ts';
import { automaticHourly, limitProblem } from './rules.ts';
import type { Standing } from './rules.ts';
import {
  automaticOnes,
  findQuota,
  listUsage,
  setAutomatic,
  statementStart,
  updateLimits,
  updateMonthStart,
} from './sql.ts';
import { takeReached } from './sql-reached.ts';

export type QuotaWorld = { readonly db: Database; readonly clock: Clock };

export type SetQuota = Limits & { readonly isAutomatic: boolean };

/** The own subaccount's scope sees the pot; a subaccount's sees its own windows only. */
export async function get(
  world: QuotaWorld,
  scope: Scope,
  subaccountId: SubaccountId,
  level: Quota['level'],
): Promise<Quota> {
  const quota = await world.db.scoped(scope, (tx) => findQuota(tx, subaccountId, level));
  if (quota === null) throw refuse('not_found');
  return quota;
}

/** Sets the limits of a subaccount; `ownId` is where the account's pot is kept. */
export async function setSubaccount(
  world: QuotaWorld,
  scope: Scope,
  ids: { readonly subaccountId: SubaccountId; readonly ownId: SubaccountId },
  input: SetQuota,
): Promise<Quota> {
  return world.db.scoped(scope, async (tx) => {
    await setWithin(tx, ids, input);
    await tell(world, tx, scope.accountId, ids.subaccountId, input);
    return existing(tx, ids.subaccountId, 'subaccount');
  });
}

/** Within a transaction of the caller's, which writes the event. */
export async function setWithin(
  tx: Tx,
  ids: { readonly subaccountId: SubaccountId; readonly ownId: SubaccountId },
  input: SetQuota,
): Promise<void> {
  const pot = await existing(tx, ids.ownId, 'account');
  const { hour, day, month } = pot.windows;
  const problem = limitProblem(input, { hour: hour.max, day: day.max, month: month.max });
  if (problem !== null) throw invalidField(problem.field, 'maximum', problem.message);
  await updateLimits(tx, ids.subaccountId, 'subaccount', input);
}

/** Sets the account's own limits and the day on which its month begins. */
export async function setAccount(
  world: QuotaWorld,
  scope: Scope,
  input: Limits & { readonly monthStartsOn: number | null },
): Promise<Quota> {
  if (scope.reach !== 'account') throw refuse('not_found');
  return world.db.scoped(scope, async (tx) => {
    if (input.monthStartsOn !== null) await updateMonthStart(tx, scope.accountId, input.monthStartsOn);
    await updateLimits(tx, scope.subaccountId, 'account', { ...input, isAutomatic: false });
    await tell(world, tx, scope.accountId, scope.subaccountId, input);
    return existing(tx, scope.subaccountId, 'account');
  });
}

async function existing(tx: Tx, subaccountId: SubaccountId, level: Quota['level']): Promise<Quota> {
  const quota = await findQuota(tx, subaccountId, level);
  if (quota === null) throw refuse('not_found');
  return quota;
}

function tell(
  world: QuotaWorld,
  tx: Tx,
  accountId: AccountId,
  subaccountId: SubaccountId,
  { hour, day, month }: Limits,
): Promise<void> {
  return append(tx, new Date(world.clock.now()), [
    { accountId, subaccountId, kind: 'quota.changed', data: { hour, day, month } },
  ]);
}

/** One page of a month's statement, `first` the first day of the calendar month in which it begins. */
export async function usage(
  world: QuotaWorld,
  scope: Scope,
  page: { readonly first: Date; readonly after: number; readonly limit: number },
): Promise<{ readonly start: Date; readonly lines: readonly UsageLine[] }> {
  return world.db.scoped(scope, async (tx) => {
    const start = await statementStart(tx, scope.accountId, page.first);
    return { start, lines: await listUsage(tx, start, page.after, page.limit) };
  });
}

/** Background: tells of limits that were reached, once for each window; how many. */
export async function tellReached(db: Database, clock: Clock): Promise<number> {
  return db.asEngine(async (tx) => {
    const reached = await takeReached(tx);
    const events = reached.map(({ accountId, subaccountId, ...data }) => ({
      accountId,
      subaccountId,
      kind: 'quota.reached' as const,
      data,
    }));
    await append(tx, new Date(clock.now()), events);
    return reached.length;
  });
}

const automaticBatch = 500;

/** Background: automatic hourly limits follow the reputation of 30 days. */
export async function followReputation(
  db: Database,
  standings: (tx: Tx, ids: readonly SubaccountId[]) => Promise<ReadonlyMap<SubaccountId, Standing>>,
): Promise<void> {
  let after = 0;
  for (;;) {
    const ids = await db.asEngine(async (tx) => {
      const page = await automaticOnes(tx, after, automaticBatch);
      const found = await standings(tx, page);
      await setAutomatic(tx, new Map([...found].map(([id, standing]) => [id, automaticHourly(standing)])));
      return page;
    });
    if (ids.length < automaticBatch) return;
    after = ids.at(-1) ?? 0;
  }
}
