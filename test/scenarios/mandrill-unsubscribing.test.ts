/** Addresses in a mail that unsubscribe whoever follows them (contract mandrill, 7.1 and 7.2), over the official SDK. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { Sdk } from './mandrill-client.ts';

let world: World;
let sdk: Sdk;
before(async () => {
  world = await startWorld({ LETTERSHOP_TRACKING_URL: 'http://track.lettershop.test' });
  sdk = new Sdk(world);
});
after(() => world[Symbol.asyncDispose]());

type Sent = { readonly _id: string; readonly status: string; readonly reject_reason: string | null };
type Capture = { readonly id: string; readonly to: string };
type Answer = { readonly status: number; readonly location: string };

const browser = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0';

async function send(email: string, more: Record<string, unknown> = {}): Promise<Sent> {
  const message = { from_email: 'news@lettershop.test', subject: 'Hi', text: 'x', to: [{ email }], ...more };
  const [sent] = await sdk.call<Sent[]>('messages.send', { message });
  assert.ok(sent !== undefined);
  return sent;
}

/** Its source, with line ends of quoted-printable taken out. */
async function captured(to: string): Promise<string> {
  const { items } = await world.until(
    () => world.ok<{ items: Capture[] }>('GET', '/captures?limit=100'),
    (page) => page.items.some((each) => each.to === to),
  );
  const text = await world.ok<string>('GET', `/captures/${items.find((each) => each.to === to)?.id}/content`);
  return text.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=');
}

function linkIn(text: string, before: string): URL {
  const at = text.indexOf(before);
  return new URL(/http:\/\/track\.lettershop\.test\/\w\/[\w-]+/.exec(text.slice(at))?.[0] ?? '');
}

function ask(url: URL, method = 'GET', userAgent = browser): Promise<Answer> {
  const { port } = new URL(world.url);
  const headers = { host: url.host, 'user-agent': userAgent };
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: url.pathname, method, headers }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? '' });
    })
      .on('error', reject)
      .end();
  });
}

const rejects = async (email: string): Promise<readonly unknown[]> =>
  (await sdk.call<{ reason: string; detail: string }[]>('rejects.list', { email })).map(
    ({ reason, detail }) => [reason, detail],
  );

const merging = { global_merge_vars: [{ name: 'SHOP', content: 'Kite' }], track_clicks: true };

test('an address that unsubscribes leads on with who it was, and mail of this kind is rejected from then on', async () => {
  const html = '<p>*|SHOP|* <a href="*|UNSUB:https://shop.test/bye?from=mail#done|*">no more</a></p>';
  const { _id } = await send('bye+1@inbox.test', { html, ...merging });
  const text = await captured('bye+1@inbox.test');
  const link = linkIn(text, 'Kite');
  assert.match(link.pathname, /^\/u\//, 'no click is counted on the way');
  assert.match(text, /List-Unsubscribe: <http:\/\/track\.lettershop\.test\/u\//);
  const onward = `https://shop.test/bye?from=mail&md_id=${_id}&md_email=bye%2B1%40inbox.test#done`;
  // Whoever only looks at links is led on and unsubscribes nobody.
  assert.deepEqual(await ask(link, 'HEAD'), { status: 302, location: onward });
  assert.deepEqual(await ask(link, 'GET', 'curl/8.9.1'), { status: 302, location: onward });
  assert.deepEqual(await rejects('bye+1@inbox.test'), []);
  assert.equal((await send('bye+1@inbox.test')).status, 'sent');
  assert.deepEqual(await ask(link), { status: 302, location: onward });
  assert.deepEqual(await ask(link), { status: 302, location: onward });
  assert.deepEqual(await rejects('bye+1@inbox.test'), [['unsub', '']]);
  const { status, reject_reason: why } = await send('bye+1@inbox.test');
  assert.deepEqual([status, why], ['rejected', 'unsub']);
  assert.equal((await send('somebody.else@inbox.test')).status, 'sent');
});

test('Handlebars has the same address, in text as well; one that is none of the web asks on our page', async () => {
  const text = 'No more: {{unsub "https://shop.test/bye"}} or {{unsub "javascript:alert(1)"}} .';
  const { _id } = await send('hand@inbox.test', { text, ...merging, merge_language: 'handlebars' });
  const mail = await captured('hand@inbox.test');
  assert.equal(
    (await ask(linkIn(mail, 'No more:'), 'HEAD')).location,
    `https://shop.test/bye?md_id=${_id}&md_email=hand%40inbox.test`,
  );
  const page = linkIn(mail, ' or ');
  assert.deepEqual(await ask(page), { status: 200, location: '' });
  assert.deepEqual(await rejects('hand@inbox.test'), []);
});

test('who it was is told behind a question mark or an ampersand that the address ends in', async () => {
  const html = ['?', '?a=b&', '?#a?b']
    .map((end, index) => `<a href="*|UNSUB:https://shop.test/${end}|*">n${index}</a>`)
    .join('');
  const { _id } = await send('ends@inbox.test', { html, ...merging });
  const mail = await captured('ends@inbox.test');
  const said = `md_id=${_id}&md_email=ends%40inbox.test`;
  const links = [...mail.matchAll(/href="([^"]+)">n\d/g)].map(([, link = '']) => new URL(link));
  const onward = await Promise.all(links.map(async (link) => (await ask(link, 'HEAD')).location));
  assert.deepEqual(
    onward,
    [`?${said}`, `?a=b&${said}`, `?${said}#a?b`].map((end) => `https://shop.test/${end}`),
  );
});

test('a link that was changed, or goes to another host, leads nowhere', async () => {
  await send('forged@inbox.test', { html: '<a href="*|UNSUB:https://shop.test/|*">x</a>', ...merging });
  const link = linkIn(await captured('forged@inbox.test'), '<a');
  const changed = new URL(link);
  changed.pathname = `${link.pathname.slice(0, 60)}${link.pathname[60] === 'A' ? 'B' : 'A'}${link.pathname.slice(61)}`;
  assert.equal((await ask(changed)).status, 404);
  const elsewhere = new URL(link);
  elsewhere.host = 'other.lettershop.test';
  assert.equal((await ask(elsewhere)).status, 404);
  assert.deepEqual(await rejects('forged@inbox.test'), []);
});

test('who unsubscribes leaves one sender for a year, where the settings say so', async () => {
  const body = { unsubscribeHours: 8760, unsubscribeHoldsFor: 'one_sender' };
  await world.ok('PUT', '/suppression-settings', { body });
  const email = 'one.sender@inbox.test';
  const from = (name: string): Promise<Sent> =>
    send(email, { html: '<a href="*|UNSUB:https://shop.test/|*">x</a>', ...merging, from_email: name });
  const { _id } = await from('News@lettershop.test');
  await world.until(
    () => sdk.call<{ state: string }>('messages.info', { id: _id }),
    ({ state }) => state === 'sent',
  );
  assert.equal((await ask(linkIn(await captured(email), '<a'))).status, 302);
  const [reject] = await sdk.call<Record<string, unknown>[]>('rejects.list', { email });
  const { sender, created_at: createdAt, expires_at: expiresAt, ...rest } = reject ?? {};
  const ms = (text: unknown): number => Date.parse(`${String(text).replace(' ', 'T')}Z`);
  assert.equal(ms(expiresAt) - ms(createdAt), 8760 * 3_600_000);
  assert.deepEqual(rest, {
    email,
    reason: 'unsub',
    detail: '',
    last_event_at: createdAt,
    expired: false,
    subaccount: null,
  });
  // The object of senders/list.
  assert.deepEqual(Object.keys(sender as object).toSorted(), [
    'address',
    'clicks',
    'complaints',
    'created_at',
    'hard_bounces',
    'opens',
    'rejects',
    'sent',
    'soft_bounces',
    'unique_clicks',
    'unique_opens',
    'unsubs',
  ]);
  assert.equal((sender as { address: string }).address, 'news@lettershop.test');
  const again = await from('news@lettershop.test');
  assert.deepEqual([again.status, again.reject_reason], ['rejected', 'unsub']);
  assert.equal((await from('shop@lettershop.test')).status, 'sent');
  await world.move(8761 * 3_600_000);
  assert.equal((await from('news@lettershop.test')).status, 'sent');
  await world.ok('PUT', '/suppression-settings', { body: {} });
});
