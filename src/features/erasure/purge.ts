import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { sqlState } from '../../base/database/store-lost.ts';
import { append } from '../events/index.ts';
import { accountOf } from '../accounts/index.ts';
import { takeOut } from '../metrics/index.ts';
import { archiveMonth } from '../quotas/index.ts';
import { duePurges, markPurged } from '../subaccounts/index.ts';
import type { Subaccount } from '../subaccounts/index.ts';
import { deleteSome, tenantTables } from './sql.ts';
import type { TenantTable } from './sql.ts';

const batch = 2000;

/** Background: purges retired subaccounts whose time is over, one after the other; how many. */
export async function purgeWhatIsDue(db: Database, clock: Clock): Promise<number> {
  const due = await duePurges(db.engine, new Date(clock.now()), 20);
  for (const subaccount of due) await purge(db, clock, subaccount);
  return due.length;
}

async function purge(db: Database, clock: Clock, subaccount: Subaccount): Promise<void> {
  await db.asEngine((tx) => archiveMonth(tx, subaccount.id));
  await takeOut(db, subaccount.id);
  const tables = await tenantTables(db.engine);
  // A table that others point at fails until these are empty: the next pass finds it free.
  while ((await deletePass(db, tables, subaccount.id)) > 0);
  const account = await accountOf(db, subaccount.id);
  await db.asEngine(async (tx) => {
    const now = new Date(clock.now());
    await markPurged(tx, subaccount.id, now);
    if (account === null) return;
    // Told by the account's own subaccount: of the purged one not even an event stays.
    await append(tx, now, [
      {
        accountId: account.id,
        subaccountId: account.ownSubaccountId,
        kind: 'subaccount.purged',
        data: { subaccountId: subaccount.id },
      },
    ]);
  });
}

/** Deletes a batch from every table; how many rows went. */
async function deletePass(
  db: Database,
  tables: readonly TenantTable[],
  subaccountId: number,
): Promise<number> {
  let deleted = 0;
  for (const table of tables) {
    try {
      deleted += await db.asEngine((tx) => deleteSome(tx, table, subaccountId, batch));
    } catch (error) {
      if (sqlState(error) !== '23503') throw error;
    }
  }
  return deleted;
}
