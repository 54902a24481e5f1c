// Makes dist/console agree with the sources of the console: built when their hash is a new one, else nothing is done
// (some 10 ms). Plain JavaScript for Node 20, like ensure-installed.mjs, after which it runs. Why here and not in the
// program: docs/decisions/console.md.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const place = join(root, 'dist', 'console');

/** What the console may share with the server (test/sweeps/console.test.ts holds it to this). */
const shared = /^(rules|roles|model|kinds)\.ts$/;

function filesBelow(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function sources() {
  const features = filesBelow('src/features').filter((path) => shared.test(path.split('/').at(-1)));
  const own = [
    'package-lock.json',
    'tools/build-console.ts',
    'tools/console-settings.ts',
    'src/base/scope.ts',
  ];
  return [...filesBelow('console'), ...features, ...own].sort((a, b) => (a < b ? -1 : 1));
}

function wanted() {
  const hash = createHash('sha256');
  for (const path of sources()) hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  return hash.digest('hex').slice(0, 16);
}

function current() {
  const mark = join(place, 'current');
  return existsSync(mark) ? readFileSync(mark, 'utf8').trim() : null;
}

const name = wanted();
if (current() !== name || !existsSync(join(place, name))) {
  process.stderr.write('Building the console (first run or changed sources)...\n');
  const node = join(root, 'node_modules', '.bin', 'node');
  const { status } = spawnSync(node, [join(root, 'tools', 'build-console.ts'), name], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) {
    process.stderr.write('The console was not built; the lines above say why.\n');
    process.exit(1);
  }
}
