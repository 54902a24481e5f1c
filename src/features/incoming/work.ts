/** Background: mail of tenants that are no more is given up, mail whose time is over goes. */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { append } from '../events/index.ts';
import { giveUpDropped } from './sql-hand-over.ts';
import { endContents, mailEvent } from './sql-mails.ts';

const batch = 500;
const contentBatch = 100;

export async function endOldIncoming(db: Database, clock: Clock): Promise<void> {
  const now = new Date(clock.now());
  for (let last: number = batch; last >= batch;) {
    last = await db.asEngine(async (tx) => {
      const mails = await giveUpDropped(tx, now, batch);
      const error = 'its subaccount is no more';
      await append(
        tx,
        now,
        mails.map((mail) => mailEvent(mail, 'inbound.given_up', { error })),
      );
      return mails.length;
    });
  }
  for (let last: number = contentBatch; last >= contentBatch;) {
    last = await db.asEngine((tx) => endContents(tx, now, contentBatch));
  }
}
