import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser } from '../doubles/browser.ts';
import { Authenticator } from '../doubles/passkey.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

const owner = { email: 'owner@lettershop.test', password: 'correct horse battery staple' };

let world: World;
before(async () => {
  world = await startWorld({ LETTERSHOP_ADMIN_PASSWORD: owner.password });
});
after(() => world[Symbol.asyncDispose]());

const authenticator = new Authenticator();

async function challengeOf(browser: Browser, path: string): Promise<{ challenge: string; rpId: string }> {
  const page = await browser.auth(path);
  assert.equal(page.status, 200, page.text);
  const { challenge, rp, rpId } = page.body as { challenge: string; rp?: { id: string }; rpId?: string };
  return { challenge, rpId: rp?.id ?? rpId ?? '' };
}

test('a passkey is registered, logs in without a password, and a replayed or foreign answer is refused', async () => {
  const origin = world.program.publicUrl();
  const browser = new Browser(world);
  await browser.logIn(owner.email, owner.password);
  const registering = await challengeOf(browser, '/passkey/generate-register-options');
  assert.equal(registering.rpId, 'localhost');
  const registered = await browser.auth('/passkey/verify-registration', {
    response: authenticator.register(registering.challenge, origin, registering.rpId),
    name: 'Laptop',
  });
  assert.equal(registered.status, 200, registered.text);
  const { items } = (await browser.auth('/passkey/list')).body as { items: Record<string, unknown>[] };
  assert.deepEqual(
    items.map(({ name, host, isHere }) => [name, host, isHere]),
    [['Laptop', 'localhost', true]],
  );

  const stranger = new Browser(world);
  const { challenge, rpId } = await challengeOf(stranger, '/passkey/generate-authenticate-options');
  const elsewhere = await stranger.auth('/passkey/verify-authentication', {
    response: authenticator.assert(challenge, 'https://evil.example', rpId),
  });
  assert.ok(elsewhere.status >= 400, 'a wrong origin is refused');

  const person = new Browser(world);
  const asked = await challengeOf(person, '/passkey/generate-authenticate-options');
  const response = authenticator.assert(asked.challenge, origin, asked.rpId);
  const kept = new Map(person.cookies);
  const done = await person.auth('/passkey/verify-authentication', { response });
  assert.equal(done.status, 200, done.text);
  const me = await person.ok<{ user: { email: string } }>('GET', '/me');
  assert.equal(me.user.email, owner.email);

  const replaying = new Browser(world);
  for (const [name, value] of kept) replaying.cookies.set(name, value);
  const again = await replaying.auth('/passkey/verify-authentication', { response });
  assert.ok(again.status >= 400, 'a challenge is answered once');
  assert.equal((await replaying.api('GET', '/me')).status, 401);
});

test('an answer signed by another key is refused', async () => {
  const other = new Authenticator();
  authenticator.id.copy(other.id);
  const browser = new Browser(world);
  const { challenge, rpId } = await challengeOf(browser, '/passkey/generate-authenticate-options');
  other.counter = 50;
  const page = await browser.auth('/passkey/verify-authentication', {
    response: other.assert(challenge, world.program.publicUrl(), rpId),
  });
  assert.ok(page.status >= 400);
  assert.equal((await browser.api('GET', '/me')).status, 401);
});
