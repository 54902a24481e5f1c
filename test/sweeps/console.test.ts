import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { grantOfCall } from '../../console/api/calls.ts';
import { pages } from '../../console/pages.ts';
import type { PageAbout } from '../../console/pages.ts';
import { embedPages } from '../../src/features/embeds/model.ts';
import { readConsole } from '../../src/http/console-files.ts';
import { promisesOfPages } from '../../tools/console-page-list.ts';
import { callsWithoutPage } from '../../tools/console-unused.ts';
import { importsOf } from './direction.ts';

const root = join(import.meta.dirname, '..', '..');
const sources = globSync('console/**/*.{ts,tsx}', { cwd: root }).sort();

test('every page is in the list once, has a file and a browser test, and belongs to an entry of the menu that is there', () => {
  const promises = promisesOfPages();
  const names: readonly string[] = pages.map(({ name }) => name);
  assert.ok(names.length >= 6);
  assert.equal(new Set(names).size, names.length);
  assert.equal(new Set(pages.map(({ path }) => path)).size, names.length);
  for (const page of pages) {
    assert.ok(existsSync(join(root, 'console', 'pages', `${page.name}.tsx`)), `${page.name} has no file`);
    assert.ok((promises.get(page.name) ?? []).length > 0, `${page.name} has no browser test`);
    if ('under' in page) assert.ok(names.includes(page.under), `${page.name} is under nothing`);
  }
  for (const name of promises.keys())
    assert.ok(names.includes(name), `a test is of ${name}, which is no page`);
  const files = globSync('console/pages/*.tsx', { cwd: root });
  for (const file of files)
    assert.ok(
      names.some((name) => file.endsWith(`/${name}.tsx`)),
      `${file} is not in the list`,
    );
});

test('every call of the API is made by a page, or has a reason why none makes it', () => {
  const text = sources
    .filter((path) => path !== 'console/api/calls.ts' && !path.startsWith('console/page-groups/'))
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n');
  const calls = Object.keys(grantOfCall);
  assert.ok(calls.length > 200);
  const unused = calls.filter((call) => !text.includes(`'${call}'`)).sort();
  assert.deepEqual(unused, Object.keys(callsWithoutPage).sort());
});

test('a view inside another product can be given pages of the menu that show one subaccount, with the grant that each needs', () => {
  const listed: readonly PageAbout[] = pages;
  for (const [name, grant] of Object.entries(embedPages)) {
    const page = listed.find((each) => each.name === name);
    assert.ok(page?.menu !== undefined && page.isOfAccount === undefined, `${name} is no page for a view`);
    assert.equal(grantOfCall[page.reads], grant, name);
  }
  assert.ok(Object.keys(embedPages).length > 10);
});

const shared =
  /^src\/(?:base\/scope|features\/[\w-]+\/(?:rules|roles|model|kinds|grants|providers|letter))\.ts$/;

/** Every file of the server that is in the bundle, with who asked for it. */
function sharedFiles(): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (path: string): void => {
    for (const target of importsOf(readFileSync(join(root, path), 'utf8'))) {
      const to = target.startsWith('.') ? normalize(join(dirname(path), target)) : target;
      if (path.startsWith('src/') && !target.startsWith('.')) found.set(to, path);
      if (!to.startsWith('src/') || found.has(to)) continue;
      found.set(to, path);
      visit(to);
    }
  };
  for (const path of sources) visit(path);
  return found;
}

test('the console shares pure rules with the server and nothing that leads further', () => {
  assert.ok(sources.length > 20);
  const found = sharedFiles();
  assert.ok(found.size > 0);
  for (const [path, from] of found) assert.match(path, shared, `${from} imports ${path}`);
});

test('parts know no page but its path, and nobody writes HTML or calls the server past the client and what it asks for early', () => {
  for (const path of sources) {
    const text = readFileSync(join(root, path), 'utf8');
    assert.doesNotMatch(text, /dangerouslySetInnerHTML|\.innerHTML\b|document\.write/, path);
    if (!['console/api/client.ts', 'console/api/early.ts'].includes(path))
      assert.doesNotMatch(text, /\bfetch\(|XMLHttpRequest|EventSource/, path);
    if (!path.startsWith('console/parts/')) continue;
    for (const target of importsOf(text))
      assert.doesNotMatch(target, /\/pages\//, `${path} imports ${target}`);
  }
});

const firstLoadMax = 300_000;

test('the first load of the overview is below 300 KB compressed, without charts and designer', () => {
  const files = readConsole();
  assert.ok(files !== null, 'the console is built before the tests');
  const seen = new Set<string>();
  const visit = (name: string): void => {
    const asset = files.assets.get(name);
    if (asset === undefined || seen.has(name)) return;
    seen.add(name);
    const text = asset.type.startsWith('text/javascript') ? asset.bytes.toString('utf8') : '';
    // What is imported at once; `import(...)` is left out, but for the overview that everybody sees first.
    for (const [, next = ''] of text.matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+)["'`]/g)) visit(next);
  };
  for (const [, name = ''] of files.index.matchAll(/(?:src|href)="\.\/assets\/([\w.-]+)"/g)) visit(name);
  for (const name of files.assets.keys()) if (/^(?:overview|data-table)-/.test(name)) visit(name);
  assert.ok(seen.size > 3, `looked at ${seen.size} files`);
  for (const late of ['chart-', 'designer-']) {
    assert.ok(
      [...files.assets.keys()].some((name) => name.startsWith(late)),
      `${late} is a chunk of its own`,
    );
    assert.ok(![...seen].some((name) => name.startsWith(late)), `${late} comes on demand`);
  }
  const sizes = [...seen].map(
    (name) => files.assets.get(name)?.gzip?.length ?? files.assets.get(name)?.bytes.length ?? 0,
  );
  const total = sizes.reduce((sum, size) => sum + size, Buffer.byteLength(files.index));
  assert.ok(total < firstLoadMax, `${total} bytes by gzip`);
});
