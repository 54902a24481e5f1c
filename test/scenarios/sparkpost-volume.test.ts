import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { ask, content, deliverability, makeSubaccount, sdk, transmit } from './sparkpost-calls.ts';
import type { FigureRow as Row } from './sparkpost-calls.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

const base = '/api/v1/metrics';

const read = (path: string, query: Readonly<Record<string, string>>): Promise<readonly Row[]> =>
  deliverability(world, path, query);

test('volume in bytes and time to delivery are told, by first and by later attempts', async () => {
  const { id, key } = await makeSubaccount(world, 'volume');
  const to = [{ address: 'a@inbox.test' }, { address: 'b@inbox.test' }];
  await transmit(world, { recipients: to, content: { ...content, text: 'x'.repeat(20_000) } }, { key });
  const metrics =
    'count_delivered,count_delivered_first,total_msg_volume,total_delivery_time_first,total_delivery_time_subsequent';
  const subaccounts = String(id);
  const told = (row: Row | undefined): number[] => metrics.split(',').map((name) => Number(row?.[name]));
  const [row] = await world.until(
    () => read('', { metrics, subaccounts }),
    ([found]) => found?.['count_delivered'] === 2,
  );
  const [, first = 0, bytes = 0, firstMs = 0, laterMs] = told(row);
  assert.ok(bytes > 40_000 && bytes < 50_000, `${bytes}`);
  assert.deepEqual([first, laterMs], [2, 0]);
  type Native = {
    total: { deliveredBytes: number; deliveryTotalMs: { first: number }; deliveryMeanMs: number };
  };
  const { total } = await world.ok<Native>('GET', `/figures?subaccount=${id}`);
  assert.deepEqual([bytes, firstMs], [total.deliveredBytes, total.deliveryTotalMs.first]);
  assert.equal(total.deliveryMeanMs, Math.round(firstMs / 2));
  // One that waited for a second attempt.
  await sql`insert into events (seq, at, retention_days, account_id, subaccount_id, kind, data)
    select nextval('event_numbers'), now(), a.retention_days, a.id, s.id, 'message.delivered', '{"attempt": 2, "waitedMs": 61000, "sizeBytes": 1000,
      "recipient": "late@later.test"}' from subaccounts s join accounts a on a.id = s.account_id where s.id = ${id}`.execute(
    world.database.db.engine,
  );
  const byDomain = await world.until(
    () => read('/domain', { metrics, subaccounts, order_by: 'total_delivery_time_subsequent' }),
    ({ length }) => length === 2,
  );
  assert.deepEqual(
    byDomain.map((found) => [found['domain'], ...told(found)]),
    [
      ['later.test', 1, 0, 1000, 0, 61_000],
      ['inbox.test', 2, 2, bytes, firstMs, 0],
    ],
  );
});

test('query_filters hold together, each by AND or OR, with values, parts of values, and none of them', async () => {
  const [one, two] = [await makeSubaccount(world, 'filters-1'), await makeSubaccount(world, 'filters-2')];
  const { templates } = sdk(world);
  const written = { from: 'hi@lettershop.test', subject: 'Filters', text: 'x' };
  await templates.create({ id: 'filtered-one', published: true, content: written });
  const send = (to: string, campaign: string, more: Readonly<Record<string, unknown>>, key?: string) =>
    transmit(
      world,
      { recipients: [{ address: to }], campaign_id: campaign, ...more },
      key === undefined ? {} : { key },
    );
  await send('a@filter-a.test', 'Big sale', {}, one.key);
  await send('b@filter-a.test', 'small sale', {}, two.key);
  await send('c@filter-b.test', 'filter letter', { content: { template_id: 'filtered-one' } });
  const metrics = 'count_injected';
  const ask1 = async (...groupings: readonly unknown[]): Promise<unknown> =>
    (await read('', { metrics, query_filters: JSON.stringify({ groupings }) }))[0]?.['count_injected'];
  const ours = { AND: { domains: { like: ['filter-'] } } };
  await world.until(
    () => ask1(ours),
    (n) => n === 3,
  );
  for (const [groupings, n] of [
    [[{ AND: { campaigns: { eq: ['Big sale'] } } }], 1],
    [[{ AND: { campaigns: { like: ['SALE'], notEq: ['Big sale'] } } }], 1],
    [[ours, { AND: { campaigns: { notLike: ['sale'] } } }], 1],
    [[ours, { OR: { campaigns: { eq: ['Big sale'] }, domains: { eq: ['FILTER-B.test'] } } }], 2],
    [[ours, { AND: { subaccounts: { eq: [one.id] } } }], 1],
    [[ours, { AND: { subaccounts: { eq: ['0'] } } }], 1],
    [[ours, { AND: { subaccounts: { notEq: ['0', String(two.id)] } } }], 1],
    [[ours, { AND: { templates: { like: ['filtered'] } } }], 1],
    [[ours, { AND: { templates: { notEq: ['filtered-one'] } } }], 2],
    [[ours, { AND: { templates: { eq: ['none-such'] } } }], 0],
    [[ours, { AND: { mailbox_provider_regions: { notEq: ['Europe'] } } }], 3],
    [[ours, { AND: {} }], 3],
  ] as const)
    assert.equal(await ask1(...groupings), n, JSON.stringify(groupings));
  // Beside plain filters, and in groupings and steps.
  const query_filters = JSON.stringify({ groupings: [ours, { OR: { campaigns: { like: ['sale'] } } }] });
  assert.deepEqual(await read('/subaccount', { metrics, query_filters, subaccounts: String(one.id) }), [
    { count_injected: 1, subaccount_id: one.id },
  ]);
  const steps = await read('/time-series', { metrics, query_filters, precision: '1min' });
  assert.equal(
    steps.reduce((sum, row) => sum + Number(row['count_injected']), 0),
    2,
  );
  for (const wrong of [
    'no json',
    '{}',
    '{"groupings":[{"XOR":{"campaigns":{"eq":["x"]}}}]}',
    '{"groupings":[{"AND":{"weather":{"eq":["x"]}}}]}',
    '{"groupings":[{"AND":{"campaigns":{"gt":["x"]}}}]}',
    '{"groupings":[{"AND":{"campaigns":{"eq":[]}}}]}',
    '{"groupings":[{"AND":{"campaigns":{"eq":[{"toString":1,"valueOf":1}]}}}]}',
    `{"groupings":[{"AND":{"campaigns":{"eq":${'['.repeat(1000)}${']'.repeat(1000)}}}}]}`,
    '{"groupings":[{"AND":{"campaigns":{"eq":[null]}}}]}',
    '{"groupings":[{"AND":{"subaccounts":{"like":["1"]}}}]}',
    '{"groupings":[{"AND":{"mailbox_provider_regions":{"eq":["Atlantis"]}}}]}',
  ]) {
    const asked = new URLSearchParams({ from: '2026-01-01T00:00', metrics, query_filters: wrong });
    const told = await ask(world, 'GET', `${base}/deliverability?${asked.toString()}`);
    const [error] = (told.body as { errors: Row[] }).errors;
    assert.deepEqual([told.status, error?.['param']], [400, 'query_filters'], wrong);
  }
});

test('figures are told in zones of any name', async () => {
  for (const timezone of ['US/Eastern', 'Asia/Kolkata', 'Europe/Vienna'])
    assert.ok(
      Array.isArray(await read('/time-series', { metrics: 'count_injected', precision: 'day', timezone })),
    );
  const asked = new URLSearchParams({
    from: '2026-01-01T00:00',
    metrics: 'count_injected',
    timezone: '+02:00',
  });
  assert.equal((await ask(world, 'GET', `${base}/deliverability?${asked.toString()}`)).status, 400);
});
