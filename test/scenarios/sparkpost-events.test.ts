import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';
import { ask, failure, makeSubaccount, sdk, transmit } from './sparkpost-calls.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Event = Readonly<Record<string, unknown>>;

async function events(query: Event, key: string = testKey.secret): Promise<readonly Event[]> {
  return (await sdk(world, key).events.searchMessage(query)).results;
}

test('what became of a transmission is searched by type, recipient and transmission, newest first', async () => {
  const { id, key } = await makeSubaccount(world, 'events');
  const recipients = [
    { address: 'Ann@inbox.test', metadata: { plan: 'pro' }, tags: ['t1'] },
    { address: 'hard@inbox.test' },
  ];
  const sent = await transmit(world, { recipients, campaign_id: 'spring-sale' }, { key });
  const query = { transmissions: [sent.id] };
  const found = await world.until(
    () => events(query, key),
    (seen) => seen.some(({ type }) => type === 'bounce') && seen.some(({ type }) => type === 'delivery'),
  );
  assert.deepEqual(found.map(({ type }) => String(type)).toSorted(), [
    'bounce',
    'delivery',
    'injection',
    'injection',
  ]);
  const delivery = found.find(({ type }) => type === 'delivery') ?? {};
  assert.partialDeepStrictEqual(delivery, {
    rcpt_to: 'ann@inbox.test',
    transmission_id: sent.id,
    subaccount_id: String(id),
    rcpt_meta: { plan: 'pro' },
    rcpt_tags: ['t1'],
    subject: 'Hello',
    num_retries: '0',
    campaign_id: 'spring-sale',
    friendly_from: 'hi@lettershop.test',
    sending_domain: 'lettershop.test',
    recv_method: 'rest',
    open_tracking: true,
  });
  assert.match(String(delivery['event_id']), /^\d{17}$/);
  assert.match(String(delivery['message_id']), /^[0-9a-f]{20}$/);
  assert.match(String(delivery['timestamp']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const [bounce] = await events({ ...query, events: ['bounce'] }, key);
  assert.partialDeepStrictEqual(bounce, {
    bounce_class: '10',
    error_code: '550',
    rcpt_to: 'hard@inbox.test',
  });
  assert.match(String(bounce?.['raw_reason']), /^550 /);
  assert.equal((await events({ ...query, recipients: ['hard@inbox.test'] }, key)).length, 2);
  const ofDelivery = { ...query, events: ['delivery'] };
  for (const [filter, count] of [
    [{ campaigns: ['sale'] }, 1],
    [{ campaigns: ['sal'] }, 0],
    [{ from_addresses: ['hi@lettershop.test'] }, 1],
    [{ sending_domains: ['other.test'] }, 0],
  ] as const)
    assert.equal((await events({ ...ofDelivery, ...filter }, key)).length, count);
  assert.equal((await events({ subaccounts: [0] })).length, 0);
  assert.equal((await events({ subaccounts: [id] })).length, 4);
  const old = await sdk(world).messageEvents.search({ transmission_ids: sent.id, events: 'delivery' });
  assert.partialDeepStrictEqual(old, { total_count: 1, links: [], results: [{ type: 'delivery' }] });
});

test('a subaccount sees its own events only; pages go by cursor, bad dates and unknown filters are refused', async () => {
  const [a, b] = [await makeSubaccount(world, 'seen'), await makeSubaccount(world, 'unseen')];
  const recipients = ['1', '2', '3'].map((name) => ({ address: `${name}@inbox.test` }));
  await transmit(world, { recipients }, { key: a.key });
  assert.deepEqual(await events({ subaccounts: [a.id] }, b.key), []);
  type Page = { results: Event[]; total_count: number; links: { next?: string } };
  const first = (
    await ask(world, 'GET', '/api/v1/events/message?events=injection&per_page=2', { key: a.key })
  ).body as Page;
  assert.deepEqual([first.results.length, first.total_count], [2, 3]);
  const rest = (await ask(world, 'GET', (first.links.next ?? '').replace(/^\/sparkpost/, ''), { key: a.key }))
    .body as Page;
  assert.deepEqual([rest.results.length, rest.total_count, rest.links], [1, 3, {}]);
  for (const query of [{ from: 'yesterday' }, { per_page: 0 }, { mailbox_provider_regions: 'Atlantis' }])
    assert.equal(((await failure(sdk(world).events.searchMessage(query))) as unknown[])[0], 400);
});

test('events are found by sender, by whose hosts and from which address an attempt went; none is of an A/B test', async () => {
  const { id, key } = await makeSubaccount(world, 'providers');
  const send = (address: string, local: string) =>
    transmit(
      world,
      { recipients: [{ address }], content: { from: `${local}@lettershop.test`, subject: 's', text: 'x' } },
      { key },
    );
  await send('a@inbox.test', 'News');
  await send('b@inbox.test', 'billing');
  const deliveries = { events: ['delivery'], subaccounts: [id] };
  const found = await world.until(
    () => events(deliveries),
    ({ length }) => length === 2,
  );
  const provider = String(found[0]?.['mailbox_provider']);
  assert.ok(provider !== '' && provider !== 'undefined');
  assert.equal(found[0]?.['mailbox_provider_region'], 'Unknown');
  const { engine } = world.database.db;
  // As if one had gone to that provider, from an address of a pool.
  await sql`update events set data = data || '{"site": "web.de", "source": "192.0.2.77"}' where kind = 'message.delivered'
    and subaccount_id = ${id} and data ->> 'recipient' = 'b@inbox.test'`.execute(engine);
  const asked = async (filter: Event, mine: string = testKey.secret): Promise<unknown[]> =>
    (await events({ ...deliveries, ...filter }, mine)).map((event) => event['rcpt_to']);
  const [a, b] = ['a@inbox.test', 'b@inbox.test'];
  for (const [filter, right] of [
    [{ from_addresses: ['NEWS@lettershop.test'] }, [a]],
    [{ from_addresses: ['news@lettershop.test', 'billing@lettershop.test'] }, [b, a]],
    [{ from_addresses: ['news'] }, []],
    [{ mailbox_providers: ['web.de'] }, [b]],
    [{ mailbox_providers: ['web.de', provider] }, [b, a]],
    [{ mailbox_providers: ['web.de'], from_addresses: ['news@lettershop.test'] }, []],
    [{ mailbox_provider_regions: ['europe'] }, [b]],
    [{ mailbox_provider_regions: ['Unknown', 'Asia'] }, [a]],
    [{ sending_ips: ['192.0.2.77'] }, [b]],
    [{ sending_ips: ['x'] }, []],
    [{ ab_tests: ['any'] }, []],
    [{ ab_test_versions: ['1'] }, []],
  ] as const) {
    assert.deepEqual(await asked(filter), right, JSON.stringify(filter));
    assert.deepEqual(await asked(filter, key), right, `its own key: ${JSON.stringify(filter)}`);
  }
  const [told] = await events({ ...deliveries, mailbox_providers: ['web.de'] });
  assert.partialDeepStrictEqual(told, {
    mailbox_provider: 'web.de',
    mailbox_provider_region: 'Europe',
    sending_ip: '192.0.2.77',
  });
  const stranger = await makeSubaccount(world, 'providers-2');
  assert.deepEqual(await asked({ mailbox_providers: ['web.de'] }, stranger.key), []);
  const old = await sdk(world).messageEvents.search({
    friendly_froms: 'news@lettershop.test',
    events: 'delivery',
  });
  assert.equal((old as { total_count: number }).total_count, 1);
});

test('events are found by template and pool, which a subaccount cannot ask for', async () => {
  const { templates } = sdk(world);
  const written = { from: 'hi@lettershop.test', subject: 's', text: 'x' };
  await templates.create({ id: 'spring-sale', published: true, content: written });
  await world.ok('POST', '/pools', { body: { name: 'Found' } });
  const recipients = [{ address: 'found@inbox.test' }];
  const sent = await transmit(world, {
    recipients,
    content: { template_id: 'spring-sale' },
    options: { ip_pool: 'found' },
  });
  await transmit(world, { recipients, content: written });
  const [injection] = await events({ templates: ['sale'], ip_pools: ['found'], events: ['injection'] });
  assert.partialDeepStrictEqual(injection, {
    transmission_id: sent.id,
    template_id: 'spring-sale',
    ip_pool: 'found',
  });
  assert.equal((await events({ templates: ['sale'], ip_pools: ['shared'] })).length, 0);
  const shared = await events({
    recipients: ['found@inbox.test'],
    ip_pools: ['shared'],
    events: ['injection'],
  });
  assert.deepEqual([shared.length, shared[0]?.['template_id']], [1, undefined]);
  const { key } = await makeSubaccount(world, 'poolless');
  const refused = await failure(sdk(world, key).events.searchMessage({ ip_pools: 'found' }));
  assert.equal(refused[0], 400);
});

test('suppressed mail is told as accepted and bounced with class 25', async () => {
  const { key } = await makeSubaccount(world, 'silent');
  await sdk(world, key).suppressionList.upsert({ recipient: 'no@inbox.test', type: 'non_transactional' });
  const sent = await transmit(world, { recipients: [{ address: 'no@inbox.test' }] }, { key });
  const found = await world.until(
    () => events({ transmissions: [sent.id] }, key),
    ({ length }) => length === 2,
  );
  const bounce = found.find(({ type }) => type === 'bounce') ?? {};
  assert.partialDeepStrictEqual(bounce, {
    bounce_class: '25',
    error_code: '554',
    reason: '554 5.7.1 recipient address was suppressed due to customer policy',
  });
});

test('events are documented, and there are samples of each', async () => {
  for (const path of ['/api/v1/events/message', '/api/v1/message-events/events']) {
    const documented = await ask(world, 'GET', `${path}/documentation`);
    const types = (documented.body as { results: Record<string, { sampleValue: string }>[] }).results;
    assert.ok(types.some(({ type }) => type?.sampleValue === 'bounce'));
    const samples = await ask(world, 'GET', `${path}/samples?events=click`);
    const { results } = samples.body as { results: Event[] };
    assert.deepEqual(
      results.map(({ type, timestamp }) => [type, timestamp]),
      [['click', '2031-04-02T10:20:31.000Z']],
    );
    assert.equal((await ask(world, 'GET', `${path}/samples?events=nothing`)).status, 400);
  }
});
