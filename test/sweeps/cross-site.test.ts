/** What another site's page, or one that hides where it comes from, makes a visitor's browser send: on every changing call. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pages } from '../../console/pages.ts';
import { openCalls } from '../../src/http/login-door.ts';
import { exampleCall, routeName, routesAsData } from '../../src/isolation/index.ts';
import { nativeRoutes } from '../../src/main/routes.ts';
import { Browser } from '../doubles/browser.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

const owner = { email: 'owner@lettershop.test', password: 'correct horse battery staple' };
const changing = routesAsData(nativeRoutes).filter(({ method }) => method !== 'GET');

let world: World;
let browser: Browser;
before(async () => {
  world = await startWorld({
    LETTERSHOP_ADMIN_PASSWORD: owner.password,
    LETTERSHOP_TRUSTED_PROXIES: '127.0.0.1',
  });
  browser = new Browser(world);
  assert.equal((await browser.logIn(owner.email, owner.password)).status, 200);
});
after(() => world[Symbol.asyncDispose]());

type Sent = { readonly headers: Record<string, string>; readonly body?: string };

const form = 'application/x-www-form-urlencoded';
/** With the visitor's cookie, as a browser would send each: SameSite alone lets the ones of the same site through. */
const attacks: Readonly<Record<string, (body: string) => Sent>> = {
  'a form of another site': () => ({
    headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', 'content-type': form },
    body: 'name=Forged',
  }),
  'a text/plain form of the same site': (body) => ({
    headers: { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site', 'content-type': 'text/plain' },
    body,
  }),
  'a fetch of another site': (body) => ({
    headers: {
      origin: 'https://evil.example',
      'sec-fetch-site': 'cross-site',
      'content-type': 'application/json',
    },
    body,
  }),
  'a fetch of a browser without Fetch Metadata': (body) => ({
    headers: { origin: 'https://evil.example', 'content-type': 'application/json' },
    body,
  }),
  'a fetch of a frame without an origin': (body) => ({
    headers: { origin: 'null', 'content-type': 'application/json' },
    body,
  }),
  'a request that hides where it comes from': (body) => ({
    headers: { 'content-type': 'application/json' },
    body,
  }),
  'one without a body that hides where it comes from': () => ({ headers: {} }),
};

type Answered = { readonly status: number; readonly code: unknown };

async function send(method: string, path: string, { headers, body }: Sent): Promise<Answered> {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const answer = await fetch(`${world.url}${path}`, {
    method,
    headers: { ...headers, cookie, 'x-forwarded-for': '192.0.2.77' },
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  const code = text.startsWith('{') ? (JSON.parse(text) as { code?: unknown }).code : undefined;
  return { status: answer.status, code };
}

const entries = async (): Promise<number> =>
  (await browser.ok<{ items: unknown[] }>('GET', '/audit?limit=500')).items.length;

test('no page of another origin changes anything by a session, on any route', async () => {
  const before = await entries();
  for (const route of changing) {
    const { path, body } = exampleCall(route, {}, null);
    for (const [name, attack] of Object.entries(attacks)) {
      const answer = await send(route.method, `/api/v1${path}`, attack(JSON.stringify(body ?? {})));
      assert.deepEqual(answer, { status: 403, code: 'auth.cross_site' }, `${routeName(route)}: ${name}`);
    }
  }
  assert.equal(await entries(), before);
  assert.ok(changing.length > 80, `${changing.length} routes`);
});

test('the same calls of our own origin get past it, and what they change is written down', async () => {
  const before = await entries();
  for (const route of changing) {
    const { path, body } = exampleCall(route, {}, null);
    const headers = {
      origin: world.url,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
      // Of nobody: the session is taken, its place is not found.
      'lettershop-subaccount': '999999999',
    };
    const answer = await send(route.method, `/api/v1${path}`, { headers, body: JSON.stringify(body ?? {}) });
    assert.deepEqual(answer, { status: 404, code: 'not_found' }, routeName(route));
  }
  await browser.ok('POST', '/subaccounts', { body: { name: 'Made here' } });
  assert.ok((await entries()) > before);
});

test('our own origin sends JSON or what the route says, and no form', async () => {
  const before = await entries();
  const own = { origin: world.url, 'sec-fetch-site': 'same-origin' };
  for (const route of changing) {
    const { path } = exampleCall(route, {}, null);
    for (const type of ['text/plain', form, 'multipart/form-data; boundary=x']) {
      const sent = { headers: { ...own, 'content-type': type }, body: '{"name":"Forged"}' };
      const answer = await send(route.method, `/api/v1${path}`, sent);
      assert.deepEqual(
        answer,
        { status: 415, code: 'request.unsupported_type' },
        `${routeName(route)}: ${type}`,
      );
    }
  }
  assert.equal(await entries(), before);
});

test('no page of another origin logs anybody in or out or changes how they log in', async () => {
  const calls = [...openCalls].filter((call) => call.startsWith('POST '));
  for (const call of calls) {
    const path = `/api/auth${call.slice('POST '.length)}`;
    for (const [name, attack] of Object.entries(attacks)) {
      const answer = await send('POST', path, attack(JSON.stringify(owner)));
      assert.deepEqual(answer, { status: 403, code: 'auth.cross_site' }, `${call}: ${name}`);
    }
  }
  assert.ok(calls.length > 10);
  assert.equal((await browser.api('GET', '/me')).status, 200, 'still logged in');
});

test('every page says that nobody may frame it', async () => {
  const shown = [
    ...pages.map(({ path }) => path.replaceAll(/\$\w+/g, '1')),
    '/login',
    '/reset/token',
    '/invitation/token',
    '/nowhere',
    '/api/v1/me',
    '/api/v1/nowhere',
    '/api/v1/openapi.json',
    '/api/auth/passkey/list',
    '/api/auth/nowhere',
    '/export/token',
    '/report/token',
    '/sender/token',
    '/domain-connect',
    '/domain-proof/token',
  ];
  for (const path of shown) {
    const { headers } = await browser.request('GET', path);
    assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/, path);
  }
  // The frame that shows tenants' HTML is ours to frame, and runs nothing of ours.
  const { headers } = await browser.request('GET', '/frame');
  assert.match(
    headers.get('content-security-policy') ?? '',
    /frame-ancestors 'self'; sandbox allow-scripts$/,
  );
  // What the designer draws in runs nothing at all.
  const canvas = await browser.request('GET', '/canvas');
  assert.match(
    canvas.headers.get('content-security-policy') ?? '',
    /^default-src 'none'; .*frame-ancestors 'self'; sandbox allow-same-origin$/,
  );
});
