/** A database of its own for a test file: a copy of the migrated template, dropped at the end. */
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { present } from '../src/base/assert.ts';
import { clientConfig, Database } from '../src/base/database/database.ts';
import type { ConnectionTarget } from '../src/base/database/database.ts';
import { silentLog } from '../src/base/log.ts';

export const templateName = 'lettershop_template';

export type TestDatabase = AsyncDisposable & { readonly db: Database; readonly target: ConnectionTarget };

/** How to reach the tests' PostgreSQL (test/setup.ts). */
export function testTarget(database: string): ConnectionTarget {
  const text = present(process.env['TEST_POSTGRES'], 'run tests by npm test: it starts PostgreSQL');
  // Ten programs and their clients share a process: who is slow there holds no lock that anybody else waits for.
  const options = '-c idle_in_transaction_session_timeout=60000';
  return { ...(JSON.parse(text) as ConnectionTarget), database, options };
}

async function asOwner(statement: string): Promise<void> {
  const client = new Client(clientConfig(testTarget('postgres'), 'owner', 'tests'));
  await client.connect();
  await client.query(statement);
  await client.end();
}

export async function openTestDatabase(): Promise<TestDatabase> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  await asOwner(`create database ${name} template ${templateName} strategy file_copy`);
  const target = testTarget(name);
  const db = new Database(target, silentLog, { tenant: 4, engine: 4 });
  return {
    db,
    target,
    [Symbol.asyncDispose]: async () => {
      await db[Symbol.asyncDispose]();
      await asOwner(`drop database ${name} with (force)`);
    },
  };
}
