import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allAccounts, createAccount } from '../../src/features/accounts/index.ts';
import { create as createKey } from '../../src/features/keys/index.ts';
import { Browser, joinBy, linkTo, mailsTo, password, tokenOf } from '../doubles/browser.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

const owner = { email: 'owner@lettershop.test', password: 'correct horse battery staple' };

let world: World;
let boss: Browser;
let a: number;
before(async () => {
  world = await startWorld({
    LETTERSHOP_ADMIN_PASSWORD: owner.password,
    LETTERSHOP_TRUSTED_PROXIES: '127.0.0.1',
  });
  boss = new Browser(world);
  await boss.logIn(owner.email, owner.password);
  a = (await world.ok<{ id: number }>('POST', '/subaccounts', { body: { name: 'Client a' } })).id;
});
after(() => world[Symbol.asyncDispose]());

const joined = (email: string, offer: Record<string, unknown>): Promise<Browser> =>
  joinBy(world, boss, email, offer);

type Person = {
  email: string;
  account: { role: string } | null;
  subaccounts: { id: number; role: string }[];
};
type Me = {
  user: { id: string; email: string };
  current: { accountId: number; reach: 'account' | number[] };
  accounts: { id: number }[];
};

test('an invitation is mailed, tells only what it must, and becomes a login that works', async () => {
  const email = 'ada@inbox.test';
  const made = await boss.ok<{ id: string }>('POST', '/invitations', {
    body: { email, role: 'reporting', note: 'Figures, please' },
  });
  const [mail = ''] = await world.until(
    () => mailsTo(world, email),
    ({ length }) => length === 1,
  );
  assert.match(mail, /Figures, please/);
  const url = await linkTo(world, email);
  assert.ok(url.startsWith(`${world.program.publicUrl()}/invitation/`));
  const guest = new Browser(world);
  const shown = await guest.auth('/invitation/read', { token: tokenOf(url) });
  assert.deepEqual(shown.body, { email, accountName: 'First account', needsPassword: true });
  assert.equal(
    (await guest.auth('/invitation/accept', { token: tokenOf(url), password: 'short' })).status,
    400,
  );
  const done = await guest.auth('/invitation/accept', { token: tokenOf(url), name: 'Ada', password });
  assert.equal(done.status, 200, done.text);
  assert.equal((await guest.logIn(email, password)).status, 200);
  const me = await guest.ok<Me>('GET', '/me');
  assert.deepEqual([me.user.email, me.current.reach], [email, 'account']);
  assert.equal((await guest.api('GET', '/messages')).status, 200);
  assert.equal((await guest.api('GET', '/keys')).status, 403);
  assert.equal(
    (await guest.auth('/invitation/accept', { token: tokenOf(url), password })).status,
    404,
    'once',
  );
  assert.equal((await boss.api('GET', `/invitations/${made.id}`)).status, 404);
  const people = await boss.ok<{ items: Person[] }>('GET', '/users');
  assert.equal(people.items.find((person) => person.email === email)?.account?.role, 'reporting');
});

test('an invitation can be changed, sent anew and revoked; only the newest link works', async () => {
  const email = 'bea@inbox.test';
  const { id } = await boss.ok<{ id: string }>('POST', '/invitations', { body: { email, role: 'designer' } });
  const first = tokenOf(await linkTo(world, email));
  assert.equal((await boss.api('POST', '/invitations', { body: { email, role: 'designer' } })).status, 409);
  assert.equal((await boss.api('POST', `/invitations/${id}/resend`)).status, 409, 'not within a minute');
  world.clock.move(61_000);
  await boss.ok('POST', `/invitations/${id}/resend`);
  const second = tokenOf(await linkTo(world, email, 2));
  const changed = await boss.ok<Person>('PATCH', `/invitations/${id}`, {
    body: { subaccounts: [{ id: a, role: 'developer' }] },
  });
  assert.deepEqual(
    changed.subaccounts.map(({ role }) => role),
    ['developer'],
  );
  const guest = new Browser(world);
  assert.equal((await guest.auth('/invitation/read', { token: first })).status, 404);
  assert.equal((await guest.auth('/invitation/read', { token: second })).status, 200);
  assert.equal((await boss.api('DELETE', `/invitations/${id}`)).status, 204);
  assert.equal((await guest.auth('/invitation/accept', { token: second, password })).status, 404);
  await boss.ok('POST', '/invitations', { body: { email, role: 'designer', lifeDays: 1 } });
  const third = tokenOf(await linkTo(world, email, 3));
  world.clock.move(25 * 3_600_000);
  assert.equal((await guest.auth('/invitation/read', { token: third })).status, 404, 'it is too old');
  boss = new Browser(world);
  await boss.logIn(owner.email, owner.password);
  world.clock.move(-25 * 3_600_000);
});

test('one login works in many accounts, switched by the call or for the session', async () => {
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
  const person = await joined('lena@inbox.test', { role: 'developer' });
  const email = 'lena@inbox.test';
  const mails = (await mailsTo(world, email)).length;
  await world.ok('POST', '/invitations', { secret: key.secret, body: { email, role: 'designer' } });
  const token = tokenOf(await linkTo(world, email, mails + 1));
  const stranger = await new Browser(world).auth('/invitation/read', { token });
  assert.deepEqual(stranger.body, { email, accountName: 'Second account', needsPassword: false });
  const wrong = await boss.auth('/invitation/accept', { token });
  assert.equal(wrong.status, 409, 'logged in as somebody else');
  assert.equal((await person.auth('/invitation/accept', { token })).status, 200);
  const me = await world.until(
    () => person.ok<Me>('GET', '/me'),
    ({ accounts }) => accounts.length === 2,
  );
  const [first] = await allAccounts(db);
  assert.equal(me.current.accountId, Number(first?.id));
  const headers = { 'lettershop-account': String(second.id) };
  const there = await world.until(
    () => person.api('GET', '/me', { headers }),
    ({ status }) => status === 200,
  );
  assert.equal((there.body as Me).current.accountId, Number(second.id));
  assert.equal((await person.api('GET', '/messages', { headers })).status, 403, 'a designer there');
  assert.equal((await person.api('GET', '/messages')).status, 200, 'a developer here');
  assert.equal((await person.api('GET', '/me', { headers: { 'lettershop-account': '999999' } })).status, 404);
  assert.equal(
    (await person.api('GET', '/me', { headers: { ...headers, 'lettershop-subaccount': String(a) } })).status,
    404,
  );
  await person.ok('PUT', '/me/current', { body: { accountId: Number(second.id) } });
  await world.until(
    () => person.ok<Me>('GET', '/me'),
    ({ current }) => current.accountId === Number(second.id),
  );
  const seen = await world.ok<{ items: Person[] }>('GET', '/users', { secret: key.secret });
  assert.deepEqual(
    seen.items.map((each) => each.email),
    [email],
    'who else works elsewhere is not told',
  );
});
