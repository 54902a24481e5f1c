import { systemClock } from '../base/clock.ts';
import { allAccounts, createAccount, setTrial } from '../features/accounts/index.ts';
import { isRefusal } from '../features/refusals/index.ts';
import { addOwner } from '../features/users/index.ts';
import type { Database } from '../base/database/database.ts';
import type { Command } from './index.ts';
import { withDatabase } from './with-store.ts';

/** Lists accounts, or makes one with its owner. */
export const accountsCommand: Command = {
  usage: '[create NAME OWNER_EMAIL | trial ACCOUNT on|off]',
  does: 'list accounts, make one, or say that it is on trial',
  run: (words, config) =>
    withDatabase(config, async (db) => {
      const [verb = 'list', name, email] = words;
      if (verb === 'create') {
        if (name === undefined || email === undefined || !email.includes('@')) {
          console.error('lettershop accounts create: NAME and OWNER_EMAIL are needed');
          return 1;
        }
        const account = await createAccount(db, name, new Date());
        await addOwner(db, { email, accountId: account.id });
        console.log(`account ${account.id}, own subaccount ${account.ownSubaccountId}`);
        return 0;
      }
      if (verb === 'trial') return trial(db, name, email);
      for (const account of await allAccounts(db)) {
        console.log(`${account.id}\t${account.status}\t${account.retentionDays} d\t${account.name}`);
      }
      return 0;
    }),
};

async function trial(db: Database, account = '', state = ''): Promise<number> {
  if (!/^\d{1,9}$/.test(account) || (state !== 'on' && state !== 'off')) {
    console.error('lettershop accounts trial: an account number and on or off are needed');
    return 1;
  }
  try {
    await setTrial({ db, clock: systemClock }, Number(account), state === 'on');
  } catch (error) {
    if (!isRefusal(error)) throw error;
    console.error(`lettershop accounts trial: there is no account ${account}`);
    return 1;
  }
  return 0;
}
