import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { WebhookReceiver } from '../doubles/webhook-receiver.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { Sdk } from './mandrill-client.ts';

let world: World;
let sdk: Sdk;
before(async () => {
  world = await startWorld({ LETTERSHOP_NET_ALLOW: '127.0.0.0/8' });
  sdk = new Sdk(world);
});
after(() => world[Symbol.asyncDispose]());

type Hook = Readonly<Record<string, unknown>> & { readonly id: number; readonly auth_key: string };
type Event = Readonly<Record<string, unknown>> & { readonly msg?: Readonly<Record<string, unknown>> };
type Received = WebhookReceiver['received'][number];

/** The events of a request, after its signature was computed again by the rule of the contract. */
function eventsOf({ body, headers }: Received, url: string, key: string): readonly Event[] {
  const json = new URLSearchParams(body).get('mandrill_events') ?? '';
  const signature = createHmac('sha1', key).update(`${url}mandrill_events${json}`).digest('base64');
  assert.equal(headers['x-mandrill-signature'], signature);
  assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
  return JSON.parse(json) as Event[];
}

const sent = (receiver: WebhookReceiver, key: string): readonly Event[] =>
  receiver.received.slice(1).flatMap((each) => eventsOf(each, receiver.url, key));

async function send(email: string, more: Record<string, unknown> = {}): Promise<string> {
  const message = { from_email: 'news@lettershop.test', subject: 'Hi', text: 'x', to: [{ email }], ...more };
  const [answer] = await sdk.call<{ _id: string }[]>('messages.send', { message });
  return answer?._id ?? '';
}

test('a webhook is probed, made, listed, read, changed and deleted; what does not answer is no URL', async () => {
  await using receiver = await WebhookReceiver.start();
  const { url } = receiver;
  const made = await sdk.call<Hook>('webhooks.add', {
    url,
    description: 'Shop',
    events: ['send', 'hard_bounce'],
  });
  assert.deepEqual(
    [
      typeof made.id,
      made['url'],
      made['description'],
      made['events'],
      made['batches_sent'],
      made['last_error'],
    ],
    ['number', url, 'Shop', ['send', 'hard_bounce'], 0, null],
  );
  assert.match(made.auth_key, /^[\w-]{22}$/);
  const [probe] = receiver.received;
  assert.ok(probe !== undefined);
  assert.deepEqual(eventsOf(probe, url, 'test-webhook'), []);
  const { id } = made;
  assert.deepEqual(
    (await sdk.call<Hook[]>('webhooks.list')).map((each) => [each.id, each.auth_key]),
    [[id, made.auth_key]],
  );
  assert.equal((await sdk.call<Hook>('webhooks.info', { id: String(id) })).auth_key, made.auth_key);
  const changed = await sdk.call<Hook>('webhooks.update', { id, url, description: '', events: ['click'] });
  assert.deepEqual([changed['description'], changed['events']], ['', ['click']]);
  assert.deepEqual((await sdk.call<Hook>('webhooks.update', { id, url }))['events'], ['click']);
  const badUrl = [422, -2, 'ValidationError', 'Validation error: {"url":"That is not a valid URL"}'];
  assert.deepEqual(await sdk.refused('webhooks.add', { url: 'nowhere' }), badUrl);
  assert.deepEqual(await sdk.refused('webhooks.update', { id: 1, url: 'nowhere' }), badUrl);
  assert.deepEqual(await sdk.refused('webhooks.add', { url: 'http://127.0.0.1:1/' }), badUrl);
  assert.equal((await sdk.refused('webhooks.add', { url, events: ['nothing'] }))[2], 'ValidationError');
  assert.equal((await sdk.call<Hook>('webhooks.delete', { id })).id, id);
  const unknown = [404, 3, 'Unknown_Webhook', `Unknown hook ID ${id}`];
  assert.deepEqual(await sdk.refused('webhooks.info', { id }), unknown);
  assert.deepEqual(await sdk.refused('webhooks.delete', { id }), unknown);
  assert.deepEqual(await sdk.refused('webhooks.update', { id, url }), unknown);
  assert.deepEqual(await sdk.call('webhooks.list'), []);
});

test('events come as a signed form, only those that were asked for, with the message and its subaccount', async () => {
  await using receiver = await WebhookReceiver.start();
  await sdk.call('subaccounts.add', { id: 'cust-9' });
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/domains');
  await world.ok('PATCH', `/domains/${items[0]?.id}`, { body: { share: 'use' } });
  const { auth_key: key } = await sdk.call<Hook>('webhooks.add', {
    url: receiver.url,
    events: ['send', 'delivered', 'hard_bounce', 'reject', 'blacklist'],
  });
  const good = await send('ann@inbox.test', {
    tags: ['t1'],
    metadata: { order: '77' },
    subaccount: 'cust-9',
  });
  const bad = await send('hard@inbox.test');
  await sdk.call('rejects.add', { email: 'never@inbox.test' });
  const denied = await send('never@inbox.test');
  const events = await world.until(
    () => Promise.resolve(sent(receiver, key)),
    (all) => all.length >= 7,
  );
  const of = (id: string): readonly Event[] => events.filter(({ _id }) => _id === id);
  assert.deepEqual(
    of(good).map(({ event }) => event),
    ['send', 'delivered'],
  );
  const { ts, smtp_events: smtpEvents, ...msg } = of(good)[1]?.msg ?? {};
  assert.equal(typeof ts, 'number');
  assert.equal((smtpEvents as { type: string }[])[0]?.type, 'sent');
  assert.deepEqual(msg, {
    _id: good,
    state: 'sent',
    subject: 'Hi',
    email: 'ann@inbox.test',
    sender: 'news@lettershop.test',
    tags: ['t1'],
    metadata: { order: '77' },
    template: null,
    subaccount: 'cust-9',
    opens: [],
    clicks: [],
    resends: [],
  });
  const bounce = of(bad)[1];
  assert.deepEqual(
    [
      bounce?.['event'],
      bounce?.msg?.['state'],
      bounce?.msg?.['subaccount'],
      bounce?.msg?.['bounce_description'],
    ],
    ['hard_bounce', 'bounced', null, 'bad_mailbox'],
  );
  assert.match(String(bounce?.msg?.['diag']), /^smtp;5\d\d /);
  assert.deepEqual(
    of(denied).map(({ event, msg: each }) => [
      event,
      each?.['state'],
      (each?.['reject'] as Event | undefined)?.['reason'],
    ]),
    [['reject', 'rejected', 'custom']],
  );
  assert.deepEqual(
    events
      .filter(({ type }) => type === 'blacklist')
      .map(({ action, reject }) => [action, (reject as Event)['email'], (reject as Event)['reason']])
      .toSorted((a, b) => (String(a[1]) < String(b[1]) ? -1 : 1)),
    [
      ['add', 'hard@inbox.test', 'hard-bounce'],
      ['add', 'never@inbox.test', 'custom'],
    ],
  );
});

test('an event names the template of its mail', async () => {
  await using receiver = await WebhookReceiver.start();
  const { auth_key: key } = await sdk.call<Hook>('webhooks.add', {
    url: receiver.url,
    events: ['delivered'],
  });
  await sdk.call('templates.add', { name: 'Order placed', subject: 'Hi', code: '<p>x</p>' });
  const [answer] = await sdk.call<{ _id: string }[]>('messages.sendTemplate', {
    template_name: 'Order placed',
    template_content: [],
    message: { from_email: 'news@lettershop.test', to: [{ email: 'ann@inbox.test' }] },
  });
  const [event] = await world.until(
    () => Promise.resolve(sent(receiver, key).filter(({ _id }) => _id === answer?._id)),
    (all) => all.length === 1,
  );
  assert.equal(event?.msg?.['template'], 'order-placed');
});

test('held mail has its send event when it leaves', async () => {
  await using receiver = await WebhookReceiver.start();
  const { auth_key: key } = await sdk.call<Hook>('webhooks.add', {
    url: receiver.url,
    events: ['send', 'delivered'],
  });
  await sdk.call('subaccounts.add', { id: 'waits' });
  await sdk.call('subaccounts.pause', { id: 'waits' });
  const id = await send('late@inbox.test', { subaccount: 'waits' });
  const marker = await send('first@inbox.test');
  const ofMarker = (): readonly Event[] => sent(receiver, key).filter(({ _id }) => _id === marker);
  await world.until(
    () => Promise.resolve(ofMarker()),
    (all) => all.length === 2,
  );
  assert.deepEqual(
    sent(receiver, key).filter(({ _id }) => _id === id),
    [],
  );
  await sdk.call('subaccounts.resume', { id: 'waits' });
  const events = await world.until(
    () => Promise.resolve(sent(receiver, key).filter(({ _id }) => _id === id)),
    (all) => all.length === 2,
  );
  assert.deepEqual(
    events.map(({ event }) => event),
    ['send', 'delivered'],
  );
});
