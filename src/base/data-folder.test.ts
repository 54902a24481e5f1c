import assert from 'node:assert/strict';
import { chmod, chown, mkdir, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DataFolder, openDataFolder, writeFileAtomically } from './data-folder.ts';
import { isRoot, program, scratch } from '../../test/postgres-ground.ts';
import { StartFault } from './start-fault.ts';

async function faultOf(action: Promise<unknown>): Promise<string> {
  const thrown: unknown = await action.then(
    () => assert.fail('it was not refused'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof StartFault, String(thrown));
  assert.ok(!thrown.message.includes('\n'));
  return thrown.message;
}

test('a new data folder is closed to listing by others, and so is each file in it to reading', async () => {
  await using place = await scratch();
  const umask = process.umask(0o077);
  await using folder = await openDataFolder(join(place.path, 'a', 'data'), { version: 1 }).finally(() =>
    process.umask(umask),
  );
  assert.ok(folder instanceof DataFolder);
  assert.equal(folder.formatBefore, null);
  assert.equal((await stat(folder.path)).mode & 0o777, isRoot ? 0o711 : 0o700);
  await folder.write('secret.txt', 'x');
  const modes = await Promise.all(
    (await readdir(folder.path)).map(async (name) => (await stat(join(folder.path, name))).mode & 0o777),
  );
  assert.deepEqual(modes, [0o600, 0o600, 0o600]);
});

test('a second start on the same folder is refused with the pid of the first, also through a link', async () => {
  await using place = await scratch();
  const path = join(place.path, 'data');
  await using first = await openDataFolder(path, { version: 1 });
  await symlink(path, join(place.path, 'link'));
  for (const name of ['data', 'link']) {
    const line = await faultOf(openDataFolder(join(place.path, name), { version: 1 }));
    assert.equal(
      line,
      `data folder ${first.path} is already in use by process ${process.pid}: stop it first`,
    );
  }
});

test('a folder is free again after its program closed it, and after its program was killed', async () => {
  await using place = await scratch();
  const path = join(place.path, 'data');
  await (await openDataFolder(path, { version: 1 }))[Symbol.asyncDispose]();
  await using other = program(`await openDataFolder(args[0], { version: 1 }); say('open'); hold();`, [path]);
  await other.heard();
  const line = await faultOf(openDataFolder(path, { version: 1 }));
  assert.match(line, new RegExp(`already in use by process ${other.pid}:`));
  await other.kill();
  await using again = await openDataFolder(path, { version: 1 });
  assert.equal(again.formatBefore, 1);
});

test('without the flock program a live owner is refused, and a pid taken over by another process is not', async () => {
  await using place = await scratch();
  const path = join(place.path, 'data');
  // An owner that holds no kernel lock, as on a system without the flock program.
  await mkdir(path, { mode: 0o711 });
  const own = await (async () => {
    await using folder = await openDataFolder(path, { version: 1 });
    return await readFile(join(folder.path, 'LOCK'), 'utf8');
  })();
  await writeFile(join(path, 'LOCK'), own);
  assert.match(await faultOf(openDataFolder(path, { version: 1 })), /already in use by process/);
  const [pid, , boot] = own.split('\n');
  await writeFile(join(path, 'LOCK'), `${pid}\n1\n${boot}\n`);
  await using folder = await openDataFolder(path, { version: 1 });
  assert.equal(folder.formatBefore, 1);
});

test('a folder written by a newer version is refused with both versions, and stays as it was', async () => {
  await using place = await scratch();
  const path = join(place.path, 'data');
  await (await openDataFolder(path, { version: 7 }))[Symbol.asyncDispose]();
  const line = await faultOf(openDataFolder(path, { version: 3 }));
  assert.match(line, /has format 7, this program knows up to 3: .*newer version/);
  await using folder = await openDataFolder(path, { version: 8 });
  assert.equal(folder.formatBefore, 7);
});

test('a first start killed at any point leaves a folder that the next start takes', async () => {
  for (const left of [[], ['LOCK'], ['LOCK', '.FORMAT.0123456789ab.part']]) {
    await using place = await scratch();
    for (const name of left) await writeFile(join(place.path, name), '');
    await using folder = await openDataFolder(place.path, { version: 1 });
    assert.deepEqual((await readdir(folder.path)).sort(), ['FORMAT', 'LOCK']);
  }
});

test('what cannot be a data folder is refused in a line that names path and reason', async () => {
  await using place = await scratch();
  const file = join(place.path, 'file');
  await writeFile(file, '');
  const lines = [
    await faultOf(openDataFolder(file, { version: 1 })),
    await faultOf(openDataFolder(join(file, 'data'), { version: 1 })),
    await faultOf(openDataFolder(join(place.path, 'x'.repeat(300)), { version: 1 })),
  ];
  for (const line of lines) assert.ok(line.startsWith(`data folder ${place.path}`), line);
  assert.match(lines.join('\n'), /a file, not a folder.*\n.*a file.*\n.*the path is too long/);
});

test('a folder that cannot be written is refused in one line', async (t) => {
  await using place = await scratch();
  const path = join(place.path, 'data');
  await mkdir(path, { mode: 0o555 });
  if (!isRoot) {
    assert.match(await faultOf(openDataFolder(path, { version: 1 })), /permission denied/);
    await chmod(path, 0o755);
    return;
  }
  await using other = program(
    `await openDataFolder(args[0], { version: 1 }).then(() => say('opened'), (error) => say(error.message));`,
    [path],
    { uid: 65_534, gid: 65_534 },
  );
  const line = await other.heard<string>().catch(() => null);
  if (line === null) return t.skip('not run: another uid cannot start node from here');
  assert.equal(line, `data folder ${path} cannot be used: permission denied (running as uid 65534)`);
});

test('files made by another user are refused in one line that says whose they are', async (t) => {
  if (!isRoot) return t.skip('not run: only root can make files of another user');
  await using place = await scratch();
  const path = join(place.path, 'data');
  await (await openDataFolder(path, { version: 1 }))[Symbol.asyncDispose]();
  await chown(join(path, 'LOCK'), 4_711, 4_711);
  const line = await faultOf(openDataFolder(path, { version: 1 }));
  assert.match(line, /was made by uid 4711 and this program runs as root: run it as uid 4711, or give all/);
  await chown(join(path, 'LOCK'), 0, 0);
  await chmod(path, 0o777);
  await using other = program(
    `await openDataFolder(args[0], { version: 1 }).then(() => say('opened'), (error) => say(error.message));`,
    [path],
    { uid: 65_534, gid: 65_534 },
  );
  const heard = await other.heard<string>().catch(() => null);
  if (heard === null) return t.skip('not run in full: another uid cannot start node from here');
  assert.match(heard, /was made by root and this program runs as uid 65534/);
});

test('a file is replaced whole, with mode 0600, or not at all', async () => {
  await using place = await scratch();
  const path = join(place.path, 'file');
  await writeFileAtomically(path, 'one');
  await writeFileAtomically(path, Buffer.from('two'));
  assert.equal(await readFile(path, 'utf8'), 'two');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await rm(path);
  await mkdir(path);
  await assert.rejects(writeFileAtomically(path, 'three'));
  assert.deepEqual(await readdir(place.path), ['file']);
});
