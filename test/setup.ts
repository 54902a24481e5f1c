/** Before all tests (tools/test.ts): one embedded PostgreSQL (fsync off) with a migrated template; each test file copies it. */
import { chmodSync, rmSync } from 'node:fs';
import { Client } from 'pg';
import { clientConfig } from '../src/base/database/database.ts';
import { migrate } from '../src/base/database/migrate.ts';
import { silentLog } from '../src/base/log.ts';
import type { Log } from '../src/base/log.ts';
import { startPostgres } from '../src/base/postgres/postgres.ts';
import { templateName } from './database.ts';
import { newFolder } from './folder.ts';

/** A server process that dies takes every connection with it: the tests that fail of it should say why. */
const log: Log = {
  ...silentLog,
  info: (_fields, message) => {
    if (/terminated by signal/.test(message)) console.error(message);
  },
};

let stop: () => Promise<void> = () => Promise.resolve();

export async function globalSetup(): Promise<void> {
  const folder = newFolder('lettershop-test');
  chmodSync(folder, 0o711);
  const postgres = await startPostgres({
    folder,
    log,
    settings: { fsync: false, connectionsMax: 1200 },
  });
  postgres.unref();
  stop = async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const client = new Client(clientConfig(postgres.connection, 'owner', 'tests'));
  await client.connect();
  await client.query(`create database ${templateName}`);
  await client.end();
  await migrate({ ...postgres.connection, database: templateName }, 'migrations', new Date());
  process.env['TEST_POSTGRES'] = JSON.stringify(postgres.connection);
}

export async function globalTeardown(): Promise<void> {
  await stop();
}
