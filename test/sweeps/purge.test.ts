import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { systemClock } from '../../src/base/clock.ts';
import { readConfig } from '../../src/base/config.ts';
import { stopCommand } from '../../src/cli/stop.ts';
import { createAccount } from '../../src/features/accounts/index.ts';
import { endSuppressions } from '../../src/features/suppressions/index.ts';
import { purgeWhatIsDue } from '../../src/features/erasure/index.ts';
import { openTestDatabase } from '../database.ts';
import { databaseUrl, startWorld } from '../world.ts';
import { fillTables } from './fill.ts';

/** What an invoice was made from, and the tombstone itself. */
const kept = ['usage_months'];

test('of a purged subaccount no row is left in any table of the catalog, each of which held one', async () => {
  await using database = await openTestDatabase();
  const { engine, owner } = database.db;
  const account = await createAccount(database.db, 'Filled', new Date());
  const subaccount = async (name: string): Promise<number> => {
    const rows = await sql<{
      id: number;
    }>`insert into subaccounts (account_id, name) values (${account.id}, ${name}) returning id`.execute(
      engine,
    );
    return rows.rows[0]?.id ?? 0;
  };
  const [leaving, staying] = [await subaccount('leaving'), await subaccount('staying')];
  const tables = await fillTables(database.target, { accountId: account.id, subaccountId: leaving });
  assert.ok(tables.length > 17, tables.join(', '));
  const rowsOf = async (id: number): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const table of tables) {
      const rows = await sql<{
        n: number;
      }>`select count(*)::int as n from ${sql.id(table)} where subaccount_id = ${id}`.execute(engine);
      if ((rows.rows[0]?.n ?? 0) > 0) found.push(table);
    }
    return found;
  };
  assert.deepEqual(await rowsOf(leaving), tables, 'every table holds a row before');
  await sql`update subaccounts set stage = 'retired', purge_at = now() - interval '1 minute' where id = ${leaving}`.execute(
    engine,
  );
  assert.equal(await purgeWhatIsDue(database.db, systemClock), 1);
  assert.deepEqual(await rowsOf(leaving), kept);
  assert.deepEqual(await rowsOf(staying), ['quotas'], 'the neighbour keeps what it had');
  const tombstone = await sql<{
    row: string;
  }>`select to_jsonb(s)::text as row from subaccounts s where id = ${leaving}`.execute(owner);
  assert.equal(tombstone.rows[0]?.row.includes('leaving'), false);
});

test('the operator brings a retired subaccount back until it is purged, never a deleted one; deleting takes keys and denylist', async () => {
  await using world = await startWorld();
  const config = readConfig({ DATABASE_URL: databaseUrl(world.database) });
  const make = (name: string) =>
    world.ok<{ id: number; key: { secret: string } }>('POST', '/subaccounts', {
      body: { name, key: { name: 'k' } },
    });
  const [back, late, gone] = [await make('back'), await make('late'), await make('gone')];
  const unretire = (id: number): Promise<number> => stopCommand.run([String(id), 'unretire'], config);
  const status = async (id: number): Promise<unknown> =>
    ((await world.api('GET', `/subaccounts/${id}`)).body as { status: unknown }).status;
  for (const { id } of [back, late]) await world.ok('POST', `/subaccounts/${id}/retire`, { body: {} });
  assert.equal(await unretire(back.id), 0);
  assert.equal(await status(back.id), 'active');
  await world.send('you@inbox.test', {}, gone.key.secret);
  const [hard = ''] = await world.send('hard@inbox.test', {}, gone.key.secret);
  await world.settled(hard, ['bounced']);
  await world.ok('DELETE', `/subaccounts/${gone.id}`);
  assert.equal(await unretire(gone.id), 1);
  await endSuppressions(world.database.db, world.clock);
  const left = await sql<{ keys: number; suppressions: number; messages: number }>`
    select (select count(*)::int from keys where subaccount_id = ${gone.id}) as keys,
      (select count(*)::int from suppressions where subaccount_id = ${gone.id}) as suppressions,
      (select count(*)::int from messages where subaccount_id = ${gone.id}) as messages`.execute(
    world.database.db.engine,
  );
  assert.deepEqual(left.rows[0], { keys: 0, suppressions: 0, messages: 2 });
  await world.move(31 * 86_400_000);
  await purgeWhatIsDue(world.database.db, world.clock);
  await world.until(
    () => unretire(late.id),
    (code) => code === 1,
  );
  assert.equal(await status(back.id), 'active', 'what was brought back is not purged');
});
