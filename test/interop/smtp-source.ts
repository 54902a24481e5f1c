import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { makeReturnPath } from '../../src/mail/verp.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

async function source(
  port: number,
  ...more: string[]
): Promise<{ readonly ok: boolean; readonly said: string }> {
  const args = ['-M', 'mx.source.test', ...more, `inet:127.0.0.1:${port}`];
  return promisify(execFile)('/usr/sbin/smtp-source', args).then(
    ({ stdout, stderr }) => ({ ok: true, said: stdout + stderr }),
    (error: { stdout: string; stderr: string }) => ({ ok: false, said: error.stdout + error.stderr }),
  );
}

test('smtp-source fills a return path over ten sessions, each mail is kept; without a login it submits nothing', async () => {
  const [id = ''] = await world.send('you@inbox.test');
  await world.settled(id, ['delivered']);
  const path = makeReturnPath(id, world.clock.now(), 'bounce.lettershop.test', world.program.store.ring);
  const sent = await source(
    world.inboundPort,
    '-m',
    '500',
    '-s',
    '10',
    '-l',
    '2000',
    '-f',
    'ada@inbox.test',
    '-t',
    path,
  );
  assert.deepEqual(sent, { ok: true, said: '' });
  const { rows } = await sql<{ n: number; why: string }>`
    select count(*)::int as n, why from inbound_unread where recipient = ${path} group by why`.execute(
    world.database.db.engine,
  );
  assert.deepEqual(rows, [{ n: 500, why: 'no report' }]);
  const refused = await source(world.smtpPort, '-m', '1', '-f', 'a@lettershop.test', '-t', 'you@inbox.test');
  assert.equal(refused.ok, false);
  assert.match(refused.said, /530 5\.7\.0/);
  const stranger = await source(world.inboundPort, '-m', '1', '-f', 'a@b.test', '-t', 'victim@example.com');
  assert.match(stranger.said, /550 5\.1\.1/);
});
