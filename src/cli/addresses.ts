import { systemClock } from '../base/clock.ts';
import { errorText, silentLog } from '../base/log.ts';
import { makeAccess } from '../features/access/index.ts';
import { allAccounts } from '../features/accounts/index.ts';
import { addAddress, addresses, removeAddress } from '../features/pools/index.ts';
import type { Command } from './index.ts';
import { withDatabase } from './with-store.ts';

/** Source addresses are the operator's to give: an account puts those that it was given into its pools. */
export const addressesCommand: Command = {
  usage: '[add ACCOUNT ADDRESS EHLO-NAME NODE | remove ACCOUNT ADDRESS NODE]',
  does: 'list source addresses, give one of a node (its LETTERSHOP_NODE_NAME) to an account, or take it back',
  run: (words, config) =>
    withDatabase(config, async (db) => {
      const [verb = 'list', account = '', address = '', ...rest] = words;
      await using access = makeAccess({ db, clock: systemClock, log: silentLog });
      const world = { db, clock: systemClock };
      const accounts = await allAccounts(db);
      try {
        if (verb === 'list') {
          for (const each of accounts) {
            for (const found of await addresses(world, access.operatorScope(each), null)) {
              const pool = found.poolId === null ? 'in no pool' : `pool ${found.poolId}`;
              console.log(`${each.id}\t${found.address}\t${found.ehloName}\t${found.node}\t${pool}`);
            }
          }
          return 0;
        }
        const owner = accounts.find(({ id }) => String(id) === account);
        if (owner === undefined) throw new Error(`there is no account "${account}"`);
        const scope = access.operatorScope(owner);
        const [first = '', second = ''] = rest;
        if (verb === 'add' && second !== '') {
          await addAddress(world, scope, { address, ehloName: first, node: second });
          console.log(`account ${account} has ${address} on ${second}`);
          return 0;
        }
        if (verb === 'remove' && (await removeAddress(world, scope, { address, node: first }))) {
          console.log(`${address} on ${first} is taken back`);
          return 0;
        }
        throw new Error(addressesCommand.usage);
      } catch (error) {
        console.error(`lettershop addresses: ${errorText(error)}`);
        return 1;
      }
    }),
};
