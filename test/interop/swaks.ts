import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

async function swaks(...more: string[]): Promise<string> {
  const args = [
    '--server',
    '127.0.0.1',
    '--port',
    String(world.smtpPort),
    '--from',
    'a@lettershop.test',
    '--to',
    'you@inbox.test',
    ...more,
  ];
  const run = promisify(execFile)('swaks', args);
  return run.then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
}

test('swaks logs in by PLAIN and LOGIN, sends, and is refused without a login', async () => {
  for (const mechanism of ['PLAIN', 'LOGIN']) {
    const output = await swaks(
      '--auth',
      mechanism,
      '--auth-user',
      'lettershop',
      '--auth-password',
      testKey.secret,
    );
    assert.match(output, /250 2\.0\.0 accepted as \d+/, output);
  }
  assert.match(await swaks(), /530 5\.7\.0/);
  assert.match(
    await swaks('--auth', 'PLAIN', '--auth-user', 'lettershop', '--auth-password', 'ls_wrong'),
    /535 5\.7\.8/,
  );
});
