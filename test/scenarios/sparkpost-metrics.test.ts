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

test('deliverability is summed, grouped, filtered and told in steps; the primary account is number 0', async () => {
  const { id, key } = await makeSubaccount(world, 'metrics');
  await transmit(
    world,
    { recipients: [{ address: 'a@inbox.test' }, { address: 'hard@inbox.test' }], campaign_id: 'spring' },
    { key },
  );
  await transmit(world, { recipients: [{ address: 'b@inbox.test' }] });
  const metrics = 'count_injected,count_delivered,count_bounce,count_hard_bounce';
  const whole = { count_injected: 3, count_delivered: 2, count_bounce: 1, count_hard_bounce: 1 };
  const counted = await world.until(
    () => read('', { metrics }),
    ([row]) => row?.['count_delivered'] === 2 && row['count_bounce'] === 1,
  );
  assert.deepEqual(counted, [whole]);
  const bySubaccount = await read('/subaccount', { metrics: 'count_injected', order_by: 'count_injected' });
  assert.deepEqual(bySubaccount, [
    { count_injected: 2, subaccount_id: id },
    { count_injected: 1, subaccount_id: 0 },
  ]);
  assert.deepEqual(await read('', { metrics: 'count_injected', subaccounts: '0' }), [{ count_injected: 1 }]);
  assert.deepEqual(await read('', { metrics: 'count_injected', campaigns: 'spring' }), [
    { count_injected: 2 },
  ]);
  assert.deepEqual(await read('', { metrics: 'count_injected', templates: 'none-such' }), [
    { count_injected: 0 },
  ]);
  const campaigns = await read('/campaign', { metrics: 'count_injected' });
  assert.ok(campaigns.some((row) => row['campaign_id'] === 'spring' && row['count_injected'] === 2));
  for (const [grouping, member, value] of [
    ['domain', 'domain', 'inbox.test'],
    ['watched-domain', 'watched_domain', 'inbox.test'],
    ['sending-domain', 'sending_domain', 'lettershop.test'],
  ] as const)
    assert.deepEqual(
      (await read(`/${grouping}`, { metrics: 'count_injected' })).map((row) => [
        row[member],
        row['count_injected'],
      ]),
      [[value, 3]],
      grouping,
    );
  for (const grouping of ['sending-ip', 'ip-pool', 'template', 'mailbox-provider', 'mailbox-provider-region'])
    assert.ok(Array.isArray(await read(`/${grouping}`, { metrics: 'count_injected' })), grouping);
  const steps = await read('/time-series', { metrics: 'count_injected', precision: 'day' });
  assert.equal(
    steps.reduce((sum, row) => sum + Number(row['count_injected']), 0),
    3,
  );
  assert.deepEqual(await read('/bounce-classification', { metrics: 'count_bounce' }), [
    {
      bounce_class_name: 'Invalid Recipient',
      bounce_class_description: 'Invalid Recipient',
      bounce_category_id: 1,
      bounce_category_name: 'Hard',
      classification_id: '10',
      count_bounce: 1,
    },
  ]);
});

test('mailbox providers are told by where on earth they are, and filter by it', async () => {
  const { engine } = world.database.db;
  const sites = ['google.com', 'web.de', 'mail.example.co.uk', 'naver.com', 'relay.example.com'];
  const { key } = await makeSubaccount(world, 'regions');
  for (const [n, site] of sites.entries()) {
    const campaign = `region-${n}`;
    await transmit(world, { recipients: [{ address: `r${n}@inbox.test` }], campaign_id: campaign }, { key });
    await world.until(
      () => read('', { metrics: 'count_delivered', campaigns: campaign }),
      ([row]) => row?.['count_delivered'] === 1,
    );
    // As if it had gone to that provider's hosts.
    await sql`update series set site = ${site} where campaign = ${campaign} and kind = 'message.delivered'`.execute(
      engine,
    );
  }
  const campaigns = sites.map((_, n) => `region-${n}`).join();
  const metrics = 'count_delivered';
  const rows = await read('/mailbox-provider-region', { metrics, campaigns });
  assert.deepEqual(
    Object.fromEntries(rows.map((row) => [row['mailbox_provider_region'], row['count_delivered']])),
    { Global: 1, Europe: 2, Asia: 1, Unknown: 1, '': 0 },
  );
  const only = { metrics, campaigns, mailbox_provider_regions: 'Europe,global' };
  assert.deepEqual(await read('', only), [{ count_delivered: 3 }]);
  assert.deepEqual(await read('', { metrics, campaigns, mailbox_providers: 'web.de' }), [
    { count_delivered: 1 },
  ]);
  const wrong = await ask(
    world,
    'GET',
    `${base}/deliverability?from=2026-01-01T00:00&metrics=count_injected&mailbox_provider_regions=Atlantis`,
  );
  assert.equal(wrong.status, 400);
  assert.match(wrong.text, /Atlantis is no region/);
});

test('what was met is listed by name, and figures say what they cannot tell', async () => {
  const { id, key } = await makeSubaccount(world, 'met');
  const sent = { recipients: [{ address: 'c@inbox.test' }], campaign_id: 'autumn' };
  await transmit(world, sent, { key });
  const names = async (list: string, query = ''): Promise<unknown> => {
    const told = await ask(world, 'GET', `${base}/${list}${query}`);
    assert.equal(told.status, 200, told.text);
    return (told.body as { results: Row }).results[list];
  };
  await world.until(
    () => names('campaigns', '?match=AUT'),
    (found) => JSON.stringify(found) === '["autumn"]',
  );
  assert.deepEqual(await names('domains'), ['inbox.test']);
  assert.deepEqual(await names('sending-domains'), ['lettershop.test']);
  assert.ok(Array.isArray(await names('subject-campaigns')));
  for (const list of ['templates', 'sending-ips', 'ip-pools', 'mailbox-providers'])
    assert.ok(Array.isArray(await names(list)), list);
  const { links } = (await ask(world, 'GET', base)).body as { links: { href: string }[] };
  assert.ok(links.some(({ href }) => href === '/sparkpost/api/v1/metrics/deliverability'));
  const from = 'from=2026-01-01T00:00';
  for (const [query, param] of [
    ['metrics=count_injected', 'from'],
    [from, 'metrics'],
    [`${from}&metrics=count_nothing`, 'metrics'],
    ['from=never&metrics=count_injected', 'from'],
    [`${from}&metrics=count_injected&bounces=x`, 'bounces'],
    [`${from}&metrics=count_injected&subaccounts=x`, 'subaccounts'],
  ] as const) {
    const told = await ask(world, 'GET', `${base}/deliverability?${query}`);
    const [error] = (told.body as { errors: Row[] }).errors;
    assert.deepEqual([told.status, error?.['param']], [400, param], query);
  }
  // Not available to subaccounts, not even of themselves.
  for (const path of ['', '/deliverability', '/deliverability/subaccount', '/campaigns'])
    assert.equal((await ask(world, 'GET', `${base}${path}`, { key })).status, 403, `${id} ${path}`);
});

test('a day is told by the minute, with filters; more than a day is refused', async () => {
  const { id, key } = await makeSubaccount(world, 'minutes');
  const send = (to: string, campaign: string): Promise<unknown> =>
    transmit(world, { recipients: [{ address: to }], campaign_id: campaign }, { key });
  await send('a@inbox.test', 'early');
  await send('hard@inbox.test', 'early');
  await world.move(1_200_000);
  await send('b@inbox.test', 'late');
  const from = new Date(world.clock.now() - 7_200_000).toISOString().slice(0, 16);
  const asked = {
    from,
    metrics: 'count_injected,count_delivered,count_hard_bounce',
    subaccounts: String(id),
  };
  const sum = (rows: readonly Row[]): unknown[] =>
    asked.metrics.split(',').map((name) => rows.reduce((all, row) => all + Number(row[name]), 0));
  const steps = await world.until(
    () => read('/time-series', { ...asked, precision: '1min' }),
    (rows) => sum(rows).join() === '3,2,1',
  );
  for (const { ts } of steps) assert.match(String(ts), /:00\+00:00$/);
  assert.ok(new Set(steps.map(({ ts }) => ts)).size >= 2);
  for (const [precision, ms] of [
    ['5min', 300_000],
    ['15min', 900_000],
  ] as const) {
    const rows = await read('/time-series', { ...asked, precision });
    assert.deepEqual(sum(rows), [3, 2, 1]);
    assert.ok(rows.every(({ ts }) => Date.parse(String(ts)) % ms === 0));
  }
  const narrowed = { ...asked, precision: '1min' };
  assert.deepEqual(sum(await read('/time-series', { ...narrowed, campaigns: 'late' })), [1, 1, 0]);
  assert.deepEqual(sum(await read('/time-series', { ...narrowed, domains: 'inbox.test' })), [3, 2, 1]);
  assert.deepEqual(await read('/time-series', { ...narrowed, sending_domains: 'other.test' }), []);
  assert.deepEqual(await read('/time-series', { ...narrowed, subaccounts: '0', campaigns: 'late' }), []);
  const long = new URLSearchParams({
    ...narrowed,
    from: new Date(world.clock.now() - 90_000_000).toISOString(),
  });
  const refused = await ask(world, 'GET', `${base}/deliverability/time-series?${long.toString()}`);
  assert.deepEqual([refused.status, /24 hours at most/.test(refused.text)], [400, true]);
  // Natively: of others' mail a key sees nothing, and pairs with by are refused.
  const { secret } = await world.ok<{ secret: string }>('POST', '/keys', {
    body: { name: 'elsewhere', grants: ['metrics:read'] },
    headers: { 'lettershop-subaccount': String((await makeSubaccount(world, 'minutes-2')).id) },
  });
  const mine = await world.ok<{ items: unknown[] }>('GET', `/figures?step=minute&subaccount=${id}`, {
    secret,
  });
  assert.deepEqual(mine.items, []);
  const paired = await world.api('GET', '/figures?step=minute&by=tag');
  assert.deepEqual([paired.status, JSON.stringify(paired.body).includes('"minutes"')], [400, true]);
});

test('what bounced, was rejected or delayed is told by reason and domain, what arrived by attempt and subject', async () => {
  const { id, key } = await makeSubaccount(world, 'reasons');
  await sdk(world, key).suppressionList.upsert({ recipient: 'not@one.test', type: 'non_transactional' });
  const to = ['hard@one.test', 'hard@two.test', 'soft@two.test', 'ann@one.test', 'not@one.test'];
  const recipients = to.map((address) => ({ address }));
  await transmit(world, { recipients, content: { ...content, subject: 'Reasons' } }, { key });
  await transmit(
    world,
    { recipients: [{ address: 'x@one.test' }], content: { ...content, text: '{{if}' } },
    { key },
  );
  const subaccounts = String(id);
  const all = (path: string): Promise<readonly Row[]> => read(path, { subaccounts });
  await world.until(
    () => read('', { subaccounts, metrics: 'count_bounce,count_delayed,count_delivered,count_rejected' }),
    ([row]) => Object.values(row ?? {}).every((n) => Number(n) > 0) && row?.['count_bounce'] === 3,
  );
  const hard = {
    reason: '550 5.1.1 no such mailbox (hard@ always bounces)',
    bounce_class_name: 'Invalid Recipient',
    bounce_class_description: 'Invalid Recipient',
    bounce_category_id: 1,
    bounce_category_name: 'Hard',
    classification_id: '10',
    count_bounce: 2,
    count_inband_bounce: 2,
    count_outofband_bounce: 0,
  };
  const [first, second] = await all('/bounce-reason');
  assert.deepEqual(first, hard);
  assert.deepEqual(
    [second?.['reason'], second?.['classification_id'], second?.['count_bounce']],
    ['554 5.7.1 recipient address was suppressed due to customer policy', '25', 1],
  );
  const byDomain = await all('/bounce-reason/domain');
  assert.deepEqual(
    byDomain
      .filter(({ reason }) => reason === hard.reason)
      .map((row) => `${String(row['domain'])} ${String(row['count_bounce'])}`)
      .toSorted((a, b) => (a < b ? -1 : 1)),
    ['one.test 1', 'two.test 1'],
  );
  const delay = {
    reason: '452 4.2.2 mailbox full (soft@ is always deferred)',
    count_delayed: 1,
    count_delayed_first: 1,
  };
  assert.deepEqual(await all('/delay-reason'), [delay]);
  assert.deepEqual(await all('/delay-reason/domain'), [{ ...delay, domain: 'two.test' }]);
  const [rejected] = await all('/rejection-reason');
  assert.match(String(rejected?.['reason']), /^554 5\.6\.0 text/);
  assert.deepEqual([rejected?.['count_rejected'], rejected?.['rejection_type']], [1, 'Generation Failure']);
  assert.equal((await all('/rejection-reason/domain'))[0]?.['domain'], 'one.test');
  assert.deepEqual(await all('/attempt'), [{ attempt: '1', count_delivered: 1 }]);
  assert.deepEqual(await all('/link-name'), []);
  const subjects = await read('/subject-campaign', { subaccounts, metrics: 'count_delivered' });
  assert.deepEqual(
    subjects.find((row) => row['subject_campaign'] === 'Reasons'),
    { count_delivered: 1, subject_campaign: 'Reasons' },
  );
});
