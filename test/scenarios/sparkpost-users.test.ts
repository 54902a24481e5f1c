import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, linkTo, password, tokenOf } from '../doubles/browser.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { ask, makeSubaccount } from './sparkpost-calls.ts';

let world: World;
before(async () => {
  world = await startWorld({ LETTERSHOP_TRUSTED_PROXIES: '127.0.0.1' });
});
after(() => world[Symbol.asyncDispose]());

type User = {
  readonly username: string;
  readonly access_level: string;
  readonly subaccounts?: readonly number[];
  readonly [field: string]: unknown;
};
type Invite = { readonly id: string; readonly created: string; readonly expires: string };

const users = '/api/v1/users';
const results = (told: { readonly body: never }): never => (told.body as { results: never }).results;
const message = (told: { readonly body: never }): unknown =>
  (told.body as { errors: { message: string }[] }).errors[0]?.message;

/** Invited through the dialect, by the link of the mail; the id of the invitation. */
async function joined(email: string, level: string, subaccount?: number, name = 'Ada'): Promise<string> {
  const body = { email, access_level: level };
  const invited = await ask(world, 'POST', `${users}/invite`, {
    body,
    ...(subaccount === undefined ? {} : { subaccount }),
  });
  assert.equal(invited.status, 200, invited.text);
  const token = tokenOf(await linkTo(world, email));
  const accepted = await new Browser(world).auth('/invitation/accept', { token, name, password });
  assert.equal(accepted.status, 200, accepted.text);
  const { id }: Invite = results(invited);
  return id;
}

const user = async (email: string): Promise<User> => results(await ask(world, 'GET', `${users}/${email}`));

test('people are invited, listed, read, given another access level and removed by the primary account', async () => {
  const email = 'ada@inbox.test';
  const { key } = await makeSubaccount(world, 'users');
  assert.deepEqual(results(await ask(world, 'GET', `${users}/pending-invites`)), []);
  const body = { email, access_level: 'reporting' };
  const sent = await ask(world, 'POST', `${users}/invite`, { body });
  const { id }: Invite = results(sent);
  const [invite, ...others]: Invite[] = results(await ask(world, 'GET', `${users}/pending-invites`));
  assert.partialDeepStrictEqual(invite, { id, email, access_level: 'reporting' });
  const { created = '', expires = '' } = invite ?? {};
  assert.deepEqual([others.length, Date.parse(expires) - Date.parse(created)], [0, 72 * 3_600_000]);
  assert.equal((await ask(world, 'POST', `${users}/invite`, { body })).status, 409, 'invited already');
  assert.equal((await ask(world, 'DELETE', `${users}/pending-invites/${id}`)).status, 204);
  for (const gone of [id, 'none', '999999999']) {
    const told = await ask(world, 'DELETE', `${users}/pending-invites/${gone}`);
    assert.deepEqual([told.status, message(told)], [404, 'Resource could not be found'], gone);
  }
  const stale = tokenOf(await linkTo(world, email));
  const refused = await new Browser(world).auth('/invitation/accept', { token: stale, password });
  assert.equal(refused.status, 404, 'the link is dead');

  await joined('bea@inbox.test', 'templates', undefined, 'Bea van Dam');
  const listed: User[] = results(await ask(world, 'GET', users));
  const bea = listed.find(({ username }) => username === 'bea@inbox.test');
  const me = await world.ok<{ current: { accountId: number } }>('GET', '/me');
  assert.deepEqual(bea, {
    username: 'bea@inbox.test',
    name: 'Bea van Dam',
    first_name: 'Bea',
    last_name: 'van Dam',
    email: 'bea@inbox.test',
    customer: me.current.accountId,
    access_level: 'templates',
    tfa_enabled: false,
    is_sso: false,
    email_verified: true,
    has_subaccounts: true,
  });
  assert.deepEqual(await user('BEA@inbox.test'), bea);
  const put = (asked: unknown) => ask(world, 'PUT', `${users}/bea@inbox.test`, { body: asked });
  const changed = await put({ username: 'bea@inbox.test', access_level: 'developer', first_name: 'Bea' });
  assert.deepEqual([changed.status, changed.body], [200, { results: { message: 'User has been updated' } }]);
  assert.equal((await user('bea@inbox.test')).access_level, 'developer');
  const renamed = await put({ first_name: 'Eve' });
  assert.deepEqual([renamed.status, message(renamed)], [400, 'first_name cannot be changed']);
  assert.equal((await ask(world, 'DELETE', `${users}/bea@inbox.test`)).status, 204);
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const told = await ask(world, method, `${users}/bea@inbox.test`, method === 'PUT' ? { body: {} } : {});
    assert.deepEqual([told.status, message(told)], [404, 'Resource could not be found'], method);
  }
  for (const path of [users, `${users}/pending-invites`, `${users}/ada@inbox.test`]) {
    const told = await ask(world, 'GET', path, { key });
    assert.deepEqual([told.status, message(told)], [403, 'Forbidden.'], path);
  }
  const byClient = await ask(world, 'POST', `${users}/invite`, { key, body });
  assert.equal(byClient.status, 403);
});

test('a person is bound to subaccounts: one at the invitation, more and fewer later, never none', async () => {
  const [a, b] = [await makeSubaccount(world, 'a'), await makeSubaccount(world, 'b')];
  const email = 'cleo@inbox.test';
  const of = `${users}/${email}/subaccounts`;
  await joined(email, 'reporting', a.id);
  assert.partialDeepStrictEqual(await user(email), {
    access_level: 'subaccount_reporting',
    subaccounts: [a.id],
    subaccount_id: a.id,
  });
  assert.equal((await ask(world, 'POST', of, { body: { subaccount_id: b.id } })).status, 200);
  const both = await user(email);
  assert.deepEqual([both.access_level, both.subaccounts], ['reporting', [a.id, b.id]]);
  const again = { subaccount_id: String(b.id), access_level: 'developer' };
  assert.equal((await ask(world, 'POST', of, { body: again })).status, 200);
  assert.equal((await user(email)).access_level, 'custom', 'not the same in both');
  const put = await ask(world, 'PUT', `${users}/${email}`, { body: { access_level: 'templates' } });
  assert.equal(put.status, 200);
  const same = await user(email);
  assert.deepEqual([same.access_level, same.subaccounts], ['templates', [a.id, b.id]]);
  for (const wrong of [999_999_999, 'x', null]) {
    const told = await ask(world, 'POST', of, { body: { subaccount_id: wrong } });
    assert.equal(told.status, 400, String(wrong));
  }
  assert.equal((await ask(world, 'DELETE', `${of}/${a.id}`)).status, 204);
  assert.equal((await ask(world, 'DELETE', `${of}/${a.id}`)).status, 404);
  const last = await ask(world, 'DELETE', `${of}/${b.id}`);
  assert.deepEqual(
    [last.status, message(last)],
    [409, `It is the last subaccount of ${email}: delete the user`],
  );
  await joined('dora@inbox.test', 'developer');
  const whole = await ask(world, 'POST', `${users}/dora@inbox.test/subaccounts`, {
    body: { subaccount_id: a.id },
  });
  assert.deepEqual(
    [whole.status, message(whole)],
    [409, 'User dora@inbox.test has access to all subaccounts'],
  );
  const person = new Browser(world);
  await person.logIn(email, password);
  const { current } = await person.ok<{ current: { reach: unknown } }>('GET', '/me');
  assert.deepEqual(current.reach, [b.id], 'and no other');
});

test('an access level stands for a role of ours, both ways, and nobody is given what is not known', async () => {
  type Person = { readonly id: string; readonly email: string; readonly account: { role: string } | null };
  const roles = [
    ['admin', 'admin'],
    ['developer', 'developer'],
    ['templates', 'designer'],
    ['reporting', 'reporting'],
  ] as const;
  const email = 'finn@inbox.test';
  await joined(email, 'reporting');
  const native = async (): Promise<Person> => {
    const { items } = await world.ok<{ items: Person[] }>('GET', '/users?limit=500');
    return items.find((each) => each.email === email) ?? assert.fail('nobody');
  };
  for (const [level, role] of roles) {
    const told = await ask(world, 'PUT', `${users}/${email}`, { body: { access_level: level } });
    assert.equal(told.status, 200, told.text);
    assert.deepEqual([(await native()).account?.role, (await user(email)).access_level], [role, level]);
  }
  const { id } = await native();
  const patch = (body: unknown) => world.ok('PATCH', `/users/${id}`, { body });
  for (const role of ['manager', 'accountant']) {
    await patch({ role });
    assert.equal((await user(email)).access_level, 'custom', role);
  }
  await patch({ role: 'developer', hiddenPages: ['webhooks'] });
  assert.equal((await user(email)).access_level, 'custom', 'a developer who does not see all');
  await ask(world, 'PUT', `${users}/${email}`, { body: { access_level: 'developer' } });
  assert.equal((await user(email)).access_level, 'developer');
  const unknown =
    "access_level must be one of: 'admin', 'developer', 'templates', 'reporting', 'subaccount_reporting'";
  for (const level of ['custom', 'owner', 'superuser', 7, null]) {
    const told = await ask(world, 'PUT', `${users}/${email}`, { body: { access_level: level } });
    assert.deepEqual([told.status, message(told)], [400, unknown], String(level));
  }
  const invited = await ask(world, 'POST', `${users}/invite`, { body: { email: 'x@inbox.test' } });
  assert.deepEqual([invited.status, message(invited)], [400, unknown]);
  const nobody = await ask(world, 'POST', `${users}/invite`, { body: { access_level: 'admin' } });
  assert.deepEqual([nobody.status, message(nobody)], [400, '`email` is a required field']);
  const odd = await ask(world, 'POST', `${users}/invite`, { body: { email: 'x', access_level: 'admin' } });
  assert.equal(odd.status, 400);
});
