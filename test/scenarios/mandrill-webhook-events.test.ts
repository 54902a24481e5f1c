import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { eventNames } from '../../src/dialects/mandrill/events.ts';
import { bounce, bring } from '../doubles/reports.ts';
import { WebhookReceiver } from '../doubles/webhook-receiver.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { Sdk } from './mandrill-client.ts';

let world: World;
let sdk: Sdk;
let receiver: WebhookReceiver;
before(async () => {
  receiver = await WebhookReceiver.start();
  world = await startWorld({
    LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
    LETTERSHOP_TRACKING_URL: 'http://track.lettershop.test',
  });
  sdk = new Sdk(world);
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

type Event = Readonly<Record<string, unknown>> & { readonly msg?: Readonly<Record<string, unknown>> };

/** The rule of the contract, by the Web's own HMAC: the URL, then names and decoded values of the form in their order. */
async function signatureOf(key: string, url: string, body: string): Promise<string> {
  const form = [...new URLSearchParams(body)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const data = url + form.map(([name, value]) => name + value).join('');
  const bytes = new TextEncoder();
  const hmac = { name: 'HMAC', hash: 'SHA-1' };
  const made = await webcrypto.subtle.importKey('raw', bytes.encode(key), hmac, false, ['sign']);
  return Buffer.from(await webcrypto.subtle.sign('HMAC', made, bytes.encode(data))).toString('base64');
}

async function eventsWith(key: string): Promise<readonly Event[]> {
  const all: Event[] = [];
  // The first is the look at whether anybody is there.
  for (const { body, headers } of receiver.received.slice(1)) {
    assert.equal(headers['x-mandrill-signature'], await signatureOf(key, receiver.url, body));
    all.push(...(JSON.parse(new URLSearchParams(body).get('mandrill_events') ?? '') as Event[]));
  }
  return all;
}

async function send(email: string, more: Record<string, unknown> = {}): Promise<string> {
  const message = { from_email: 'news@lettershop.test', subject: 'Hi', text: 'x', to: [{ email }], ...more };
  const [answer] = await sdk.call<{ _id: string }[]>('messages.send', { message });
  return answer?._id ?? '';
}

type Capture = { readonly id: string; readonly to: string; readonly mailFrom: string };

async function captured(to: string): Promise<Capture & { readonly text: string }> {
  const { items } = await world.until(
    () => world.ok<{ items: Capture[] }>('GET', '/captures?limit=100'),
    (page) => page.items.some((each) => each.to === to),
  );
  const found = items.find((each) => each.to === to) as Capture;
  const text = await world.ok<string>('GET', `/captures/${found.id}/content`);
  return { ...found, text: text.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=') };
}

/** As a reader's browser asks for a link of a mail. */
async function follow(text: string, kind: 'o' | 'c'): Promise<void> {
  const url = new URL(new RegExp(`http://track\\.lettershop\\.test/${kind}/[\\w-]+`).exec(text)?.[0] ?? '');
  const { port } = new URL(world.url);
  const headers = { host: url.host, 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' };
  await new Promise<void>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: url.pathname, headers }, (response) => {
      response.resume();
      response.on('end', resolve);
    })
      .on('error', reject)
      .end();
  });
}

test('every type of event comes, signed as an independent HMAC says, with the state that the mail then has', async () => {
  const { auth_key: key } = await sdk.call<{ auth_key: string }>('webhooks.add', {
    url: receiver.url,
    events: eventNames,
  });
  const looked = await send('ann@inbox.test', {
    html: '<p><a href="https://shop.test/a">go</a></p>',
    track_opens: true,
    track_clicks: true,
  });
  const later = await send('full@inbox.test');
  const hard = await send('hard@inbox.test');
  const deferred = await send('soft@inbox.test');
  const spam = await send('complain@inbox.test');
  await sdk.call('rejects.add', { email: 'never@inbox.test' });
  const denied = await send('never@inbox.test');
  await sdk.call('allowlists.add', { email: 'vip@inbox.test', comment: 'ours' });
  const { text } = await captured('ann@inbox.test');
  await follow(text, 'o');
  await follow(text, 'c');
  const status = '5.2.2';
  const diagnostic = 'smtp; 552 5.2.2 mailbox full';
  const { mailFrom } = await captured('full@inbox.test');
  await bring(world.inboundPort, mailFrom, bounce({ recipient: 'full@inbox.test', status, diagnostic }));
  await world.ok('POST', '/messages', {
    body: {
      from: { email: 'news@lettershop.test' },
      to: [{ email: 'bye@inbox.test' }],
      subject: 'Hi',
      text: 'x',
      tracking: { unsubscribe: true },
    },
  });
  const leave = new URL(/<(http:[^>]+\/u\/[^>]+)>/.exec((await captured('bye@inbox.test')).text)?.[1] ?? '');
  const left = await new Promise<number>((resolve, reject) => {
    const { port } = new URL(world.url);
    const headers = { host: leave.host, 'content-type': 'application/x-www-form-urlencoded' };
    request({ host: '127.0.0.1', port, path: leave.pathname, method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end('List-Unsubscribe=One-Click');
  });
  assert.equal(left, 200);
  const nameOf = ({ event, type }: Event): string => String(event ?? type);
  const events = await world.until(
    () => eventsWith(key),
    (all) => eventNames.every((name) => all.some((each) => nameOf(each) === name)),
  );
  const state = (name: string, id: string): unknown =>
    events.find((each) => nameOf(each) === name && each['_id'] === id)?.msg?.['state'];
  assert.deepEqual(
    [
      state('send', looked),
      state('delivered', looked),
      state('open', looked),
      state('click', looked),
      state('deferral', deferred),
      state('hard_bounce', hard),
      state('soft_bounce', later),
      state('spam', spam),
      state('reject', denied),
    ],
    ['sent', 'sent', 'sent', 'sent', 'deferred', 'bounced', 'soft-bounced', 'spam', 'rejected'],
  );
  assert.equal(events.find((each) => nameOf(each) === 'click')?.['url'], 'https://shop.test/a');
  assert.equal(events.find((each) => nameOf(each) === 'unsub')?.msg?.['email'], 'bye@inbox.test');
  assert.deepEqual(new Set(events.map(nameOf)), new Set(eventNames));
});
