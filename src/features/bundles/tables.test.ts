import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { openTestDatabase } from '../../../test/database.ts';
import { leftOut, travelling } from './tables.ts';

const newEverywhere = ['account_id', 'subaccount_id', 'id'];

test('every tenant table travels with its subaccount or says why it stays, column by column', async () => {
  await using database = await openTestDatabase();
  const rows = await sql<{ table: string; column: string }>`
    select c.relname as table, a.attname as column
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where c.relnamespace = 'lettershop'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and (c.relname = 'subaccounts' or exists (
        select from pg_attribute s where s.attrelid = c.oid and s.attname = 'subaccount_id' and not s.attisdropped))
    order by 1, 2`.execute(database.db.owner);
  const columns = Map.groupBy(rows.rows, ({ table }) => table);
  assert.ok(columns.size > 18, `${columns.size} tables`);
  const known = new Map(travelling.map((each) => [each.table, each]));
  const silent: string[] = [];
  for (const [table, list] of columns) {
    const said = known.get(table);
    if (said === undefined) {
      if (leftOut[table] === undefined) silent.push(table);
      continue;
    }
    for (const { column } of list)
      if (
        !newEverywhere.includes(column) &&
        !said.columns.includes(column) &&
        said.stays[column] === undefined
      )
        silent.push(`${table}.${column}`);
  }
  assert.deepEqual(silent, [], 'say in bundles/tables.ts whether it travels');
  const gone = [...known.keys(), ...Object.keys(leftOut)].filter((table) => !columns.has(table));
  assert.deepEqual(gone, [], 'tables that are no more');
  for (const { table, columns: named, stays } of travelling) {
    const there = new Set(columns.get(table)?.map(({ column }) => column));
    assert.deepEqual(
      [...named, ...Object.keys(stays)].filter((column) => !there.has(column)),
      [],
      table,
    );
  }
});
