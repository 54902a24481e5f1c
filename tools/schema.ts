// `npm run schema`: after a migration, rewrites what is made from the schema: schema.sql (a picture, not a script),
// the generated table types, the pages of grants, dialects and console, the console's calls, and the settings table of the README. `--check` fails when one of them is stale.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { settings } from '../src/base/config.ts';
import { clientConfig, schemaName } from '../src/base/database/database.ts';
import { migrate } from '../src/base/database/migrate.ts';
import { silentLog } from '../src/base/log.ts';
import { contractPage } from '../src/dialects/shared/endpoints.ts';
import { mandrillContract } from '../src/dialects/mandrill/contract.ts';
import { sparkpostContract } from '../src/dialects/sparkpost/contract.ts';
import { startPostgres } from '../src/base/postgres/postgres.ts';
import { consoleCalls } from './console-calls.ts';
import { consoleDoc } from './console-page-list.ts';
import { grantsPage } from './grants-page.ts';

const isCheck = process.argv.includes('--check');
const typesPath = 'src/base/database/tables.ts';
const stale: string[] = [];

function put(path: string, text: string): void {
  if (isCheck) {
    if (readFileSync(path, 'utf8') !== text) stale.push(path);
    return;
  }
  writeFileSync(path, text);
}

type Line = { line: string };

const pictures = [
  `select format('create table %I (%s%s)%s;', c.relname, string_agg(format(E'\\n  %I %s%s%s', a.attname,
      format_type(a.atttypid, a.atttypmod), case when a.attnotnull then ' not null' else '' end,
      coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')), ',' order by a.attnum), E'\\n',
      coalesce(' partition by ' || pg_get_partkeydef(c.oid), '')) as line
   from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
   left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
   where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
   group by c.oid, c.relname order by c.relname`,
  `select format('alter table %I add constraint %I %s;', c.relname, k.conname, pg_get_constraintdef(k.oid)) as line
   from pg_constraint k join pg_class c on c.oid = k.conrelid
   where c.relnamespace = $1::regnamespace and not c.relispartition and k.contype <> 'n' order by c.relname, k.conname`,
  `select pg_get_indexdef(i.indexrelid) || ';' as line from pg_index i join pg_class c on c.oid = i.indrelid
   where c.relnamespace = $1::regnamespace and not c.relispartition
     and not exists (select from pg_constraint k where k.conindid = i.indexrelid) order by 1`,
  `select format('create policy %I on %I%s for %s to %s%s%s;', policyname, tablename,
      case permissive when 'RESTRICTIVE' then ' as restrictive' else '' end, lower(cmd), array_to_string(roles, ', '),
      coalesce(E'\\n  using ' || qual, ''), coalesce(E'\\n  with check ' || with_check, '')) as line
   from pg_policies where schemaname = $1 order by tablename, policyname`,
  `select pg_get_functiondef(p.oid) || ';' as line from pg_proc p where p.pronamespace = $1::regnamespace order by p.proname`,
];

async function draw(client: Client): Promise<string> {
  const parts = ['-- A picture of the schema, made by `npm run schema` from the migrations. Not a script.'];
  for (const query of pictures) {
    const { rows } = await client.query<Line>(query, [schemaName]);
    parts.push(rows.map(({ line }) => line.replaceAll(`${schemaName}.`, '')).join('\n'));
  }
  return `${parts.join('\n\n')}\n`;
}

function settingsTable(): string {
  const rows = Object.entries(settings).map(
    ([name, { default: shown, meaning }]) => `| \`${name}\` | ${meaning} | ${shown} |`,
  );
  return ['| setting | meaning | default |', '|---|---|---|', ...rows].join('\n');
}

const folder = mkdtempSync(join(tmpdir(), 'lettershop-schema-'));
chmodSync(folder, 0o711);
const postgres = await startPostgres({ folder, log: silentLog, settings: { fsync: false } });
try {
  await migrate(postgres.connection, 'migrations', new Date());
  const client = new Client(clientConfig(postgres.connection, 'owner', 'schema'));
  await client.connect();
  put('schema.sql', await draw(client));
  await client.end();
  const made = join(folder, 'tables.ts');
  const url = `postgres://postgres@localhost/postgres?host=${encodeURIComponent(postgres.connection.host)}`;
  const generated = spawnSync(
    'node_modules/.bin/kysely-codegen',
    [
      '--dialect',
      'postgres',
      '--url',
      url,
      '--default-schema',
      schemaName,
      '--include-pattern',
      `${schemaName}.*`,
      '--out-file',
      made,
      '--log-level',
      'error',
    ],
    { stdio: 'inherit' },
  );
  if (generated.status !== 0) throw new Error('kysely-codegen failed');
  put(typesPath, readFileSync(made, 'utf8'));
  put('docs/grants.md', grantsPage());
  put('console/api/calls.ts', consoleCalls());
  put('docs/console.md', consoleDoc());
  put('docs/sparkpost.md', contractPage(sparkpostContract));
  put('docs/mandrill.md', contractPage(mandrillContract));
  const readme = readFileSync('README.md', 'utf8');
  put(
    'README.md',
    readme.replace(
      /(<!-- settings:begin[^\n]*\n)[\s\S]*?(<!-- settings:end -->)/,
      (_, begin: string, end: string) => `${begin}${settingsTable()}\n${end}`,
    ),
  );
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
if (stale.length > 0) {
  console.error(`Stale, run npm run schema: ${stale.join(', ')}`);
  process.exitCode = 1;
}
