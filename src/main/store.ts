/** Opens what is kept on disk: the data folder with its lock, PostgreSQL (embedded or outside), the newest schema. */
import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../base/config.ts';
import { openDataFolder } from '../base/data-folder.ts';
import type { DataFolder } from '../base/data-folder.ts';
import { Database } from '../base/database/database.ts';
import type { ConnectionTarget } from '../base/database/database.ts';
import { migrate } from '../base/database/migrate.ts';
import type { Log } from '../base/log.ts';
import { keepPostgres } from '../base/postgres/keep.ts';
import { findOutside } from '../base/postgres/outside.ts';
import { parseMasterKeys } from '../base/seal.ts';
import type { Keyring } from '../base/seal.ts';
import { StartFault } from '../base/start-fault.ts';
import { knownFingerprint, recordFingerprint } from './sql.ts';

/** Raised when a newer program writes the folder in a way that this one could not read. */
const dataFolderFormat = 1;

export type Store = AsyncDisposable & {
  readonly folder: DataFolder;
  readonly db: Database;
  readonly ring: Keyring;
  /** Identity of the data folder: node number and journal belong together by it. */
  readonly instance: string;
  readonly ranMigrations: readonly string[];
};

export async function openStore(
  config: Config,
  log: Log,
  options: { now: Date; onDatabaseLost: () => void },
): Promise<Store> {
  const folder = await openDataFolder(config.LETTERSHOP_DATA_DIR, { version: dataFolderFormat });
  const closing: (() => Promise<unknown>)[] = [() => folder[Symbol.asyncDispose]()];
  const close = async (): Promise<void> => {
    for (const step of closing.toReversed()) await step();
  };
  try {
    const target = await openDatabase(config, folder, log, options.onDatabaseLost, closing);
    const ranMigrations = await migrate(
      target,
      join(import.meta.dirname, '..', '..', 'migrations'),
      options.now,
    );
    const db = new Database(target, log);
    closing.push(() => db[Symbol.asyncDispose]());
    await db.warm();
    const ring = await openKeyring(config, folder, db);
    const instance = await readOrMake(folder, 'node-id', () => randomUUID());
    return { folder, db, ring, instance, ranMigrations, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openDatabase(
  config: Config,
  folder: DataFolder,
  log: Log,
  onLost: () => void,
  closing: (() => Promise<unknown>)[],
): Promise<ConnectionTarget> {
  if (config.DATABASE_URL !== null) return (await findOutside(config.DATABASE_URL)).connection;
  const postgres = await keepPostgres({
    folder: folder.path,
    log,
    tell: (news) => {
      if (news.kind === 'gave up') onLost();
    },
  });
  closing.push(() => postgres.stop());
  // How the operator's commands reach the database beside us; a descriptor of ours is theirs by our pid.
  const target = {
    ...postgres.connection,
    host: postgres.connection.host.replace('/proc/self/', `/proc/${process.pid}/`),
  };
  await folder.write('database.json', `${JSON.stringify({ pid: process.pid, target })}\n`);
  return postgres.connection;
}

/** The master keys, made on the first start; the database remembers their fingerprint, so that no node has others. */
async function openKeyring(config: Config, folder: DataFolder, db: Database): Promise<Keyring> {
  const text =
    config.LETTERSHOP_MASTER_KEY ??
    (await readOrMake(folder, 'master-key', () => randomBytes(32).toString('base64')));
  const ring = parseMasterKeys(text);
  const known = await knownFingerprint(db.engine, ring.fingerprint());
  if (ring.fingerprints().includes(known)) {
    await recordFingerprint(db.engine, ring.fingerprint());
    return ring;
  }
  throw new StartFault(
    `the master key is not the one of this database (fingerprint ${ring.fingerprint()}, wanted ${known}): ` +
      'set LETTERSHOP_MASTER_KEY to the installation’s keys, newest first',
  );
}

/** A small secret or identity of the data folder, made when missing. */
async function readOrMake(folder: DataFolder, name: string, make: () => string): Promise<string> {
  try {
    const text = (await readFile(join(folder.path, name), 'utf8')).trim();
    if (text !== '') return text;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const made = make();
  await folder.write(name, `${made}\n`);
  return made;
}
