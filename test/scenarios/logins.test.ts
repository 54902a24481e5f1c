import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { resetFloorMs } from '../../src/http/login-door.ts';
import { Browser, linkTo, tokenOf, twoSecondsLater } from '../doubles/browser.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

const owner = { email: 'owner@lettershop.test', password: 'correct horse battery staple' };

let world: World;
before(async () => {
  world = await startWorld({
    LETTERSHOP_ADMIN_PASSWORD: owner.password,
    LETTERSHOP_TRUSTED_PROXIES: '127.0.0.1',
  });
});
after(() => world[Symbol.asyncDispose]());

async function loggedIn(): Promise<Browser> {
  const browser = new Browser(world);
  const page = await browser.logIn(owner.email, owner.password);
  assert.equal(page.status, 200, page.text);
  return browser;
}

test('the password of the settings logs the first owner in, and the cookie is closed to scripts and other sites', async () => {
  const browser = new Browser(world);
  const page = await browser.logIn(owner.email, owner.password);
  assert.equal(page.status, 200);
  const cookie = page.headers.getSetCookie().find((each) => each.startsWith('lettershop_session='));
  assert.match(cookie ?? '', /; HttpOnly/);
  assert.match(cookie ?? '', /; SameSite=Lax/);
  const token = cookie?.split('=')[1]?.split('.')[0] ?? '';
  assert.ok(
    token.length > 20 && !page.text.includes(token),
    'the answer does not hold what scripts must not read',
  );
  const me = await browser.ok<{ kind: string; user: { email: string }; current: { grants: string[] } }>(
    'GET',
    '/me',
  );
  assert.deepEqual([me.kind, me.user.email], ['user', owner.email]);
  assert.ok(me.current.grants.includes('users:write'));
});

test('no table holds a token with which one could log in', async () => {
  const browser = await loggedIn();
  const token = (browser.cookies.get('lettershop_session') ?? '').split('.')[0] ?? '';
  assert.ok(token.length >= 22);
  const rows = await sql<{ line: string }>`
    select s::text as line from sessions s union all select p::text from login_proofs p union all select m::text from login_methods m`.execute(
    world.database.db.engine,
  );
  assert.ok(rows.rows.length >= 2);
  for (const { line } of rows.rows) {
    assert.ok(!line.includes(token));
    assert.ok(!line.includes(owner.password));
  }
  assert.ok(rows.rows.some(({ line }) => line.includes('$argon2id$v=19$m=19456,t=2,p=1$')));
  const hash = await sql<{
    token_hash: string;
  }>`select token_hash from sessions order by id desc limit 1`.execute(world.database.db.engine);
  const thief = new Browser(world);
  thief.cookies.set('lettershop_session', hash.rows[0]?.token_hash ?? '');
  assert.equal((await thief.api('GET', '/me')).status, 401);
});

test('a session can be listed, ended, and logged out of; it fails within two seconds', async () => {
  const [one, other] = [await loggedIn(), await loggedIn()];
  type Sessions = { items: { id: string; isCurrent: boolean }[] };
  const seenByOne = await one.ok<Sessions>('GET', '/me/sessions');
  const seenByOther = await other.ok<Sessions>('GET', '/me/sessions');
  const current = ({ items }: Sessions): string => items.find(({ isCurrent }) => isCurrent)?.id ?? '';
  assert.notEqual(current(seenByOne), current(seenByOther));
  assert.equal((await one.api('DELETE', `/me/sessions/${current(seenByOther)}`)).status, 204);
  assert.equal(await twoSecondsLater(world, () => other.api('GET', '/me')), 401);
  assert.equal((await one.api('DELETE', '/me/sessions/1')).status, 404);
  assert.equal((await one.auth('/sign-out', {})).status, 200);
  assert.equal(one.cookies.has('lettershop_session'), false);
});

test('a login opens a new session whatever cookie was there before, and a planted one is worth nothing', async () => {
  const browser = new Browser(world);
  browser.cookies.set('lettershop_session', 'plantedplantedplantedplantedplan.c2lnbmF0dXJl');
  assert.equal((await browser.api('GET', '/me')).status, 401);
  await browser.logIn(owner.email, owner.password);
  assert.ok(!(browser.cookies.get('lettershop_session') ?? '').startsWith('planted'));
  assert.equal((await browser.api('GET', '/me')).status, 200);
});

test("another site's page changes nothing with a session, in the API or at the login", async () => {
  const browser = await loggedIn();
  const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  const change = await browser.api('PUT', '/me/current', { body: { accountId: 1 }, headers: foreign });
  assert.deepEqual([change.status, change.body['code']], [403, 'auth.cross_site']);
  for (const path of ['/sign-out', '/change-password', '/sign-in/email']) {
    const page = await browser.request('POST', `/api/auth${path}`, { body: {}, headers: foreign });
    assert.equal(page.status, 403, path);
  }
});

test('an address with a login and one without are answered alike, at the login and for a new password', async () => {
  const stranger = new Browser(world);
  const wrong = await stranger.logIn(owner.email, 'wrong wrong wrong wrong');
  const unknown = await stranger.logIn('nobody@inbox.test', 'wrong wrong wrong wrong');
  assert.deepEqual([wrong.status, wrong.text], [401, unknown.text]);
  const timed = async (email: string) => {
    const from = performance.now();
    const page = await stranger.auth('/request-password-reset', { email });
    assert.ok(performance.now() - from >= resetFloorMs - 1, 'no answer comes sooner than the floor');
    return page;
  };
  const reset = await timed('nobody@inbox.test');
  const real = await timed(owner.email);
  assert.deepEqual([reset.status, reset.text], [real.status, real.text]);
});

test('a login without a password costs as much time as one with a wrong password', async () => {
  // Work, not time: both sides hash once. The clock is only asked which is which.
  const stranger = new Browser(world);
  const took = async (email: string): Promise<number> => {
    const started = process.cpuUsage();
    await stranger.logIn(email, 'wrong wrong wrong wrong');
    const { user, system } = process.cpuUsage(started);
    return user + system;
  };
  const known = Math.min(await took(owner.email), await took(owner.email));
  const unknown = Math.min(await took('a@inbox.test'), await took('b@inbox.test'));
  assert.ok(unknown > known / 4, `${unknown} us against ${known} us`);
  await loggedIn();
});

test('a new password comes by a link to our own address, works once, and ends all sessions', async () => {
  const before = await loggedIn();
  const stranger = new Browser(world);
  const asked = await stranger.request('POST', '/api/auth/request-password-reset', {
    body: { email: owner.email, redirectTo: 'https://evil.example/' },
    headers: { 'x-forwarded-host': 'evil.example' },
  });
  assert.equal(asked.status, 403, 'a redirect elsewhere is refused');
  await stranger.auth('/request-password-reset', { email: owner.email });
  const url = await linkTo(world, owner.email);
  assert.ok(url.startsWith(`${world.program.publicUrl()}/reset/`), url);
  const token = tokenOf(url);
  const short = await stranger.auth('/reset-password', { token, newPassword: 'too short' });
  assert.equal(short.status, 400);
  const newPassword = 'another horse battery staple';
  assert.equal((await stranger.auth('/reset-password', { token, newPassword })).status, 200);
  assert.equal(
    (await stranger.auth('/reset-password', { token, newPassword: `${newPassword}!` })).status,
    400,
  );
  await world.until(
    () => before.api('GET', '/me'),
    ({ status }) => status === 401,
  );
  assert.equal((await stranger.logIn(owner.email, owner.password)).status, 401);
  assert.equal((await stranger.logIn(owner.email, newPassword)).status, 200);
  const changed = await stranger.auth('/change-password', {
    currentPassword: newPassword,
    newPassword: owner.password,
    revokeOtherSessions: true,
  });
  assert.equal(changed.status, 200, changed.text);
});

test('the console runs no script but its own files, is framed by nobody, and its answer is the same for everybody', async () => {
  const page = await new Browser(world).request('GET', '/messages');
  assert.equal(page.status, 200);
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[\w-]{22}'/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(page.text, /<script(?![^>]*\bsrc=)/);
  const other = await (await loggedIn()).request('GET', '/');
  const plain = (text: string): string => text.replaceAll(/nonce&quot;:&quot;[\w-]+/g, '');
  assert.equal(plain(other.text), plain(page.text));
  assert.notEqual(other.headers.get('content-security-policy'), policy, 'a nonce is used once');
  const asset = /src="(\/assets\/[\w.-]+)"/.exec(page.text)?.[1] ?? '';
  const script = await fetch(`${world.url}${asset}`, { headers: { 'accept-encoding': 'gzip, br' } });
  assert.equal(script.headers.get('content-encoding'), 'br');
  assert.match(script.headers.get('cache-control') ?? '', /immutable/);
  for (const path of ['/assets/none.js', '/assets/..%2f..%2fpackage.json', '/api/v2/messages'])
    assert.equal((await fetch(`${world.url}${path}`)).status, 404, path);
  const frame = await fetch(`${world.url}/frame`);
  assert.match(
    frame.headers.get('content-security-policy') ?? '',
    /img-src data:; .*frame-ancestors 'self'; sandbox allow-scripts$/,
  );
});

test('after ten wrong passwords a login is closed for a while, wherever they come from', async () => {
  const email = 'guessed@inbox.test';
  const statuses: number[] = [];
  for (let n = 0; n < 12; n++)
    statuses.push((await new Browser(world).logIn(email, `wrong wrong wrong ${n}`)).status);
  assert.deepEqual([statuses[0], statuses.at(-1)], [401, 429]);
});

test('what is not on the list is not there', async () => {
  const browser = new Browser(world);
  for (const [method, path] of [
    ['POST', '/sign-up/email'],
    ['GET', '/list-sessions'],
    ['GET', '/get-session'],
    ['POST', '/delete-user'],
    ['POST', '/update-session'],
    ['GET', '/reset-password/x?callbackURL=https://evil.example'],
    ['POST', '/two-factor/send-otp'],
    ['GET', '/verify-email'],
    ['GET', '/error'],
  ] as const) {
    const page = await browser.request(method, `/api/auth${path}`, method === 'POST' ? { body: {} } : {});
    assert.equal(page.status, 404, path);
  }
});

test('under https the cookie cannot be planted by another host, and links are of the public address', async () => {
  await using secure = await startWorld({
    LETTERSHOP_ADMIN_PASSWORD: owner.password,
    LETTERSHOP_PUBLIC_URL: 'https://mail.example.test/',
  });
  const browser = new Browser(secure);
  const page = await browser.logIn(owner.email, owner.password);
  const cookie = page.headers.getSetCookie().find((each) => each.includes('_session=')) ?? '';
  assert.match(cookie, /^__Host-lettershop_session=/);
  assert.match(cookie, /; Secure/);
  assert.match(cookie, /; Path=\/(?:;|$)/);
  assert.doesNotMatch(cookie, /; Domain/i);
  assert.equal((await browser.api('GET', '/me')).status, 200);
  await browser.auth('/request-password-reset', { email: owner.email });
  assert.match(await linkTo(secure, owner.email), /^https:\/\/mail\.example\.test\/reset\//);
});

test('the one-time link and its file go on working, once', async () => {
  await using fresh = await startWorld();
  const token = fresh.program.firstLogin?.loginToken ?? '';
  const browser = new Browser(fresh);
  const foreign = await browser.request('POST', '/api/auth/login-link', {
    body: { token },
    headers: { origin: 'https://evil.example' },
  });
  assert.equal(foreign.status, 403);
  assert.equal((await browser.auth('/login-link', { token })).status, 200);
  assert.equal((await browser.api('GET', '/me')).status, 200);
  assert.equal((await new Browser(fresh).auth('/login-link', { token })).status, 401);
  assert.equal((await browser.auth('/set-password', { newPassword: 'short' })).status, 400);
  assert.equal((await browser.auth('/set-password', { newPassword: owner.password })).status, 200);
  assert.equal((await browser.auth('/set-password', { newPassword: `${owner.password}!` })).status, 409);
  assert.equal((await new Browser(fresh).auth('/set-password', { newPassword: owner.password })).status, 401);
  assert.equal((await new Browser(fresh).logIn(owner.email, owner.password)).status, 200);
});
