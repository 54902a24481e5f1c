import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { reputation } from '../quotas/index.ts';
import type { Standing } from '../quotas/index.ts';
import { countBatch, sumCounts } from './sql.ts';
import type { Count } from './sql.ts';

export type MetricWorld = { readonly db: Database; readonly clock: Clock };

const batch = 5000;
const dayMs = 86_400_000;
const standingDays = 30;

/** Background: counts what the log has more than the counters; returns how many events. */
export async function countEvents(db: Database): Promise<number> {
  let total = 0;
  for (;;) {
    const counted = await db.asEngine((tx) => countBatch(tx, batch));
    total += counted;
    if (counted < batch) return total;
  }
}

/** What a window of days held, by outcome. */
export type Sending = {
  readonly accepted: number;
  readonly delivered: number;
  readonly hardBounces: number;
  readonly otherBounces: number;
  readonly deferred: number;
  readonly suppressed: number;
  readonly complaints: number;
};

function sending(counts: readonly Count[]): Sending {
  const of = (kind: string): number =>
    counts.reduce((sum, count) => (count.kind === kind ? sum + count.n : sum), 0);
  const bounces = counts.reduce(
    (sum, { kind, n }) => (/^message\.bounced(?:_later)?:/.test(kind) ? sum + n : sum),
    0,
  );
  const hardBounces = of('message.bounced:hard') + of('message.bounced_later:hard');
  return {
    accepted: of('message.accepted'),
    delivered: of('message.delivered'),
    hardBounces,
    otherBounces: bounces - hardBounces,
    deferred: of('message.deferred'),
    suppressed: of('message.suppressed'),
    complaints: of('message.complained'),
  };
}

export type Summary = { readonly today: Sending; readonly last30Days: Sending; readonly standing: Standing };

/** How one subaccount sends; the caller has made sure that the scope sees it. */
export async function summary(
  world: MetricWorld,
  scope: Scope,
  subaccountId: SubaccountId,
): Promise<Summary> {
  const now = world.clock.now();
  return world.db.scoped(scope, async (tx) => {
    const month = await sumCounts(tx, [subaccountId], new Date(now - (standingDays - 1) * dayMs));
    const today = await sumCounts(tx, [subaccountId], new Date(now));
    const last30Days = sending(month);
    return { today: sending(today), last30Days, standing: reputation(last30Days) };
  });
}

/** Engine: the standing of each from its own 30 days: one subaccount's harm changes nobody else's. */
export async function standings(
  tx: Tx,
  ids: readonly SubaccountId[],
  now: number,
): Promise<ReadonlyMap<SubaccountId, Standing>> {
  const counts = await sumCounts(tx, ids, new Date(now - (standingDays - 1) * dayMs));
  return new Map(
    ids.map((id) => [id, reputation(sending(counts.filter(({ subaccountId }) => subaccountId === id)))]),
  );
}
