import { systemClock } from '../base/clock.ts';
import { errorText, silentLog } from '../base/log.ts';
import { makeAccess } from '../features/access/index.ts';
import { accountOf, allAccounts, stopAccount } from '../features/accounts/index.ts';
import { change, settableStatuses, unretire } from '../features/subaccounts/index.ts';
import type { SettableStatus } from '../features/subaccounts/index.ts';
import type { Command } from './index.ts';
import { withDatabase } from './with-store.ts';

function isStatus(text: string): text is SettableStatus {
  return settableStatuses.some((status) => status === text);
}

/** The operator's own stop of an account or a subaccount: whatever the account does, only the operator lifts it. */
export const stopCommand: Command = {
  usage: `NUMBER (${settableStatuses.join('|')}|unretire) [REASON]`,
  does: "set or lift the operator's stop of an account or subaccount, or bring a retired one back",
  run: (words, config) =>
    withDatabase(config, async (db) => {
      const [text = '', verb = '', ...rest] = words;
      const id = Number(text);
      if (!Number.isInteger(id) || !(isStatus(verb) || verb === 'unretire')) {
        console.error(`lettershop stop ${stopCommand.usage}`);
        return 1;
      }
      const reason = rest.join(' ');
      const isAccount = (await allAccounts(db)).some((account) => Number(account.id) === id);
      if (isAccount && isStatus(verb)) {
        const status = await stopAccount({ db, clock: systemClock }, id, verb);
        console.log(`account ${id} is ${status}`);
        return 0;
      }
      const account = await accountOf(db, id);
      if (account === null) {
        console.error(`lettershop stop: there is no account or subaccount ${id}`);
        return 1;
      }
      await using access = makeAccess({ db, clock: systemClock, log: silentLog });
      const scope = access.operatorScope(account);
      const world = { db, clock: systemClock };
      try {
        const changed = isStatus(verb)
          ? await change(world, scope, text, { status: verb, reason }, 'operator')
          : await unretire(world, scope, text, 'operator');
        console.log(`subaccount ${id} is ${changed.status}`);
        return 0;
      } catch (error) {
        console.error(`lettershop stop: ${errorText(error)}`);
        return 1;
      }
    }),
};
