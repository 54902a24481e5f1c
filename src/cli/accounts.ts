import { systemClock } from '../base/clock.ts';
import { allAccounts, createAccount, setTrial, setTurnWeight } from '../features/accounts/index.ts';
import { isRefusal } from '../features/refusals/index.ts';
import { addOwner } from '../features/users/index.ts';
import type { Database } from '../base/database/database.ts';
import type { Command } from './index.ts';
import { withDatabase } from './with-store.ts';

/** Lists accounts, or makes one with its owner. */
export const accountsCommand: Command = {
  usage: '[create NAME OWNER_EMAIL | trial ACCOUNT on|off | turns ACCOUNT WEIGHT]',
  does: 'list accounts, make one, say that it is on trial, or give it more turns (1 to 100)',
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
      if (verb === 'turns') return turns(db, name, email);
      for (const account of await allAccounts(db)) {
        console.log(
          `${account.id}\t${account.status}\t${account.retentionDays} d\tturns ${account.turnWeight}\t${account.name}`,
        );
      }
      return 0;
    }),
};

function trial(db: Database, account = '', state = ''): Promise<number> {
  const isSaid = state === 'on' || state === 'off';
  return change('trial', account, isSaid ? null : 'on or off', (id) =>
    setTrial({ db, clock: systemClock }, id, state === 'on'),
  );
}

function turns(db: Database, account = '', weight = ''): Promise<number> {
  const isSaid = /^\d{1,3}$/.test(weight) && Number(weight) >= 1 && Number(weight) <= 100;
  return change('turns', account, isSaid ? null : 'a weight from 1 to 100', (id) =>
    setTurnWeight({ db, clock: systemClock }, id, Number(weight)),
  );
}

/** `missing` is what the words lack besides the account's number. */
async function change(
  verb: string,
  account: string,
  missing: string | null,
  run: (id: number) => Promise<void>,
): Promise<number> {
  if (!/^\d{1,9}$/.test(account) || missing !== null) {
    console.error(`lettershop accounts ${verb}: an account number and ${missing ?? 'a value'} are needed`);
    return 1;
  }
  try {
    await run(Number(account));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    console.error(`lettershop accounts ${verb}: there is no account ${account}`);
    return 1;
  }
  return 0;
}
