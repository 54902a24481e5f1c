/** Views of a subaccount inside another product: links are opened once, and what ends a view does so at once. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, joinBy } from '../doubles/browser.ts';
import { startWorld, testKey } from '../world.ts';
import type { ApiAnswer, World } from '../world.ts';
import { lookAt, makeEmbed, openEmbed, viewOf } from './embed-calls.ts';
import type { Made } from './embed-calls.ts';

const owner = { email: 'owner@lettershop.test', password: 'correct horse battery staple' };

let world: World;
let boss: Browser;
let client: number;
let sibling: number;
before(async () => {
  world = await startWorld({
    LETTERSHOP_ADMIN_PASSWORD: owner.password,
    LETTERSHOP_TRUSTED_PROXIES: '127.0.0.1',
  });
  boss = new Browser(world);
  await boss.logIn(owner.email, owner.password);
  client = await subaccount('client');
  sibling = await subaccount('sibling');
});
after(() => world[Symbol.asyncDispose]());

async function subaccount(name: string): Promise<number> {
  const made = await world.ok<{ id: number }>('POST', '/subaccounts', { body: { name, externalId: name } });
  return made.id;
}

async function key(body: Record<string, unknown>, at?: number): Promise<{ id: string; secret: string }> {
  const headers = at === undefined ? {} : { 'lettershop-subaccount': String(at) };
  return world.ok('POST', '/keys', { body: { name: 'Product', ...body }, headers });
}

/** The status once it is the wanted one, which an ended view has within a second. */
async function isOver(secret: string): Promise<void> {
  await world.until(
    () => world.api('GET', '/me', { secret }),
    ({ status }) => status === 401,
  );
}

const problem = ({ status, body }: ApiAnswer): string => {
  const { code, errors } = body as { code: string; errors?: readonly { field: string; rule: string }[] };
  return [status, code, ...(errors ?? []).map(({ field, rule }) => `${field} ${rule}`)].join(' ');
};

test('of twenty that open a link at once one gets the view, and it is of its subaccount alone', async () => {
  const made = await makeEmbed(world, { subaccount: 'external:client', pages: ['messages', 'figures'] });
  assert.equal(made.subaccountId, client);
  assert.equal(made.state, 'waiting');
  assert.match(made.url, /^http:\/\/localhost:\d+\/embed\/[\w-]{43}$/);
  const answers = await Promise.all(Array.from({ length: 20 }, () => openEmbed(world, made)));
  const counts = [200, 401].map((wanted) => answers.filter(({ status }) => status === wanted).length);
  assert.deepEqual(counts, [1, 19]);
  const { secret = '', seconds } = answers.find(({ status }) => status === 200)?.body ?? {};
  assert.equal(seconds, 3600);
  const me = await viewOf(world, secret);
  assert.deepEqual(me.current.reach, [client]);
  assert.deepEqual(me.current.grants, ['messages:read', 'metrics:read']);
  await world.send('somebody@inbox.test', {}, testKey.secret);
  const headers = { 'lettershop-subaccount': String(sibling) };
  const mail = await world.ok<{ items: unknown[] }>('GET', '/messages', { secret, headers });
  assert.deepEqual(mail.items, [], 'neither the account’s mail nor a sibling’s');
  assert.equal(problem(await world.api('GET', '/domains', { secret })), '403 auth.grant_missing');
  assert.equal((await openEmbed(world, made)).status, 401);
});

test('looking at a link spends nothing; its document is for its origins, and for nobody else', async () => {
  const frameAncestors = ['https://app.example.com', 'http://127.0.0.1:9000'];
  const made = await makeEmbed(world, { subaccount: String(client), frameAncestors });
  for (let times = 0; times < 3; times += 1) {
    const page = await lookAt(world, made.url);
    assert.equal(page.status, 200);
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(policy, /(?:^|; )frame-ancestors https:\/\/app\.example\.com http:\/\/127\.0\.0\.1:9000$/);
    assert.equal(page.headers.get('cache-control'), 'no-store');
    assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
    assert.doesNotMatch(await page.text(), /lsv?_/);
  }
  for (const below of ['/frame', '/canvas'])
    assert.match(
      (await lookAt(world, `${made.url}${below}`)).headers.get('content-security-policy') ?? '',
      /frame-ancestors 'self' https:\/\/app\.example\.com http:\/\/127\.0\.0\.1:9000/,
      below,
    );
  assert.equal((await openEmbed(world, made)).status, 200);
  for (const path of [
    '/',
    '/login',
    '/messages',
    '/embed',
    `/embed/${'x'.repeat(43)}`,
    '/api/v1/me',
    '/api/v1/reference',
  ])
    assert.match(
      (await lookAt(world, `${world.url}${path}`)).headers.get('content-security-policy') ?? '',
      /frame-ancestors 'none'/,
      path,
    );
});

test('a link is opened by the page of its own document, not by another site, and its unknown tokens are counted', async () => {
  const made = await makeEmbed(world, { subaccount: String(client) });
  const from = (headers: Record<string, string>): Promise<Response> =>
    fetch(world.url + new URL(made.url).pathname, {
      method: 'POST',
      headers: { 'x-forwarded-for': '192.0.2.77', ...headers },
    });
  assert.equal((await from({})).status, 403);
  assert.equal((await from({ origin: 'https://app.example.com' })).status, 403);
  assert.equal((await from({ origin: world.url, 'sec-fetch-site': 'cross-site' })).status, 403);
  const guess = { ...made, url: `${world.url}/embed/${'A'.repeat(43)}` };
  const known = await openEmbed(world, made, '192.0.2.78');
  assert.equal(known.status, 200);
  const spent = await openEmbed(world, made, '192.0.2.78');
  const unknown = await openEmbed(world, guess, '192.0.2.79');
  assert.deepEqual({ ...spent.problem, requestId: '' }, { ...unknown.problem, requestId: '' });
  for (let times = 1; times < 20; times += 1) await openEmbed(world, guess, '192.0.2.79');
  assert.equal((await openEmbed(world, guess, '192.0.2.79')).status, 429);
  for (let times = 0; times < 25; times += 1)
    assert.equal(
      (await openEmbed(world, made, '192.0.2.78')).status,
      401,
      'a link that was ours is no guess',
    );
  const { secret = '' } = known.body;
  assert.equal((await world.api('GET', '/me', { secret })).status, 200);
});

test('link and view end with their time', async () => {
  const late = await makeEmbed(world, { subaccount: String(client), linkSeconds: 60 });
  const made = await makeEmbed(world, { subaccount: String(client), sessionSeconds: 120 });
  const { secret = '' } = (await openEmbed(world, made)).body;
  await world.move(61_000);
  assert.equal((await openEmbed(world, late)).status, 401);
  assert.equal((await world.api('GET', '/me', { secret })).status, 200);
  const listed = async (): Promise<readonly string[]> => {
    const { items } = await world.ok<{ items: { id: string; state: string }[] }>('GET', '/embeds');
    return items.filter(({ id }) => id === made.id || id === late.id).map(({ state }) => state);
  };
  assert.deepEqual(await listed(), ['open']);
  await world.move(61_000);
  assert.equal((await world.api('GET', '/me', { secret })).status, 401);
  assert.deepEqual(await listed(), []);
  assert.equal((await lookAt(world, made.url)).status, 200, 'a frame that is loaded again is told so');
});

test('ended by hand it fails in the next call, and on another node within a second', async () => {
  const other = await world.another();
  // Both nodes send our own mail of later tests: one of them comes too late for a moment.
  world.expectFailures(/Idempotency-Key is still running/);
  const made = await makeEmbed(world, { subaccount: String(client) });
  const { secret = '' } = (await openEmbed(world, made)).body;
  const there = (): Promise<Response> =>
    fetch(`http://127.0.0.1:${other.doors.httpPort}/api/v1/me`, {
      headers: { authorization: `Bearer ${secret}` },
    });
  assert.equal((await world.api('GET', '/me', { secret })).status, 200);
  assert.equal((await there()).status, 200);
  await world.ok('DELETE', `/embeds/${made.id}`);
  assert.equal((await world.api('GET', '/me', { secret })).status, 401);
  await world.until(there, ({ status }) => status === 401);
  assert.equal((await lookAt(world, made.url)).status, 404);
  const waiting = await makeEmbed(world, { subaccount: String(client) });
  await world.ok('DELETE', `/embeds/${waiting.id}`);
  assert.equal((await openEmbed(world, waiting)).status, 401);
});

test('it ends with the key that made it: switched off, rotated, narrowed or deleted', async () => {
  const grants = ['embeds:write', 'messages:read', 'metrics:read'];
  const endings: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
    'switched off': (id) => world.ok('PATCH', `/keys/${id}`, { body: { status: 'inactive' } }),
    rotated: (id) => world.ok('POST', `/keys/${id}/rotate`, { body: { overlapSeconds: 0 } }),
    narrowed: (id) =>
      world.ok('PATCH', `/keys/${id}`, { body: { grants: ['embeds:write', 'metrics:read'] } }),
    deleted: (id) => world.ok('DELETE', `/keys/${id}`),
  };
  for (const [name, end] of Object.entries(endings)) {
    const maker = await key({ grants });
    const ask = { subaccount: String(client), pages: ['messages'] };
    const made = await makeEmbed(world, ask, { secret: maker.secret });
    const waiting = await makeEmbed(world, ask, { secret: maker.secret });
    const { secret = '' } = (await openEmbed(world, made)).body;
    assert.equal((await world.api('GET', '/me', { secret })).status, 200, name);
    await end(maker.id);
    await isOver(secret);
    for (let times = 0; times < 25; times += 1)
      assert.equal(
        (await world.api('GET', '/me', { secret })).status,
        401,
        'its page shuts the door for nobody',
      );
    assert.equal((await openEmbed(world, waiting)).status, 401, name);
  }
});

test('it ends with the access of the person who made it, or when that is less than the view', async () => {
  const endings: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
    narrowed: (id) => boss.ok('PATCH', `/users/${id}`, { body: { role: 'accountant' } }),
    removed: (id) => boss.ok('DELETE', `/users/${id}`),
  };
  for (const [name, end] of Object.entries(endings)) {
    const person = await joinBy(world, boss, `${name}@inbox.test`, { role: 'manager' });
    const { user } = await person.ok<{ user: { id: string } }>('GET', '/me');
    const body = {
      subaccount: String(client),
      pages: ['messages'],
      frameAncestors: ['https://app.example.com'],
    };
    const made = await person.ok<Made>('POST', '/embeds', { body });
    const own = await person.ok<{ secret: string }>('POST', '/me/keys', { body: { name: 'Own' } });
    const byKey = await makeEmbed(world, body, { secret: own.secret });
    const { secret = '' } = (await openEmbed(world, made)).body;
    const { secret: second = '' } = (await openEmbed(world, byKey)).body;
    assert.equal((await world.api('GET', '/messages', { secret })).status, 200, name);
    assert.equal((await world.api('GET', '/messages', { secret: second })).status, 200, name);
    await end(user.id);
    await isOver(secret);
    await isOver(second);
  }
});

test('it does what a key of its subaccount may: reads while that is suspended, nothing once it is switched off', async () => {
  const own = await subaccount('stopped');
  const grants = ['templates:read', 'templates:write'];
  const made = await makeEmbed(world, { subaccount: String(own), pages: ['templates'], grants });
  const { secret = '' } = (await openEmbed(world, made)).body;
  const body = { name: 'Hello', text: 'Hi.', slug: 'hello' };
  assert.equal((await world.api('POST', '/templates', { secret, body })).status, 201);
  await world.ok('PATCH', `/subaccounts/${own}`, { body: { status: 'suspended' } });
  await world.until(
    () => world.api('POST', '/templates', { secret, body: { ...body, slug: 'again' } }),
    (answer) => problem(answer) === '403 subaccount.inactive',
  );
  assert.equal((await world.api('GET', '/templates', { secret })).status, 200);
  await world.ok('PATCH', `/subaccounts/${own}`, { body: { status: 'deactivated' } });
  await isOver(secret);
  const asked = { subaccount: String(own), frameAncestors: ['https://app.example.com'] };
  assert.equal(problem(await world.api('POST', '/embeds', { body: asked })), '403 subaccount.inactive');
  await world.ok('PATCH', `/subaccounts/${own}`, { body: { status: 'active' } });
  await world.until(
    () => world.api('GET', '/me', { secret }),
    ({ status }) => status === 200,
  );
  await world.ok('POST', `/subaccounts/${own}/retire`, { body: {} });
  await world.until(
    () => world.api('GET', '/me', { secret }),
    ({ status }) => status === 401,
    () => world.move(24 * 3_600_000),
  );
});

test('nobody gives a view more than they have, or one of what they do not reach', async () => {
  const maker = await key({ grants: ['embeds:write', 'messages:read'] }, client);
  const asked = async (body: Record<string, unknown>): Promise<string> => {
    const whole = { frameAncestors: ['https://app.example.com'], ...body };
    return problem(await world.api('POST', '/embeds', { body: whole, secret: maker.secret }));
  };
  assert.equal(
    await asked({ grants: ['messages:read', 'templates:read'] }),
    '400 request.invalid grants[1] held',
  );
  assert.equal(await asked({ grants: ['embeds:write'] }), '400 request.invalid grants[0] never');
  assert.equal(await asked({ pages: ['figures'] }), '400 request.invalid pages[0] grant');
  assert.equal(
    await asked({ frameAncestors: ['https://*.example.com'] }),
    '400 request.invalid frameAncestors[0] origin',
  );
  const [foreign, missing] = await Promise.all(
    [String(sibling), '2000000001'].map((id) =>
      world.api('POST', '/embeds', {
        body: { subaccount: id, frameAncestors: ['https://app.example.com'] },
        secret: maker.secret,
      }),
    ),
  );
  const bytes = ({ status, body }: ApiAnswer) => ({ status, ...(body as object), requestId: '' });
  assert.deepEqual(bytes(foreign as ApiAnswer), bytes(missing as ApiAnswer));
  assert.equal(foreign?.status, 404);
  const others = await makeEmbed(world, { subaccount: String(sibling) });
  const remove = (id: string): Promise<ApiAnswer> =>
    world.api('DELETE', `/embeds/${id}`, { secret: maker.secret });
  assert.deepEqual(bytes(await remove(others.id)), bytes(await remove('1')));
  const { items } = await world.ok<{ items: { subaccountId: number; madeBy: unknown }[] }>('GET', '/embeds', {
    secret: maker.secret,
  });
  assert.deepEqual([...new Set(items.map(({ subaccountId }) => subaccountId))], [client]);
  const whole = await world.api('POST', '/embeds', { body: { frameAncestors: ['https://app.example.com'] } });
  assert.equal(problem(whole), '400 request.invalid subaccount required');
  const bound = await key({ expiresAt: new Date(world.clock.now() + 10_000).toISOString() });
  const short = await makeEmbed(world, { subaccount: String(client) }, { secret: bound.secret });
  assert.ok(Date.parse(short.expiresAt) <= world.clock.now() + 10_000);
});

test('its key is in no list of keys, nobody changes it there, and it is for no other door', async () => {
  const made = await makeEmbed(world, {
    subaccount: String(client),
    grants: ['messages:read', 'messages:send'],
  });
  const { secret = '' } = (await openEmbed(world, made)).body;
  const headers = { 'lettershop-subaccount': String(client) };
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/keys', { headers });
  assert.ok(!items.some(({ id }) => id === made.id));
  for (const call of ['GET', 'DELETE']) assert.equal((await world.api(call, `/keys/${made.id}`)).status, 404);
  const change = await world.api('PATCH', `/keys/${made.id}`, { body: { grants: ['messages:send'] } });
  assert.equal(change.status, 404);
  assert.equal((await world.api('POST', `/keys/${made.id}/rotate`, { body: {} })).status, 404);
  const attempt = { user: 'lettershop', secret, remoteAddress: '127.0.0.1', requestId: 'r' };
  await assert.rejects(world.program.access.authenticateSmtp(attempt), { code: 'auth.failed' });
});

test('making, opening and ending stand in the audit log and among the events, without token and secret', async () => {
  const made = await makeEmbed(world, { subaccount: String(client), name: 'Shop' });
  const { secret = '' } = (await openEmbed(world, made)).body;
  await world.ok('DELETE', `/embeds/${made.id}`);
  type Entry = { action: string; actor: { kind: string; id: string }; changes: Record<string, unknown> };
  const { items } = await world.ok<{ items: Entry[] }>('GET', `/audit?subject=embed&subjectId=${made.id}`);
  assert.deepEqual(
    items.map(({ action }) => action),
    ['deleted', 'changed', 'created'],
  );
  const [, opened] = items;
  assert.deepEqual(opened?.actor, { kind: 'key', id: made.id }, 'whoever had the link');
  assert.deepEqual(Object.keys(opened?.changes ?? {}).toSorted(), ['openedAt', 'openedFrom']);
  const ended = await world.ok<{ items: Entry[] }>(
    'GET',
    `/audit?subject=key&subjectId=${made.id}&action=deleted`,
  );
  assert.equal(ended.items[0]?.changes['kind'], 'embed');
  const token = made.url.split('/').at(-1) ?? '';
  const text = JSON.stringify([items, ended]);
  assert.ok(!text.includes(token) && !text.includes(secret));
  const events = await world.ok<{ items: { kind: string; data: { embedId: string } }[] }>(
    'GET',
    '/events?kind=embed.created&kind=embed.opened&kind=embed.deleted&order=newest&limit=3',
  );
  assert.deepEqual(
    events.items.map(({ kind, data }) => `${kind} ${data.embedId === made.id}`),
    ['embed.deleted true', 'embed.opened true', 'embed.created true'],
  );
});
