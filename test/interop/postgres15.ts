/** The oldest PostgreSQL that is supported, as an outside one, reached by a user that is no superuser. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { Database } from '../../src/base/database/database.ts';
import { silentLog } from '../../src/base/log.ts';
import type { TestDatabase } from '../database.ts';
import { startWorld } from '../world.ts';

const binaries = '/usr/lib/postgresql/15/bin';
const folder = mkdtempSync(join(tmpdir(), 'postgres15-'));
let server: ChildProcess;

async function asAdministrator(statement: string): Promise<void> {
  const client = new Client({ host: folder, user: 'postgres', database: 'postgres' });
  await client.connect();
  await client.query(statement);
  await client.end();
}

before(async () => {
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'nobody']).toString());
  const owner = { uid: id('-u'), gid: id('-g'), cwd: '/' };
  execFileSync('chown', ['nobody', folder]);
  chmodSync(folder, 0o700);
  const data = join(folder, 'data');
  const initdb = ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C'];
  execFileSync(join(binaries, 'initdb'), initdb, { ...owner, stdio: 'ignore' });
  server = spawn(
    join(binaries, 'postgres'),
    ['-D', data, '-c', 'listen_addresses=', '-c', `unix_socket_directories=${folder}`],
    { ...owner, stdio: 'ignore' },
  );
  const endsAt = performance.now() + 20_000;
  while (
    !(await asAdministrator('select 1').then(
      () => true,
      () => false,
    ))
  ) {
    assert.ok(performance.now() < endsAt, 'PostgreSQL 15 did not start');
    await pause(50);
  }
});

after(async () => {
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGINT');
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

function outside(name: string): Promise<TestDatabase> {
  const target = { host: folder, user: 'mailer', database: name };
  const db = new Database(target, silentLog, { tenant: 2, engine: 2 });
  return Promise.resolve({ db, target, [Symbol.asyncDispose]: () => db[Symbol.asyncDispose]() });
}

test('a start without the right to make the roles says what an administrator must run', async () => {
  await asAdministrator('create role mailer login');
  await asAdministrator('create database mail owner mailer');
  await assert.rejects(
    startWorld({}, () => outside('mail')),
    /needs the role lettershop_tenant .*create role lettershop_tenant nologin; grant lettershop_tenant to/,
  );
});

test('with those roles mail is accepted, delivered and read on PostgreSQL 15', async () => {
  for (const role of ['lettershop_tenant', 'lettershop_engine']) {
    await asAdministrator(`create role ${role} nologin; grant ${role} to mailer`);
  }
  await using world = await startWorld({}, () => outside('mail'));
  const [good = '', hard = '', later = ''] = [
    ...(await world.send('you@inbox.test')),
    ...(await world.send('hard@inbox.test')),
    ...(await world.send('you@inbox.test', { sendAt: new Date(Date.now() + 3_600_000).toISOString() })),
  ];
  assert.equal((await world.settled(good, ['delivered'])).attempts, 1);
  assert.equal((await world.settled(hard, ['bounced'])).state, 'bounced');
  assert.equal((await world.settled(later, ['held'])).attempts, 0);
  const events = await world.ok<{ items: { kind: string }[] }>('GET', '/events?limit=100');
  assert.ok(events.items.some(({ kind }) => kind === 'message.delivered'));
});
