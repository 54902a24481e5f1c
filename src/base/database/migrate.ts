/**
 * Migrations: plain SQL, forward only, one transaction each, under an advisory lock so that nodes that start together
 * do not meet. A database newer than this program is refused. Row security and the audit are put on by machine.
 */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { assert } from '../assert.ts';
import { StartFault } from '../start-fault.ts';
import { clientConfig, schemaName } from './database.ts';
import type { ConnectionTarget } from './database.ts';

const lockKey = 5_117_300;

export type Migration = { readonly version: number; readonly name: string; readonly sql: string };

export async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name)).sort();
  assert(names.length > 0, `no migrations in ${folder}`);
  return Promise.all(
    names.map(async (name, index) => {
      assert(Number(name.slice(0, 4)) === index + 1, `migration ${name} leaves a gap`);
      return { version: index + 1, name, sql: await readFile(join(folder, name), 'utf8') };
    }),
  );
}

/** Brings the database to the newest version; returns the names of the migrations that ran. */
export async function migrate(
  target: ConnectionTarget,
  folder: string,
  now: Date,
): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  const client = new Client(clientConfig(target, 'owner', 'lettershop migrate'));
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey]);
    await prepare(client);
    const ran = await runPending(client, migrations);
    await client.query('select audit_tables()');
    await client.query('call make_partitions($1)', [now]);
    return ran;
  } finally {
    await client.end();
  }
}

async function prepare(client: Client): Promise<void> {
  const version = await client.query<{ n: number }>("select current_setting('server_version_num')::int as n");
  if ((version.rows[0]?.n ?? 0) < 150_000) throw new StartFault('PostgreSQL 15 or newer is needed.');
  await client.query(`create schema if not exists ${schemaName}`);
  await ensureRoles(client);
  await client.query(
    'create table if not exists schema_migrations (version integer primary key, name text not null, ran_at timestamptz not null default now())',
  );
}

/** Roles are the cluster's, not the database's: two databases may make them at the same moment. */
async function ensureRoles(client: Client): Promise<void> {
  for (const role of ['lettershop_tenant', 'lettershop_engine']) {
    try {
      await client.query(`do $$ begin
        if not exists (select from pg_roles where rolname = '${role}') then create role ${role} nologin; end if;
        if not pg_has_role(current_user, '${role}', 'member') then execute 'grant ${role} to ' || quote_ident(current_user); end if;
      exception when duplicate_object or unique_violation then null; end $$`);
      await client.query(`grant usage on schema ${schemaName} to ${role}`);
      await client.query(`set role ${role}`);
      await client.query('reset role');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new StartFault(
        `The database user needs the role ${role} (${reason}). As an administrator run: ` +
          `create role ${role} nologin; grant ${role} to <user of DATABASE_URL>;`,
      );
    }
  }
}

async function runPending(client: Client, migrations: readonly Migration[]): Promise<readonly string[]> {
  const done = await client.query<{ version: number }>(
    'select version from schema_migrations order by version',
  );
  const newest = done.rows.at(-1)?.version ?? 0;
  if (newest > migrations.length) {
    throw new StartFault(
      `The database is at version ${newest}, this program knows ${migrations.length}: start the newer program.`,
    );
  }
  const ran: string[] = [];
  for (const migration of migrations.slice(newest)) {
    await client.query('begin');
    // The version row comes first: a second migrator without the lock would collide here and stop.
    await client.query('insert into schema_migrations (version, name) values ($1, $2)', [
      migration.version,
      migration.name,
    ]);
    await client.query(migration.sql);
    await client.query('select secure_tables()');
    await client.query('commit');
    ran.push(migration.name);
  }
  return ran;
}
