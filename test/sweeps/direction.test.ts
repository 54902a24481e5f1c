import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { test } from 'node:test';
import { featureOrder, findBreaches, importsOf } from './direction.ts';

const root = join(import.meta.dirname, '..', '..');
const files = globSync('src/**/*.ts', { cwd: root }).map((path) => normalize(path));

test('imports go down only, and features are reached through their index', () => {
  assert.ok(files.length > 60, `looked at ${files.length} files`);
  const sources = files.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
  const imports = sources.flatMap(({ path, text }) => importsOf(text).map((target) => ({ path, target })));
  assert.ok(imports.length > 300, `looked at ${imports.length} imports`);
  assert.deepEqual(findBreaches(sources), []);
});

test('every feature folder stands in the order', () => {
  const folders = new Set(
    files.filter((path) => path.startsWith('src/features/')).map((path) => path.split('/')[2]),
  );
  for (const folder of folders)
    assert.ok(featureOrder.includes(folder as never), `${folder} is not in featureOrder`);
});

test('planted breaches are named', () => {
  const planted = [
    { path: 'src/mail/x.ts', text: "import { a } from '../features/queue/index.ts';" },
    { path: 'src/features/queue/x.ts', text: "import { a } from '../delivery/index.ts';" },
    { path: 'src/features/delivery/x.ts', text: "import { a } from '../queue/sql-claim.ts';" },
    { path: 'src/features/delivery/operations.ts', text: 'const text = `select * from queue where id = 1`;' },
    { path: 'src/features/messages/rules.ts', text: "import net from 'node:net';" },
    { path: 'src/features/messages/forged.ts', text: 'const scope = { accountId } as Scope;' },
    { path: 'src/features/messages/forgets.ts', text: 'await db.unscoped((tx) => list(tx));' },
    { path: 'src/dialects/emma/x.ts', text: "import { a } from '../mailjet/fields.ts';" },
  ];
  const rules = findBreaches(planted).map((breach) => breach.rule);
  assert.deepEqual(rules, [
    'mail may not import features',
    'queue may not import delivery: it stands below it',
    'a feature is imported through its index.ts',
    'only sql files hold SQL',
    'only delivery, monitoring, webhooks, domains and the doors open sockets',
    'only access makes a Scope',
    'a tenant transaction needs a Scope',
    'dialects do not import each other',
  ]);
  assert.equal(relative(root, dirname(join(root, 'src/x.ts'))), 'src');
});
