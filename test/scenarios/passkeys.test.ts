import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Browser } from '../doubles/browser.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

const owner = { email: 'owner@lettershop.test', password: 'correct horse battery staple' };

let world: World;
before(async () => {
  world = await startWorld({ LETTERSHOP_ADMIN_PASSWORD: owner.password });
});
after(() => world[Symbol.asyncDispose]());

const base64url = (bytes: Buffer | string): string => Buffer.from(bytes).toString('base64url');
const sha256 = (bytes: Buffer | string): Buffer => createHash('sha256').update(bytes).digest();

/** RFC 8949, as much as an attestation needs: small integers, bytes, text, maps. */
function cbor(value: number | Buffer | string | Map<number | string, unknown>): Buffer {
  const head = (major: number, length: number): Buffer =>
    length < 24
      ? Buffer.from([(major << 5) | length])
      : length < 256
        ? Buffer.from([(major << 5) | 24, length])
        : Buffer.from([(major << 5) | 25, length >> 8, length & 255]);
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  const pairs = [...value].map(([key, each]) => Buffer.concat([cbor(key), cbor(each as never)]));
  return Buffer.concat([head(5, value.size), ...pairs]);
}

/** A software authenticator with one ES256 key (WebAuthn Level 2, 6). */
class Authenticator {
  readonly id = randomBytes(16);
  readonly #key: KeyObject;
  readonly #publicKey: Map<number | string, unknown>;
  counter = 0;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = publicKey.export({ format: 'jwk' });
    this.#key = privateKey;
    // COSE_Key of EC2, ES256, P-256 (RFC 9053 7.1.1).
    this.#publicKey = new Map<number, unknown>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(jwk.x ?? '', 'base64url')],
      [-3, Buffer.from(jwk.y ?? '', 'base64url')],
    ]);
  }

  #authData(rpId: string, flags: number, attested = Buffer.alloc(0)): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter++);
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), counter, attested]);
  }

  register(challenge: string, origin: string, rpId: string): object {
    const clientData = JSON.stringify({ type: 'webauthn.create', challenge, origin, crossOrigin: false });
    const length = Buffer.from([0, this.id.length]);
    const attested = Buffer.concat([Buffer.alloc(16), length, this.id, cbor(this.#publicKey)]);
    const authData = this.#authData(rpId, 0x45, attested);
    const attestationObject = cbor(
      new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', authData],
      ]),
    );
    return {
      id: base64url(this.id),
      rawId: base64url(this.id),
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64url(clientData),
        attestationObject: base64url(attestationObject),
        transports: ['internal'],
      },
    };
  }

  assert(challenge: string, origin: string, rpId: string): object {
    const clientData = JSON.stringify({ type: 'webauthn.get', challenge, origin, crossOrigin: false });
    const authData = this.#authData(rpId, 0x05);
    const signature = sign('sha256', Buffer.concat([authData, sha256(clientData)]), this.#key);
    return {
      id: base64url(this.id),
      rawId: base64url(this.id),
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64url(clientData),
        authenticatorData: base64url(authData),
        signature: base64url(signature),
      },
    };
  }
}

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
  const listed = await browser.auth('/passkey/list-user-passkeys');
  assert.match(listed.text, /"Laptop"/);

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
