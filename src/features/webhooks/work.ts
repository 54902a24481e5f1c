/** Background: the ends of what webhooks leave behind. */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { endDeliveries, endHandouts } from './sql-read.ts';

const deliveryLifeMs = 7 * 86_400_000;
const deliveriesKept = 1000;
const batch = 5000;

export async function endOldWebhookRows(db: Database, clock: Clock): Promise<void> {
  const now = clock.now();
  while ((await endDeliveries(db.engine, new Date(now - deliveryLifeMs), deliveriesKept, batch)) >= batch);
  while ((await endHandouts(db.engine, new Date(now), batch)) >= batch);
}
