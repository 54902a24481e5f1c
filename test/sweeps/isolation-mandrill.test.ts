import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { mandrillCalls } from '../../src/dialects/mandrill/index.ts';
import { WebhookReceiver } from '../doubles/webhook-receiver.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { Sdk } from '../scenarios/mandrill-client.ts';

let world: World;
let receiver: WebhookReceiver;
before(async () => {
  world = await startWorld({ LETTERSHOP_NET_ALLOW: '127.0.0.0/8' });
  receiver = await WebhookReceiver.start();
});
after(async () => {
  await receiver[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

type Fields = Readonly<Record<string, unknown>>;
/** What names the things of one holder in a body, by the member that names them. */
type Names = {
  readonly id: Readonly<Record<string, unknown>>;
  readonly email: string;
  readonly domain: string;
  readonly template: string;
  readonly subaccount: string;
};

const word = (): string => `w${randomBytes(6).toString('hex')}`;

async function client(externalId: string): Promise<string> {
  const body = { name: externalId, externalId, key: { name: 'k' } };
  const made = await world.ok<{ key: { secret: string } }>('POST', '/subaccounts', { body });
  return made.key.secret;
}

/** One of everything, made through the dialect by the subaccount's own key; every text holds the word. */
async function holder(name: string, secret: string): Promise<Names> {
  const sdk = new Sdk(world, secret);
  const domain = `${name}.example.com`;
  await sdk.call('senders.addDomain', { domain });
  await sdk.call('urls.addTrackingDomain', { domain: `click.${domain}` });
  await sdk.call('templates.add', { name, subject: name, code: `<p>${name}</p>`, labels: [name] });
  const email = `${name}@inbox.test`;
  await sdk.call('rejects.add', { email, comment: name });
  await sdk.call('metadata.add', { name, view_template: name });
  const exported = await sdk.call<Fields>('exports.activity', { tags: [name] });
  const hook = await sdk.call<Fields>('webhooks.add', { url: receiver.url, description: name });
  await sdk.call('inbound.addDomain', { domain: `in.${domain}` });
  const route = { domain: `in.${domain}`, pattern: name, url: receiver.url };
  const routed = await sdk.call<Fields>('inbound.addRoute', route);
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/domains');
  await world.ok('PATCH', `/domains/${items[0]?.id}`, { body: { share: 'use' } });
  const message = {
    from_email: `${name}@lettershop.test`,
    subject: name,
    text: name,
    to: [{ email: `to-${email}` }],
    tags: [name],
    metadata: { note: name },
  };
  const [sent] = await sdk.call<Fields[]>('messages.send', { message, send_at: '2027-01-01 00:00:00' });
  return {
    id: {
      messages: sent?.['_id'],
      webhooks: hook['id'],
      exports: exported['id'],
      inbound: routed['id'],
      subaccounts: name,
    },
    email,
    domain,
    template: name,
    subaccount: name,
  };
}

/** The example of a call with whatever names a thing put in place of its own. */
function bodyFor(call: string, example: Fields, names: Names): Fields {
  const [namespace = ''] = call.split('/');
  const body: Record<string, unknown> = { ...example };
  if ('id' in body) body['id'] = names.id[namespace] ?? body['id'];
  if ('email' in body) body['email'] = names.email;
  if ('domain' in body) body['domain'] = namespace === 'urls' ? `click.${names.domain}` : names.domain;
  if ('subaccount' in body || namespace === 'rejects') body['subaccount'] = names.subaccount;
  if (['templates', 'metadata'].includes(namespace) && 'name' in body) body['name'] = names.template;
  if ('template_name' in body) body['template_name'] = names.template;
  if ('message' in body) body['message'] = { ...(body['message'] as Fields), subaccount: names.subaccount };
  if ('query' in body) body['query'] = names.template;
  if ('pool' in body) body['pool'] = names.template;
  if ('tag' in body) body['tag'] = names.template;
  if ('address' in body) body['address'] = `${names.template}@lettershop.test`;
  if ('to' in body) body['to'] = `to-${names.email}`;
  if (namespace === 'inbound' && 'domain' in body) body['domain'] = `in.${names.domain}`;
  if (call === 'inbound/send-raw') body['to'] = [`${names.template}@in.${names.domain}`];
  return body;
}

/** Makes things: what it is asked to add is its own afterwards, whoever else has one of that name. */
const adds = new Set(
  'subaccounts/add rejects/add allowlists/add whitelists/add templates/add webhooks/add senders/add-domain senders/check-domain urls/add-tracking-domain messages/send-raw messages/parse inbound/add-domain exports/rejects exports/allowlist exports/whitelist exports/activity metadata/add'.split(
    ' ',
  ),
);

async function ask(secret: string, call: string, body: Fields): Promise<readonly [number, string]> {
  const answer = await fetch(`${world.url}/mandrill/api/1.0/${call}.json`, {
    method: 'POST',
    body: JSON.stringify({ ...body, key: secret }),
  });
  return [answer.status, await answer.text()];
}

test('through the Mandrill dialect a foreign thing is a thing that is not there', async () => {
  const [victim, stranger, nobody] = [word(), word(), word()];
  const [victimKey, strangerKey] = [await client(victim), await client(stranger)];
  const theirs = await holder(victim, victimKey);
  await holder(stranger, strangerKey);
  const absent: Names = {
    id: {
      messages: randomBytes(16).toString('hex'),
      webhooks: 999_999_999,
      exports: '2025-08-29 18:48:05.63771',
      inbound: '999999999',
      subaccounts: nobody,
    },
    email: `${nobody}@inbox.test`,
    domain: `${nobody}.example.com`,
    template: nobody,
    subaccount: nobody,
  };
  const without = (text: string, names: Names): string =>
    [...Object.values(names.id).map(String), names.template]
      .toSorted((a, b) => b.length - a.length)
      .reduce((left, each) => left.replaceAll(each, 'X'), text);
  let compared = 0;
  for (const { call, example } of mandrillCalls) {
    if (adds.has(call)) continue;
    const [foreign, missing] = await Promise.all([
      ask(strangerKey, call, bodyFor(call, example, theirs)),
      ask(strangerKey, call, bodyFor(call, example, absent)),
    ]);
    assert.deepEqual(
      [foreign[0], without(foreign[1], theirs)],
      [missing[0], without(missing[1], absent)],
      call,
    );
    assert.ok(!JSON.stringify(foreign[1]).includes(victimKey), call);
    compared += 1;
  }
  assert.ok(compared > 60, `${compared} calls`);
  // Nothing of the victim's has changed, and its own key still finds all of it.
  const sdk = new Sdk(world, victimKey);
  const own = await Promise.all([
    sdk.call<Fields[]>('templates.list'),
    sdk.call<Fields[]>('webhooks.list'),
    sdk.call<Fields[]>('rejects.list'),
    sdk.call<Fields[]>('messages.listScheduled'),
    sdk.call<Fields[]>('urls.trackingDomains'),
    sdk.call<Fields[]>('metadata.list'),
    sdk.call<Fields[]>('exports.list'),
    sdk.call<Fields[]>('inbound.domains'),
    sdk.call<Fields[]>('inbound.routes', { domain: `in.${theirs.domain}` }),
  ]);
  assert.deepEqual(
    own.map((each) => each.length),
    [1, 1, 1, 1, 1, 1, 1, 1, 1],
  );
});

test('lists, searches and figures that a stranger asks through the dialect hold nothing of another', async () => {
  const [victim, stranger] = [word(), word()];
  const [victimKey, strangerKey] = [await client(victim), await client(stranger)];
  await holder(victim, victimKey);
  let looked = 0;
  for (const { call, example } of mandrillCalls) {
    const [, text] = await ask(strangerKey, call, adds.has(call) ? {} : { ...example, query: '*', q: null });
    assert.ok(!text.includes(victim) && !text.includes(victimKey), `${call}: ${text.slice(0, 300)}`);
    looked += 1;
  }
  assert.equal(looked, mandrillCalls.length);
});
