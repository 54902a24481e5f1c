import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { makeAccess } from '../features/access/index.ts';
import { allAccounts } from '../features/accounts/index.ts';
import { ledgerSummary, reasonsFor } from '../features/delivery/index.ts';
import { listWaiting } from '../features/queue/index.ts';
import { mailStop } from '../features/subaccounts/index.ts';
import type { Command } from './index.ts';
import { withDatabase } from './with-store.ts';

const shownPerAccount = 200;

/** What waits, and why: per account at most 200 messages; the API pages through all of them. */
export const queueCommand: Command = {
  usage: '',
  does: 'list what waits, and why',
  run: (_words, config) =>
    withDatabase(config, async (db) => {
      await using access = makeAccess({ db, clock: systemClock, log: silentLog });
      const now = Date.now();
      let shown = 0;
      for (const account of await allAccounts(db)) {
        const scope = access.operatorScope(account);
        const page = { afterSubaccount: 0, afterMessage: '0', limit: shownPerAccount, subaccountId: null };
        for (const row of await db.scoped(scope, (tx) => listWaiting(tx, page))) {
          const stopped = await mailStop(db, scope, row.subaccountId);
          const [reason] = reasonsFor(row, stopped, null, now);
          console.log(
            `${row.messageId}\t${row.subaccountId}\t${row.recipient}\t${reason?.text ?? ''} ${reason?.movesAt ?? ''}`.trimEnd(),
          );
          shown += 1;
        }
      }
      if (shown === 0) console.log('Nothing waits.');
      for (const entry of await ledgerSummary(db.engine)) {
        console.log(`perhaps delivered: ${entry.messages} (${entry.cause}, ${entry.resolution})`);
      }
      return 0;
    }),
};
