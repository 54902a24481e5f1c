import { allAccounts, createAccount } from '../features/accounts/index.ts';
import { addOwner } from '../features/users/index.ts';
import type { Command } from './index.ts';
import { withDatabase } from './with-store.ts';

/** Lists accounts, or makes one with its owner. */
export const accountsCommand: Command = {
  usage: '[create NAME OWNER_EMAIL]',
  does: 'list accounts, or make one',
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
      for (const account of await allAccounts(db)) {
        console.log(`${account.id}\t${account.status}\t${account.retentionDays} d\t${account.name}`);
      }
      return 0;
    }),
};
