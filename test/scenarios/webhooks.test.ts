import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { WebhookReceiver } from '../doubles/webhook-receiver.ts';
import type { SentEvent } from '../doubles/webhook-receiver.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

type Made = {
  readonly id: string;
  readonly secret: string;
  readonly state: string;
  readonly told: string;
  readonly lastSequence: number;
  readonly sentSequence: number;
  readonly failures: number;
};

let world: World;
before(async () => {
  world = await startWorld({ LETTERSHOP_NET_ALLOW: '127.0.0.0/8' });
});
after(() => world[Symbol.asyncDispose]());

const hook = (url: string, more: Record<string, unknown> = {}, secret?: string): Promise<Made> =>
  world.ok<Made>('POST', '/webhooks', {
    body: { name: 'h', url, ...more },
    ...(secret === undefined ? {} : { secret }),
  });
const read = (id: string): Promise<Made> => world.ok<Made>('GET', `/webhooks/${id}`);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

/** Waits until everything that has a number was taken, at least `least` of them. */
const caughtUp = (id: string, least: number, eachSecond?: () => void): Promise<Made> =>
  world.until(
    () => read(id),
    ({ lastSequence, sentSequence }) => lastSequence >= least && sentSequence === lastSequence,
    eachSecond,
  );

test('a subscriber gets every event of a message once, numbered from 1, signed by Standard Webhooks', async () => {
  await using receiver = await WebhookReceiver.start();
  const kinds = ['message.accepted', 'message.delivered', 'message.bounced', 'suppression.added'];
  const made = await hook(receiver.url, { kinds });
  const [id] = await world.send('you@inbox.test', { tags: ['welcome'], metadata: { order: 7 } });
  const [bounced] = await world.send('hard@inbox.test');
  await caughtUp(made.id, 5);
  const events = receiver.taken();
  assert.deepEqual(
    events.map(({ sequence }) => sequence),
    upTo(5),
  );
  const mine = events.filter(({ messageId }) => messageId === id);
  assert.deepEqual(
    mine.map(({ kind, recipient, tags, metadata }) => ({ kind, recipient, tags, metadata })),
    ['message.accepted', 'message.delivered'].map((kind) => {
      return { kind, recipient: 'you@inbox.test', tags: ['welcome'], metadata: { order: 7 } };
    }),
  );
  assert.deepEqual(
    events.filter(({ messageId }) => messageId === bounced).map(({ kind, data }) => [kind, data['class']]),
    [
      ['message.accepted', undefined],
      ['message.bounced', 'hard'],
      ['suppression.added', undefined],
    ],
  );
  const verifier = new Webhook(made.secret);
  for (const { body, headers } of receiver.received) {
    verifier.verify(body, headers as Record<string, string>);
    assert.throws(() => verifier.verify(`${body} `, headers as Record<string, string>));
  }
});

test('a rotated secret signs beside the old one until the overlap ends', async () => {
  await using receiver = await WebhookReceiver.start();
  const made = await hook(receiver.url, { kinds: ['message.accepted'] });
  const fresh = await world.ok<Made>('POST', `/webhooks/${made.id}/rotate`, {
    body: { overlapSeconds: 3600 },
  });
  await world.send('both@inbox.test');
  await caughtUp(made.id, 1);
  const verify = (secret: string): unknown => {
    const { body, headers } = receiver.received.at(-1) ?? { body: '', headers: {} };
    return new Webhook(secret).verify(body, headers as Record<string, string>);
  };
  verify(made.secret);
  verify(fresh.secret);
  const signatures = String(receiver.received[0]?.headers['webhook-signature']).split(' ').length;
  assert.equal(signatures, 2);
  // The verifier compares with its own clock, so the old secret's end is read from the number of signatures.
  world.clock.move(3_601_000);
  await world.send('one@inbox.test');
  await caughtUp(made.id, 2);
  assert.equal(String(receiver.received.at(-1)?.headers['webhook-signature']).split(' ').length, 1);
});

test('an endpoint that fails gets the same batch again, and then everything in order', async () => {
  await using receiver = await WebhookReceiver.start();
  const made = await hook(receiver.url, { kinds: ['message.accepted'] });
  let fails = 2;
  receiver.react = () => (fails-- > 0 ? 500 : 200);
  await world.send('one@inbox.test');
  await world.until(
    () => Promise.resolve(receiver.received.length),
    (n) => n >= 1,
  );
  await world.send(['two@inbox.test', 'three@inbox.test']);
  await caughtUp(made.id, 3);
  assert.deepEqual(receiver.sequences(), upTo(3));
  const [first, second] = receiver.received;
  assert.equal(first?.headers['webhook-id'], second?.headers['webhook-id']);
  type Delivery = { isTaken: boolean; status: number; failures: number; first: number };
  const log = await world.ok<{ items: Delivery[] }>('GET', `/webhooks/${made.id}/deliveries?isTaken=false`);
  assert.deepEqual(
    log.items.map(({ status, failures, first }) => [status, failures, first]),
    [
      [500, 2, 1],
      [500, 1, 1],
    ],
  );
});

test('one endpoint that hangs delays no other', async () => {
  await using hanging = await WebhookReceiver.start();
  await using receiver = await WebhookReceiver.start();
  hanging.react = () => 'hang';
  const stuck = await hook(hanging.url, { kinds: ['message.accepted'] });
  const made = await hook(receiver.url, { kinds: ['message.accepted'] });
  await world.send('first@inbox.test');
  await world.until(
    () => Promise.resolve(hanging.received.length),
    (n) => n === 1,
  );
  for (const to of ['second@inbox.test', 'third@inbox.test']) await world.send(to);
  await caughtUp(made.id, 3);
  assert.equal((await read(stuck.id)).sentSequence, 0, 'while the other still hangs');
  await world.ok('DELETE', `/webhooks/${stuck.id}`);
});

test('five failures open the breaker: an event and a notice; then it is probed, and recovers', async () => {
  // Those of earlier tests, whose receivers are gone, would fail as well when the clock moves.
  const { items: others } = await world.ok<{ items: Made[] }>('GET', '/webhooks');
  for (const { id } of others) await world.ok('DELETE', `/webhooks/${id}`);
  await using receiver = await WebhookReceiver.start();
  receiver.react = () => 503;
  const made = await hook(receiver.url, { name: 'Flapping', kinds: ['message.accepted'] });
  await world.send(['a1@inbox.test', 'a2@inbox.test', 'a3@inbox.test']);
  for (let failures = 1; failures <= 6; failures++) {
    await world.until(
      () => read(made.id),
      (now) => now.failures >= failures,
      () => world.clock.move(60_000),
    );
    world.clock.move(60_000);
  }
  assert.equal((await read(made.id)).state, 'failing');
  assert.equal(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size, 1, 'one id');
  receiver.react = () => 200;
  // Longer than any probe waits, and again: a request under way when the clock was moved may bring one more failure.
  world.clock.move(37 * 60_000);
  await caughtUp(made.id, 3, () => world.clock.move(37 * 60_000));
  assert.deepEqual(receiver.sequences(), upTo(3));
  assert.equal((await read(made.id)).state, 'ok');
  type Listed = { kind: string; data: { webhookId: string } };
  const told = await world.ok<{ items: Listed[] }>('GET', '/events?limit=500');
  assert.deepEqual(
    told.items.filter(({ data }) => data.webhookId === made.id).map(({ kind }) => kind),
    ['webhook.created', 'webhook.failing', 'webhook.recovered'],
  );
  const captures = await world.until(
    () => world.ok<{ items: { id: string; subject: string; to: string }[] }>('GET', '/captures'),
    ({ items }) => items.some(({ subject }) => subject === 'Webhooks fail'),
  );
  const notices = captures.items.filter(({ subject }) => subject === 'Webhooks fail');
  assert.deepEqual(
    notices.map(({ to }) => to),
    ['owner@lettershop.test'],
  );
  const raw = await world.ok<string>('GET', `/captures/${notices[0]?.id}/content`);
  assert.match(
    raw.replaceAll('=\r\n', ''),
    new RegExp(`Flapping.* \\(webhook ${made.id} of subaccount .* last answer: status 503`),
  );
});

test('a 410 stops an endpoint; set to active it goes on where it stopped, and pull gives what push gave', async () => {
  await using receiver = await WebhookReceiver.start();
  receiver.react = () => 410;
  const made = await hook(receiver.url, { kinds: ['message.accepted', 'message.delivered'] });
  await world.send('gone@inbox.test');
  await world.until(
    () => read(made.id),
    ({ state }) => state === 'stopped',
  );
  const tries = receiver.received.length;
  const [later] = await world.send('later@inbox.test');
  await world.settled(later ?? '', ['delivered']);
  await world.until(
    () => read(made.id),
    ({ lastSequence }) => lastSequence === 4,
  );
  assert.equal(receiver.received.length, tries, 'not tried any more');
  receiver.react = () => 200;
  await world.ok('PATCH', `/webhooks/${made.id}`, { body: { status: 'active' } });
  await caughtUp(made.id, 4);
  const pulled: SentEvent[] = [];
  for (let after = 0; ;) {
    const page = await world.ok<{ items: SentEvent[]; next: number }>(
      'GET',
      `/webhooks/${made.id}/events?after=${after}&limit=3`,
    );
    if (page.items.length === 0) break;
    pulled.push(...page.items);
    after = page.next;
  }
  assert.deepEqual(pulled, receiver.taken());
});

test('a certificate counts what a subscriber has by its own count', async () => {
  await using receiver = await WebhookReceiver.start();
  const made = await hook(receiver.url, { kinds: ['message.accepted', 'message.delivered'] });
  const ids = await world.send(['c1@inbox.test', 'c2@inbox.test', 'c3@inbox.test']);
  for (const id of ids) await world.settled(id, ['delivered']);
  await caughtUp(made.id, 6);
  type Certificate = { first: number; last: number; count: number; kinds: Record<string, number> };
  const { items } = await world.ok<{ items: Certificate[] }>('GET', `/webhooks/${made.id}/certificates`);
  const days = items.map(({ first, last, count, kinds }) => ({ first, last, count, kinds }));
  const kinds = { 'message.accepted': 3, 'message.delivered': 3 };
  assert.deepEqual(days, [{ first: 1, last: 6, count: 6, kinds }]);
  assert.equal(receiver.sequences().length, 6);
});

test('a replay sends a range again under the same numbers and ids, beside what is new', async () => {
  await using receiver = await WebhookReceiver.start();
  const made = await hook(receiver.url, { kinds: ['message.accepted'], batchMax: 2 });
  await world.send(Array.from({ length: 9 }, (_, n) => `r${n}@inbox.test`));
  await caughtUp(made.id, 9);
  await world.ok('POST', `/webhooks/${made.id}/replays`, { body: { kind: 'range', first: 3, last: 7 } });
  await world.send('new@inbox.test');
  await world.until(
    () => world.ok<{ items: { state: string }[] }>('GET', `/webhooks/${made.id}/replays`),
    ({ items }) => items[0]?.state === 'done',
  );
  await caughtUp(made.id, 10);
  assert.deepEqual(
    receiver.taken(true).map(({ sequence }) => sequence),
    [3, 4, 5, 6, 7],
  );
  const live = new Map(receiver.taken().map((event) => [event.sequence, event]));
  for (const event of receiver.taken(true)) assert.deepEqual(event, live.get(event.sequence));
  assert.deepEqual(receiver.sequences(), upTo(10));
});

test('an event that is refused by itself for a day is passed over, told of, and replayed as failed', async () => {
  await using receiver = await WebhookReceiver.start();
  const isPoison = ({ recipient }: SentEvent): boolean => recipient === 'poison@inbox.test';
  receiver.react = ({ events }) => (events.some(isPoison) ? 422 : 200);
  const made = await hook(receiver.url, { kinds: ['message.accepted'] });
  await world.send(['fine@inbox.test', 'poison@inbox.test', 'after@inbox.test']);
  await world.until(
    async () => {
      world.clock.move(40 * 60_000);
      return read(made.id);
    },
    ({ sentSequence }) => sentSequence === 3,
  );
  assert.deepEqual(receiver.sequences(), [1, 3]);
  receiver.react = () => 200;
  await world.ok('POST', `/webhooks/${made.id}/replays`, { body: { kind: 'failed' } });
  await world.until(
    () => Promise.resolve(receiver.taken(true)),
    (events) => events.length === 1,
  );
  assert.deepEqual(
    receiver.taken(true).map(({ sequence, recipient }) => [sequence, recipient]),
    [[2, 'poison@inbox.test']],
  );
  await world.until(
    () => world.api('POST', `/webhooks/${made.id}/replays`, { body: { kind: 'failed' } }),
    ({ status, body }) => status === 409 && JSON.stringify(body).includes('Nothing was passed over'),
  );
});

test('credentials of the endpoint are sent, and shown nowhere', async () => {
  await using receiver = await WebhookReceiver.start();
  const auths = [
    { kind: 'basic', user: 'ada', password: 'very-secret-1' },
    { kind: 'bearer', token: 'very-secret-2' },
    { kind: 'header', name: 'X-Token', value: 'very-secret-3' },
  ];
  for (const auth of auths) {
    const made = await hook(receiver.url, { kinds: ['domain.created'], auth });
    const tested = await world.ok<{ isTaken: boolean }>('POST', `/webhooks/${made.id}/test`);
    assert.equal(tested.isTaken, true);
    const shown = [
      await world.ok('GET', `/webhooks/${made.id}`),
      await world.ok('GET', `/webhooks/${made.id}/deliveries`),
    ];
    assert.doesNotMatch(JSON.stringify(shown), /very-secret|YWRhOnZlcnk/);
  }
  assert.deepEqual(
    receiver.received.map(({ headers }) => headers.authorization ?? headers['x-token']),
    ['Basic YWRhOnZlcnktc2VjcmV0LTE=', 'Bearer very-secret-2', 'very-secret-3'],
  );
});

test('a subaccount hears only of itself, sees only its own webhooks, and never its account’s on it', async () => {
  await using receiver = await WebhookReceiver.start();
  const child = async (name: string): Promise<{ id: number; secret: string }> => {
    const made = await world.ok<{ id: number; key: { secret: string } }>('POST', '/subaccounts', {
      body: { name, key: { name: 'k' } },
    });
    return { id: made.id, secret: made.key.secret };
  };
  const [a, b] = [await child('A'), await child('B')];
  const own = await world.ok<Made>('POST', '/keys', { body: { name: 'own', reach: 'subaccount' } });
  const kinds = ['message.accepted'];
  const at = (path: string): string => `${receiver.url}/${path}`;
  const ofA = await hook(at('a'), { kinds }, a.secret);
  const all = await hook(at('all'), { kinds, told: 'all' });
  const onA = await hook(at('on-a'), { kinds, told: String(a.id) });
  const account = await hook(at('account'), { kinds, told: 'account' });
  assert.deepEqual(
    [all.told, onA.told, account.told, ofA.told],
    ['all', String(a.id), 'account', String(a.id)],
  );
  await world.send('to-a@inbox.test', {}, a.secret);
  await world.send('to-b@inbox.test', {}, b.secret);
  await world.send('to-account@inbox.test');
  await caughtUp(all.id, 3);
  for (const { id } of [ofA, onA, account]) await caughtUp(id, 1);
  const heard = (path: string): (string | null)[] =>
    receiver.received
      .filter((each) => each.path === `/hook/${path}`)
      .flatMap(({ events }) => events.map(({ recipient }) => recipient));
  assert.deepEqual(
    ['a', 'on-a', 'account', 'all'].map(heard),
    [['to-a'], ['to-a'], ['to-account'], ['to-a', 'to-b', 'to-account']].map((names) =>
      names.map((name) => `${name}@inbox.test`),
    ),
  );
  const seen = async (secret: string): Promise<string[]> =>
    (await world.ok<{ items: Made[] }>('GET', '/webhooks?limit=500', { secret })).items.map(({ id }) => id);
  assert.deepEqual([await seen(a.secret), await seen(b.secret)], [[ofA.id], []]);
  assert.deepEqual(await seen(own.secret), [], 'nor the own subaccount the account’s');
  for (const path of ['', '/events', '/deliveries', '/certificates', '/replays'])
    assert.equal((await world.api('GET', `/webhooks/${onA.id}${path}`, { secret: a.secret })).status, 404);
  const told = await world.api('POST', '/webhooks', {
    secret: a.secret,
    body: { name: 'x', url: receiver.url, told: String(b.id) },
  });
  assert.equal(told.status, 400);
});
