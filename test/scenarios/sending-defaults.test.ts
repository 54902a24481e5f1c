/** What mail gets whose call says nothing: by whom it was said, looked at in the mail that arrives. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { createTransport } from 'nodemailer';
import PostalMime from 'postal-mime';
import { testKey } from '../world.ts';
import { openRelayGround } from './relay-ground.ts';
import type { RelayGround } from './relay-ground.ts';

let ground: RelayGround;
let world: RelayGround['world'];
let sink: RelayGround['sink'];
before(async () => {
  ground = await openRelayGround();
  ({ world, sink } = ground);
});
after(() => ground[Symbol.asyncDispose]());

type Switches = Readonly<Record<'opens' | 'initialOpens' | 'clicks' | 'textClicks', boolean | null>>;
type State = {
  readonly own: Switches & { readonly smtp: Switches; readonly lane: string | null };
  readonly effective: Switches & {
    readonly smtp: Switches;
    readonly transactionalUnsubscribe: boolean;
    readonly lane: string;
  };
};
type Client = { readonly id: number; readonly key: { readonly secret: string } };

const client = (name: string): Promise<Client> =>
  world.ok('POST', '/subaccounts', { body: { name, key: { name } } });

function say(body: object, secret: string = testKey.secret): Promise<State> {
  return world.ok<State>('PUT', '/tracking-settings', { body, secret });
}

const html = '<html><body>Hi<a href="https://shop.example/">Shop</a></body></html>';
const from = 'hello@lettershop.test';

/** What stands in the mail that arrives. */
async function seen(to: string): Promise<readonly string[]> {
  const kept = await world.until(
    () => Promise.resolve(sink.kept.find((each) => each.to === to)),
    (each) => each !== undefined,
  );
  const mail = await PostalMime.parse(kept?.bytes ?? Buffer.alloc(0));
  const shown = mail.html ?? '';
  const pixels = [...shown.matchAll(/<img[^>]+track\.lettershop\.test/g)];
  const [first] = pixels;
  const found = {
    initial: first !== undefined && first.index < shown.indexOf('Hi'),
    open: pixels.some(({ index }) => index > shown.indexOf('Hi')),
    click: !shown.includes('href="https://shop.example/"'),
    unsubscribe: mail.headers.some(({ key }) => key === 'list-unsubscribe'),
  };
  return Object.entries(found).flatMap(([name, isThere]) => (isThere ? [name] : []));
}

/** A change counts within 2 s: sent again until it does. */
async function becomes(send: () => Promise<readonly string[]>, wanted: readonly string[]): Promise<void> {
  await world.until(send, (found) => isDeepStrictEqual(found, wanted));
}

let count = 0;
const nobody = (): string => `reader${++count}@inbox.test`;

async function byHttp(secret: string, more: object = {}): Promise<readonly string[]> {
  const to = nobody();
  await world.ok('POST', '/messages', {
    secret,
    body: { from: { email: from }, to: [{ email: to }], subject: 'S', html, ...more },
  });
  return seen(to);
}

async function bySmtp(
  pass: string,
  headers: Record<string, string> = {},
  user = 'lettershop',
): Promise<readonly string[]> {
  const to = nobody();
  const auth = { user, pass };
  const transport = createTransport({ host: '127.0.0.1', port: world.smtpPort, auth, ignoreTLS: true });
  try {
    await transport.sendMail({ from, to, subject: 'S', html, headers });
  } finally {
    transport.close();
  }
  return seen(to);
}

test('mail by HTTP and by SMTP is tracked as the account says for each, unless its subaccount or the mail says otherwise', async () => {
  const own = testKey.secret;
  await becomes(() => byHttp(own), []);
  await becomes(() => bySmtp(own), []);
  await say({ opens: true, clicks: true, smtp: { opens: false } });
  const one = await client('inherits');
  // What Mandrill's headers make of mail by SMTP is mail by SMTP.
  await becomes(() => bySmtp(own, { 'X-MC-Tags': 'spring' }, 'anybody'), ['click']);
  for (const secret of [own, one.key.secret]) {
    await becomes(() => byHttp(secret), ['open', 'click']);
    await becomes(() => bySmtp(secret), ['click']);
  }
  const said = await say({ clicks: false, initialOpens: true, smtp: { opens: true } }, one.key.secret);
  assert.deepEqual(said.effective, {
    opens: true,
    initialOpens: true,
    clicks: false,
    textClicks: false,
    smtp: { opens: true, initialOpens: true, clicks: false, textClicks: false },
    transactionalUnsubscribe: false,
    lane: 'transactional',
  });
  const { secret } = one.key;
  const both = ['initial', 'open'];
  await becomes(() => byHttp(secret), both);
  await becomes(() => bySmtp(secret), both);
  assert.deepEqual(await byHttp(secret, { tracking: { opens: false, clicks: true } }), ['click']);
  assert.deepEqual(await bySmtp(secret, { 'X-Lettershop-Track': 'none' }), []);
  // The account's mail is as before.
  assert.deepEqual([await byHttp(own), await bySmtp(own)], [['open', 'click'], ['click']]);
  await say({});
  await becomes(() => byHttp(own, { defaultTracking: { clicks: true } }), ['click']);
});

test('mail that names no lane is in that of its template, subaccount or account, in this order, and by SMTP too', async () => {
  const bulk = ['unsubscribe'];
  await say({ lane: 'bulk' });
  const { secret } = (await client('bulk as the account')).key;
  await becomes(() => byHttp(secret), bulk);
  await becomes(() => bySmtp(secret), bulk);
  assert.deepEqual(await byHttp(secret, { lane: 'transactional' }), []);
  const stopped = nobody();
  const entry = { address: stopped, kind: 'manual', stopsBulk: true, stopsTransactional: false };
  await world.ok('POST', '/suppressions', { secret, body: { entries: [entry] } });
  const body = { from: { email: from }, to: [{ email: stopped }], subject: 'S', text: 'x' };
  const { messages } = await world.ok<{ messages: { state: string }[] }>('POST', '/messages', {
    secret,
    body,
  });
  assert.equal(messages[0]?.state, 'suppressed', 'who wants no mail in bulk has none');
  await say({ lane: 'transactional' }, secret);
  await becomes(() => byHttp(secret), []);
  await becomes(() => bySmtp(secret), []);
  assert.deepEqual(await byHttp(secret, { defaultLane: 'bulk' }), [], 'said before the door is asked');
  const { id } = await world.ok<{ id: string }>('POST', '/templates', {
    secret,
    body: { name: 'Of bulk', subject: 'S', html, defaults: { from: { email: from }, lane: 'bulk' } },
  });
  await world.ok('POST', `/templates/${id}/publish`, { secret, body: {} });
  const to = nobody();
  await world.ok('POST', '/messages', { secret, body: { template: { id }, to: [{ email: to }] } });
  assert.deepEqual(await seen(to), bulk);
  await say({});
});

test('transactional mail says how to unsubscribe where the account says so, unless the mail says not to', async () => {
  await say({ transactionalUnsubscribe: true });
  const { secret } = (await client('says how')).key;
  await becomes(() => byHttp(secret), ['unsubscribe']);
  await becomes(() => bySmtp(secret), ['unsubscribe']);
  assert.deepEqual(await byHttp(secret, { tracking: { unsubscribe: false } }), []);
  await say({ transactionalUnsubscribe: false }, secret);
  await becomes(() => byHttp(secret), []);
  assert.deepEqual(await byHttp(secret, { lane: 'bulk' }), ['unsubscribe']);
  await say({});
});

test('a sending domain says no lane, and a change is told in the log of events', async () => {
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/domains');
  const refused = await world.api('PUT', '/tracking-settings', {
    body: { domainId: items[0]?.id, lane: 'bulk' },
  });
  assert.equal(refused.status, 400);
  await say({ smtp: { clicks: true }, lane: 'bulk' });
  const told = await world.ok<{ items: { data: object }[] }>(
    'GET',
    '/events?kind=tracking.switched&order=newest',
  );
  assert.partialDeepStrictEqual(told.items[0]?.data, {
    domainId: null,
    lane: 'bulk',
    smtp: { clicks: true },
  });
  await say({});
});

test('of a domain below it the account is told what mail gets that its holder sends', async () => {
  const { key, id } = await client('holds');
  const { secret } = key;
  await say({ opens: true, lane: 'bulk' });
  await say({ clicks: true }, secret);
  const domain = await world.ok<{ id: string }>('POST', '/domains', {
    secret,
    body: { name: 'held.example' },
  });
  await say({ domainId: domain.id, textClicks: true }, secret);
  const path = `/tracking-settings?domainId=${domain.id}`;
  const { own, effective } = await world.ok<State>('GET', path, { secret });
  const { opens, clicks, textClicks, lane } = effective;
  assert.deepEqual([opens, clicks, textClicks, lane], [true, true, true, 'bulk']);
  assert.deepEqual(await world.ok<State>('GET', path), { own, effective });
  const headers = { 'lettershop-subaccount': String(id) };
  assert.deepEqual(await world.ok<State>('GET', path, { headers }), { own, effective });
  await say({});
});

test("a subaccount's key neither changes what the account says nor sees more of it than its own mail gets", async () => {
  await say({ opens: true, lane: 'bulk' });
  const one = await client('below');
  const { secret } = one.key;
  const read = await world.ok<State>('GET', '/tracking-settings', { secret });
  assert.deepEqual(
    [read.own.opens, read.own.lane, read.effective.opens, read.effective.lane],
    [null, null, true, 'bulk'],
  );
  const statusOf = async (method: 'GET' | 'PUT', path: string, of: string): Promise<number> =>
    (await world.api(method, path, { secret: of, ...(method === 'PUT' ? { body: { opens: false } } : {}) }))
      .status;
  assert.equal(await statusOf('PUT', '/account/defaults', secret), 403);
  const reads = await world.ok<{ secret: string }>('POST', '/keys', {
    body: { name: 'reads', grants: ['settings:read'] },
    headers: { 'lettershop-subaccount': String(one.id) },
  });
  assert.equal(await statusOf('GET', '/account/defaults', reads.secret), 404);
  // A key of the account's own subaccount alone is none of the account's.
  const ownKey = await world.ok<{ secret: string }>('POST', '/keys', {
    body: { name: 'own', reach: 'subaccount' },
  });
  assert.equal(await statusOf('PUT', '/tracking-settings', ownKey.secret), 403);
  const settings = await world.ok<{ secret: string }>('POST', '/keys', {
    body: { name: 'settings', grants: ['settings:read', 'settings:write'] },
  });
  assert.equal(await statusOf('PUT', '/tracking-settings', settings.secret), 403);
  const first = await world.ok<State>('GET', '/account/defaults', { secret: settings.secret });
  assert.deepEqual([first.own.opens, first.own.lane], [true, 'bulk']);
  assert.equal(await statusOf('PUT', '/account/defaults', settings.secret), 200);
  const later = await world.ok<State>('GET', '/tracking-settings');
  assert.deepEqual([later.own.opens, later.own.lane], [false, null]);
  await say({});
});
