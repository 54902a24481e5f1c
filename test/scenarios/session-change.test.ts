/** What a session was before a change of how one logs in is worth nothing after it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { code } from '../doubles/authenticator.ts';
import { Browser, twoSecondsLater } from '../doubles/browser.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

const owner = { email: 'owner@lettershop.test', password: 'correct horse battery staple' };
const cookie = 'lettershop_session';

let world: World;
before(async () => {
  world = await startWorld({
    LETTERSHOP_ADMIN_PASSWORD: owner.password,
    LETTERSHOP_TRUSTED_PROXIES: '127.0.0.1',
  });
});
after(() => world[Symbol.asyncDispose]());

const sessionOf = (browser: Browser): string => browser.cookies.get(cookie) ?? '';

/** Somebody else with the cookie that was there before. */
function holderOf(session: string): Browser {
  const thief = new Browser(world);
  thief.cookies.set(cookie, session);
  return thief;
}

async function loggedIn(password: string): Promise<Browser> {
  const browser = new Browser(world);
  const page = await browser.logIn(owner.email, password);
  assert.equal(page.status, 200, page.text);
  return browser;
}

test('each login has a session of its own, also in a browser that has one', async () => {
  const browser = await loggedIn(owner.password);
  const first = sessionOf(browser);
  await browser.logIn(owner.email, owner.password);
  assert.ok(first !== '' && sessionOf(browser) !== first);
});

test('a new password gives a new session and ends every old one, whether that was asked or not', async () => {
  const browser = await loggedIn(owner.password);
  const other = await loggedIn(owner.password);
  const old = sessionOf(browser);
  const newPassword = 'another horse battery staple';
  const body = { currentPassword: owner.password, newPassword, revokeOtherSessions: false };
  const changed = await browser.auth('/change-password', body);
  assert.equal(changed.status, 200, changed.text);
  assert.notEqual(sessionOf(browser), old);
  const thief = holderOf(old);
  assert.equal(await twoSecondsLater(world, () => thief.api('GET', '/me')), 401);
  assert.equal((await other.api('GET', '/me')).status, 401);
  assert.equal((await browser.api('GET', '/me')).status, 200);
  owner.password = newPassword;
});

test('a second factor gives a new session when it is set up and when it logs in; the old one is dead', async () => {
  const browser = await loggedIn(owner.password);
  const old = sessionOf(browser);
  const enabled = await browser.auth('/two-factor/enable', { password: owner.password });
  const secret = new URL(String(enabled.body['totpURI'])).searchParams.get('secret') ?? '';
  const verified = await browser.auth('/two-factor/verify-totp', { code: code(secret) });
  assert.equal(verified.status, 200, verified.text);
  assert.notEqual(sessionOf(browser), old);
  const thief = holderOf(old);
  assert.equal(await twoSecondsLater(world, () => thief.api('GET', '/me')), 401);

  const again = new Browser(world);
  again.cookies.set(cookie, 'plantedplantedplantedplantedplan.c2lnbmF0dXJl');
  const half = await again.logIn(owner.email, owner.password);
  assert.equal(half.body['twoFactorRedirect'], true);
  const before = sessionOf(again);
  assert.equal((await again.api('GET', '/me')).status, 401, 'the password alone opens nothing');
  assert.equal((await again.auth('/two-factor/verify-totp', { code: code(secret, 1) })).status, 200);
  assert.notEqual(sessionOf(again), before);
  assert.equal((await again.api('GET', '/me')).status, 200);
});
