import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Outcome = {
  readonly id: string;
  readonly to: string;
  readonly state: string;
  readonly why?: { readonly code: string; readonly detail?: string };
};
type Accepted = { readonly id: string; readonly messages: readonly Outcome[] };
type Whole = {
  readonly id: string;
  readonly campaign: string | null;
  readonly templateId: string | null;
  readonly copies: number;
  readonly states: Readonly<Record<string, number>>;
};
type Message = { readonly tags: readonly string[]; readonly metadata: unknown };
type Event = { readonly kind: string; readonly tags: readonly string[]; readonly recipient: string };

const from = { email: 'a@lettershop.test' };
const tomorrow = (): string => new Date(world.clock.now() + 86_400_000).toISOString();

function send(body: Record<string, unknown>, headers: Record<string, string> = {}): Promise<Accepted> {
  return world.ok<Accepted>('POST', '/messages', { body: { from, subject: 's', ...body }, headers });
}

const whole = (id: string): Promise<Whole> => world.ok<Whole>('GET', `/submissions/${id}`);

/** The submission once all its copies have come to an end. */
const settled = (id: string): Promise<Whole> =>
  world.until(
    () => whole(id),
    ({ states }) => ['queued', 'held', 'deferred'].every((state) => states[state] === undefined),
  );

async function eventsOf(query: string): Promise<readonly Event[]> {
  return (await world.ok<{ items: readonly Event[] }>('GET', `/events?limit=500&${query}`)).items;
}

test('each recipient of a list gets a mail of their own with their data, and each has a result', async () => {
  const recipients = [
    {
      address: 'ada@inbox.test',
      name: 'Ada',
      data: { name: 'Ada' },
      metadata: { n: 1 },
      tags: ['vip', 'news'],
    },
    { address: 'stopped@inbox.test', data: { name: 'Stopped' } },
    { address: 'nameless@inbox.test' },
  ];
  const { list } = await world.ok<{ list: { id: string; slug: string } }>('POST', '/lists', {
    body: { name: 'Readers', recipients },
  });
  await world.ok('POST', '/suppressions', { body: { entries: [{ address: 'stopped@inbox.test' }] } });
  const template = await world.ok<{ id: string }>('POST', '/templates', {
    body: {
      name: 'News',
      language: 'mailjet',
      subject: 'For {{var:name}}',
      text: 'Hi {{var:name}} of {{var:firm}}',
      defaults: { from },
    },
  });
  await world.ok('POST', `/templates/${template.id}/publish`, { body: {} });
  const accepted = await world.ok<Accepted>('POST', '/messages', {
    body: {
      template: { id: template.id },
      list: { slug: list.slug },
      data: { firm: 'Acme' },
      metadata: { run: 'x' },
      tags: ['news'],
      campaign: 'spring',
      renderAt: 'accept',
    },
  });
  assert.deepEqual(
    accepted.messages.map(({ to, state, why }) => [to, state, why?.code]),
    [
      ['ada@inbox.test', 'queued', undefined],
      ['stopped@inbox.test', 'suppressed', 'suppressed'],
      ['nameless@inbox.test', 'failed', 'template.failed'],
    ],
  );
  const [ada, , nameless] = accepted.messages;
  assert.match(nameless?.why?.detail ?? '', /^subject, line 1, column 5: .*var:name/);
  const told = await settled(accepted.id);
  assert.deepEqual(
    [told.campaign, told.templateId, told.copies, told.states],
    ['spring', template.id, 3, { delivered: 1, suppressed: 1, failed: 1 }],
  );
  const message = await world.ok<Message>('GET', `/messages/${ada?.id}`);
  assert.deepEqual([message.tags, message.metadata], [['news', 'vip'], { run: 'x', n: 1 }]);
  const content = await world.ok<string>('GET', `/messages/${ada?.id}/content`);
  assert.match(content, /^To: Ada <ada@inbox\.test>/m);
  assert.match(content, /^Subject: For Ada\r\n/m);
  assert.match(content, /Hi Ada of Acme/);
  const failed = await eventsOf(`submission=${accepted.id}&kind=message.failed`);
  assert.deepEqual(
    failed.map(({ recipient }) => recipient),
    ['nameless@inbox.test'],
  );
  const byTag = await world.ok<{ items: { id: string }[] }>('GET', '/messages?tag=vip');
  assert.deepEqual(
    byTag.items.map(({ id }) => id),
    [ada?.id],
  );
  const tagged = await eventsOf('tag=vip');
  assert.deepEqual([...new Set(tagged.map(({ recipient }) => recipient))], ['ada@inbox.test']);
  assert.deepEqual(tagged[0]?.tags, ['news', 'vip']);
});

test('when no copy can be made the call is refused, and nothing of it is kept', async () => {
  const recipients = [{ to: { email: 'x@inbox.test' } }, { to: { email: 'y@inbox.test' } }];
  const body = { from, subject: 's', text: '{{var:a}}', language: 'mailjet', recipients, campaign: 'none' };
  const refused = await world.api('POST', '/messages', { body: { ...body, renderAt: 'accept' } });
  assert.deepEqual([refused.status, (refused.body as { code: string }).code], [422, 'template.failed']);
  const { items } = await world.ok<{ items: unknown[] }>('GET', '/submissions?campaign=none');
  assert.deepEqual(items, []);
});

test('a suspension by a recipient’s own tag holds that copy only', async () => {
  await world.ok('POST', '/suspensions', { body: { kind: 'tag', value: 'later' } });
  // As the background does within two seconds.
  await world.program.delivery.standing.suspensions.refresh();
  const accepted = await send({
    text: 't',
    recipients: [
      { to: { email: 'now@inbox.test' }, tags: ['sooner'] },
      { to: { email: 'later@inbox.test' }, tags: ['later'] },
    ],
  });
  const [now, later] = accepted.messages;
  await world.settled(now?.id ?? '', ['delivered']);
  await world.settled(later?.id ?? '', ['held']);
});

test('a hidden copy shows whom it says, and goes to its own recipient', async () => {
  const shown = [{ email: 'ada@inbox.test', name: 'Ada' }];
  const accepted = await send({ text: 't', recipients: [{ to: { email: 'hidden@inbox.test' }, shown }] });
  const [copy] = accepted.messages;
  await world.settled(copy?.id ?? '', ['delivered']);
  assert.match(await world.ok<string>('GET', `/messages/${copy?.id}/content`), /^To: Ada <ada@inbox\.test>/m);
});

test('ten thousand scheduled copies are one transaction: kept whole, counted, answered again by key, cancelled whole', async () => {
  const many = 10_000;
  const recipients = Array.from({ length: many }, (_, index) => ({
    to: { email: `r${index}@inbox.test` },
    data: { n: index },
  }));
  const body = { text: 'No {{ n }}', recipients, sendAt: tomorrow(), campaign: 'large' };
  const headers = { 'idempotency-key': 'large-1' };
  const accepted = await send(body, headers);
  assert.equal(new Set(accepted.messages.map(({ id }) => id)).size, many);
  assert.deepEqual(await send(body, headers), accepted);
  const before = await whole(accepted.id);
  assert.deepEqual([before.copies, before.states], [many, { held: many }]);
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/submissions?campaign=large');
  assert.deepEqual(
    items.map(({ id }) => id),
    [accepted.id],
  );
  const cancelled = await world.ok<Whole & { cancelled: number }>(
    'POST',
    `/submissions/${accepted.id}/cancel`,
  );
  assert.deepEqual([cancelled.cancelled, cancelled.states], [many, { cancelled: many }]);
  assert.equal((await world.api('POST', `/submissions/${accepted.id}/cancel`)).status, 409);
});

test('a campaign is cancelled where it waits, in the subaccount that asks and in no other', async () => {
  const made = await world.ok<{ id: number }>('POST', '/subaccounts', { body: { name: 'campaigner' } });
  const theirs = { 'lettershop-subaccount': String(made.id) };
  const body = { text: 't', recipients: [{ to: { email: 'c@inbox.test' } }], campaign: 'shared name' };
  const mine = [await send({ ...body, sendAt: tomorrow() }), await send({ ...body, sendAt: tomorrow() })];
  const other = await send({ ...body, sendAt: tomorrow() }, theirs);
  const gone = await send(body);
  await settled(gone.id);
  const result = await world.ok<unknown>('POST', '/submissions/cancel', {
    body: { campaign: 'shared name' },
  });
  assert.deepEqual(result, { submissions: 2, cancelled: 2 });
  for (const { id } of mine) assert.deepEqual((await whole(id)).states, { cancelled: 1 });
  assert.deepEqual((await whole(other.id)).states, { held: 1 });
  assert.deepEqual((await whole(gone.id)).states, { delivered: 1 });
});

const tenThousand = Array.from({ length: 10_000 }, (_, index) => ({ to: { email: `t${index}@inbox.test` } }));

test('ten thousand copies over a quota: refused they take nothing, held all wait but what fits', async () => {
  const { key } = await world.ok<{ key: { secret: string } }>('POST', '/subaccounts', {
    body: { name: 'narrow', quota: { hour: 20 }, key: { name: 'k' } },
  });
  const { secret } = key;
  const call = (more: object): ReturnType<World['api']> =>
    world.api('POST', '/messages', {
      body: { from, subject: 's', text: 't', recipients: tenThousand, ...more },
      secret,
    });
  assert.equal((await call({ overQuota: 'refuse' })).status, 429);
  assert.deepEqual((await world.ok<{ items: unknown[] }>('GET', '/messages', { secret })).items, []);
  const held = await call({});
  assert.equal(held.status, 202);
  const { id } = held.body as Accepted;
  const { states } = await world.until(
    () => world.ok<Whole>('GET', `/submissions/${id}`, { secret }),
    ({ states: now }) => now['queued'] === undefined && now['deferred'] === undefined,
  );
  assert.deepEqual(states, { held: 9980, delivered: 20 });
  const quota = await world.ok<{ hour: { used: number } }>('GET', '/quota', { secret });
  assert.equal(quota.hour.used, 20);
});

test('the same ten thousand copies asked for four times at once are stored once', async () => {
  const body = {
    from,
    subject: 's',
    text: 't',
    recipients: tenThousand,
    campaign: 'raced',
    sendAt: tomorrow(),
  };
  const headers = { 'idempotency-key': 'raced-1' };
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => world.api('POST', '/messages', { body, headers })),
  );
  const ids = new Set<string>();
  for (const { status, body: answer } of answers) {
    if (status === 202) ids.add((answer as Accepted).id);
    else assert.equal((answer as { code: string }).code, 'idempotency.running');
  }
  assert.equal(ids.size, 1);
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/submissions?campaign=raced');
  assert.deepEqual(
    items.map(({ id }) => id),
    [...ids],
  );
});
