import { parseArgs } from 'node:util';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { makeAccess } from '../features/access/index.ts';
import { allAccounts } from '../features/accounts/index.ts';
import { create } from '../features/keys/index.ts';
import type { Command } from './index.ts';
import { withDatabase } from './with-store.ts';

/** Makes a key for an account, for those who lost theirs. The secret is shown this once. */
export const keysCommand: Command = {
  usage: 'create --name N [--account ID] [--grants a,b]',
  does: 'make an API key',
  run: async (words, config) => {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { name: { type: 'string' }, account: { type: 'string' }, grants: { type: 'string' } },
    });
    const { name } = values;
    if (positionals[0] !== 'create' || name === undefined) {
      console.error('lettershop keys: create --name N [--account ID] [--grants messages:send,...]');
      return 1;
    }
    return withDatabase(config, async (db) => {
      const accounts = await allAccounts(db);
      const account =
        values.account === undefined ? accounts[0] : accounts.find(({ id }) => String(id) === values.account);
      if (account === undefined) {
        console.error('lettershop keys: there is no such account');
        return 1;
      }
      await using access = makeAccess({ db, clock: systemClock, log: silentLog });
      const made = await create({ db, clock: systemClock }, access.operatorScope(account), {
        kind: 'api',
        name,
        reach: 'account',
        grants: values.grants?.split(',') ?? null,
        domainLimit: null,
        allowedAddresses: [],
        expiresAt: null,
      });
      console.log(`${made.key.publicId}:${made.secret}`);
      return 0;
    });
  },
};
