import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allAccounts } from '../features/accounts/index.ts';
import { makeLoginLink } from '../features/logins/index.ts';
import { findOwnerOf } from '../features/users/index.ts';
import type { Command } from './index.ts';
import { withDatabase } from './with-store.ts';

/** For those who missed the printed one. */
export const loginLinkCommand: Command = {
  usage: '[ACCOUNT_ID]',
  does: 'print a one-time login for the owner of an account',
  run: (words, config) =>
    withDatabase(config, async (db) => {
      const accounts = await allAccounts(db);
      const account =
        words[0] === undefined ? accounts[0] : accounts.find(({ id }) => String(id) === words[0]);
      const owner = account === undefined ? null : await findOwnerOf(db.engine, account.id);
      if (owner === null) {
        console.error('lettershop login-link: there is no such account, or it has no owner');
        return 1;
      }
      const token = await makeLoginLink(db, owner.id, new Date());
      const text = await readFile(join(config.LETTERSHOP_DATA_DIR, 'listening.json'), 'utf8').catch(
        () => null,
      );
      const port =
        text === null
          ? config.LETTERSHOP_HTTP_PORT
          : (JSON.parse(text) as { http: { port: number } }).http.port;
      const url = config.LETTERSHOP_PUBLIC_URL ?? `http://localhost:${port}`;
      console.log(`${url}/login/${token}   (${owner.email}, works once, valid for 24 hours)`);
      return 0;
    }),
};
