import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { code, fromBase32 } from '../doubles/authenticator.ts';
import { Browser } from '../doubles/browser.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

const owner = { email: 'owner@lettershop.test', password: 'correct horse battery staple' };

let world: World;
before(async () => {
  world = await startWorld({ LETTERSHOP_ADMIN_PASSWORD: owner.password });
});
after(() => world[Symbol.asyncDispose]());

let secret = '';
let backupCodes: readonly string[] = [];

async function challenged(): Promise<Browser> {
  const browser = new Browser(world);
  const page = await browser.logIn(owner.email, owner.password);
  assert.equal(page.body['twoFactorRedirect'], true, page.text);
  assert.equal((await browser.api('GET', '/me')).status, 401, 'the password alone is not enough');
  return browser;
}

test('a second factor is set up with the password and a code, and stored sealed', async () => {
  const browser = new Browser(world);
  await browser.logIn(owner.email, owner.password);
  assert.equal((await browser.auth('/two-factor/enable', { password: 'wrong wrong wrong' })).status, 400);
  assert.equal(
    (await browser.auth('/two-factor/enable', { password: owner.password, method: 'otp' })).status,
    400,
  );
  const enabled = await browser.auth('/two-factor/enable', { password: owner.password });
  assert.equal(enabled.status, 200, enabled.text);
  secret = new URL(enabled.body['totpURI'] as string).searchParams.get('secret') ?? '';
  backupCodes = enabled.body['backupCodes'] as string[];
  assert.equal(backupCodes.length, 10);
  assert.ok(secret.length >= 32);
  assert.equal((await browser.auth('/two-factor/verify-totp', { code: code(secret, 5) })).status, 401);
  const verified = await browser.auth('/two-factor/verify-totp', { code: code(secret) });
  assert.equal(verified.status, 200, verified.text);
  const { rows } = await sql<{ line: string }>`select f::text as line from second_factors f`.execute(
    world.database.db.engine,
  );
  assert.equal(rows.length, 1);
  for (const kept of [secret, fromBase32(secret).toString(), ...backupCodes])
    assert.ok(!rows[0]?.line.includes(kept), 'nothing in clear');
  const me = await browser.ok<{ user: { hasSecondFactor: boolean } }>('GET', '/me');
  assert.equal(me.user.hasSecondFactor, true);
});

test('a code logs in, once: the same code again is refused', async () => {
  // Of the step to come: good for a minute from now, and never the one of the set-up.
  const good = code(secret, 1);
  const one = await challenged();
  const page = await one.auth('/two-factor/verify-totp', { code: good, trustDevice: true });
  assert.equal(page.status, 200, page.text);
  assert.equal((await one.api('GET', '/me')).status, 200);
  const again = await challenged();
  assert.equal((await again.auth('/two-factor/verify-totp', { code: good })).status, 401);
  assert.equal((await again.api('GET', '/me')).status, 401);
});

test('a backup code logs in, once; its hash from the table does not', async () => {
  const { rows } = await sql<{ backup_codes: string }>`select backup_codes from second_factors`.execute(
    world.database.db.engine,
  );
  const [hash = ''] = JSON.parse(rows[0]?.backup_codes ?? '[]') as string[];
  const thief = await challenged();
  assert.equal((await thief.auth('/two-factor/verify-backup-code', { code: hash })).status, 401);
  const [first = ''] = backupCodes;
  const one = await challenged();
  assert.equal((await one.auth('/two-factor/verify-backup-code', { code: first })).status, 200);
  assert.equal((await one.api('GET', '/me')).status, 200);
  const again = await challenged();
  assert.equal((await again.auth('/two-factor/verify-backup-code', { code: first })).status, 401);
});

test('five wrong codes end the attempt, ten lock the second factor for a while', async () => {
  const browser = await challenged();
  const wrong = ['000001', '000002', '000003', '000004', '000005', '000006'];
  const statuses: number[] = [];
  for (const each of wrong)
    statuses.push((await browser.auth('/two-factor/verify-totp', { code: each })).status);
  assert.deepEqual([statuses.slice(0, 5), statuses[5]], [[401, 401, 401, 401, 401], 400]);
  const second = await challenged();
  for (const each of wrong.slice(0, 5))
    await second.auth('/two-factor/verify-totp', { code: `1${each.slice(1)}` });
  const third = await challenged();
  const locked = await third.auth('/two-factor/verify-backup-code', { code: backupCodes[2] ?? '' });
  assert.equal(locked.status, 429, locked.text);
});
