import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, joinBy, twoSecondsLater } from '../doubles/browser.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

const owner = { email: 'owner@lettershop.test', password: 'correct horse battery staple' };

let world: World;
let boss: Browser;
let a: number;
let b: number;
let c: number;
before(async () => {
  world = await startWorld({
    LETTERSHOP_ADMIN_PASSWORD: owner.password,
    LETTERSHOP_TRUSTED_PROXIES: '127.0.0.1',
  });
  boss = new Browser(world);
  await boss.logIn(owner.email, owner.password);
  const make = async (externalId: string): Promise<number> => {
    const body = { name: `Client ${externalId}`, externalId };
    return (await world.ok<{ id: number }>('POST', '/subaccounts', { body })).id;
  };
  // One after the other: lists are in the order of their ids.
  a = await make('a');
  b = await make('b');
  c = await make('c');
});
after(() => world[Symbol.asyncDispose]());

type Person = {
  id: string;
  email: string;
  reach: string;
  account: { role: string; grants: string[] } | null;
  subaccounts: { id: number; role: string; grants: string[] }[];
};
type Me = {
  user: { id: string; email: string };
  current: {
    accountId: number;
    reach: 'account' | number[];
    subaccountId: number;
    grants: string[];
    templates: string[] | null;
  };
  accounts: { id: number; name: string; subaccounts: { id: number }[] }[];
};

const joined = (email: string, offer: Record<string, unknown>): Promise<Browser> =>
  joinBy(world, boss, email, offer);

async function idOf(browser: Browser): Promise<string> {
  return (await browser.ok<Me>('GET', '/me')).user.id;
}

test('chosen subaccounts: a list of those, one at a time to change something, nothing else at all', async () => {
  const person = await joined('cleo@inbox.test', {
    subaccounts: [
      { id: a, role: 'developer' },
      { id: b, role: 'reporting' },
    ],
  });
  const me = await person.ok<Me>('GET', '/me');
  assert.deepEqual(me.current.reach, [a, b]);
  assert.deepEqual(
    me.accounts.map(({ subaccounts }) => subaccounts.map(({ id }) => id)),
    [[a, b]],
  );
  const list = await person.ok<{ items: { id: number }[] }>('GET', '/subaccounts');
  assert.deepEqual(
    list.items.map(({ id }) => id),
    [a, b],
  );
  const counts = await person.ok<{ total: number }>('GET', '/subaccounts/counts');
  assert.equal(counts.total, 2);
  const forOne = (id: number | string) => ({ 'lettershop-subaccount': String(id) });
  assert.equal((await person.api('GET', `/subaccounts/${c}`)).status, 404);
  assert.equal((await person.api('GET', '/messages', { headers: forOne(c) })).status, 404);
  assert.equal((await person.api('GET', '/messages', { headers: forOne('external:c') })).status, 404);
  assert.equal((await person.api('GET', '/messages', { headers: forOne('external:a') })).status, 200);
  const domain = (n: number) => ({ name: `d${n}.example.com` });
  assert.equal((await person.api('POST', '/domains', { body: domain(1) })).status, 403, 'for which one?');
  const made = await person.ok<{ id: string; subaccountId: number }>('POST', '/domains', {
    body: domain(2),
    headers: forOne(a),
  });
  assert.equal(made.subaccountId, a);
  assert.equal(
    (await person.api('POST', '/domains', { body: domain(3), headers: forOne(b) })).status,
    403,
    'only reporting there',
  );
  assert.equal(
    (await person.api('PUT', '/me/current', { body: { accountId: me.current.accountId, subaccountId: c } }))
      .status,
    404,
  );
  await person.ok('PUT', '/me/current', { body: { accountId: me.current.accountId, subaccountId: b } });
  await world.until(
    () => person.ok<Me>('GET', '/me'),
    ({ current }) => JSON.stringify(current.reach) === `[${b}]`,
  );
  assert.equal(
    (await person.api('GET', `/domains/${made.id}`, {})).status,
    403,
    'reporting reads no domains',
  );
});

test('mail of chosen subaccounts is seen together, mail of others is not', async () => {
  const ids = new Map<number, string>();
  for (const each of [a, b, c]) {
    const headers = { 'lettershop-subaccount': String(each) };
    const body = {
      from: { email: 'a@lettershop.test' },
      to: [{ email: `m${each}@inbox.test` }],
      subject: 's',
      text: 't',
    };
    const sent = await world.ok<{ messages: { id: string }[] }>('POST', '/messages', { body, headers });
    ids.set(each, sent.messages[0]?.id ?? '');
  }
  const person = await joined('dora@inbox.test', {
    subaccounts: [
      { id: a, role: 'reporting' },
      { id: b, role: 'reporting' },
    ],
  });
  const { items } = await person.ok<{ items: { id: string }[] }>('GET', '/messages');
  assert.deepEqual(new Set(items.map(({ id }) => id)), new Set([ids.get(a), ids.get(b)]));
  assert.equal((await person.api('GET', `/messages/${ids.get(c)}`)).status, 404);
  const events = await person.ok<{ items: { subaccountId: number }[] }>('GET', '/events?limit=500');
  assert.deepEqual(new Set(events.items.map(({ subaccountId }) => subaccountId)), new Set([a, b]));
});

test('overwriting a list names only what the caller sees, and leaves alone what they do not see', async () => {
  const person = await joined('eve@inbox.test', {
    subaccounts: [
      { id: a, role: 'reporting' },
      { id: c, role: 'designer' },
    ],
  });
  const id = await idOf(person);
  const manager = await joined('finn@inbox.test', {
    subaccounts: [
      { id: a, role: 'manager' },
      { id: b, role: 'manager' },
    ],
  });
  const put = (subaccounts: unknown[]) =>
    manager.api('PUT', `/users/${id}/subaccounts`, { body: { subaccounts } });
  const beyond = await put([
    { id: b, role: 'reporting' },
    { id: c, role: 'reporting' },
  ]);
  assert.equal(beyond.status, 400);
  const [error] = beyond.body['errors'] as { field: string }[];
  assert.equal(error?.field, 'subaccounts[1].id');
  const missing = await put([
    { id: b, role: 'reporting' },
    { id: 999_999_999, role: 'reporting' },
  ]);
  assert.equal(missing.text.replaceAll(/req_\w+/g, ''), beyond.text.replaceAll(/req_\w+/g, ''));
  assert.equal((await put([{ id: b }])).status, 400, 'a role is needed where there was none');
  assert.equal(
    (await put([{ id: b, role: 'custom', grants: ['keys:secrets'] }])).status,
    400,
    'more than they hold',
  );
  const done = await put([{ id: b, role: 'developer' }]);
  assert.equal(done.status, 200, done.text);
  const whole = await boss.ok<Person>('GET', `/users/${id}`);
  assert.deepEqual(
    new Map(whole.subaccounts.map((each) => [each.id, each.role])),
    new Map([
      [b, 'developer'],
      [c, 'designer'],
    ]),
  );
  const seen = await manager.ok<Person>('GET', `/users/${id}`);
  assert.deepEqual(
    seen.subaccounts.map((each) => each.id),
    [b],
  );
  const hidden = await manager.ok<{ items: Person[] }>('GET', '/users');
  assert.ok(
    hidden.items.every(({ email }) => email !== owner.email),
    'people of the whole account are not seen from below',
  );
});

test('nobody edits an equal or higher one, and the last owner stays', async () => {
  const admin = await joined('gwen@inbox.test', { role: 'admin' });
  const other = await joined('hugo@inbox.test', { role: 'admin' });
  const manager = await joined('ines@inbox.test', { role: 'manager' });
  const [adminId, otherId, bossId] = [await idOf(admin), await idOf(other), await idOf(boss)];
  const refused = await admin.api('PATCH', `/users/${otherId}`, { body: { role: 'reporting' } });
  assert.deepEqual([refused.status, refused.body['code']], [403, 'user.not_below']);
  for (const [who, whom] of [
    [admin, bossId],
    [manager, adminId],
    [manager, bossId],
    [boss, bossId],
    [admin, adminId],
  ] as const)
    assert.equal((await who.api('PATCH', `/users/${whom}`, { body: { role: 'reporting' } })).status, 403);
  assert.equal((await manager.api('DELETE', `/users/${adminId}`)).status, 403);
  assert.equal(
    (await admin.api('POST', '/invitations', { body: { email: 'x@inbox.test', role: 'owner' } })).status,
    400,
  );
  const last = await boss.api('DELETE', `/users/${bossId}`);
  assert.deepEqual([last.status, last.body['detail'] ?? last.text], [409, 'The last owner stays']);
  assert.equal(
    (await admin.api('PATCH', `/users/${await idOf(manager)}`, { body: { role: 'developer' } })).status,
    200,
  );
  assert.equal((await admin.api('DELETE', `/users/${adminId}`)).status, 204, 'people may leave');
});

test('a person who is taken out fails within two seconds, and the audit log tells who did it', async () => {
  const person = await joined('jack@inbox.test', { role: 'developer' });
  const id = await idOf(person);
  const requested = await boss.api('DELETE', `/users/${id}`);
  assert.equal(requested.status, 204);
  assert.equal(await twoSecondsLater(world, () => person.api('GET', '/messages')), 401);
  const requestId = requested.headers.get('lettershop-request-id');
  const audit = await world.ok<{
    items: { subject: string; action: string; actor: { kind: string; id: string } }[];
  }>('GET', `/audit?requestId=${requestId}`);
  assert.deepEqual(
    audit.items.map(({ subject, action, actor }) => [subject, action, actor.kind, actor.id]),
    [['membership', 'deleted', 'user', await idOf(boss)]],
  );
});

test('hidden pages take the grants away, and named templates stand in what a person may', async () => {
  const person = await joined('kim@inbox.test', {
    role: 'admin',
    hiddenPages: ['billing', 'settings', 'messages'],
    templates: ['77'],
  });
  const { current } = await person.ok<Me>('GET', '/me');
  assert.deepEqual(current.templates, ['77']);
  for (const grant of ['billing:read', 'settings:read', 'messages:send', 'events:read'])
    assert.ok(!current.grants.includes(grant), grant);
  assert.equal((await person.api('GET', '/messages')).status, 403);
  const key = { name: 'k', grants: ['templates:read'] };
  const made = await person.ok<{ templates: string[] }>('POST', '/keys', { body: key });
  assert.deepEqual(made.templates, ['77'], 'a key that she makes knows no more');
  const wider = await person.api('POST', '/keys', { body: { ...key, templates: ['77', '78'] } });
  assert.equal(wider.status, 400);
});

test('a limited key gives nobody access, and a subaccount key sees only its own people', async () => {
  const limited = await world.ok<{ secret: string }>('POST', '/keys', {
    body: { name: 'short', expiresAt: new Date(world.clock.now() + 3_600_000).toISOString() },
  });
  const body = { email: 'mia@inbox.test', role: 'reporting' };
  assert.equal((await world.api('POST', '/invitations', { secret: limited.secret, body })).status, 403);
  const { current } = await boss.ok<Me>('GET', '/me');
  const apart = { 'lettershop-subaccount': String(current.subaccountId) };
  assert.equal(
    (await boss.api('POST', '/invitations', { body, headers: apart })).status,
    400,
    'no place apart',
  );
  const named = { email: 'mia@inbox.test', subaccounts: [{ id: current.subaccountId, role: 'reporting' }] };
  assert.equal((await boss.api('POST', '/invitations', { body: named })).status, 400);
  const own = await world.ok<{ secret: string }>('POST', '/keys', {
    body: { name: 'own' },
    headers: { 'lettershop-subaccount': String(c) },
  });
  await world.ok('POST', '/invitations', { secret: own.secret, body });
  const mine = await world.ok<{ items: Person[] }>('GET', '/invitations', { secret: own.secret });
  assert.deepEqual(
    mine.items.map(({ email, subaccounts }) => [email, subaccounts.map(({ id }) => id)]),
    [['mia@inbox.test', [c]]],
  );
  const people = await world.ok<{ items: Person[] }>('GET', '/users', { secret: own.secret });
  assert.ok(
    people.items.every(
      ({ reach, subaccounts }) => reach === 'subaccounts' && subaccounts.every(({ id }) => id === c),
    ),
  );
});

test("a person's key reaches what the person reaches, changes with it, and dies with the membership", async () => {
  const person = await joined('nora@inbox.test', {
    subaccounts: [
      { id: a, role: 'developer' },
      { id: b, role: 'reporting' },
    ],
  });
  const id = await idOf(person);
  const made = await person.ok<{ id: string; secret: string; reach: string }>('POST', '/me/keys', {
    body: { name: 'mine' },
  });
  const key = (headers: Record<string, string> = {}, method = 'GET', path = '/me', body?: unknown) =>
    world.api(method, path, { secret: made.secret, headers, ...(body === undefined ? {} : { body }) });
  const forOne = (each: number) => ({ 'lettershop-subaccount': String(each) });
  assert.deepEqual(((await key()).body as Me).current.reach, [a, b]);
  assert.equal((await key(forOne(c))).status, 404);
  assert.equal((await key(forOne(a), 'POST', '/domains', { name: 'nora.example.com' })).status, 201);
  assert.equal((await key(forOne(b), 'POST', '/domains', { name: 'nora2.example.com' })).status, 403);
  assert.equal(
    (await key({}, 'POST', '/me/keys', { name: 'another' })).status,
    409,
    'only a login makes one',
  );
  await boss.ok('PUT', `/users/${id}/subaccounts`, { body: { subaccounts: [{ id: b, role: 'reporting' }] } });
  assert.equal(await twoSecondsLater(world, () => person.api('GET', '/me')), 200);
  assert.deepEqual(((await key()).body as Me).current.reach, [b]);
  assert.equal(
    (await boss.api('POST', `/keys/${made.id}/rotate`, { body: {} })).status,
    409,
    'nobody takes it over',
  );
  assert.equal((await boss.api('PATCH', `/keys/${made.id}`, { body: { grants: [] } })).status, 409);
  const others = await world.ok<{ items: { id: string }[] }>('GET', '/keys', { headers: forOne(a) });
  assert.ok(
    others.items.every((each) => each.id !== made.id),
    'not a subaccount’s business',
  );
  const narrow = await person.ok<{ secret: string }>('POST', '/me/keys', {
    body: { name: 'narrow', grants: ['events:read'] },
  });
  assert.equal((await world.api('GET', '/messages', { secret: narrow.secret })).status, 403);
  assert.equal((await boss.api('DELETE', `/users/${id}`)).status, 204);
  await world.until(
    () => key(),
    ({ status }) => status === 401,
  );
  const left = await world.ok<{ items: { id: string }[] }>('GET', '/keys?limit=500');
  assert.ok(
    left.items.every((each) => each.id !== made.id),
    'it does not come back with the person',
  );
});
