/** The OpenID provider at hosts of brands: a login ends at the host where it began, for people who work there. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { linkTo, mailsTo, password, tokenOf } from '../doubles/browser.ts';
import { OpenIdProvider } from '../doubles/openid-provider.ts';
import { startWorld } from '../world.ts';
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

const named = ['ends', 'members', 'planted', 'gone', 'first'].flatMap((word) => [
  `console.${word}-one.example`,
  `Console.${word}-two.example`,
]);

let provider: OpenIdProvider;
let ground: BrandGround;
let world: BrandGround['world'];
before(async () => {
  provider = await new OpenIdProvider().start();
  ground = await openBrandGround({
    LETTERSHOP_OIDC_ISSUER: provider.issuer,
    LETTERSHOP_OIDC_CLIENT_ID: provider.clientId,
    LETTERSHOP_OIDC_CLIENT_SECRET: provider.clientSecret,
    LETTERSHOP_OIDC_HOSTS: named.join(', '),
    LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
  });
  ({ world } = ground);
});
after(async () => {
  await ground.end();
  await provider[Symbol.asyncDispose]();
});

async function begun(host: string): Promise<{ readonly browser: HostBrowser; readonly url: URL }> {
  const browser = new HostBrowser(world, host);
  const page = await browser.auth('/oidc/start');
  assert.equal(page.status, 302, page.text);
  assert.ok(page.location.startsWith(`${provider.issuer}/authorize?`), page.location);
  return { browser, url: new URL(page.location) };
}

const of = (email: string): Record<string, unknown> => ({
  sub: `sub of ${email}`,
  email,
  email_verified: true,
});

/** Through the provider and back; where it ends, and whether a session is there. */
async function through(host: string, email: string): Promise<readonly [HostBrowser, string, number]> {
  const { browser, url } = await begun(host);
  const page = await browser.request('GET', provider.logIn(url.href, of(email)));
  return [browser, page.location, await browser.me()];
}

test('a login that began at a brand’s host ends there, and its session is worth nothing elsewhere', async () => {
  const one = await branded(ground, 'ends-one');
  const two = await branded(ground, 'ends-two');
  const { url } = await begun(one.host.name);
  assert.equal(url.searchParams.get('redirect_uri'), `http://${one.host.name}/api/auth/oidc/callback`);
  const [browser, location, status] = await through(one.host.name, one.email);
  assert.deepEqual([location, status], ['/', 200]);
  for (const elsewhere of [installationHost, 'localhost', two.host.name])
    assert.equal(await browser.movedTo(world, elsewhere).me(), 401, elsewhere);
  const home = await begun(installationHost);
  assert.equal(
    home.url.searchParams.get('redirect_uri'),
    `http://${installationHost}/api/auth/oidc/callback`,
  );
  assert.deepEqual((await through(installationHost, one.email)).slice(1), ['/', 200]);
});

test('an answer with the state of another host is refused, and the provider is not even asked', async () => {
  const one = await branded(ground, 'planted-one');
  const two = await branded(ground, 'planted-two');
  for (const [from, to] of [
    [one.host.name, two.host.name],
    [one.host.name, installationHost],
    [installationHost, one.host.name],
  ] as const) {
    const { browser, url } = await begun(from);
    const back = provider.logIn(url.href, of(owner.email));
    const asked = provider.tokensAsked;
    // The whole browser is planted, and then one that has begun at the other host itself.
    const moved = browser.movedTo(world, to);
    assert.equal((await moved.request('GET', back)).location, '/login/refused', `${from} to ${to}`);
    assert.equal(await moved.me(), 401);
    const busy = (await begun(to)).browser;
    assert.equal((await busy.request('GET', back)).location, '/login/refused');
    assert.equal(await busy.me(), 401);
    assert.equal(provider.tokensAsked, asked);
    assert.equal((await browser.request('GET', back)).location, '/');
    assert.equal(await browser.me(), 200);
    assert.equal((await browser.request('GET', back)).location, '/login/refused', 'once');
  }
  // A session that was planted before is not the one that is opened.
  const [attacker] = await through(one.host.name, owner.email);
  const victim = attacker.movedTo(world, one.host.name);
  const planted = victim.cookies.get('lettershop_session');
  const page = await victim.auth('/oidc/start');
  await victim.request('GET', provider.logIn(page.location, of(one.email)));
  assert.ok(planted !== undefined && victim.cookies.get('lettershop_session') !== planted);
  assert.match((await victim.request('GET', '/api/v1/me')).text, new RegExp(`"${one.email}"`));
});

test('only who works for the host’s holder is let in, and nobody else is linked on the way', async () => {
  const one = await branded(ground, 'members-one');
  const two = await branded(ground, 'members-two');
  const links = async (): Promise<number> => {
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from login_methods where provider = 'oidc' and subject like ${`%sub of ${two.email}`}`.execute(
      world.database.db.engine,
    );
    return rows[0]?.n ?? -1;
  };
  assert.deepEqual((await through(one.host.name, two.email)).slice(1), ['/login/refused', 401]);
  assert.equal(await links(), 0);
  assert.deepEqual((await through(two.host.name, two.email)).slice(1), ['/', 200]);
  assert.equal(await links(), 1);
  assert.deepEqual((await through(one.host.name, two.email)).slice(1), ['/login/refused', 401], 'linked');
  // Who reaches the whole account works for each of its subaccounts.
  assert.deepEqual((await through(one.host.name, owner.email)).slice(1), ['/', 200]);
});

test('a host that the provider does not know, or that is not proven any more, begins and ends no login', async () => {
  const unnamed = await branded(ground, 'unnamed');
  const offers = async (host: string): Promise<unknown> =>
    (await new HostBrowser(world, host).request('GET', '/api/brand')).body['hasProvider'];
  const refused = await new HostBrowser(world, unnamed.host.name).auth('/oidc/start');
  assert.deepEqual([refused.status, refused.location], [302, '/login/refused']);
  assert.deepEqual([await offers(unnamed.host.name), await offers(installationHost)], [false, true]);
  const one = await branded(ground, 'gone-one');
  assert.equal(await offers(one.host.name), true);
  assert.equal((await new HostBrowser(world, 'nobody.example').auth('/oidc/start')).status, 403);
  const { browser, url } = await begun(one.host.name);
  const back = provider.logIn(url.href, of(one.email));
  ground.dns.zone[one.host.record.name] = { CNAME: 'elsewhere.example' };
  await world.move(301_000);
  const asked = provider.tokensAsked;
  const page = await browser.request('GET', back);
  assert.deepEqual([page.status, page.body['code']], [403, 'auth.cross_site']);
  assert.equal(provider.tokensAsked, asked);
  assert.equal((await browser.auth('/oidc/start')).status, 403);
  await prove(ground, one);
  await world.ok('PATCH', `/subaccounts/${one.id}`, { body: { status: 'suspended' } });
  await isOpen(world, one.host.name, false);
  assert.equal((await new HostBrowser(world, one.host.name).auth('/oidc/start')).location, '/login/refused');
});

test('nothing of a request says where a login leads', async () => {
  const two = await branded(ground, 'gone-two');
  const browser = new HostBrowser(world, two.host.name);
  const evil = 'https://evil.example/';
  const asking = `next=${evil}&callbackURL=${evil}&redirect_uri=${evil}&returnTo=${evil}`;
  const { location } = await browser.auth(`/oidc/start?${asking}`);
  const url = new URL(location);
  assert.equal(url.origin, provider.issuer);
  assert.equal(url.searchParams.get('redirect_uri'), `http://${two.host.name}/api/auth/oidc/callback`);
  const back = `${provider.logIn(location, of(two.email))}&${asking}`;
  assert.equal((await browser.request('GET', back)).location, '/');
});

test('a first password, which is good everywhere, is set at a brand’s host only by who works nowhere else', async () => {
  const one = await branded(ground, 'first-one');
  const two = await branded(ground, 'first-two');
  const mails = (await mailsTo(world, two.email)).length;
  const offer = { email: two.email, subaccounts: [{ id: one.id, role: 'designer' }] };
  await ground.boss.ok('POST', '/invitations', { body: offer });
  const token = tokenOf(await linkTo(world, two.email, mails + 1));
  const home = new HostBrowser(world, installationHost);
  assert.equal((await home.auth('/invitation/accept', { token, name: 'Both', password })).status, 200);
  await sql`delete from login_methods where provider = 'credential' and user_id in
    (select id from users where email in (${one.email}, ${two.email}))`.execute(world.database.db.engine);
  const newPassword = 'yet another long password';
  const set = async (host: string, email: string): Promise<number> => {
    const [browser, , status] = await through(host, email);
    assert.equal(status, 200);
    return (await browser.auth('/set-password', { newPassword })).status;
  };
  assert.equal(await set(one.host.name, two.email), 403);
  assert.equal(await set(one.host.name, one.email), 200);
  assert.equal(await set(installationHost, two.email), 200);
});

test('hosts without a provider, and what is no host, stop the start', async () => {
  await assert.rejects(startWorld({ LETTERSHOP_OIDC_HOSTS: '*' }), /LETTERSHOP_OIDC_ISSUER: give both/);
  await assert.rejects(
    startWorld({
      LETTERSHOP_OIDC_ISSUER: provider.issuer,
      LETTERSHOP_OIDC_CLIENT_ID: provider.clientId,
      LETTERSHOP_OIDC_CLIENT_SECRET: provider.clientSecret,
      LETTERSHOP_OIDC_HOSTS: 'https://console.agency.example',
    }),
    /must be names of hosts/,
  );
});
