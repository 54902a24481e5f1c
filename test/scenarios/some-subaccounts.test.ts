import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAccount } from '../../src/features/accounts/index.ts';
import { Browser, joinBy } from '../doubles/browser.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

const owner = { email: 'owner@lettershop.test', password: 'correct horse battery staple' };

type Made = { readonly id: number; readonly key: { readonly secret: string } };
type Page = { readonly items: readonly { readonly subaccountId: number }[]; readonly next: string | null };

let world: World;
let boss: Browser;
let own: number;
const made: Made[] = [];

before(async () => {
  world = await startWorld({
    LETTERSHOP_ADMIN_PASSWORD: owner.password,
    LETTERSHOP_TRUSTED_PROXIES: '127.0.0.1',
  });
  boss = new Browser(world);
  await boss.logIn(owner.email, owner.password);
  own = (await world.ok<{ ownSubaccountId: number }>('GET', '/account')).ownSubaccountId;
  for (const name of ['a', 'b', 'c']) {
    const key = { name: 'Shop', grants: ['messages:send', 'messages:read', 'suppressions:read'] };
    made.push(await world.ok<Made>('POST', '/subaccounts', { body: { name, key } }));
  }
  for (const subaccount of [own, ...made.map(({ id }) => id)]) {
    await world.ok('POST', '/messages', {
      headers: subaccount === own ? {} : { 'lettershop-subaccount': String(subaccount) },
      body: {
        from: { email: 'a@lettershop.test' },
        to: [{ email: `to-${subaccount}@inbox.test` }],
        subject: 'x',
        text: 'x',
      },
    });
  }
});
after(() => world[Symbol.asyncDispose]());

const idOf = (at: number): number => made[at]?.id ?? 0;
const some = (...ids: readonly (number | string)[]): { headers: Record<string, string> } => ({
  headers: { 'lettershop-subaccounts': ids.join(',') },
});

/** Whose messages an answer holds, in order. */
function holders({ items }: Page): readonly number[] {
  return [...new Set(items.map(({ subaccountId }) => subaccountId))].sort((a, b) => a - b);
}

test('the account reads from chosen subaccounts only, or from all but some, on lists, searches and single things', async () => {
  const [a, b, c] = [idOf(0), idOf(1), idOf(2)];
  const read = async (...ids: readonly (number | string)[]): Promise<readonly number[]> =>
    holders(await world.ok<Page>('GET', '/messages', some(...ids)));
  assert.deepEqual(
    holders(await world.ok<Page>('GET', '/messages')),
    [own, a, b, c].toSorted((x, y) => x - y),
  );
  assert.deepEqual(await read(a, b), [a, b]);
  assert.deepEqual(await read(c), [c]);
  assert.deepEqual(
    await read(`-${a}`, `-${c}`),
    [own, b].toSorted((x, y) => x - y),
  );
  const events = await world.until(
    () => world.ok<Page>('GET', '/events?limit=100', some(a, c)),
    (page) => holders(page).length === 2,
  );
  assert.deepEqual(holders(events), [a, c]);
  const searched = await world.ok<Page>('GET', `/events?recipient=to-${b}@inbox.test`, some(a, c));
  assert.deepEqual(searched.items, []);
  const { items } = await world.ok<{ items: { id: string; subaccountId: number }[] }>(
    'GET',
    '/messages',
    some(b),
  );
  const path = `/messages/${items[0]?.id ?? ''}`;
  assert.equal((await world.api('GET', path, some(b))).status, 200);
  assert.equal((await world.api('GET', path, some(a))).status, 404);
  const queue = await world.ok<Page>('GET', '/queue', some(a));
  assert.ok(holders(queue).every((id) => id === a));
});

test('a subaccount that is not reached is not found, whoever asks, and whether there is one or not', async () => {
  const [a, b] = [idOf(0), idOf(1)];
  const { secret } = made[0]?.key ?? { secret: '' };
  const asClient = (...ids: readonly (number | string)[]): Promise<{ status: number; body: unknown }> =>
    world.api('GET', '/messages', { secret, ...some(...ids) });
  assert.equal((await asClient(a)).status, 200);
  const answers = [];
  for (const ids of [[b], [a, b], [2_000_000_000], [a, 2_000_000_000], [`-${b}`], ['-2000000000']])
    answers.push(await asClient(...ids));
  for (const { status } of answers) assert.equal(status, 404);
  // Of another account, and of nobody.
  const { ownSubaccountId: foreign } = await createAccount(world.database.db, 'Stranger', new Date());
  const strange = await Promise.all(
    [[foreign], [2_000_000_000], [a, foreign], [`-${foreign}`]].map((ids) =>
      world.api('GET', '/messages', some(...ids)),
    ),
  );
  assert.deepEqual(
    strange.map(({ status }) => status),
    [404, 404, 404, 404],
  );
  assert.equal((await world.api('GET', '/messages', some(a, '2000000000'))).status, 404);

  const person = await joinBy(world, boss, 'two@inbox.test', {
    subaccounts: [a, b].map((id) => ({ id, role: 'custom', grants: ['messages:read'] })),
  });
  assert.deepEqual(holders(await person.ok<Page>('GET', '/messages', some(b))), [b]);
  assert.deepEqual(holders(await person.ok<Page>('GET', '/messages', some(`-${b}`))), [a]);
  assert.equal((await person.api('GET', '/messages', some(idOf(2)))).status, 404);
  assert.equal((await person.api('GET', '/messages', some(own))).status, 404);
});

test('what is of the account as a whole is left out, and nothing is changed through some of it', async () => {
  const [a] = [idOf(0)];
  assert.equal((await world.api('GET', '/audit')).status, 200);
  assert.equal((await world.api('GET', '/audit', some(a))).status, 403);
  const change = await world.api('POST', '/suppressions', {
    ...some(a),
    body: { entries: [{ address: 'x@inbox.test', reason: 'r' }] },
  });
  assert.equal(change.status, 400);
  assert.match(JSON.stringify(change.body), /Lettershop-Subaccounts.*is for reading/);
});

test('ids that are none, too many, mixed or all that there are, are refused by name and rule', async () => {
  const told = async (...ids: readonly (number | string)[]): Promise<string> => {
    const { status, body } = await world.api('GET', '/messages', some(...ids));
    assert.equal(status, 400);
    return JSON.stringify(body);
  };
  assert.match(await told('nobody'), /"field":"Lettershop-Subaccounts","rule":"format"/);
  assert.match(await told(''), /"rule":"format"/);
  assert.match(await told('99999999999'), /"rule":"format"/);
  assert.match(await told(idOf(0), `-${idOf(1)}`), /"rule":"format"/);
  assert.match(await told(...Array.from({ length: 101 }, (_, at) => at + 1)), /"rule":"maxItems"/);
  assert.match(await told(...[own, ...made.map(({ id }) => id)].map((id) => `-${id}`)), /"rule":"minItems"/);
});
