/**
 * Puts a row of a subaccount into every table that has such rows, by machine: from the catalog, so that a table of tomorrow
 * is filled as well. Every number is the same, so that whatever points anywhere points at the row that is there; CHECK
 * constraints, which know words, are taken off first. For a database of its own only.
 */
import { Client } from 'pg';
import { clientConfig } from '../../src/base/database/database.ts';
import type { ConnectionTarget } from '../../src/base/database/database.ts';

type Column = { readonly table: string; readonly column: string; readonly type: string };

const values: Readonly<Record<string, string>> = {
  text: `'x'`,
  'character varying': `'x'`,
  'text[]': `'{x}'`,
  'integer[]': `'{1}'`,
  'bigint[]': `'{1}'`,
  'cidr[]': `'{127.0.0.1/32}'`,
  jsonb: `'{}'`,
  bytea: `'\\x01'`,
  boolean: 'false',
  smallint: '1',
  integer: '1',
  real: '1',
  'double precision': '1',
  numeric: '1',
  inet: `'127.0.0.1'`,
  date: 'current_date',
  uuid: 'gen_random_uuid()',
  'timestamp with time zone': 'now()',
};

export type Filled = { readonly accountId: number; readonly subaccountId: number };

/** The names of the tables. Fails for a column of a type that is not known here. */
export async function fillTables(
  target: ConnectionTarget,
  { accountId, subaccountId }: Filled,
): Promise<readonly string[]> {
  const client = new Client(clientConfig(target, 'owner', 'fill'));
  await client.connect();
  try {
    await client.query(`do $$ declare k record; begin
      for k in select conrelid::regclass as name, conname from pg_constraint
        where connamespace = 'lettershop'::regnamespace and contype = 'c' and conislocal and coninhcount = 0 loop
        execute format('alter table %s drop constraint %I', k.name, k.conname);
      end loop; end $$`);
    await client.query('set session_replication_role = replica');
    // As an id of this moment: it fits the partitions of now.
    const number = String(BigInt(Date.now()) << 21n);
    const { rows } = await client.query<Column>(columns);
    const byTable = Map.groupBy(rows, ({ table }) => table);
    for (const [table, list] of byTable) {
      const cells = list.map(({ column, type }): string => {
        if (column === 'account_id') return String(accountId);
        if (column === 'subaccount_id') return String(subaccountId);
        if (column === 'retention_days') return '30';
        if (type === 'bigint') return number;
        const value = values[type];
        if (value === undefined)
          throw new Error(`say in test/sweeps/fill.ts what a ${type} is (${table}.${column})`);
        return value;
      });
      const names = list.map(({ column }) => `"${column}"`).join(', ');
      await client.query(
        `insert into "${table}" (${names}) values (${cells.join(', ')}) on conflict do nothing`,
      );
    }
    return [...byTable.keys()].filter((table) =>
      rows.some((row) => row.table === table && row.column === 'subaccount_id'),
    );
  } finally {
    await client.end();
  }
}

/** Of tables with a subaccount, and of those that they refer to. */
const columns = `
  with tenant as (
    select a.attrelid as oid from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'lettershop'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and a.attname = 'subaccount_id' and not a.attisdropped
  )
  select c.relname as table, a.attname as column, a.atttypid::regtype::text as type
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  where c.oid in (select oid from tenant union select k.confrelid from pg_constraint k join tenant t on t.oid = k.conrelid where k.contype = 'f')
    and c.relname not in ('accounts', 'subaccounts')
  order by c.relname, a.attnum`;
