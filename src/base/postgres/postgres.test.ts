// The database against everything that may happen to its processes: real ones, really killed.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdir, readdir, stat, watch, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, after, test } from 'node:test';
import { isAlive } from '../process-table.ts';
import {
  type Program,
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
import type { Connection } from './place.ts';
import { type RunningPostgres, startPostgres } from './postgres.ts';

async function start(folder: string, log = collectLog()): Promise<RunningPostgres> {
  return startPostgres({ folder, log, settings });
}

/** The shared supervisor on a system without setpriv: nothing tells the database that its program died. */
const unboundSupervisor = `
  const place = await preparePlace({ folder: args[0], isSynced: false });
  const runner = { ...place.runner, wrap: [] };
  const server = await PostgresServer.start({ ...place, runner }, { fsync: false, sharedBuffersMb: 16 }, log);
  say({ pid: server.pid, connection: place.connection });
  hold();`;

async function supervised(folder: string, body = supervisor): Promise<Program & { started: Started }> {
  const other = program(body, [folder]);
  return Object.assign(other, { started: await other.heard<Started>() });
}

test('a new database speaks UTF8 and C whatever the environment, with the settings that mail needs', async () => {
  await using place = await scratch();
  await using postgres = await start(place.path);
  const names = ['cluster_name', 'data_directory', 'unix_socket_directories'];
  const rows = await query(
    postgres.connection,
    `select name, setting from pg_settings where source = 'command line'
     and name not in (${names.map((name) => `'${name}'`).join()}) and name not like 'log%' order by name`,
  );
  assert.deepEqual(Object.fromEntries(rows), {
    checkpoint_completion_target: '0.9',
    checkpoint_timeout: '900',
    fsync: 'off',
    full_page_writes: 'on',
    huge_pages: 'off',
    jit: 'off',
    lc_messages: 'C',
    listen_addresses: '',
    max_connections: '60',
    max_wal_size: '2048',
    port: '5432',
    shared_buffers: '2048',
    synchronous_commit: 'on',
    TimeZone: 'UTC',
    unix_socket_permissions: '0700',
    wal_compression: 'off',
  });
  const facts = `select current_setting('server_encoding'), datcollate from pg_database where datname = 'postgres'`;
  assert.deepEqual(await query(postgres.connection, facts), [['UTF8', 'C']]);
});

test('the log tells of the server and never of a statement', async () => {
  await using place = await scratch();
  const log = collectLog();
  const postgres = await start(place.path, log);
  await assert.rejects(query(postgres.connection, `select 'tenant secret'::int`));
  await postgres.stop();
  assert.ok(log.messages.includes('postgres: database system is ready to accept connections'));
  assert.ok(log.messages.includes('postgres: database system is shut down'));
  assert.ok(!log.messages.join('\n').includes('secret'));
});

// The tests from here to "lock files" leave a stopped, whole database behind: one folder serves them all.
const shared = await scratch();
after(() => shared[Symbol.asyncDispose]());

/** Commits a row and returns its number. */
async function keep(connection: Connection): Promise<unknown> {
  await query(connection, 'create table if not exists kept (number int generated always as identity)');
  const [row] = await query(connection, 'insert into kept default values returning number');
  return row?.[0];
}

async function assertKept(connection: Connection, row: unknown): Promise<void> {
  assert.deepEqual(await query(connection, `select number from kept where number = ${Number(row)}`), [[row]]);
}

test('a database is stopped cleanly and started again with its rows', async () => {
  const first = await start(shared.path);
  const row = await keep(first.connection);
  await first.stop();
  assert.equal((await first.exited).isAsked, true);
  assert.equal(isAlive(first.pid), false);
  const log = collectLog();
  await using postgres = await start(shared.path, log);
  await assertKept(postgres.connection, row);
  assert.ok(!log.messages.some((message) => message.includes('was not properly shut down')));
});

test('a SIGKILL of the program stops the database with it', async (t) => {
  if (!canTellDeath) return t.skip('not run: no setpriv with --pdeathsig here');
  await using other = await supervised(shared.path);
  const row = await keep(other.started.connection);
  await other.kill();
  await untilGone(other.started.pid);
  const log = collectLog();
  await using postgres = await start(shared.path, log);
  await assertKept(postgres.connection, row);
  assert.ok(!log.messages.some((message) => message.includes('was not properly shut down')));
});

test('a Ctrl-C at the terminal reaches the program alone, which stops the database when it is done with it', async () => {
  await using other = program(`process.on('SIGINT', () => say('interrupted')); ${supervisor}`, [shared.path]);
  const started = await other.heard<Started>();
  process.kill(-other.pid, 'SIGINT');
  assert.equal(await other.heard(), 'interrupted');
  assert.deepEqual(await query(started.connection, 'select 1'), [[1]]);
});

test('a start right after the SIGKILL of the program waits for the database to end', async () => {
  await using other = await supervised(shared.path);
  const row = await keep(other.started.connection);
  await other.kill();
  await using postgres = await start(shared.path);
  assert.notEqual(postgres.pid, other.started.pid);
  await assertKept(postgres.connection, row);
});

test('a database that outlived its program is found and stopped cleanly by the next start', async () => {
  await using other = await supervised(shared.path, unboundSupervisor);
  await other.kill();
  assert.ok(isAlive(other.started.pid));
  const row = await keep(other.started.connection);
  const log = collectLog();
  await using postgres = await start(shared.path, log);
  assert.equal(isAlive(other.started.pid), false);
  assert.ok(log.messages.includes('the database still runs from an earlier start; stopping it'));
  assert.ok(!log.messages.some((message) => message.includes('was not properly shut down')));
  await assertKept(postgres.connection, row);
});

test('a SIGKILL of the database is told with its last words, and the next start recovers', async () => {
  const first = await start(shared.path);
  const row = await keep(first.connection);
  process.kill(first.pid, 'SIGKILL');
  const exit = await first.exited;
  assert.equal(exit.isAsked, false);
  assert.equal(exit.reason, 'it was ended by SIGKILL');
  assert.ok(exit.lastLines.includes('database system is ready to accept connections'));
  await first.stop();
  await using postgres = await start(shared.path);
  await assertKept(postgres.connection, row);
});

test('program and database killed together leave nothing that stops the next start', async () => {
  await using other = await supervised(shared.path, unboundSupervisor);
  const row = await keep(other.started.connection);
  process.kill(other.started.pid, 'SIGKILL');
  await other.kill();
  await using postgres = await start(shared.path);
  await assertKept(postgres.connection, row);
});

test('lock files whose pid went to another live process, or to a zombie, are removed; the process is not touched', async () => {
  await (await start(shared.path)).stop();
  const cluster = join(shared.path, 'postgres');
  const { uid, gid } = await stat(cluster);
  // A shell that never reaps: its child's pid stays taken. Both run as the database's own uid, which is the hard case.
  const stranger = spawn('sh', ['-c', 'true & echo $!; exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    cwd: '/',
    ...(isRoot ? { uid, gid } : {}),
  });
  const [zombiePid] = (await once(createInterface({ input: stranger.stdout }), 'line')) as [string];
  for (const pid of [stranger.pid ?? -1, Number(zombiePid)]) {
    for (const name of ['postmaster.pid', '.s.PGSQL.5432.lock']) {
      await writeFile(join(cluster, name), `${pid}\n${cluster}\n1700000000\n5432\n.\n\n       1         2\n`);
      await chown(join(cluster, name), uid, gid);
    }
    await using postgres = await start(shared.path);
    assert.deepEqual(await query(postgres.connection, 'select 1'), [[1]]);
  }
  assert.ok(isAlive(stranger.pid ?? -1));
  stranger.stdin.end();
  await once(stranger, 'exit');
});

test('a copy of a running folder never stops the original', async () => {
  await using place = await scratch();
  const [original, copy] = [join(place.path, 'original'), join(place.path, 'copy')];
  for (const path of [original, copy]) await mkdir(path, { mode: 0o711 });
  await using first = await start(original);
  const { uid, gid } = await stat(join(original, 'postgres'));
  assert.equal(spawnSync('cp', ['-a', join(original, 'postgres'), copy]).status, 0);
  await using second = await start(copy);
  assert.notEqual(second.pid, first.pid);
  assert.deepEqual(await query(first.connection, 'select 1'), [[1]]);
  assert.deepEqual(await query(second.connection, 'select 1'), [[1]]);
  assert.equal((await stat(join(copy, 'postgres'))).uid, uid);
  assert.equal((await stat(join(copy, 'postgres'))).gid, gid);
});

test('a kill while the database is being made leaves nothing half', async () => {
  await using place = await scratch();
  const made = watch(place.path);
  await using other = program(supervisor, [place.path]);
  for await (const { filename } of made) if (filename?.startsWith('postgres.making-')) break;
  await other.kill();
  assert.equal(existsSync(join(place.path, 'postgres')), false);
  await using postgres = await start(place.path);
  assert.deepEqual(await query(postgres.connection, 'select 1'), [[1]]);
});

test('a path of 200 characters is no obstacle, neither to the server nor to its clients', async () => {
  await using place = await scratch();
  const folder = join(place.path, 'long-'.repeat(40), 'ünï & "quoted" $HOME');
  await mkdir(folder, { recursive: true, mode: 0o711 });
  const first = await start(folder);
  assert.deepEqual(await query(first.connection, 'select 1'), [[1]]);
  process.kill(first.pid, 'SIGKILL');
  await first.exited;
  await first.stop();
  await using second = await start(folder);
  assert.deepEqual(await query(second.connection, 'select 1'), [[1]]);
});

test('a cluster of another PostgreSQL version is refused with both versions', async () => {
  await using place = await scratch();
  await mkdir(join(place.path, 'postgres'), { mode: 0o700 });
  await writeFile(join(place.path, 'postgres', 'PG_VERSION'), '12\n');
  await assert.rejects(start(place.path), {
    name: 'StartFault',
    message: /was made by PostgreSQL 12, this program brings 18: /,
  });
});

test('a folder of something else in the place of the database is refused and left alone', async () => {
  await using place = await scratch();
  await mkdir(join(place.path, 'postgres'));
  await writeFile(join(place.path, 'postgres', 'thesis.txt'), 'years of work');
  await assert.rejects(start(place.path), { name: 'StartFault', message: /holds no database: move it away/ });
  assert.deepEqual(await readdir(join(place.path, 'postgres')), ['thesis.txt']);
});

test('a server that cannot start says why in one line', async () => {
  await using place = await scratch();
  await (await start(place.path)).stop();
  await writeFile(join(place.path, 'postgres', 'global', 'pg_control'), 'broken');
  await assert.rejects(start(place.path), (error: Error) => {
    assert.equal(error.name, 'StartFault');
    assert.match(error.message, /^PostgreSQL did not start \(it (was )?ended .*\): .*pg_control/);
    return !error.message.includes('\n');
  });
});

test('a program that let go of the database ends by itself', async () => {
  await using place = await scratch();
  await using other = program(
    `const postgres = await startPostgres({ folder: args[0], log, settings: { fsync: false } });
     postgres.unref();
     say(postgres.pid);`,
    [place.path],
  );
  const pid = await other.heard<number>();
  if (other.child.exitCode === null) await once(other.child, 'exit');
  assert.equal(other.child.exitCode, 0);
  if (canTellDeath) await untilGone(pid);
  else process.kill(pid, 'SIGINT');
});

/** What may differ, once more as another user, by running this file as that user. */
async function runAs(t: TestContext, owner: { uid: number; gid: number }, names: string): Promise<void> {
  await using place = await scratch();
  const tmp = join(place.path, 'odd tmp: ü');
  await mkdir(tmp);
  await chown(tmp, owner.uid, owner.gid);
  const trial = spawnSync(process.execPath, ['--version'], { ...owner, cwd: '/' });
  if (trial.status !== 0) return t.skip('not run: another uid cannot start node from here');
  const child = spawn(
    process.execPath,
    ['--test', '--test-reporter=tap', `--test-name-pattern=${names}`, import.meta.filename],
    {
      ...owner,
      cwd: '/',
      env: { PATH: process.env['PATH'], TMPDIR: tmp },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += String(part)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (/has no entry in \/etc\/passwd, which/.test(output)) {
    return t.skip('not run: no user namespaces here to lend a nameless uid an entry');
  }
  assert.equal(code, 0, output);
  assert.match(output, /# pass [1-9]/);
}

test('an ordinary user has all of it', async (t) => {
  if (!isRoot) return t.skip('not run again: this is an ordinary user');
  await runAs(
    t,
    { uid: 65_534, gid: 65_534 },
    'stops the database|outlived|last words|lock files|being made|200 char',
  );
});

test('a uid without a passwd entry has it too, without LANG and with an odd TMPDIR', async (t) => {
  if (!isRoot) return t.skip('not run: only root can take a uid without an entry');
  await runAs(t, { uid: 54_321, gid: 54_321 }, 'new database|killed together');
});
