import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import type { AccountId, SubaccountId } from '../../src/base/scope.ts';
import { append } from '../../src/features/events/index.ts';
import type { EventKind } from '../../src/features/events/index.ts';
import { addPerson } from '../../src/features/users/index.ts';
import { Browser, joinBy, mailsTo } from '../doubles/browser.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

type Client = { readonly id: SubaccountId; readonly key: { readonly secret: string } };
type Role = Parameters<typeof addPerson>[1]['role'];

const password = 'correct horse battery staple';
let world: World;
let account: { readonly accountId: AccountId; readonly subaccountId: SubaccountId };
let a: Client;
let b: Client;
before(async () => {
  world = await startWorld({ LETTERSHOP_ADMIN_PASSWORD: password, LETTERSHOP_TRUSTED_PROXIES: '127.0.0.1' });
  const { current } = await world.ok<{ current: typeof account }>('GET', '/me');
  account = { accountId: current.accountId, subaccountId: current.subaccountId };
  [a, b] = [await client('a'), await client('b')];
  await join('ann', [[a, 'developer']]);
  await join('bob', [[b, 'developer']]);
  await join('both', [
    [a, 'developer'],
    [b, 'accountant'],
  ]);
  await join('designer', [[a, 'designer']]);
  await addPerson(world.database.db, { ...account, subaccountId: null, role: 'admin', email: at('admin') });
});
after(() => world[Symbol.asyncDispose]());

const people = ['owner@lettershop.test', ...['admin', 'ann', 'bob', 'both', 'designer', 'quiet'].map(at)];

function at(name: string): string {
  return `${name}@inbox.test`;
}

function client(externalId: string): Promise<Client> {
  const body = { name: externalId, externalId, quota: { hour: 2 }, key: { name: 'k' } };
  return world.ok<Client>('POST', '/subaccounts', { body });
}

async function join(name: string, places: readonly (readonly [Client, Role])[]): Promise<void> {
  for (const [{ id }, role] of places)
    await addPerson(world.database.db, {
      accountId: account.accountId,
      subaccountId: String(id),
      role,
      email: at(name),
    });
}

/** As the features that find it out write it. */
function happens(subaccountId: SubaccountId, kind: EventKind, data: Record<string, unknown>): Promise<void> {
  return world.database.db.asEngine((tx) =>
    append(tx, new Date(world.clock.now()), [{ ...account, subaccountId, kind, data }]),
  );
}

/** What waits for people, and in the outbox. */
async function waiting(): Promise<{ readonly noted: number; readonly mails: number }> {
  const { rows } = await sql<{ noted: number; mails: number }>`
    select (select coalesce(sum(n), 0) from notice_subjects)::int as noted, (select count(*) from outbox)::int as mails`.execute(
    world.database.db.engine,
  );
  return rows[0] ?? { noted: -1, mails: -1 };
}

/** The lines that somebody was told, in any order, of all mails so far. */
async function linesTo(email: string): Promise<readonly string[]> {
  const mails = await mailsTo(world, email);
  return mails
    .flatMap((mail) =>
      (mail.split(/^Content-Type: text\/html/im)[0] ?? '').replaceAll('=\r\n', '').split('\r\n'),
    )
    .filter((line) => /^The account: |subaccount \d/i.test(line))
    .map((line) => line.replaceAll('=3D', '=').replace(/^.*(webhook \d+ of subaccount \d+).*$|:.*/, '$1'))
    .toSorted();
}

async function told(): Promise<Record<string, readonly string[]>> {
  const entries = people.map(async (email) => [email.split('@')[0], await linesTo(email)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

test('everybody says for each place of their own whether notices of it come to them', async () => {
  const boss = new Browser(world);
  await boss.logIn('owner@lettershop.test', password);
  const quiet = await joinBy(world, boss, at('quiet'), {
    subaccounts: [a, b].map(({ id }) => ({ id, role: 'developer' })),
  });
  const put = (subaccountId: number | null, isTold: boolean): Promise<{ readonly status: number }> =>
    quiet.api('PUT', '/me/notices', { body: { accountId: account.accountId, subaccountId, isTold } });
  assert.equal((await put(account.subaccountId, false)).status, 404, 'the account is not theirs');
  const byKey = { body: { accountId: account.accountId, isTold: false } };
  assert.equal((await world.api('PUT', '/me/notices', byKey)).status, 404, 'a key is nobody');
  assert.equal((await put(null, false)).status, 204);
  assert.equal((await put(b.id, true)).status, 204);
  type Me = { accounts: { subaccounts: { id: number; isTold: boolean }[] }[] };
  const { accounts } = await quiet.ok<Me>('GET', '/me');
  assert.deepEqual(
    accounts[0]?.subaccounts.map(({ id, isTold }) => [id, isTold]),
    [
      [a.id, false],
      [b.id, true],
    ],
  );
});

test('a subaccount’s people hear of it, as far as they may read there, and of nothing else of the account', async () => {
  await world.ok('PUT', '/quota', { body: { hour: 3 } });
  await world.send([at('x1'), at('x2'), at('x3')], {}, a.key.secret);
  await world.send(at('x4'));
  await world.ok('POST', `/subaccounts/${b.id}/reputation/raise`, { body: { step: 'warn' } });
  const own = account.subaccountId;
  for (const id of [a.id, b.id, own]) await happens(id, 'domain.lost', { name: `d${id}.example` });
  const policy = { senderId: '7', email: 'lea@x.example', from: 'none', to: 'reject' };
  await happens(b.id, 'sender.policy_changed', { ...policy, isStricter: true, mayHurt: true });
  const stopped = {
    name: 'Shop',
    host: 'shop.example',
    since: '2026-01-01T00:00:00.000Z',
    error: 'status 410',
  };
  await happens(a.id, 'webhook.failing', { ...stopped, webhookId: '8' });
  await happens(a.id, 'webhook.stopped', { ...stopped, webhookId: '9' });
  await happens(own, 'webhook.stopped', { ...stopped, webhookId: '10' });
  const expected = {
    admin: [],
    owner: [
      'The account',
      `Subaccount ${a.id}`,
      `Subaccount ${b.id}`,
      ...[a.id, b.id, own].map((id) => `d${id}.example (subaccount ${id})`),
      `lea@x.example (subaccount ${b.id})`,
      `webhook 8 of subaccount ${a.id}`,
      `webhook 9 of subaccount ${a.id}`,
      `webhook 10 of subaccount ${own}`,
    ].toSorted(),
    ann: [
      `Subaccount ${a.id}`,
      `d${a.id}.example (subaccount ${a.id})`,
      `webhook 8 of subaccount ${a.id}`,
      `webhook 9 of subaccount ${a.id}`,
    ],
    bob: [
      `Subaccount ${b.id}`,
      `d${b.id}.example (subaccount ${b.id})`,
      `lea@x.example (subaccount ${b.id})`,
    ],
    both: [
      `Subaccount ${a.id}`,
      `Subaccount ${b.id}`,
      `d${a.id}.example (subaccount ${a.id})`,
      `webhook 8 of subaccount ${a.id}`,
      `webhook 9 of subaccount ${a.id}`,
    ],
    designer: [`d${a.id}.example (subaccount ${a.id})`],
    // Of a nothing: see the test before.
    quiet: [
      `Subaccount ${b.id}`,
      `d${b.id}.example (subaccount ${b.id})`,
      `lea@x.example (subaccount ${b.id})`,
    ],
  };
  const count = Object.values(expected).flat().length;
  await world.until(
    async () => {
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from notice_subjects`.execute(
        world.database.db.engine,
      );
      return rows[0]?.n;
    },
    (n) => n === count,
  );
  // Of the same kind, what came a little later waits for its hour: nobody gets a second mail of it before.
  await world.until(waiting, ({ mails }) => mails === 0);
  for (const email of people) {
    const subjects = (await mailsTo(world, email)).map((mail) => /^Subject: (.*)$/m.exec(mail)?.[1]);
    assert.equal(new Set(subjects).size, subjects.length, email);
  }
  await world.move(3_700_000);
  await world.until(waiting, ({ noted, mails }) => noted === 0 && mails === 0);
  assert.deepEqual(await world.until(told, (now) => Object.values(now).flat().length >= count), expected);
});

test('who has no part in a subaccount any more hears nothing of it, although it waited for them', async () => {
  const before = await told();
  await happens(b.id, 'domain.lost', { name: `d${b.id}.example` });
  // Within the day it waits, for bob, for quiet and for the owner.
  await world.until(waiting, ({ noted }) => noted === 3);
  const { items } = await world.ok<{ items: { id: string; email: string }[] }>('GET', '/users?limit=100');
  const bob = items.find(({ email }) => email === at('bob'));
  await world.ok('DELETE', `/users/${bob?.id}`);
  await world.move(86_400_000);
  await world.until(waiting, ({ noted, mails }) => noted === 0 && mails === 0);
  const line = `d${b.id}.example (subaccount ${b.id})`;
  const more = (name: string): readonly string[] => [...(before[name] ?? []), line].toSorted();
  const expected = { ...before, owner: more('owner'), quiet: more('quiet') };
  const count = Object.values(expected).flat().length;
  assert.deepEqual(await world.until(told, (now) => Object.values(now).flat().length >= count), expected);
});
