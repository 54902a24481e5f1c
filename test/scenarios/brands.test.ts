import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAccount } from '../../src/features/accounts/index.ts';
import { create as createKey } from '../../src/features/keys/index.ts';
import { joinBy, linkTo, mailsTo, password, tokenOf } from '../doubles/browser.ts';
import type { World } from '../world.ts';
import { askAt, branded, HostBrowser, installationHost, openBrandGround, owner } from './brand-ground.ts';
import type { AskOptions, BrandGround, HostAnswer } from './brand-ground.ts';

let world: BrandGround['world'];
let dns: BrandGround['dns'];
let boss: BrandGround['boss'];
let end: BrandGround['end'];
before(async () => {
  ({ world, dns, boss, end } = await openBrandGround());
});
after(() => end());

type Host = {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly explain: string;
  readonly record: { readonly name: string; readonly value: string };
};
type Shown = { name: string; color: string | null; logo: string | null; source: string };
type State = { own: Omit<Shown, 'source'> | null; shown: Shown };
type By = { readonly secret: string };
type Fault = {
  readonly errors: readonly { readonly field: string; readonly rule: string; message: string }[];
};

async function client(externalId: string): Promise<By & { readonly id: number }> {
  const body = { name: externalId, externalId, key: { name: 'k' } };
  const made = await world.ok<{ id: number; key: { secret: string } }>('POST', '/subaccounts', { body });
  return { id: made.id, secret: made.key.secret };
}

const at = (host: string, method: string, path: string, options?: AskOptions): Promise<HostAnswer> =>
  askAt(world.url, host, method, path, options);

async function prove(host: Host, by: By): Promise<void> {
  dns.zone[host.record.name] = { CNAME: host.record.value };
  await world.until(
    () => world.ok<Host>('POST', `/brand/hosts/${host.id}/check`, by),
    ({ state }) => state === 'proven',
  );
}

const addHost = (name: string, by: By): Promise<Host> =>
  world.ok<Host>('POST', '/brand/hosts', { ...by, body: { name } });
const shownAt = async (host: string): Promise<Record<string, unknown>> =>
  JSON.parse((await at(host, 'GET', '/api/brand')).bytes.toString()) as Record<string, unknown>;
const nameAt = (host: string, name: string): Promise<unknown> =>
  world.until(
    () => shownAt(host),
    (shown) => shown['name'] === name,
  );

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

test('a subaccount without a brand shows its account’s, an account without one the installation’s', async () => {
  const one = await client('shown-one');
  const two = await client('shown-two');
  const read = (by: Partial<By>): Promise<State> => world.ok<State>('GET', '/brand', by);
  assert.deepEqual([(await read(one)).shown.source, (await read(one)).own], ['installation', null]);
  await world.ok('PUT', '/brand', { body: { name: 'Agency', color: '#1D4ED8' } });
  const inherited = await read(one);
  assert.deepEqual(
    [inherited.own, inherited.shown.name, inherited.shown.color, inherited.shown.source],
    [null, 'Agency', '#1d4ed8', 'account'],
  );
  await world.ok('PUT', '/brand', { ...one, body: { name: 'Client One' } });
  assert.deepEqual((await read(one)).shown.name, 'Client One');
  assert.deepEqual((await read(two)).shown.name, 'Agency', 'another subaccount gets nothing of it');
  assert.deepEqual((await read({})).shown.name, 'Agency');
  await world.ok('DELETE', '/brand', one);
  assert.equal((await world.api('DELETE', '/brand', one)).status, 404);
  assert.deepEqual((await read(one)).shown.name, 'Agency');
  await world.ok('DELETE', '/brand');
});

test('a colour on which white text cannot be read, an empty name and a bad address are refused by name', async () => {
  const faults = async (body: unknown): Promise<unknown> => {
    const { status, body: told } = await world.api('PUT', '/brand', { body });
    return [status, ...(told as Fault).errors.map(({ field, rule }) => `${field} ${rule}`)];
  };
  assert.deepEqual(await faults({ name: 'A', color: '#ffcc00' }), [400, 'color contrast']);
  assert.deepEqual(await faults({ name: ' ' }), [400, 'name minLength']);
  assert.deepEqual(await faults({ name: 'A', supportAddress: 'nobody' }), [400, 'supportAddress format']);
  for (const color of ['red', '#fff', '#1d4ed8;x', '#1d4ed8 '])
    assert.equal((await world.api('PUT', '/brand', { body: { name: 'A', color } })).status, 400, color);
  for (const name of ['A\r\nB', 'A\u0000'])
    assert.equal((await world.api('PUT', '/brand', { body: { name } })).status, 400, JSON.stringify(name));
});

test('a logo is a small picture by its own bytes, served to anybody and run by nobody', async () => {
  const by = await client('logos');
  const put = (bytes: Buffer): ReturnType<World['api']> =>
    world.api('PUT', '/brand/logo', { ...by, body: { image: bytes.toString('base64') } });
  assert.equal((await put(png)).status, 409, 'a brand comes first');
  await world.ok('PUT', '/brand', { ...by, body: { name: 'Logos' } });
  const wide = Buffer.from(png);
  wide.writeUInt32BE(60_000, 16);
  const bad: readonly (readonly [string, Buffer, RegExp])[] = [
    ['svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'), /SVG/],
    ['svg after an XML head', Buffer.from('\ufeff <?xml version="1.0"?><svg/>'), /SVG/],
    ['gif', Buffer.from('GIF89a'), /PNG, JPEG or WebP/],
    ['nearly a PNG', Buffer.concat([Buffer.from([0x88]), png.subarray(1)]), /PNG, JPEG or WebP/],
    ['the head of a PNG alone', png.subarray(0, 12), /whole picture/],
    ['a huge PNG in few bytes', wide, /2000 pixels/],
    ['too large', Buffer.concat([png, Buffer.alloc(65_536)]), /64 KiB/],
  ];
  for (const [name, bytes, why] of bad) {
    const { status, body } = await put(bytes);
    assert.equal(status, 400, name);
    assert.match((body as Fault).errors[0]?.message ?? '', why, name);
  }
  const { status, body } = await put(png);
  assert.equal(status, 200);
  const logo = (body as State).shown.logo ?? '';
  const served = await at('anything.example', 'GET', logo);
  assert.deepEqual(served.bytes, png);
  assert.equal(served.headers['content-type'], 'image/png');
  assert.equal(served.headers['x-content-type-options'], 'nosniff');
  assert.match(String(served.headers['cache-control']), /public.*immutable/);
  assert.match(String(served.headers['content-security-policy']), /default-src 'none'.*sandbox/);
  const removed = await world.api('DELETE', '/brand/logo', by);
  assert.ok(removed.status < 300);
  const request = removed.headers.get('lettershop-request-id');
  const log = await world.ok<{ items: unknown[] }>('GET', `/audit?requestId=${request}`);
  assert.ok(log.items.length > 0);
  assert.equal((await at('anything.example', 'GET', logo)).status, 404);
  assert.equal((await world.api('DELETE', '/brand/logo', by)).status, 404);
});

test('two may claim a host, only whom DNS shows has it, and only then it shows a brand', async () => {
  const one = await client('claims-one');
  const two = await client('claims-two');
  await world.ok('PUT', '/brand', { ...one, body: { name: 'One' } });
  await world.ok('PUT', '/brand', { ...two, body: { name: 'Two' } });
  const name = 'console.claims.example';
  const unknown = (await at('nobody.example', 'GET', '/api/brand')).bytes;
  const mine = await addHost(name, one);
  assert.equal((await world.api('POST', '/brand/hosts', { ...one, body: { name } })).status, 409);
  assert.deepEqual((await at(name, 'GET', '/api/brand')).bytes, unknown, 'a claim shows nothing');
  const theirs = await addHost(name, two);
  assert.notEqual(mine.record.value, theirs.record.value);
  await prove(mine, one);
  await nameAt(name, 'One');
  assert.equal((await shownAt(`${name.toUpperCase()}:8080`))['name'], 'One');
  await prove(theirs, two);
  await nameAt(name, 'Two');
  const { items } = await world.ok<{ items: Host[] }>('GET', '/brand/hosts', one);
  assert.deepEqual(
    items.map(({ id, state }) => [id, state]),
    [[mine.id, 'lost']],
  );
  for (const [method, path] of [
    ['POST', `/brand/hosts/${theirs.id}/check`],
    ['DELETE', `/brand/hosts/${theirs.id}`],
  ] as const) {
    const foreign = await world.api(method, path, one);
    assert.equal(foreign.status, 404, 'another’s host is not found');
  }
  await world.ok('DELETE', `/brand/hosts/${theirs.id}`, two);
  await nameAt(name, 'Lettershop');
  assert.deepEqual((await at(name, 'GET', '/api/brand')).bytes, unknown);
});

test('a host of the installation, a domain itself and what is no name are refused', async () => {
  const rule = async (name: string): Promise<unknown> => {
    const { body } = await world.api('POST', '/brand/hosts', { body: { name } });
    return (body as Fault).errors[0]?.rule;
  };
  assert.equal(await rule('console.installation.example'), 'own');
  assert.equal(await rule('agency.example'), 'subdomain');
  for (const name of [
    'a.example\r\nset-cookie: a=b',
    'a b.example',
    'http://a.example',
    '127.0.0.1',
    '*.a.example',
  ])
    assert.equal(await rule(name), 'format', JSON.stringify(name));
});

test('a host of a suspended subaccount shows the default, and the brand again when it is active', async () => {
  const by = await client('suspended');
  await world.ok('PUT', '/brand', { ...by, body: { name: 'Stopped' } });
  const host = await addHost('console.stopped.example', by);
  await prove(host, by);
  await nameAt(host.name, 'Stopped');
  await world.ok('PATCH', `/subaccounts/${by.id}`, { body: { status: 'suspended' } });
  await nameAt(host.name, 'Lettershop');
  assert.deepEqual(
    (await at(host.name, 'GET', '/api/brand')).bytes,
    (await at('nobody.example', 'GET', '/api/brand')).bytes,
  );
  await world.ok('PATCH', `/subaccounts/${by.id}`, { body: { status: 'active' } });
  await nameAt(host.name, 'Stopped');
});

async function logInAt(host: string, email: string, secret: string): Promise<HostAnswer> {
  return at(host, 'POST', '/api/auth/sign-in/email', { body: { email, password: secret } });
}

/** The program knows the host as a brand's, or no longer; asked by what is not counted as a try at logging in. */
async function open(host: string, isOpen = true): Promise<void> {
  await world.until(
    () => at(host, 'GET', '/api/brand'),
    ({ bytes }) => (JSON.parse(bytes.toString()) as { isBrandHost: boolean }).isBrandHost === isOpen,
  );
}

test('people log in at a proven host, at the installation’s own, and nowhere else', async () => {
  const by = await client('logins');
  const host = await addHost('console.logins.example', by);
  const code = (answer: HostAnswer): unknown =>
    (JSON.parse(answer.bytes.toString()) as { code: string }).code;
  const before = await logInAt(host.name, owner.email, owner.password);
  assert.deepEqual([before.status, code(before)], [403, 'auth.cross_site']);
  await prove(host, by);
  await open(host.name);
  assert.equal((await logInAt(host.name, owner.email, owner.password)).status, 200);
  for (const own of ['console.installation.example', 'localhost', '127.0.0.1'])
    assert.equal((await logInAt(own, owner.email, owner.password)).status, 200, own);
  const foreign = await at(host.name, 'POST', '/api/auth/sign-in/email', {
    body: { email: owner.email, password: owner.password },
    headers: { origin: 'http://nobody.example' },
  });
  assert.equal(foreign.status, 403);
  await world.ok('DELETE', `/brand/hosts/${host.id}`, by);
  await open(host.name, false);
  assert.equal((await logInAt(host.name, owner.email, owner.password)).status, 403);
});

test('a session at a brand’s host works in the brand’s account and in no other of its person', async () => {
  const by = await client('bound');
  const host = await addHost('console.bound.example', by);
  await prove(host, by);
  const person = await joinBy(world, boss, 'two@inbox.test', {
    subaccounts: [{ id: by.id, role: 'developer' }],
  });
  const { db } = world.database;
  const second = await createAccount(db, 'Second account', new Date());
  const scope = world.program.access.operatorScope(second);
  const key = await createKey({ db, clock: world.clock }, scope, {
    kind: 'api',
    name: 'k',
    reach: 'account',
    grants: null,
    domainLimit: null,
    allowedAddresses: [],
    expiresAt: null,
  });
  const mails = (await mailsTo(world, 'two@inbox.test')).length;
  const invitation = { email: 'two@inbox.test', role: 'designer' };
  await world.ok('POST', '/invitations', { secret: key.secret, body: invitation });
  const token = tokenOf(await linkTo(world, 'two@inbox.test', mails + 1));
  const accepted = await person.auth('/invitation/accept', { token, name: 'Two', password });
  assert.equal(accepted.status, 200, accepted.text);
  const everywhere = await world.until(
    () => person.ok<{ accounts: { id: number }[] }>('GET', '/me'),
    (told) => told.accounts.length === 2,
  );
  assert.equal(everywhere.accounts.length, 2);
  const me = await person.ok<{ current: { accountId: number } }>('GET', '/me');
  await open(host.name);
  const loggedIn = await logInAt(host.name, 'two@inbox.test', password);
  assert.equal(loggedIn.status, 200, loggedIn.bytes.toString());
  const cookie = String(loggedIn.headers['set-cookie']).split(';')[0] ?? '';
  const seen = await at(host.name, 'GET', '/api/v1/me', { headers: { cookie } });
  const { accounts, current } = JSON.parse(seen.bytes.toString()) as {
    accounts: { id: number }[];
    current: { accountId: number };
  };
  assert.deepEqual(
    accounts.map(({ id }) => id),
    [me.current.accountId],
  );
  assert.equal(current.accountId, me.current.accountId);
  const headers = { cookie, 'lettershop-account': String(second.id) };
  assert.equal((await at(host.name, 'GET', '/api/v1/me', { headers })).status, 404);
  const shown = await at(host.name, 'GET', '/api/v1/brand/shown', { headers: { cookie } });
  assert.equal(shown.status, 200);
});

test('at a brand’s host one’s sessions of other hosts are not listed and are ended together alone', async () => {
  const one = await branded({ world, dns, boss, end }, 'listing');
  const loggedIn = async (host: string): Promise<HostBrowser> => {
    const browser = new HostBrowser(world, host);
    assert.equal((await browser.logIn(one.email, password)).status, 200);
    return browser;
  };
  type Listed = { readonly id: string; readonly isCurrent: boolean };
  const listed = async (browser: HostBrowser): Promise<readonly Listed[]> =>
    (await browser.request('GET', '/api/v1/me/sessions')).body['items'] as readonly Listed[];
  const remove = async (browser: HostBrowser, id = ''): Promise<number> =>
    (await browser.request('DELETE', `/api/v1/me/sessions${id === '' ? '' : `/${id}`}`)).status;
  const [home, there, again] = [
    await loggedIn(installationHost),
    await loggedIn(one.host.name),
    await loggedIn(one.host.name),
  ];
  const currentOf = async (browser: HostBrowser): Promise<string> =>
    (await listed(browser)).find(({ isCurrent }) => isCurrent)?.id ?? assert.fail();
  const ids = [await currentOf(home), await currentOf(there), await currentOf(again)] as const;
  const [homeId, thereId, againId] = ids;
  assert.deepEqual(
    (await listed(there)).map(({ id }) => id),
    [thereId, againId],
  );
  const atHome = (await listed(home)).map(({ id }) => id);
  assert.ok(ids.every((id) => atHome.includes(id)));
  assert.equal(await remove(there, homeId), 404);
  assert.equal(await home.me(), 200);
  assert.equal(await remove(there, againId), 204);
  assert.equal(await again.me(), 401);
  assert.equal(await remove(there), 204);
  assert.deepEqual([await home.me(), await there.me()], [401, 200]);
});
