import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import type { Scope } from '../../base/scope.ts';
import type { SubaccountStatus } from '../subaccounts/index.ts';
import type { Crowds } from './crowds.ts';
import type { Trouble } from './model.ts';
import { cursorOf, troublesOf } from './rules.ts';
import { countWeights, listWeighed } from './sql.ts';
import type { Page, Weighed } from './sql.ts';

export type OverviewWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly crowds: Crowds;
};

const hourMs = 3_600_000;

export type Counts = {
  readonly total: number;
  readonly inTrouble: number;
  readonly byStatus: Readonly<Partial<Record<SubaccountStatus, number>>>;
  readonly byTrouble: Readonly<Partial<Record<Trouble, number>>>;
};

/** The scope's subaccounts by status and by trouble. */
export async function count({ db, crowds }: OverviewWorld, scope: Scope): Promise<Counts> {
  const crowded = await crowds.crowded();
  const groups = await db.scoped(scope, (tx) => countWeights(tx, crowded));
  const byStatus: Partial<Record<SubaccountStatus, number>> = {};
  const byTrouble: Partial<Record<Trouble, number>> = {};
  let [total, inTrouble] = [0, 0];
  for (const { status, weight, n } of groups) {
    byStatus[status] = (byStatus[status] ?? 0) + n;
    total += n;
    if (weight > 0) inTrouble += n;
    for (const each of troublesOf(weight)) byTrouble[each] = (byTrouble[each] ?? 0) + n;
  }
  return { total, inTrouble, byStatus, byTrouble };
}

export type SubaccountHealth = Omit<Weighed, 'weight'> & { readonly troubles: readonly Trouble[] };
export type HealthPage = { readonly items: readonly SubaccountHealth[]; readonly next: string | null };

/** The scope's subaccounts, those in trouble first. */
export async function list(
  { db, clock, crowds }: OverviewWorld,
  scope: Scope,
  asked: Omit<Page, 'since' | 'crowded'>,
): Promise<HealthPage> {
  // This hour and the 23 before it.
  const since = new Date(Math.floor(clock.now() / hourMs) * hourMs - 23 * hourMs);
  const crowded = await crowds.crowded();
  const found = await db.scoped(scope, (tx) => listWeighed(tx, { ...asked, since, crowded }));
  const last = found.length === asked.limit ? found.at(-1) : undefined;
  const items = found.map(({ weight, ...rest }) => ({ ...rest, troubles: troublesOf(weight) }));
  return { items, next: last === undefined ? null : cursorOf(last) };
}
