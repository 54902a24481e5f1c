/** Passkeys at hosts of brands: each of the one host where it was made, and of nobody who does not work there. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { code } from '../doubles/authenticator.ts';
import { password } from '../doubles/browser.ts';
import { Authenticator } from '../doubles/passkey.ts';
import {
  branded,
  HostBrowser,
  installationHost,
  isOpen,
  openBrandGround,
  owner,
  prove,
} from './brand-ground.ts';
import type { BrandGround } from './brand-ground.ts';

let ground: BrandGround;
let world: BrandGround['world'];
before(async () => {
  ground = await openBrandGround();
  ({ world } = ground);
});
after(() => ground.end());

type Options = {
  readonly challenge: string;
  readonly rp?: { readonly id: string; readonly name: string };
  readonly rpId?: string;
  readonly allowCredentials?: readonly { readonly id: string }[];
  readonly excludeCredentials?: readonly { readonly id: string }[];
};

async function optionsOf(browser: HostBrowser, path: string): Promise<Options> {
  const page = await browser.auth(path);
  assert.equal(page.status, 200, page.text);
  return page.body as Options;
}

const toRegister = '/passkey/generate-register-options';
const toLogIn = '/passkey/generate-authenticate-options';

async function loggedInAt(host: string, email: string, secret: string): Promise<HostBrowser> {
  const browser = new HostBrowser(world, host);
  const page = await browser.logIn(email, secret);
  assert.equal(page.status, 200, page.text);
  return browser;
}

/** Makes a passkey for the host of the browser; the status. */
async function register(browser: HostBrowser, key: Authenticator, name: string): Promise<number> {
  const { challenge, rp } = await optionsOf(browser, toRegister);
  assert.equal(rp?.id, browser.host);
  const response = key.register(challenge, `http://${browser.host}`, browser.host);
  return (await browser.auth('/passkey/verify-registration', { response, name })).status;
}

/** Logs in; `as`: the host that the authenticator believes to be at. */
async function enter(host: string, key: Authenticator, as = host): Promise<HostBrowser | number> {
  const browser = new HostBrowser(world, host);
  const { challenge, rpId } = await optionsOf(browser, toLogIn);
  assert.equal(rpId, host);
  const response = key.assert(challenge, `http://${as}`, as);
  const page = await browser.auth('/passkey/verify-authentication', { response });
  if (page.status === 200) return browser;
  assert.equal(await browser.me(), 401);
  return page.status;
}

type Listed = { readonly id: string; readonly name: string; readonly host: string; readonly isHere: boolean };
const listed = async (browser: HostBrowser): Promise<readonly Listed[]> =>
  (await browser.auth('/passkey/list')).body['items'] as readonly Listed[];

test('a passkey that was made at a brand’s host logs in there, and the session is worth nothing elsewhere', async () => {
  const one = await branded(ground, 'keys-one');
  const two = await branded(ground, 'keys-two');
  const key = new Authenticator();
  const first = await loggedInAt(one.host.name, one.email, password);
  const { rp } = await optionsOf(first, toRegister);
  assert.equal(rp?.name, 'Letters of keys-one', 'authenticators show the brand');
  assert.equal(await register(first, key, 'Telephone'), 200);
  const browser = await enter(one.host.name, key);
  assert.ok(browser instanceof HostBrowser);
  assert.equal(await browser.me(), 200);
  for (const elsewhere of [installationHost, 'localhost', '127.0.0.1', two.host.name]) {
    const planted = browser.movedTo(world, elsewhere);
    assert.equal(await planted.me(), 401, elsewhere);
    assert.equal((await planted.auth('/passkey/list')).status, 401, elsewhere);
    assert.equal((await planted.auth(toRegister)).status, 401, elsewhere);
  }
  // And one of the installation's, planted at the brand's host, becomes nobody's session there.
  const boss = await loggedInAt(installationHost, owner.email, owner.password);
  const fixed = boss.movedTo(world, one.host.name);
  assert.equal(await fixed.me(), 401);
  const before = new Map(fixed.cookies);
  assert.equal((await fixed.logIn(one.email, password)).status, 200);
  for (const [name, value] of before)
    if (name.endsWith('session'))
      assert.notEqual(fixed.cookies.get(name), value, 'a login makes a session anew');
});

test('whose a passkey is stands beside it: all of them at the installation’s host, at a brand’s only its own', async () => {
  const one = await branded(ground, 'lists-one');
  const [there, here] = [new Authenticator(), new Authenticator()];
  const atBrand = await loggedInAt(one.host.name, one.email, password);
  assert.equal(await register(atBrand, there, 'There'), 200);
  const atHome = await loggedInAt(installationHost, one.email, password);
  assert.equal(await register(atHome, here, 'Here'), 200);
  const short = (items: readonly Listed[]): unknown =>
    items.map(({ name, host, isHere }) => [name, host, isHere]);
  assert.deepEqual(short(await listed(atBrand)), [['There', one.host.name, true]]);
  assert.deepEqual(short(await listed(atHome)), [
    ['There', one.host.name, false],
    ['Here', installationHost, true],
  ]);
  // To who has logged in, those of the host are offered, and no other.
  for (const [browser, key] of [
    [atBrand, there],
    [atHome, here],
  ] as const) {
    const ids = [key.id.toString('base64url')];
    const { allowCredentials } = await optionsOf(browser, toLogIn);
    assert.deepEqual(
      allowCredentials?.map(({ id }) => id),
      ids,
    );
    const { excludeCredentials } = await optionsOf(browser, toRegister);
    assert.deepEqual(
      excludeCredentials?.map(({ id }) => id),
      ids,
    );
  }
  const [thereId, hereId] = (await listed(atHome)).map(({ id }) => id);
  const refused = await atBrand.auth('/passkey/delete-passkey', { id: hereId });
  assert.equal(refused.status, 404);
  assert.equal((await atHome.auth('/passkey/delete-passkey', { id: thereId })).status, 200);
  assert.deepEqual(short(await listed(atHome)), [['Here', installationHost, true]]);
});

test('a passkey of one host logs in at no other, whatever the authenticator says and whose challenge it answers', async () => {
  const one = await branded(ground, 'other-one');
  const two = await branded(ground, 'other-two');
  const hosts = [one.host.name, two.host.name, installationHost];
  const keys = new Map<string, Authenticator>();
  // The owner works for all of the account: only the hosts differ.
  for (const host of hosts) {
    const key = new Authenticator();
    assert.equal(await register(await loggedInAt(host, owner.email, owner.password), key, host), 200);
    keys.set(host, key);
  }
  let tried = 0;
  for (const host of hosts)
    for (const [home, key] of keys) {
      const enters = await enter(host, key);
      if (home === host) assert.ok(enters instanceof HostBrowser, host);
      else {
        assert.equal(enters, 401, `${home} at ${host}`);
        assert.equal(await enter(host, key, home), 401, `${home} at ${host}, as at home`);
        tried += 1;
      }
    }
  assert.equal(tried, 6);
  // Begun at one, ended at another: the other does not know the challenge.
  for (const [from, to] of [
    [one.host.name, two.host.name],
    [installationHost, two.host.name],
    [two.host.name, installationHost],
  ] as const) {
    const begun = new HostBrowser(world, from);
    const { challenge } = await optionsOf(begun, toLogIn);
    const response = keys.get(to)?.assert(challenge, `http://${to}`, to);
    const moved = begun.movedTo(world, to);
    assert.equal((await moved.auth('/passkey/verify-authentication', { response })).status, 400);
    assert.equal(await moved.me(), 401);
  }
});

test('a login that waits for its second factor at one host is not ended at another', async () => {
  const one = await branded(ground, 'factor-one');
  const boss = await loggedInAt(one.host.name, one.email, password);
  const enabled = (await boss.auth('/two-factor/enable', { password })).body as { totpURI: string };
  const secret = new URL(enabled.totpURI).searchParams.get('secret') ?? '';
  assert.equal((await boss.auth('/two-factor/verify-totp', { code: code(secret, -1) })).status, 200);
  const begun = new HostBrowser(world, one.host.name);
  assert.equal((await begun.logIn(one.email, password)).body['twoFactorRedirect'], true);
  const now = code(secret);
  const moved = begun.movedTo(world, installationHost);
  assert.equal((await moved.auth('/two-factor/verify-totp', { code: now })).status, 401);
  assert.equal(await moved.me(), 401);
  assert.equal((await begun.auth('/two-factor/verify-totp', { code: now })).status, 200);
  assert.equal(await begun.me(), 200);
  // A code is used up at every host.
  const again = new HostBrowser(world, installationHost);
  await again.logIn(one.email, password);
  assert.equal((await again.auth('/two-factor/verify-totp', { code: now })).status, 401);
});

test('who does not work for the host’s holder makes no passkey there, and who has left logs in by none', async () => {
  const one = await branded(ground, 'leaves-one');
  const two = await branded(ground, 'leaves-two');
  const foreign = await loggedInAt(one.host.name, two.email, password);
  assert.equal(await register(foreign, new Authenticator(), 'Foreign'), 401);
  const key = new Authenticator();
  assert.equal(await register(await loggedInAt(one.host.name, one.email, password), key, 'Mine'), 200);
  assert.ok((await enter(one.host.name, key)) instanceof HostBrowser);
  const { items } = await ground.boss.ok<{ items: { id: string; email: string }[] }>(
    'GET',
    '/users?limit=100',
  );
  const id = items.find(({ email }) => email === one.email)?.id ?? '';
  await ground.boss.ok('DELETE', `/users/${id}`);
  assert.equal(await enter(one.host.name, key), 401);
});

test('a host that is no longer proven takes no passkey, forgets none, and takes them again', async () => {
  const one = await branded(ground, 'lost-one');
  const key = new Authenticator();
  const browser = await loggedInAt(one.host.name, one.email, password);
  assert.equal(await register(browser, key, 'Mine'), 200);
  ground.dns.zone[one.host.record.name] = { CNAME: 'elsewhere.example' };
  await world.move(301_000);
  const refused = new HostBrowser(world, one.host.name);
  const page = await refused.auth(toLogIn);
  assert.deepEqual([page.status, page.body['code']], [403, 'auth.cross_site'], 'at once');
  assert.equal(await browser.me(), 401, 'what was open there is shut');
  for (const host of [installationHost, 'localhost'])
    assert.equal(await browser.movedTo(world, host).me(), 401, host);
  // What it signs for the lost host is worth nothing at the installation's.
  assert.equal(await enter(installationHost, key), 401);
  assert.equal(await enter(installationHost, key, one.host.name), 401);
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from passkeys where rp_id = ${one.host.name}`.execute(world.database.db.engine);
  assert.equal(rows[0]?.n, 1);
  await prove(ground, one);
  assert.ok((await enter(one.host.name, key)) instanceof HostBrowser);
  // Of a suspended tenant: neither.
  await world.ok('PATCH', `/subaccounts/${one.id}`, { body: { status: 'suspended' } });
  await isOpen(world, one.host.name, false);
  assert.equal(await enter(one.host.name, key), 401);
});
