import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from 'kysely';
import { DatabaseError } from 'pg';
import { Cutter } from '../../../test/kills/cutter.ts';
import { openTestDatabase, testTarget } from '../../../test/database.ts';
import { silentLog } from '../log.ts';
import { Database } from './database.ts';
import { isRowFault, isStoreLost, StoreUnavailable, toStoreLost } from './store-lost.ts';

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
  ] as const) {
    const asked = assert.rejects(ask(), StoreUnavailable);
    await untilAsleep(database.db, seconds);
    cutter.cut();
    await asked;
  }
  await cutter[Symbol.asyncDispose]();
  await assert.rejects(sql`select 1`.execute(db.engine), StoreUnavailable);
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
