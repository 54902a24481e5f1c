import { silentLog } from '../base/log.ts';
import { openStore } from '../main/store.ts';
import type { Command } from './index.ts';

/** Brings the database to the newest version without starting the program. */
export const migrateCommand: Command = {
  usage: '',
  does: 'bring the database to the newest version',
  run: async (_words, config) => {
    await using store = await openStore(config, silentLog, {
      now: new Date(),
      onDatabaseLost: () => undefined,
    });
    const { ranMigrations } = store;
    console.log(
      ranMigrations.length === 0 ? 'The database is up to date.' : `Ran ${ranMigrations.join(', ')}.`,
    );
    return 0;
  },
};
