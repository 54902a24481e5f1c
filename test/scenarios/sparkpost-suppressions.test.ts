import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { ask, failure, makeSubaccount, sdk } from './sparkpost-calls.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Entry = { readonly recipient: string; readonly type: string; readonly source: string };
type Listed = {
  readonly results: readonly Entry[];
  readonly total_count: number;
  readonly links: readonly { readonly href: string; readonly rel: string }[];
};

const missing = [404, [{ message: 'Recipient could not be found' }]];

test('entries are put, read, counted and taken off, one per address and type', async () => {
  const { id, key } = await makeSubaccount(world, 'lists');
  const list = sdk(world, key).suppressionList;
  const put = await list.upsert([
    { recipient: 'Ann@ok.test', type: 'non_transactional', description: 'asked' },
    { email: 'old@ok.test', transactional: true, non_transactional: true },
  ]);
  assert.deepEqual(put.results, { message: 'Suppression List successfully updated' });
  // The other type is added, the first stays.
  const one = { type: 'transactional', description: 'asked again' };
  const answer = await ask(world, 'PUT', '/api/v1/suppression-list/ann@ok.test', { key, body: one });
  assert.deepEqual(answer.body, { results: { message: 'Suppression list successfully updated' } });
  const shown = (await list.get('ann@ok.test')) as unknown as Listed;
  const [first] = shown.results as readonly Record<string, unknown>[];
  const { created, updated, ...rest } = first ?? {};
  assert.match(String(created) + String(updated), /^(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00){2}$/);
  assert.deepEqual(rest, {
    recipient: 'ann@ok.test',
    type: 'transactional',
    transactional: true,
    source: 'Manually Added',
    description: 'asked again',
  });
  assert.deepEqual([shown.results[1]?.type, shown.links, shown.total_count], ['non_transactional', [], 2]);
  // The primary account sees whose it is, as text.
  const [theirs] = (await sdk(world).suppressionList.get('ann@ok.test')).results as {
    subaccount_id: string;
  }[];
  assert.equal(theirs?.subaccount_id, String(id));
  assert.deepEqual((await ask(world, 'GET', '/api/v1/suppression-list/summary', { key })).body, {
    results: {
      compliance: 0,
      manually_added: 4,
      unsubscribe_link: 0,
      bounce_rule: 0,
      list_unsubscribe: 0,
      spam_complaint: 0,
      total: 4,
    },
  });
  const typed = { key, body: { type: 'transactional' } };
  assert.equal((await ask(world, 'DELETE', '/api/v1/suppression-list/ann@ok.test', typed)).status, 204);
  assert.equal(((await list.get('ann@ok.test')) as unknown as Listed).total_count, 1);
  await list.delete('ann@ok.test');
  assert.deepEqual(await failure(list.get('ann@ok.test')), missing);
  assert.deepEqual(await failure(list.delete('nobody@ok.test')).then((told) => (told as unknown[])[0]), 404);
});

test('bad entries are named, types are demanded, a list_id names a list', async () => {
  const list = sdk(world).suppressionList;
  const bad = [
    { recipient: 'a', type: 'transactional' },
    { recipient: 'b@ok.test', type: 'sometimes' },
    { recipient: 'c@ok.test', type: 'transactional' },
  ];
  const message = 'PUT body contains 2 invalid or malformed recipient(s): a, b@ok.test';
  assert.deepEqual(await failure(list.upsert(bad)), [400, [{ message }]]);
  assert.deepEqual(await failure(list.get('c@ok.test')), missing);
  const one = async (body: object): Promise<unknown> =>
    (await ask(world, 'PUT', '/api/v1/suppression-list/c@ok.test', { body })).body;
  assert.deepEqual(await one({}), { errors: [{ message: 'Must supply a suppression type' }] });
  const types = "Type must be one of: 'transactional', 'non_transactional'";
  assert.deepEqual(await one({ type: 'x' }), { errors: [{ message: types }] });
  const unnamed = { errors: [{ message: 'list_id must be the id of a list', param: 'list_id' }] };
  assert.deepEqual(await one({ type: 'transactional', list_id: 'a@b' }), unnamed);
  const many = { recipients: [{ recipient: 'd@ok.test', type: 'transactional', list_id: '<>' }] };
  assert.equal((await ask(world, 'PUT', '/api/v1/suppression-list', { body: many })).status, 400);
});

test('the list comes by cursor or by page, narrowed by domain, type, source and description', async () => {
  const { id, key } = await makeSubaccount(world, 'pages');
  const recipients = ['a', 'b', 'c'].map((name) => ({
    recipient: `${name}@pages.test`,
    transactional: true,
    non_transactional: true,
    description: `number ${name}`,
  }));
  await sdk(world, key).suppressionList.upsert(recipients);
  const page = async (query: string): Promise<Listed> =>
    (await ask(world, 'GET', `/api/v1/suppression-list?${query}`, { subaccount: id })).body;
  const seen: string[] = [];
  for (let href: string | undefined = '?cursor=initial&per_page=5'; href !== undefined;) {
    const { results, total_count: total, links }: Listed = await page(href.split('?')[1] ?? '');
    assert.equal(total, 6);
    seen.push(...results.map(({ recipient, type }) => `${recipient} ${type}`));
    href = links.find(({ rel }) => rel === 'next')?.href;
  }
  assert.deepEqual(
    seen,
    ['a', 'b', 'c'].flatMap((name) => [
      `${name}@pages.test transactional`,
      `${name}@pages.test non_transactional`,
    ]),
  );
  const second = await page('per_page=4&page=2');
  assert.deepEqual(
    [second.results.length, second.links.map(({ rel }) => rel)],
    [2, ['first', 'previous', 'last']],
  );
  assert.equal((await page('types=transactional&domain=pages.test')).total_count, 3);
  assert.equal((await page('description=NUMBER%20b')).results.length, 2);
  assert.equal((await page('sources=Bounce%20Rule')).total_count, 0);
  assert.deepEqual((await page('domain=other.test')).results, []);
  const bad = await ask(world, 'GET', '/api/v1/suppression-list?from=yesterday');
  assert.equal(bad.status, 400);
});

test('entries with a list_id stop only mail whose List-Id names that list', async () => {
  const list = sdk(world).suppressionList;
  const recipient = 'reader@inbox.test';
  const entry = { recipient, type: 'transactional' };
  await list.upsert([
    { ...entry, list_id: 'News.lettershop.test', description: 'enough news' },
    { ...entry, list_id: 'offers' },
  ]);
  const shown = (await list.get(recipient)) as unknown as { results: { list_id?: string }[] };
  assert.deepEqual(
    shown.results.map(({ list_id: id }) => id),
    ['news.lettershop.test', 'offers'],
  );
  const narrowed = await ask(world, 'GET', '/api/v1/suppression-list?list_id=offers&domain=inbox.test');
  assert.equal((narrowed.body as Listed).total_count, 1);
  const outcome = async (headers: Record<string, string>, more = {}): Promise<string> => {
    const content = { from: 'a@lettershop.test', subject: 's', text: 't', headers };
    const call = { recipients: [{ address: recipient }], content, options: { transactional: true }, ...more };
    const { results } = await sdk(world).transmissions.send(call);
    const { id } = results as unknown as { id: string };
    const page = await world.ok<{ items: { id: string }[] }>('GET', `/messages?submission=${id}`);
    return (await world.settled(String(page.items[0]?.id), ['suppressed', 'delivered'])).state;
  };
  assert.equal(await outcome({ 'List-Id': 'Our news <news.Lettershop.test>' }), 'suppressed');
  assert.equal(await outcome({ 'List-Id': '<other.lettershop.test>' }), 'delivered');
  assert.equal(await outcome({}), 'delivered');
  assert.equal(await outcome({}, { override: { list_id: 'offers' } }), 'suppressed');
  // Each copy has a list of its own: known when it is made.
  const own = { substitution_data: { topic: 'offers' } };
  assert.equal(await outcome({ 'List-Id': '<{{topic}}>' }, own), 'suppressed');
  // Off one list, then off all.
  const path = `/api/v1/suppression-list/${recipient}`;
  assert.equal((await ask(world, 'DELETE', `${path}?list_id=`)).status, 404);
  assert.equal((await ask(world, 'DELETE', `${path}?list_id=offers`)).status, 204);
  assert.equal(await outcome({}, { override: { list_id: 'offers' } }), 'delivered');
  await list.delete(recipient);
  assert.deepEqual(await failure(list.get(recipient)), missing);
});

test('what stops mail of one sender alone is not on the list, nor taken off by it', async () => {
  const { key } = await makeSubaccount(world, 'senders');
  const list = sdk(world, key).suppressionList;
  const recipient = 'reader@senders.test';
  const body = { entries: [{ address: recipient, onlySender: 'news@lettershop.test' }] };
  await world.ok('POST', '/suppressions', { body, secret: key });
  assert.deepEqual(await failure(list.get(recipient)), missing);
  const { body: page } = await ask(world, 'GET', '/api/v1/suppression-list', { key });
  assert.deepEqual([(page as Listed).results, (page as Listed).total_count], [[], 0]);
  const { body: told } = await ask(world, 'GET', '/api/v1/suppression-list/summary', { key });
  assert.equal((told as { results: { total: number } }).results.total, 0);
  await list.upsert({ recipient, type: 'transactional' });
  await list.delete(recipient);
  const left = await world.ok<{ items: { onlySender: string }[] }>('GET', '/suppressions', { secret: key });
  assert.deepEqual(
    left.items.map(({ onlySender }) => onlySender),
    ['news@lettershop.test'],
  );
});

test('from and to compare when an entry was put, the last time it was', async () => {
  const { key } = await makeSubaccount(world, 'times');
  const list = sdk(world, key).suppressionList;
  const put = (recipient: string): Promise<unknown> => list.upsert({ recipient, type: 'transactional' });
  await put('again@times.test');
  await put('once@times.test');
  await world.move(3_600_000);
  const between = new Date(world.clock.now()).toISOString();
  await world.move(3_600_000);
  await put('again@times.test');
  const found = async (query: Record<string, string>): Promise<string[]> =>
    ((await list.list(query)) as unknown as Listed).results.map(({ recipient }) => recipient);
  assert.deepEqual(await found({ from: between }), ['again@times.test']);
  assert.deepEqual(await found({ to: between }), ['once@times.test']);
  assert.deepEqual(await found({}), ['again@times.test', 'once@times.test']);
  const { body } = await ask(world, 'GET', `/api/v1/suppression-list?to=${between}`, { key });
  assert.equal((body as Listed).total_count, 1);
});

test('lists of subaccounts and of the primary account are fully separate', async () => {
  const { id, key } = await makeSubaccount(world, 'apart');
  const entry = { type: 'non_transactional' };
  await sdk(world).suppressionList.upsert({ ...entry, recipient: 'primary@apart.test' });
  await sdk(world, key).suppressionList.upsert({ ...entry, recipient: 'theirs@apart.test' });
  const seen = async (who: { key?: string; subaccount?: number }): Promise<string[]> => {
    const { body } = await ask(world, 'GET', '/api/v1/suppression-list?domain=apart.test', who);
    return (body as Listed).results.map(({ recipient }) => recipient);
  };
  assert.deepEqual(await seen({}), ['primary@apart.test', 'theirs@apart.test']);
  assert.deepEqual(await seen({ subaccount: 0 }), ['primary@apart.test']);
  assert.deepEqual(await seen({ subaccount: id }), ['theirs@apart.test']);
  assert.deepEqual(await seen({ key }), ['theirs@apart.test']);
});
