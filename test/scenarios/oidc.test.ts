import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { Browser } from '../doubles/browser.ts';
import { OpenIdProvider } from '../doubles/openid-provider.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

const email = 'owner@lettershop.test';

let provider: OpenIdProvider;
let world: World;
before(async () => {
  provider = await new OpenIdProvider().start();
  world = await startWorld({
    LETTERSHOP_OIDC_ISSUER: provider.issuer,
    LETTERSHOP_OIDC_CLIENT_ID: provider.clientId,
    LETTERSHOP_OIDC_CLIENT_SECRET: provider.clientSecret,
    LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
  });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

/** Where the browser is sent to at the start. */
async function started(browser: Browser): Promise<string> {
  const page = await browser.request('GET', '/api/auth/oidc/start');
  assert.equal(page.status, 302, page.text);
  return page.headers.get('location') ?? '';
}

/** Logs in at the provider as somebody; where it ends, and whether a session is there. */
async function through(claims: Record<string, unknown>): Promise<[string, number]> {
  const browser = new Browser(world);
  const back = provider.logIn(await started(browser), claims);
  const page = await browser.request('GET', back);
  return [page.headers.get('location') ?? page.text, (await browser.api('GET', '/me')).status];
}

const refused = ['/login/refused', 401];

test('only a verified address that has a login here is let in; then the subject alone is enough', async () => {
  assert.deepEqual(await through({ sub: 'u1', email, email_verified: false }), refused);
  assert.deepEqual(await through({ sub: 'u1', email }), refused);
  assert.deepEqual(await through({ sub: 'u1', email, email_verified: 'true' }), refused);
  assert.deepEqual(await through({ sub: 'u1', email: 'nobody@inbox.test', email_verified: true }), refused);
  assert.deepEqual(await through({ sub: 'u1', email: email.toUpperCase(), email_verified: true }), [
    '/',
    200,
  ]);
  assert.deepEqual(await through({ sub: 'u1' }), ['/', 200]);
  assert.deepEqual(await through({ sub: 'u2' }), refused);
  const users = await sql<{ n: number }>`select count(*)::int as n from users`.execute(
    world.database.db.engine,
  );
  assert.equal(users.rows[0]?.n, 1, 'no login was made');
});

test('a token of another issuer, audience, login or time is refused', async () => {
  const good = { sub: 'u1', email, email_verified: true };
  for (const lie of [
    { iss: 'https://other.example' },
    { aud: 'somebody else' },
    { nonce: 'of another login' },
    { exp: Math.floor(Date.now() / 1000) - 3600 },
    { sub: '' },
  ]) {
    provider.lies = lie;
    assert.deepEqual(await through(good), refused, JSON.stringify(lie));
  }
  provider.lies = {};
  assert.deepEqual(await through(good), ['/', 200]);
});

test('an answer is taken once, from the browser that asked: nobody is logged in as a stranger', async () => {
  const claims = { sub: 'u1', email, email_verified: true };
  const attacker = new Browser(world);
  const back = provider.logIn(await started(attacker), claims);
  const asked = provider.tokensAsked;
  const victim = new Browser(world);
  assert.equal((await victim.request('GET', back)).headers.get('location'), '/login/refused');
  const busy = new Browser(world);
  await started(busy);
  assert.equal((await busy.request('GET', back)).headers.get('location'), '/login/refused');
  assert.equal(provider.tokensAsked, asked, 'the provider is not even asked');
  assert.equal((await attacker.request('GET', back)).headers.get('location'), '/');
  assert.equal((await attacker.request('GET', back)).headers.get('location'), '/login/refused', 'once');
});

test('where the browser is sent to has our own address in it and nothing of the request', async () => {
  const browser = new Browser(world);
  const page = await browser.request('GET', '/api/auth/oidc/start?callbackURL=https://evil.example', {
    headers: { 'x-forwarded-host': 'evil.example' },
  });
  const { searchParams } = new URL(page.headers.get('location') ?? '');
  assert.equal(searchParams.get('redirect_uri'), `${world.program.publicUrl()}/api/auth/oidc/callback`);
  assert.equal(searchParams.get('code_challenge_method'), 'S256');
});

test('a provider at a private address is not connected to unless the operator allows it', async () => {
  await using closed = await startWorld({
    LETTERSHOP_OIDC_ISSUER: provider.issuer,
    LETTERSHOP_OIDC_CLIENT_ID: provider.clientId,
    LETTERSHOP_OIDC_CLIENT_SECRET: provider.clientSecret,
  });
  const page = await new Browser(closed).request('GET', '/api/auth/oidc/start');
  assert.equal(page.headers.get('location'), '/login/refused');
});

test('a provider that calls itself otherwise is not believed', async () => {
  await using liar = await new OpenIdProvider().start();
  liar.calledOtherwise = 'https://accounts.example';
  await using other = await startWorld({
    LETTERSHOP_OIDC_ISSUER: liar.issuer,
    LETTERSHOP_OIDC_CLIENT_ID: liar.clientId,
    LETTERSHOP_OIDC_CLIENT_SECRET: liar.clientSecret,
    LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
  });
  const page = await new Browser(other).request('GET', '/api/auth/oidc/start');
  assert.equal(page.headers.get('location'), '/login/refused');
});

test('without the settings there is no such way in, and half of them stop the start', async () => {
  await using plain = await startWorld();
  assert.equal((await new Browser(plain).request('GET', '/api/auth/oidc/start')).status, 404);
  await assert.rejects(startWorld({ LETTERSHOP_OIDC_ISSUER: provider.issuer }), /together/);
});
