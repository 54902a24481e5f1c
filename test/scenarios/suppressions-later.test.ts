import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { allAccounts } from '../../src/features/accounts/index.ts';
import {
  addFromReports,
  endSuppressions,
  eraseAddress,
  erasedForms,
} from '../../src/features/suppressions/index.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { add, client, send, told } from './suppression-calls.ts';
import type { Item, Outcome, Page } from './suppression-calls.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

test('mail held by a pause, scheduled or deferred is suppressed before it leaves, and takes no attempt', async () => {
  const waits = await client(world, 'waits');
  const [deferred] = await send(world, ['soft+d@inbox.test'], waits.secret);
  await world.settled(deferred?.id ?? '', ['deferred']);
  const sendAt = new Date(world.clock.now() + 600_000).toISOString();
  const [scheduled, other] = await send(world, ['sched@inbox.test', 'goes@inbox.test'], waits.secret, {
    sendAt,
  });
  await world.ok('PATCH', `/subaccounts/${waits.id}`, { body: { status: 'paused' } });
  const [held] = await world.until(
    () => send(world, ['held@inbox.test'], waits.secret),
    ([first]) => first?.state === 'held' && first.why?.code === 'paused',
  );
  await add(
    world,
    ['soft+d', 'sched', 'held'].map((who) => ({ address: `${who}@inbox.test`, kind: 'manual' })),
    waits.secret,
  );
  await world.ok('PATCH', `/subaccounts/${waits.id}`, { body: { status: 'active' } });
  world.clock.move(700_000);
  const settled = await Promise.all(
    [deferred, scheduled, held].map(({ id } = { id: '' } as Outcome) => world.settled(id, ['suppressed'])),
  );
  assert.deepEqual(
    settled.map(({ attempts, timeline }) => [attempts, timeline.at(-1)?.data]),
    [
      [1, { recipient: 'soft+d@inbox.test', layer: 'subaccount', kind: 'manual' }],
      [0, { recipient: 'sched@inbox.test', layer: 'subaccount', kind: 'manual' }],
      [0, { recipient: 'held@inbox.test', layer: 'subaccount', kind: 'manual' }],
    ],
  );
  await world.settled(other?.id ?? '', ['delivered']);
});

test('an entry that is bound to a list stops mail of that list that waits, and no other', async () => {
  const { secret } = await client(world, 'bound');
  const sendAt = new Date(world.clock.now() + 600_000).toISOString();
  const of = (list: string, more = {}): Promise<readonly Outcome[]> =>
    send(world, ['bound@inbox.test'], secret, { sendAt, headers: { 'List-Id': `<${list}>` }, ...more });
  const written = { language: 'liquid', fieldsInLanguage: true, data: { list: 'NEWS' } };
  const sent = [await of('news'), await of('offers'), await of('{{list}}', written)].map(
    ([first]) => first?.id,
  );
  await add(world, [{ address: 'bound@inbox.test', onlyList: 'News' }], secret);
  // The same address for all lists is another entry.
  await add(world, [{ address: 'bound@inbox.test', stopsTransactional: false }], secret);
  const { items } = await world.ok<{ items: { onlyList: string }[] }>('GET', '/suppressions?onlyList=NEWS', {
    secret,
  });
  assert.deepEqual(
    items.map(({ onlyList }) => onlyList),
    ['news'],
  );
  const check = (query: string): Promise<{ transactional: { allowed: boolean } }> =>
    world.ok('GET', `/suppressions/check?address=bound@inbox.test${query}`, { secret });
  assert.deepEqual(
    [await check(''), await check('&list=news'), await check('&list=offers')].map(
      ({ transactional }) => transactional.allowed,
    ),
    [true, false, true],
  );
  const file = await world.api('GET', '/suppressions/export?format=ndjson&onlyList=news', { secret });
  assert.match(JSON.stringify(file.body), /news/);
  const bad = await world.api('POST', '/suppressions', {
    secret,
    body: { entries: [{ address: '*@x.test', kind: 'pattern', onlyList: 'news' }] },
  });
  assert.match(JSON.stringify(bad.body), /"entries\[0\]\.onlyList","rule":"kind"/);
  world.clock.move(700_000);
  const ends = await Promise.all(sent.map((id = '') => world.settled(id, ['suppressed', 'delivered'])));
  assert.deepEqual(
    ends.map(({ state }) => state),
    ['suppressed', 'delivered', 'suppressed'],
  );
});

test('what a quota held and a list stops takes no unit', async () => {
  const { id, secret } = await client(world, 'units');
  const setHour = (hour: number): Promise<unknown> =>
    world.ok('PUT', `/subaccounts/${id}/quota`, { body: { hour } });
  await setHour(1);
  const outcomes = await send(
    world,
    ['q1', 'q2', 'q3', 'q4'].map((who) => `${who}@inbox.test`),
    secret,
  );
  assert.deepEqual(
    outcomes.map(({ state }) => state),
    ['queued', 'held', 'held', 'held'],
  );
  await add(world, [{ address: 'q2@inbox.test' }, { address: 'q3@inbox.test' }], secret);
  await setHour(2);
  const [first, ...others] = outcomes.map((outcome) => outcome.id);
  const ends = await Promise.all(
    [first, ...others].map((id = '') => world.settled(id, ['delivered', 'suppressed'])),
  );
  assert.deepEqual(
    ends.map(({ state }) => state),
    ['delivered', 'suppressed', 'suppressed', 'delivered'],
  );
  assert.deepEqual(
    ends[1]?.timeline.map(({ kind }) => kind),
    ['message.accepted', 'message.held', 'message.suppressed'],
  );
  const quota = await world.ok<{ hour: { used: number } }>('GET', `/subaccounts/${id}/quota`);
  assert.equal(quota.hour.used, 2);
});

test('what an entry for its mailing list stops takes no unit, held or not, whoever writes the List-Id', async () => {
  const { id, secret } = await client(world, 'list-units');
  const setHour = (hour: number): Promise<unknown> =>
    world.ok('PUT', `/subaccounts/${id}/quota`, { body: { hour } });
  await setHour(1);
  const first = await send(world, ['first@inbox.test'], secret);
  const of = (list: string, more = {}): Promise<readonly Outcome[]> =>
    send(world, ['of-list@inbox.test'], secret, { headers: { 'List-Id': `<${list}>` }, ...more });
  const written = (list: string): Promise<readonly Outcome[]> =>
    of('{{list}}', { language: 'liquid', fieldsInLanguage: true, data: { list } });
  const byCopy = await world.ok<{ messages: readonly Outcome[] }>('POST', '/messages', {
    secret,
    body: {
      from: { email: 'a@lettershop.test' },
      subject: 'x',
      text: 'x',
      headers: { 'List-Id': '<{{list}}>' },
      fieldsInLanguage: true,
      recipients: ['news', 'offers'].map((list) => ({ to: { email: 'of-list@inbox.test' }, data: { list } })),
    },
  });
  const held = [
    ...(await of('news')),
    ...(await of('offers')),
    ...(await written('news')),
    ...byCopy.messages,
  ];
  assert.deepEqual(
    held.map(({ state }) => state),
    held.map(() => 'held'),
  );
  await add(world, [{ address: 'of-list@inbox.test', onlyList: 'news' }], secret);
  const now = [...(await of('news')), ...(await written('news'))];
  assert.deepEqual(
    now.map(({ state }) => state),
    ['suppressed', 'suppressed'],
  );
  await setHour(20);
  const ends = await Promise.all(
    [...first, ...held].map((each) => world.settled(each.id, ['delivered', 'suppressed'])),
  );
  assert.deepEqual(
    ends.map(({ state, attempts }) => `${state} ${attempts}`),
    ['delivered 1', 'suppressed 0', 'delivered 1', 'suppressed 0', 'suppressed 0', 'delivered 1'],
  );
  const quota = await world.ok<{ hour: { used: number } }>('GET', `/subaccounts/${id}/quota`);
  assert.equal(quota.hour.used, 3);
});

test('reports enter the list of their subaccount once, with the events of who heard them', async () => {
  const heard = await client(world, 'heard');
  const [account] = await allAccounts(world.database.db);
  assert.ok(account !== undefined);
  const subaccountId = heard.id as typeof account.ownSubaccountId;
  const base = { accountId: account.id, subaccountId, messageId: '77', submissionId: null };
  const words = { source: 'report', reason: 'abuse', sender: 'a@lettershop.test', list: '' } as const;
  const report = { ...base, ...words, address: 'Angry@inbox.test', kind: 'complaint' } as const;
  const leave = { ...report, address: 'leaves@inbox.test', kind: 'unsubscribe', source: 'link' } as const;
  const told1 = { ...base, submissionId: '78', kind: 'message.complained', data: {} } as const;
  const hear = (): Promise<void> =>
    world.database.db.asEngine((tx) =>
      addFromReports(tx, new Date(world.clock.now()), [report, report, leave], [told1]),
    );
  await hear();
  await hear();
  type Events = { items: readonly { kind: string; messageId: string; data: { address?: string } }[] };
  const { items } = await world.ok<Events>('GET', '/events', { secret: heard.secret });
  assert.deepEqual(
    items
      .filter(({ messageId }) => messageId === '77')
      .map(({ kind, data }) => [kind, data.address].join(' ').trim()),
    [
      'message.complained',
      'suppression.added angry@inbox.test',
      'suppression.added leaves@inbox.test',
      'message.complained',
    ],
  );
  assert.deepEqual((await send(world, ['angry@inbox.test', 'leaves@inbox.test'], heard.secret)).map(told), [
    'angry suppressed subaccount complaint',
    'leaves queued',
  ]);
});

test("a deleted subaccount's list goes", async () => {
  const gone = await client(world, 'goes');
  await add(world, [{ address: 'x@gone.test' }], gone.secret);
  await world.ok('DELETE', `/subaccounts/${gone.id}`);
  await endSuppressions(world.database.db, world.clock);
  const left = await sql<{ n: number }>`
    select count(*)::int as n from suppressions where subaccount_id = ${gone.id}`.execute(
    world.database.db.engine,
  );
  assert.equal(left.rows[0]?.n, 0);
});

test('an erased person is listed without an address, still stops mail, and goes when the address is taken off', async () => {
  const eraser = await client(world, 'eraser');
  await add(
    world,
    [{ address: 'Person@erased.test', kind: 'complaint', reason: 'by letter' }],
    eraser.secret,
  );
  const [account] = await allAccounts(world.database.db);
  assert.ok(account !== undefined);
  const from = { accountId: account.id, subaccountId: eraser.id as typeof account.ownSubaccountId };
  const forms = erasedForms(world.program.store.ring);
  await world.database.db.asEngine((tx) => eraseAddress(tx, forms, from, 'person@erased.test', new Date()));
  const page = (query = ''): Promise<Page> =>
    world.ok('GET', `/suppressions${query}`, { secret: eraser.secret });
  const { items } = await page();
  assert.deepEqual(
    items.map((item) => [item.address, item.kind, (item as Item & { reason: string }).reason]),
    [
      [null, 'complaint', ''],
      [null, 'manual', ''],
    ],
  );
  for (const query of ['?address=%23', '?search=a', '?domain=erased.test'])
    assert.deepEqual((await page(query)).items, [], query);
  assert.deepEqual((await send(world, ['PERSON@erased.test'], eraser.secret)).map(told), [
    'PERSON suppressed subaccount complaint',
  ]);
  const removed = await world.ok('DELETE', '/suppressions?address=person@erased.test', {
    secret: eraser.secret,
  });
  assert.deepEqual(removed, { removed: 2 });
  assert.deepEqual((await send(world, ['person@erased.test'], eraser.secret)).map(told), ['person queued']);
});

const moveHours = (hours: number): Promise<void> => world.move(hours * 3_600_000 + 1000);

test('mail that soft bounces to its end five times puts its address on hold for three days', async () => {
  const soft = await client(world, 'soft');
  const end = async (): Promise<void> => {
    const [message] = await send(world, ['soft+hold@inbox.test'], soft.secret);
    assert.equal(message?.state, 'queued');
    await world.settled(message?.id ?? '', ['deferred']);
    // The last attempt falls on the end of the retry clock.
    await moveHours(73);
    await world.settled(message?.id ?? '', ['expired']);
  };
  for (let times = 0; times < 5; times++) await end();
  assert.deepEqual((await send(world, ['Soft+Hold@inbox.test'], soft.secret)).map(told), [
    'Soft+Hold suppressed subaccount on_hold',
  ]);
  type Events = { items: readonly { kind: string; data: Record<string, unknown> }[] };
  const { items } = await world.ok<Events>('GET', '/events?kind=suppression.added', { secret: soft.secret });
  assert.deepEqual(
    items.map(({ data }) => [data['address'], data['kind'], typeof data['expiresAt']]),
    [['soft+hold@inbox.test', 'on_hold', 'string']],
  );
  await moveHours(72);
  assert.deepEqual((await send(world, ['soft+hold@inbox.test'], soft.secret)).map(told), [
    'soft+hold queued',
  ]);
  await endSuppressions(world.database.db, world.clock);
  const page = await world.ok<Page>('GET', '/suppressions', { secret: soft.secret });
  assert.deepEqual(page.items, []);
  const removed = await world.ok<Events>('GET', '/events?kind=suppression.removed', { secret: soft.secret });
  assert.deepEqual(
    removed.items.map(({ data }) => data['why']),
    ['expired'],
  );
});
