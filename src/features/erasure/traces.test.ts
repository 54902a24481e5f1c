import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { openTestDatabase } from '../../../test/database.ts';
import { formsOf, patternOf, steps, untouched } from './traces.ts';

type Column = { readonly table: string; readonly column: string };

/** A column that could hold an address: text without a closed list of words, JSON, bytes. */
async function columns(): Promise<readonly Column[]> {
  await using database = await openTestDatabase();
  const rows = await sql<Column>`
    select c.relname as table, a.attname as column
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where c.relnamespace = 'lettershop'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and a.atttypid::regtype::text in ('text', 'text[]', 'character varying', 'jsonb', 'json', 'bytea', 'name', 'character')
      and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum]
        and pg_get_constraintdef(k.oid) like '%= ANY (%ARRAY[%')
    order by 1, 2`.execute(database.db.owner);
  return rows.rows;
}

const searched = new Map<string, readonly string[]>();
const places = new Map<string, number>();
for (const [place, step] of steps.entries()) {
  if (step === 'suppressions' || step === 'late rows') continue;
  searched.set(step.table, [...(searched.get(step.table) ?? []), ...step.columns]);
  if (!places.has(step.table)) places.set(step.table, place);
}

test('every column that may hold an address is searched when a person is erased, or says why not', async () => {
  const found = await columns();
  assert.ok(found.length > 60, `looked at ${found.length} columns`);
  const names = new Set(found.map(({ table, column }) => `${table}.${column}`));
  const silent = found.filter(({ table, column }) => {
    const said = untouched[table] ?? {};
    return (
      !(searched.get(table) ?? []).includes(column) && said['*'] === undefined && said[column] === undefined
    );
  });
  assert.deepEqual(
    silent.map(({ table, column }) => `${table}.${column}: say in erasure/traces.ts what becomes of it`),
    [],
  );
  const gone = [...searched].flatMap(([table, list]) => list.map((column) => `${table}.${column}`));
  assert.deepEqual(
    gone.filter((name) => !names.has(name)),
    [],
    'columns that are no more',
  );
});

test('what is audited is changed before the audit, or the address would come back with it', async () => {
  await using database = await openTestDatabase();
  const rows = await sql<{
    table: string;
  }>`select c.relname as table from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where t.tgname = 'audit' and not c.relispartition`.execute(database.db.owner);
  assert.ok(rows.rows.length > 10, `${rows.rows.length} audited tables`);
  const audit = places.get('audit_entries') ?? -1;
  assert.deepEqual(
    rows.rows.map(({ table }) => table).filter((table) => (places.get(table) ?? -1) > audit),
    [],
  );
});

test('the pattern finds the address in texts, JSON and URLs, and not within a longer address', async () => {
  await using database = await openTestDatabase();
  const finds = async (address: string, text: string): Promise<boolean> => {
    const rows = await sql<{
      found: boolean;
    }>`select ${text}::text ~* ${patternOf(formsOf(address))} as found`.execute(database.db.owner);
    return rows.rows[0]?.found ?? false;
  };
  const address = "o'ne+x@inbox.test";
  for (const text of [address, `to=${encodeURIComponent(address)}&`, `<O'NE+X@INBOX.TEST>.`, `"${address}"`])
    assert.equal(await finds(address, text), true, text);
  for (const text of [
    `a${address}`,
    `${address}.example`,
    `o'ne@inbox.test`,
    'onexxinboxytest',
    `o'neex@inbox.test`,
  ])
    assert.equal(await finds(address, text), false, text);
  assert.equal(await finds('"a\\"b"@inbox.test', JSON.stringify({ to: '"a\\"b"@inbox.test' })), true);
  assert.equal(await finds('jü@inbox.test', String.raw`escaped j\303\274@inbox.test`), true);
});
