/** Commands that work on the store itself: beside the running program when there is one, else on the folder alone. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../base/config.ts';
import { Database } from '../base/database/database.ts';
import { silentLog } from '../base/log.ts';
import { findOutside } from '../base/postgres/outside.ts';
import { parseMasterKeys } from '../base/seal.ts';
import type { Keyring } from '../base/seal.ts';
import { StartFault } from '../base/start-fault.ts';
import { openStore } from '../main/store.ts';

/** Runs `work` on the database of this installation. */
export async function withDatabase<T>(config: Config, work: (db: Database) => Promise<T>): Promise<T> {
  const target = await runningTarget(config);
  if (target !== null) {
    await using db = new Database(target, silentLog, { tenant: 2, engine: 2 });
    return await work(db);
  }
  await using store = await openStore(config, silentLog, {
    now: new Date(),
    onDatabaseLost: () => undefined,
  });
  return await work(store.db);
}

/** How to reach the database of the program that runs on this folder, null when none runs. */
async function runningTarget(config: Config): Promise<ConstructorParameters<typeof Database>[0] | null> {
  if (config.DATABASE_URL !== null) return (await findOutside(config.DATABASE_URL)).connection;
  const text = await readFile(join(config.LETTERSHOP_DATA_DIR, 'database.json'), 'utf8').catch(() => null);
  if (text === null) return null;
  const { pid, target } = JSON.parse(text) as {
    pid: number;
    target: ConstructorParameters<typeof Database>[0];
  };
  try {
    process.kill(pid, 0);
    return target;
  } catch {
    return null;
  }
}

/** The master keys of this installation, which its first start has made. */
export async function readKeyring(config: Config): Promise<Keyring> {
  const kept = (): Promise<string> => readFile(join(config.LETTERSHOP_DATA_DIR, 'master-key'), 'utf8');
  const text = config.LETTERSHOP_MASTER_KEY ?? (await kept().catch(() => ''));
  if (text === '')
    throw new StartFault('there is no master key: start the program once, or set LETTERSHOP_MASTER_KEY');
  return parseMasterKeys(text);
}
