import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { comparable, difference, leaksIn, missingLike, randomWord } from '../../src/isolation/compare.ts';
import { refusedEndpoints } from '../../src/dialects/sparkpost/contract.ts';
import { sparkpostRoutes } from '../../src/dialects/sparkpost/index.ts';
import { openDoor } from '../../src/isolation/door.ts';
import type { Reply } from '../../src/isolation/door.ts';
import { WebhookReceiver } from '../doubles/webhook-receiver.ts';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
let receiver: WebhookReceiver;
before(async () => {
  world = await startWorld({ LETTERSHOP_NET_ALLOW: '127.0.0.0/8' });
  receiver = await WebhookReceiver.start();
  receiver.react = () => 200;
});
after(async () => {
  await receiver[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const word = randomWord('canary');
const routes = sparkpostRoutes();
type Made = { readonly id: number; readonly key: string };

/** Each word of a path that may be foreign, as the owner made it. */
type Things = Readonly<Record<string, string>>;

async function call(
  key: string,
  method: string,
  path: string,
  body?: unknown,
  subaccount?: number,
): Promise<Reply> {
  const door = openDoor({ url: world.url, smtp: { host: '127.0.0.1', port: world.smtpPort } }, '/sparkpost');
  const headers = subaccount === undefined ? {} : { 'x-msys-subaccount': String(subaccount) };
  return door({ method, path, authorization: key, headers, ...(body === undefined ? {} : { body }) });
}

async function made(
  key: string,
  path: string,
  body: unknown,
  subaccount?: number,
): Promise<Record<string, unknown>> {
  const reply = await call(key, 'POST', path, body, subaccount);
  assert.equal(reply.status, 200, `${path}: ${reply.body}`);
  return (JSON.parse(reply.body) as { results: Record<string, unknown> }).results;
}

async function makeSubaccount(name: string): Promise<Made> {
  const grants = [
    'templates/modify',
    'sending_domains/manage',
    'tracking_domains/manage',
    'tracking_domains/view',
  ];
  const more = ['suppression_lists/manage', 'transmissions/modify', 'webhooks/modify', 'message_events/view'];
  const body = { name, key_label: name, key_grants: [...grants, ...more] };
  const { subaccount_id: id, key } = await made(testKey.secret, '/api/v1/subaccounts', body);
  return { id: Number(id), key: String(key) };
}

async function makeThings({ id, key }: Made): Promise<Things> {
  const content = { from: `${word}@lettershop.test`, subject: word, text: word };
  await made(key, '/api/v1/templates', { id: word, name: word, content });
  await made(key, '/api/labs/snippets', { id: word, name: word, content: { text: word } });
  await made(key, '/api/v1/sending-domains', { domain: `${word}.example.com` });
  await made(key, '/api/v1/tracking-domains', { domain: `click.${word}.example.com` });
  const entry = { recipient: `${word}@inbox.test`, type: 'transactional', description: word };
  const put = await call(key, 'PUT', '/api/v1/suppression-list', { recipients: [entry] });
  assert.equal(put.status, 200);
  const keyBody = { label: word, grants: ['smtp/inject'] };
  const { id: keyId } = await made(testKey.secret, '/api/v1/api-keys', keyBody, id);
  const start = new Date(Date.now() + 86_400_000).toISOString();
  const mail = {
    recipients: [{ address: `${word}@inbox.test` }],
    content,
    campaign_id: word,
    options: { start_time: start },
  };
  const hook = { name: word, target: `${receiver.url}?${word}`, events: ['bounce'] };
  const { id: webhook } = await made(key, '/api/v1/webhooks', hook);
  const { id: transmission } = await made(key, '/api/v1/transmissions', mail);
  const domain = `in.${word}.example.com`;
  await made(testKey.secret, '/api/v1/inbound-domains', { domain });
  const relay = { name: word, target: `${receiver.url}?${word}`, match: { domain } };
  const { id: relayWebhook } = await made(testKey.secret, '/api/v1/relay-webhooks', relay);
  const { id: invite } = await made(
    testKey.secret,
    '/api/v1/users/invite',
    { email: `${word}@inbox.test`, access_level: 'reporting' },
    id,
  );
  return {
    templates: word,
    snippets: word,
    'sending-domains': `${word}.example.com`,
    'tracking-domains': `click.${word}.example.com`,
    'suppression-list': `${word}@inbox.test`,
    'api-keys': String(keyId),
    transmissions: String(transmission),
    subaccounts: String(id),
    'recipient-lists': word,
    webhooks: String(webhook),
    'inbound-domains': domain,
    'relay-webhooks': String(relayWebhook),
    'ip-pools': word,
    'sending-ips': '192.0.2.77',
    users: `${word}@inbox.test`,
    'pending-invites': String(invite),
  };
}

/** What a route's path names. */
function nounOf(path: string): string | null {
  return /\/([a-z-]+)\/:\w+/.exec(path)?.[1] ?? null;
}

test('through the dialect, foreign things answer as things that nobody has, and no list holds them', async () => {
  await world.ok(
    'PATCH',
    `/domains/${(await world.ok<{ items: { id: string }[] }>('GET', '/domains')).items[0]?.id}`,
    { body: { share: 'use' } },
  );
  const [a, b] = [await makeSubaccount(word), await makeSubaccount(randomWord('sibling'))];
  const things = await makeThings(a);
  const secrets = { canary: word, ids: [...Object.values(things), a.key] };
  let pairs = 0;
  for (const { method, path, example } of routes) {
    const noun = nounOf(path);
    const where = `${method} ${path}`;
    for (const actsFor of [undefined, a.id]) {
      if (noun === null) {
        const reply = await call(b.key, method, path, example.body, actsFor);
        assert.deepEqual(leaksIn(reply, secrets, [String(a.id)]), [], where);
        continue;
      }
      const thing = things[noun];
      assert.ok(thing !== undefined, `${where} names ${noun}, which nobody makes here`);
      const answered = async (name: string): Promise<string> => {
        const reply = await call(
          b.key,
          method,
          path.replace(/:\w+/, encodeURIComponent(name)),
          example.body,
          actsFor,
        );
        assert.ok(reply.status < 500, `${where}: ${reply.body}`);
        return comparable(reply, [name, String(a.id)]);
      };
      // What the caller puts itself is its own afterwards.
      if (method === 'PUT' && noun === 'suppression-list') continue;
      const missing = thing.includes(word) ? thing.replaceAll(word, missingLike(word)) : missingLike(thing);
      assert.equal(difference(await answered(thing), await answered(missing)), null, where);
      pairs += 1;
    }
  }
  assert.ok(pairs > 30, `${pairs} pairs`);
  // The owner still has everything.
  for (const [noun, path] of [
    ['templates', '/api/v1/templates/'],
    ['sending-domains', '/api/v1/sending-domains/'],
    ['suppression-list', '/api/v1/suppression-list/'],
  ] as const)
    assert.equal(
      (await call(a.key, 'GET', `${path}${encodeURIComponent(things[noun] ?? '')}`)).status,
      200,
      noun,
    );
});

test('whoever asks, and for whom: each credential sees and changes what is its own', async () => {
  const [a, b, c] = [
    await makeSubaccount(randomWord('matrix')),
    await makeSubaccount(randomWord('matrix')),
    await makeSubaccount(randomWord('matrix')),
  ];
  const suspended = { status: 'suspended' };
  const list = '/api/v1/templates';
  const idOf = (id: number): string => `of-${id}`;
  const content = { from: 'a@lettershop.test', subject: 'x', text: 'x' };
  for (const { id, key } of [a, b, c]) await made(key, list, { id: idOf(id), name: idOf(id), content });
  await made(testKey.secret, list, { id: 'of-primary', name: 'of-primary', content });
  await call(testKey.secret, 'PUT', `/api/v1/subaccounts/${c.id}`, suspended);
  const seen = async (key: string, header?: number | string): Promise<unknown> => {
    const reply = await call(key, 'GET', list, undefined, header as number);
    const told = JSON.parse(reply.body) as { results?: readonly { id: string }[] };
    const ids = told.results?.map(({ id }) => id).filter((id) => id.startsWith('of-'));
    return reply.status === 200 ? ids?.toSorted((x, y) => (x < y ? -1 : 1)) : reply.status;
  };
  const others = [a, b, c].map(({ id }) => idOf(id));
  const sorted = (ids: readonly string[]): readonly string[] => ids.toSorted((x, y) => (x < y ? -1 : 1));
  const primary = testKey.secret;
  const missing = 2_000_000_000;
  assert.deepEqual(await seen(primary), sorted([...others, 'of-primary']));
  assert.deepEqual(await seen(primary, 0), ['of-primary']);
  for (const { id } of [a, b, c]) assert.deepEqual(await seen(primary, id), [idOf(id)]);
  for (const header of [missing, 'x', '-1', '1e3'])
    assert.equal(await seen(primary, header), 400, String(header));
  for (const { id, key } of [a, b, c])
    for (const header of [undefined, a.id, b.id, c.id, 0, missing, 'x'])
      assert.deepEqual(await seen(key, header), [idOf(id)], `${id} as ${header}`);
  for (const header of [undefined, a.id, 0, missing]) {
    assert.equal(await seen('f'.repeat(40), header), 401);
    assert.equal(await seen('', header), 401);
  }
  // Changes: a subaccount's key its own only, a suspended one nothing.
  const change = async (key: string, id: string, header?: number): Promise<number> =>
    (await call(key, 'PUT', `${list}/${id}`, { description: 'x', name: id }, header)).status;
  assert.equal(await change(a.key, idOf(a.id), b.id), 200);
  for (const header of [undefined, b.id, 0, missing])
    for (const foreign of [idOf(b.id), 'of-primary', 'of-nobody'])
      assert.equal(await change(a.key, foreign, header), 404, `${foreign} as ${header}`);
  assert.equal(await change(primary, idOf(b.id), b.id), 200);
  assert.equal(await change(primary, idOf(b.id), a.id), 404);
  assert.equal(await change(primary, idOf(b.id), missing), 400);
  await world.until(
    () => change(c.key, idOf(c.id)),
    (status) => status === 403,
  );
});

test('an endpoint that is not served answers with the words that the table says', async () => {
  assert.ok(refusedEndpoints.length > 10);
  for (const each of refusedEndpoints) {
    const [method = '', path = ''] = each.endpoint.split(' ');
    const reply = await call(testKey.secret, method, path.replaceAll(/:\w+/g, 'x'));
    const { errors } = JSON.parse(reply.body) as { errors: { message: string }[] };
    assert.equal(
      `${reply.status} ${errors[0]?.message}`,
      'refusal' in each ? each.refusal : '',
      each.endpoint,
    );
  }
});
