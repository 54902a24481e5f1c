import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from 'kysely';
import { DatabaseError } from 'pg';
import { Cutter } from '../../../test/kills/cutter.ts';
import { openTestDatabase, testTarget } from '../../../test/database.ts';
import { silentLog } from '../log.ts';
import type { Scope } from '../scope.ts';
import { Database } from './database.ts';
import { isRowFault, isStoreLost, StoreUnavailable, toStoreLost } from './store-lost.ts';

/** Holds what a literal must not end by. */
const somebody = {
  accountId: 1,
  subaccountId: 2,
  reach: [2, 3],
  actor: { kind: 'key', id: '4' },
  requestId: `it's \\ "5"; rollback`,
} as unknown as Scope;

test('a line to the store that is cut or refused is the loss of the store, for every kind of pool', async () => {
  await using database = await openTestDatabase();
  const { host, port, ...target } = testTarget(database.target.database ?? '');
  const cutter = await Cutter.start(join(host ?? '', `.s.PGSQL.${port ?? 5432}`));
  await using db = new Database({ ...target, host: '127.0.0.1', port: cutter.port }, silentLog);
  const fault = await sql`select 1 / 0`.execute(db.engine).catch((error: unknown) => error);
  assert.ok(fault instanceof DatabaseError && isRowFault(fault) && !isStoreLost(fault));
  // A backend whose line is cut sleeps on, so each has a length of sleep of its own.
  for (const [seconds, ask] of [
    [20, () => sql`select pg_sleep(20)`.execute(db.engine)],
    [21, () => db.asEngine((tx) => sql`select pg_sleep(21)`.execute(tx))],
    [22, () => db.unscoped((tx) => sql`select pg_sleep(22)`.execute(tx))],
    [23, () => db.scoped(somebody, (tx) => sql`select pg_sleep(23)`.execute(tx))],
  ] as const) {
    const asked = assert.rejects(ask(), StoreUnavailable);
    await untilAsleep(database.db, seconds);
    cutter.cut();
    await asked;
  }
  await cutter[Symbol.asyncDispose]();
  await assert.rejects(sql`select 1`.execute(db.engine), StoreUnavailable);
});

test('a scope is set as it is given, ends with its transaction, and what fails takes it back', async () => {
  await using database = await openTestDatabase();
  const { db } = database;
  const names = ['account_id', 'reach', 'actor', 'subaccount', 'request'];
  const settings = sql<Record<string, string>>`select ${sql.join(
    names.map((name) => sql`current_setting(${`app.${name}`}, true) as ${sql.ref(name)}`),
  )}`;
  const set = (await db.scoped(somebody, (tx) => settings.execute(tx))).rows[0];
  assert.deepEqual(Object.values(set ?? {}), ['1', '2,3', 'key:4', '2', somebody.requestId]);
  const fails = db.scoped(somebody, (tx) => sql`select 1 / 0`.execute(tx));
  await assert.rejects(fails, DatabaseError);
  const after = (await db.unscoped((tx) => settings.execute(tx))).rows[0];
  assert.deepEqual(
    Object.values(after ?? {}).map((value) => value ?? ''),
    names.map(() => ''),
  );
});

async function untilAsleep(db: Database, seconds: number): Promise<void> {
  for (;;) {
    const found =
      await sql`select from pg_stat_activity where query = ${`select pg_sleep(${seconds})`} and wait_event = 'PgSleep'
      and datname = current_database()`.execute(db.owner);
    if (found.rows.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('an error of the socket is told from one of a caller, and from any other', () => {
  const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
  assert.ok(isStoreLost(toStoreLost(reset)));
  assert.ok(isStoreLost(toStoreLost(new Error('Connection terminated unexpectedly'))));
  const bug = new TypeError('x is not a function');
  assert.equal(toStoreLost(bug), bug);
  assert.equal(isStoreLost(reset), false, 'the caller’s own connection');
});
