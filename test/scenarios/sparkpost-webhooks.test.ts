import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type SparkPost from 'sparkpost';
import { WebhookReceiver } from '../doubles/webhook-receiver.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { ask, failure, makeSubaccount, sdk, transmit } from './sparkpost-calls.ts';

let world: World;
before(async () => {
  world = await startWorld({ LETTERSHOP_NET_ALLOW: '127.0.0.0/8' });
});
after(() => world[Symbol.asyncDispose]());

type Fields = Readonly<Record<string, unknown>>;
const path = '/api/v1/webhooks';
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

async function receiver(): Promise<WebhookReceiver> {
  const made = await WebhookReceiver.start();
  made.react = () => 200;
  return made;
}

async function make(client: SparkPost, target: string, more: Fields = {}): Promise<string> {
  const wish = { name: 'Shop', target, events: ['injection', 'delivery', 'bounce', 'click'], ...more };
  const { results } = (await client.webhooks.create(wish)) as { results: { id: string } };
  return results.id;
}

/** What a target was told of, its class beside it. */
function told({ received }: WebhookReceiver): readonly Fields[] {
  return received.flatMap(({ body }) =>
    (JSON.parse(body) as { msys: Record<string, Fields> }[]).flatMap(({ msys }) =>
      Object.entries(msys).map(([name, event]) => ({ class: name, ...event })),
    ),
  );
}

test('a webhook is probed, made, listed, read, changed, validated and deleted', async () => {
  await using target = await receiver();
  const client = sdk(world);
  const id = await make(client, target.url);
  assert.match(id, uuid);
  assert.deepEqual(
    target.received.map(({ body, headers }) => [body, headers['content-type']]),
    [['[{"msys":{}}]', 'application/json']],
  );
  const { results } = (await client.webhooks.get(id)) as { results: Fields };
  assert.partialDeepStrictEqual(results, {
    name: 'Shop',
    target: target.url,
    events: ['injection', 'delivery', 'bounce', 'click'],
    active: true,
    auth_type: 'none',
    auth_token: '',
    custom_headers: {},
    exception_subaccounts: [],
  });
  assert.ok(!('id' in results) && !('subaccount_id' in results));
  const listed = (await client.webhooks.list()) as { results: Fields[] };
  assert.deepEqual(
    listed.results.map((each) => each['id']),
    [id],
  );
  const changed = (await client.webhooks.update(id, { name: 'News', active: false })) as {
    results: Fields;
  };
  assert.equal(changed.results['id'], id);
  const after_ = (await client.webhooks.get(id)) as { results: Fields };
  assert.deepEqual([after_.results['name'], after_.results['active']], ['News', false]);
  const valid = (await client.webhooks.validate(id, { message: { msys: {} } })) as {
    results: Fields;
  };
  assert.equal(valid.results['msg'], 'Test POST to endpoint succeeded');
  assert.equal((valid.results['response'] as Fields)['status'], 200);
  await client.webhooks.delete(id);
  const missing = [404, [{ message: 'Resource could not be found' }]];
  assert.deepEqual(await failure(client.webhooks.get(id)), missing);
  assert.deepEqual(await failure(client.webhooks.update(id, { name: 'x' })), missing);
});

test('a target that does not answer with 200 is no target, and what is wrong with a webhook is told', async () => {
  await using target = await receiver();
  await using other = await receiver();
  const client = sdk(world);
  const id = await make(client, target.url);
  other.react = () => 204;
  const wish = { name: 'No', target: other.url, events: ['bounce'] };
  const refused = await ask(world, 'POST', path, { body: wish });
  const [error] = (refused.body as { errors: Fields[] }).errors;
  assert.deepEqual(
    [
      refused.status,
      error?.['code'],
      error?.['message'],
      (error?.['response'] as Fields | undefined)?.['status'],
    ],
    [400, 400, 'POST to webhook target URL failed', 204],
  );
  const moved = await ask(world, 'PUT', `${path}/${id}`, { body: { target: other.url } });
  assert.equal(moved.status, 400);
  const none = await ask(world, 'POST', path, { body: { ...wish, target: 'http://127.0.0.1:1/' } });
  assert.equal(none.status, 400);
  const { results } = (await client.webhooks.list()) as { results: Fields[] };
  assert.deepEqual(
    results.map((each) => [each['id'], each['target']]),
    [[id, target.url]],
  );
  const bad = await ask(world, 'POST', path, {
    body: { ...wish, events: ['nothing'], auth_type: 'oauth3', exception_subaccounts: [3, 3] },
  });
  assert.deepEqual(
    (bad.body as { errors: Fields[] }).errors.map(({ param }) => param),
    ['events', 'exception_subaccounts', 'auth_type'],
  );
  const empty = await ask(world, 'POST', path, { body: {} });
  assert.deepEqual(
    (empty.body as { errors: Fields[] }).errors.map(({ message }) => message),
    ['`name` is a required field', '`target` is a required field', '`events` is a required field'],
  );
  await client.webhooks.delete(id);
});

test('batches hold events under msys by class, with a batch id and what the target wants to see', async () => {
  await using target = await receiver();
  const { id: subaccount, key } = await makeSubaccount(world, 'batches');
  await make(sdk(world), target.url, { auth_token: 's3cret' });
  const sent = await transmit(
    world,
    {
      campaign_id: 'spring',
      recipients: [
        { address: 'Ann@inbox.test', metadata: { plan: 'pro' }, tags: ['t1'] },
        { address: 'hard@inbox.test' },
      ],
    },
    { key },
  );
  const events = await world.until(
    () => Promise.resolve(told(target).filter(({ transmission_id: each }) => each === sent.id)),
    (all) => all.length >= 4,
  );
  assert.deepEqual(events.map(({ class: name, type }) => `${String(name)} ${String(type)}`).toSorted(), [
    'message_event bounce',
    'message_event delivery',
    'message_event injection',
    'message_event injection',
  ]);
  const delivery = events.find(({ type }) => type === 'delivery') ?? {};
  assert.partialDeepStrictEqual(delivery, {
    subaccount_id: String(subaccount),
    rcpt_to: 'ann@inbox.test',
    raw_rcpt_to: 'Ann@inbox.test',
    rcpt_meta: { plan: 'pro' },
    rcpt_tags: ['t1'],
    friendly_from: 'hi@lettershop.test',
    subject: 'Hello',
    num_retries: '0',
  });
  assert.match(String(delivery['timestamp']), /^\d{10}$/);
  assert.match(String(delivery['event_id']), /^\d{15,19}$/);
  const ids = target.received.map(({ headers }) => String(headers['x-messagesystems-batch-id']));
  assert.ok(ids.every((each) => /^[0-9a-f]{32}$/.test(each)));
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(target.received.every(({ headers }) => headers['x-messagesystems-webhook-token'] === 's3cret'));
});

test('a batch that is not taken comes again under its id, and is in the status of batches', async () => {
  await using target = await receiver();
  const id = await make(sdk(world), target.url, {
    auth_type: 'basic',
    auth_credentials: { username: 'u', password: 'p' },
  });
  const basic = `Basic ${Buffer.from('u:p').toString('base64')}`;
  assert.equal(target.received[0]?.headers.authorization, basic);
  let refused = 0;
  target.react = () => (refused++ === 0 ? 503 : 200);
  await transmit(world, { recipients: [{ address: 'again@inbox.test' }] });
  const seen = await world.until(
    () => Promise.resolve(target.received.slice(1)),
    (all) => all.length >= 2,
  );
  const [first, second] = seen.map(({ headers }) => headers['x-messagesystems-batch-id']);
  assert.equal(first, second);
  const { results } = (await ask(world, 'GET', `${path}/${id}/batch-status`)).body as { results: Fields[] };
  assert.deepEqual(
    results.map((each) => [each['batch_id'], each['attempts'], each['response_code']]),
    [[first, 1, '503']],
  );
  assert.match(String(results[0]?.['ts']), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  const status = (await sdk(world).webhooks.getBatchStatus(id, { limit: 1 })) as { results: Fields[] };
  assert.equal(status.results.length, 1);
});

test('whose events a webhook is told of is said by the header, and a subaccount has only its own', async () => {
  await using target = await receiver();
  const [a, b] = [await makeSubaccount(world, 'hook-a'), await makeSubaccount(world, 'hook-b')];
  const own = await make(sdk(world, a.key), target.url);
  const forA = await make(sdk(world, undefined, a.id), target.url);
  const primary = await make(sdk(world, undefined, 0), target.url);
  const ids = async (client: SparkPost): Promise<readonly string[]> => {
    const { results } = (await client.webhooks.list()) as { results: { id: string }[] };
    return results.map(({ id }) => id).toSorted();
  };
  assert.deepEqual(await ids(sdk(world, a.key)), [own, forA].toSorted());
  assert.deepEqual(await ids(sdk(world, undefined, a.id)), [own, forA].toSorted());
  assert.deepEqual(await ids(sdk(world, undefined, 0)), [primary]);
  assert.deepEqual(await ids(sdk(world, b.key)), []);
  // A subaccount's key is told of its own whatever the header says.
  const missing = [404, [{ message: 'Resource could not be found' }]];
  for (const client of [sdk(world, b.key), sdk(world, b.key, a.id), sdk(world)])
    for (const id of [own, forA]) assert.deepEqual(await failure(client.webhooks.get(id)), missing);
  const { results } = (await sdk(world, undefined, a.id).webhooks.get(forA)) as { results: Fields };
  assert.equal(results['subaccount_id'], a.id);
  const sent = await transmit(world, { recipients: [{ address: 'b@inbox.test' }] }, { key: b.key });
  const mine = await transmit(world, { recipients: [{ address: 'a@inbox.test' }] }, { key: a.key });
  await world.until(
    () => Promise.resolve(told(target).filter(({ transmission_id: each }) => each === mine.id)),
    (all) => all.length >= 4,
  );
  assert.ok(told(target).every(({ transmission_id: each }) => each !== sent.id));
});

test('events are documented, by class, and there are samples of each', async () => {
  const documented = (await sdk(world).webhooks.getDocumentation()) as { results: Record<string, Fields> };
  const { events } = documented.results['message_event'] ?? {};
  assert.equal(
    typeof (events as { bounce: { event: { reason: Fields } } }).bounce.event.reason['description'],
    'string',
  );
  const { results } = (await sdk(world).webhooks.getSamples({ events: 'bounce,click' })) as {
    results: { msys: Record<string, Fields> }[];
  };
  assert.deepEqual(
    results.map(({ msys }) => Object.keys(msys)[0]),
    ['message_event', 'track_event'],
  );
});

test('a webhook for all leaves out some, and puts credentials, token and headers on its requests together', async () => {
  await using target = await receiver();
  const [quiet, loud] = [await makeSubaccount(world, 'quiet'), await makeSubaccount(world, 'loud')];
  const client = sdk(world);
  const id = await make(client, target.url, {
    exception_subaccounts: [quiet.id, 0],
    auth_type: 'basic',
    auth_credentials: { username: 'u', password: 'p' },
    auth_token: 's3cret',
    custom_headers: { 'X-One': '1', 'X-Two': '2' },
  });
  const { results } = (await client.webhooks.get(id)) as { results: Fields };
  assert.partialDeepStrictEqual(results, {
    exception_subaccounts: [quiet.id, 0],
    auth_type: 'basic',
    auth_token: '********',
    custom_headers: { 'X-One': '********', 'X-Two': '********' },
  });
  const to = (name: string) => ({ recipients: [{ address: `${name}@inbox.test` }] });
  await transmit(world, to('primary'));
  await transmit(world, to('quiet'), { key: quiet.key });
  await transmit(world, to('loud'), { key: loud.key });
  await world.until(
    () => Promise.resolve(target.received.map(({ body }) => body).join()),
    (bodies) => /"type":"delivery"[^{}]*"rcpt_to":"loud@inbox\.test"/.test(bodies),
  );
  const bodies = target.received.map(({ body }) => body).join();
  assert.doesNotMatch(bodies, /quiet@inbox|primary@inbox/);
  const { headers } = target.received.at(-1) ?? {};
  assert.deepEqual(
    [
      headers?.['authorization'],
      headers?.['x-messagesystems-webhook-token'],
      headers?.['x-one'],
      headers?.['x-two'],
    ],
    ['Basic dTpw', 's3cret', '1', '2'],
  );
  const refusedParam = async (more: Fields, subaccount?: number): Promise<unknown> => {
    const body = { name: 'No', target: target.url, events: ['bounce'], ...more };
    const told = await ask(world, 'POST', path, subaccount === undefined ? { body } : { body, subaccount });
    return [told.status, (told.body as { errors: Fields[] }).errors[0]?.['param']];
  };
  assert.deepEqual(await refusedParam({ exception_subaccounts: [loud.id] }, quiet.id), [
    400,
    'exception_subaccounts',
  ]);
  assert.deepEqual(await refusedParam({ exception_subaccounts: [99_999_999] }), [
    400,
    'exception_subaccounts',
  ]);
  assert.deepEqual(await refusedParam({ exception_subaccounts: ['x'] }), [400, 'exception_subaccounts']);
  for (const value of [{ toString: 1, valueOf: 1 }, [['x']]])
    assert.deepEqual(await refusedParam({ custom_headers: { 'X-One': value } }), [400, 'custom_headers']);
  await client.webhooks.update(id, { exception_subaccounts: [] });
  const { results: after_ } = (await client.webhooks.get(id)) as { results: Fields };
  assert.deepEqual(after_['exception_subaccounts'], []);
  await client.webhooks.delete(id);
});

test('a webhook asks for a token and, when the target does not take it, for a new one', async () => {
  await using target = await receiver();
  await using tokens = await receiver();
  let valid = 0;
  tokens.react = () => (response) =>
    void response.end(JSON.stringify({ access_token: `token-${++valid}`, expires_in: 3600 }));
  target.react = ({ headers }) => (headers.authorization === `Bearer token-${valid}` ? 200 : 401);
  const credentials = { client_id: 'shop', client_secret: 'very-secret', grant_type: 'client_credentials' };
  const wish = {
    auth_type: 'oauth2',
    auth_request_details: { url: tokens.url, body: credentials },
  };
  const client = sdk(world);
  const id = await make(client, target.url, wish);
  assert.deepEqual(
    [tokens.received.length, Object.fromEntries(new URLSearchParams(tokens.received[0]?.body))],
    [1, credentials],
  );
  const { results } = (await client.webhooks.get(id)) as { results: Fields };
  assert.equal(results['auth_type'], 'oauth2');
  assert.doesNotMatch(JSON.stringify(results), /very-secret|token-/);
  // The token ends before its time.
  valid += 1;
  await transmit(world, { recipients: [{ address: 'token@inbox.test' }] });
  await world.until(
    () =>
      Promise.resolve(
        target.received
          .filter(({ isTaken }) => isTaken)
          .map(({ body }) => body)
          .join(),
      ),
    (bodies) => bodies.includes('token@inbox.test'),
  );
  assert.equal(tokens.received.length, 2);
  assert.ok(target.received.some(({ isTaken }) => !isTaken));
  // Nothing of it is in the log of deliveries.
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/webhooks');
  const logs = await Promise.all(items.map((each) => world.ok('GET', `/webhooks/${each.id}/deliveries`)));
  assert.doesNotMatch(JSON.stringify(logs), /very-secret|token-\d/);
  tokens.react = () => 500;
  const told = await ask(world, 'POST', path, {
    body: { name: 'No', target: target.url, events: ['bounce'], ...wish },
  });
  const [error] = (told.body as { errors: Fields[] }).errors;
  assert.deepEqual([told.status, error?.['message']], [400, 'POST to webhook tokens URL failed']);
  await client.webhooks.delete(id);
});
