import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
  await world.send(['you@inbox.test', 'hard@inbox.test']);
});
after(() => world[Symbol.asyncDispose]());

type Table = { readonly name: string };

async function tenantTables(): Promise<string[]> {
  const rows = await sql<Table>`
    select c.relname as name from pg_class c where c.relnamespace = 'lettershop'::regnamespace and c.relkind in ('r', 'p')
      and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped)`.execute(
    world.database.db.owner,
  );
  return rows.rows.map(({ name }) => name);
}

test('every table with an account has forced row security, and partitions are closed to the tenant role', async () => {
  const tables = await tenantTables();
  assert.ok(tables.length > 40, `looked at ${tables.length} tables`);
  const rows = await sql<{ name: string; forced: boolean; partition: boolean; open: boolean }>`
    select relname as name, relrowsecurity and relforcerowsecurity as forced, relispartition as partition,
      has_table_privilege('lettershop_tenant', oid, 'select') as open
    from pg_class where relnamespace = 'lettershop'::regnamespace and relname = any(${tables}::text[])`.execute(
    world.database.db.owner,
  );
  assert.deepEqual(
    rows.rows.filter(({ forced }) => !forced),
    [],
  );
  assert.deepEqual(
    rows.rows.filter(({ partition, open }) => partition && open),
    [],
  );
});

test('a query that forgets its scope sees nothing, in every table', async () => {
  const engine = await sql<{ n: number }>`select count(*)::int as n from messages`.execute(
    world.database.db.engine,
  );
  assert.ok((engine.rows[0]?.n ?? 0) >= 2, 'there is something to see');
  for (const table of (await tenantTables()).filter((name) => !/_\d+(?:_\d+)?$/.test(name))) {
    const seen = await world.database.db.unscoped((tx) =>
      sql<{ n: number }>`select count(*)::int as n from ${sql.id(table)}`.execute(tx),
    );
    assert.equal(seen.rows[0]?.n, 0, table);
  }
});

test('a row cannot be written for another tenant, nor moved to one', async () => {
  const { access } = world.program;
  const [account] = await (
    await import('../../src/features/accounts/index.ts')
  ).allAccounts(world.database.db);
  assert.ok(account !== undefined);
  const scope = access.operatorScope(account);
  await assert.rejects(
    world.database.db.scoped(scope, (tx) =>
      sql`insert into suppressions (account_id, subaccount_id, layer, address, kind, source, created_at)
        values (99, 98, 'subaccount', 'x@y.test', 'manual', 'test', now())`.execute(tx),
    ),
    /row-level security/,
  );
  await assert.rejects(
    world.database.db.scoped(scope, (tx) => sql`update suppressions set account_id = 99`.execute(tx)),
    /row-level security/,
  );
});
