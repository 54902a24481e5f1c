import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import PostalMime from 'postal-mime';
import { sql } from 'kysely';
import { countedQuery } from '../kills/recount.ts';
import { SmtpSink } from '../doubles/smtp-sink.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { Sdk } from './mandrill-client.ts';

const host = 'track.lettershop.test';
let sink: SmtpSink;
let world: World;
let sdk: Sdk;
before(async () => {
  sink = await SmtpSink.start();
  world = await startWorld({
    LETTERSHOP_OUTBOUND: 'relay',
    LETTERSHOP_RELAY_URL: `smtp://127.0.0.1:${sink.port}`,
    LETTERSHOP_TRACKING_URL: `https://${host}`,
  });
  sdk = new Sdk(world);
  await sdk.call('subaccounts.add', { id: 'cust-9' });
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/domains');
  await world.ok('PATCH', `/domains/${items[0]?.id}`, { body: { share: 'use' } });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
});

type Fields = Readonly<Record<string, unknown>>;

const zero = {
  sent: 0,
  hard_bounces: 0,
  soft_bounces: 0,
  rejects: 0,
  complaints: 0,
  unsubs: 0,
  opens: 0,
  unique_opens: 0,
  clicks: 0,
  unique_clicks: 0,
};

/** When the counters have come to the end of the log. */
async function counted(): Promise<void> {
  await world.until(
    () => sql.raw<{ is_through: boolean }>(countedQuery).execute(world.database.db.engine),
    ({ rows }) => rows[0]?.is_through === true,
  );
}

async function send(from: string, to: string, more: Fields = {}): Promise<void> {
  await sdk.call('messages.send', {
    message: { from_email: from, to: [{ email: to }], subject: 'Hi', text: 'It works.', ...more },
  });
}

const counts = (found: Fields | undefined): Fields =>
  Object.fromEntries(Object.keys(zero).map((name) => [name, found?.[name]]));

async function arrived(to: string): Promise<{ readonly html: string; readonly text: string }> {
  const kept = await world.until(
    () => Promise.resolve(sink.kept.filter((each) => each.to === to).at(-1)),
    (each) => each !== undefined,
  );
  const { html = '', text = '' } = await PostalMime.parse(kept?.bytes ?? Buffer.alloc(0));
  return { html, text };
}

const sumOf = (points: readonly Fields[]): Fields =>
  Object.fromEntries(
    Object.keys(zero).map((name) => [name, points.reduce((total, point) => total + Number(point[name]), 0)]),
  );

/** As a browser behind the installation's proxy. */
function looked(path: string): Promise<number | undefined> {
  const { port } = new URL(world.url);
  const headers = {
    host,
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  };
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

test('senders, tags, the account and a subaccount show what was sent, by windows and hours', async () => {
  const from = 'shop@lettershop.test';
  await sdk.call('rejects.add', { email: 'no@one.test', subaccount: 'cust-9' });
  await send(from, 'a@one.test', { tags: ['may', 'june'], subaccount: 'cust-9' });
  await send(from, 'no@one.test', { tags: ['may'], subaccount: 'cust-9' });
  await send('desk@lettershop.test', 'b@one.test');
  await counted();
  const ofShop = { ...zero, sent: 1, rejects: 1 };
  const both = { ...zero, sent: 2, rejects: 1 };
  for (const name of ['senders.list', 'users.senders']) {
    const list = await sdk.call<Fields[]>(name);
    assert.deepEqual(counts(list.find(({ address }) => address === from)), ofShop);
    assert.equal(list.length, 2);
  }
  const sender = await sdk.call<Fields>('senders.info', { address: 'Shop@lettershop.test' });
  assert.deepEqual([sender['address'], counts(sender)], [from, ofShop]);
  const today = `${new Date(world.clock.now()).toISOString().slice(0, 10)} 00:00:00`;
  const beginnings = (await sdk.call<Fields[]>('senders.list')).map((each) => each['created_at']);
  assert.deepEqual([sender['created_at'], ...beginnings], [today, today, today]);
  const windows = ['today', 'last_7_days', 'last_30_days', 'last_60_days', 'last_90_days'];
  assert.deepEqual(sender['stats'], Object.fromEntries(windows.map((name) => [name, ofShop])));
  const hours = await sdk.call<Fields[]>('senders.timeSeries', { address: from });
  assert.match(String(hours[0]?.['time']), /^\d{4}-\d\d-\d\d \d\d:00:00$/);
  assert.deepEqual(sumOf(hours), ofShop);

  const tags = await sdk.call<Fields[]>('tags.list');
  assert.deepEqual(
    tags.map(({ tag, reputation, sent }) => [tag, typeof reputation, sent]),
    [
      ['may', 'number', 1],
      ['june', 'number', 1],
    ],
  );
  type Native = { items: { value: string; firstAt: string; figures: { score: number } }[] };
  const native = await world.ok<Native>('GET', '/figures?by=tag&tag=may');
  assert.equal(tags[0]?.['reputation'], native.items.find(({ value }) => value === 'may')?.figures.score);
  assert.match(native.items[0]?.firstAt ?? '', /:00:00\.000Z$/);
  const may = await sdk.call<Fields>('tags.info', { tag: 'may' });
  assert.deepEqual([counts(may), (may['stats'] as Fields)['today']], [ofShop, ofShop]);
  assert.deepEqual(sumOf(await sdk.call<Fields[]>('tags.timeSeries', { tag: 'june' })), { ...zero, sent: 1 });
  // A mail with two tags counts once, one with none not at all.
  assert.deepEqual(sumOf(await sdk.call<Fields[]>('tags.allTimeSeries')), ofShop);

  const { stats } = await sdk.call<{ stats: Fields }>('users.info');
  assert.deepEqual(stats, Object.fromEntries([...windows, 'all_time'].map((name) => [name, both])));
  const info = await sdk.call<Fields>('subaccounts.info', { id: 'cust-9' });
  assert.deepEqual([info['sent_weekly'], info['sent_total'], info['last_30_days']], [1, 1, ofShop]);
  assert.match(String(info['first_sent_at']), /^\d{4}-\d\d-\d\d /);
});

test('a template shows by the hour what was sent from it, and each mail names it', async () => {
  const name = 'Order placed';
  await sdk.call('templates.add', { name, subject: 'Hi', code: '<p mc:edit="main">x</p>' });
  await sdk.call('templates.add', { name: 'Other', subject: 'Hi', code: '<p>x</p>' });
  const sent = async (template: string, message: Fields): Promise<string> => {
    const asked = {
      template_name: template,
      template_content: [{ name: 'main', content: 'Yes' }],
      message: { from_email: 'shop@lettershop.test', ...message },
    };
    const [found] = await sdk.call<{ _id: string; status: string }[]>('messages.sendTemplate', asked);
    assert.equal(found?.status, 'sent');
    return found?._id ?? '';
  };
  const first = await sent(name, { to: [{ email: 't1@one.test' }], subaccount: 'cust-9' });
  const own = await sent(name, { to: [{ email: 't2@one.test' }, { email: 't3@one.test' }], tags: ['t'] });
  await sent('other', { to: [{ email: 't4@one.test' }] });
  await sdk.call('messages.sendRaw', {
    raw_message:
      'From: shop@lettershop.test\r\nTo: t5@one.test\r\nSubject: Hi\r\nX-MC-Template: order-placed\r\n\r\nHi',
  });
  for (const id of [first, own])
    assert.equal((await sdk.call<Fields>('messages.info', { id }))['template'], 'order-placed');
  const found = await sdk.call<Fields[]>('messages.search', { query: 'template:order-placed' });
  assert.deepEqual(
    found.map(({ email }) => String(email)).toSorted((a, b) => a.localeCompare(b)),
    ['t1@one.test', 't2@one.test', 't3@one.test', 't5@one.test'],
  );
  await counted();
  const hours = await sdk.call<Fields[]>('templates.timeSeries', { name });
  assert.match(String(hours[0]?.['time']), /^\d{4}-\d\d-\d\d \d\d:00:00$/);
  assert.deepEqual(sumOf(hours), { ...zero, sent: 4 });
  assert.deepEqual(sumOf(await sdk.call<Fields[]>('templates.timeSeries', { name: 'other' })), {
    ...zero,
    sent: 1,
  });
  assert.equal((await sdk.refused('templates.timeSeries', { name: 'none' }))[2], 'Unknown_Template');
  // One that the account keeps to itself is sent from as well, and natively is nobody else's to be counted by.
  const kept = await world.ok<{ id: string }>('POST', '/templates', {
    body: { name: 'Kept', subject: 'Hi', html: '<p>x</p>', language: 'merge_tags' },
  });
  await world.ok('POST', `/templates/${kept.id}/publish`, { body: {} });
  const unnamed = await sent('kept', { to: [{ email: 't6@one.test' }], subaccount: 'cust-9' });
  assert.equal((await sdk.call<Fields>('messages.info', { id: unnamed }))['template'], null);
});

test('an unknown sender and an unknown tag are told by name', async () => {
  assert.deepEqual(await sdk.refused('senders.info', { address: 'No@one.test' }), [
    404,
    2,
    'Unknown_Sender',
    'No such sender "No@one.test"',
  ]);
  assert.equal((await sdk.refused('senders.timeSeries', { address: 'no@one.test' }))[2], 'Unknown_Sender');
  assert.equal((await sdk.refused('senders.info', {}))[2], 'ValidationError');
  const noTag = [400, 1, 'Invalid_Tag_Name', 'no such tag "x"'];
  assert.deepEqual(await sdk.refused('tags.info', { tag: 'x' }), noTag);
  assert.deepEqual(await sdk.refused('tags.timeSeries', { tag: 'x' }), noTag);
});

const html = '<style>p{color:red}</style><p>Look</p><a href="https://shop.test/">shop</a>';

test('track_opens, track_clicks, auto_text and inline_css are obeyed, and off when they say so', async () => {
  const on = { track_opens: true, track_clicks: true, auto_text: true, inline_css: true };
  const off = { track_opens: false, track_clicks: false, auto_text: false, inline_css: false };
  for (const [to, wish, isOn] of [
    ['on@two.test', on, true],
    ['off@two.test', off, false],
  ] as const) {
    await send('news@lettershop.test', to, { html, text: null, ...wish });
    const mail = await arrived(to);
    assert.deepEqual(
      [mail.html.includes(`https://${host}/`), mail.html.includes('href="https://shop.test/"')],
      [isOn, !isOn],
      to,
    );
    assert.equal(/<img[^>]+track\.lettershop\.test/.test(mail.html), isOn, to);
    assert.equal(/<p[^>]+style="color: ?red/.test(mail.html), isOn, to);
    assert.equal(mail.text.includes('Look'), isOn, to);
  }
});

test('X-MC-Track, X-MC-Autotext and X-MC-InlineCSS say exactly what is on', async () => {
  const whole = async (to: string, headers: readonly string[]) => {
    const head = [
      'From: news@lettershop.test',
      `To: ${to}`,
      'Subject: Hi',
      'Content-Type: text/html',
      ...headers,
    ];
    await sdk.call('messages.sendRaw', { raw_message: [...head, '', html].join('\r\n') });
    const mail = await arrived(to);
    return {
      opens: /<img[^>]+track\.lettershop\.test/.test(mail.html),
      clicks: !mail.html.includes('href="https://shop.test/"'),
      inline: /<p[^>]+style="color: ?red/.test(mail.html),
      text: mail.text.includes('Look'),
    };
  };
  const none = { opens: false, clicks: false, inline: false, text: false };
  assert.deepEqual(await whole('w1@two.test', ['X-MC-Track: opens']), { ...none, opens: true });
  assert.deepEqual(await whole('w2@two.test', ['X-MC-Track: clicks_htmlonly']), { ...none, clicks: true });
  assert.deepEqual(await whole('w3@two.test', ['X-MC-Track: clicks_textonly']), none);
  assert.deepEqual(
    await whole('w4@two.test', ['X-MC-Track: opens, clicks', 'X-MC-Autotext: yes', 'X-MC-InlineCSS: on']),
    { opens: true, clicks: true, inline: true, text: true },
  );
});

test('what a search finds is counted by the hour in which it was sent', async () => {
  const from = 'hourly@lettershop.test';
  await sdk.call('rejects.add', { email: 'denied@one.test' });
  await send(from, 'h1@one.test', { tags: ['hourly'], html: '<p>Hi</p>', track_opens: true });
  await send(from, 'h2@one.test', { tags: ['other'] });
  await send(from, 'denied@one.test', { tags: ['hourly'] });
  await sdk.call('messages.send', {
    message: { from_email: from, to: [{ email: 'h3@one.test' }], subject: 'Hi', text: 'Later.' },
    send_at: new Date(Date.now() + 86_400_000).toISOString(),
  });
  const { html } = await arrived('h1@one.test');
  const pixel = new RegExp(`https://${host}(/[^"]+)`).exec(html)?.[1] ?? '';
  assert.deepEqual([await looked(pixel), await looked(pixel)], [200, 200]);
  const series = (more: Fields): Promise<Fields[]> => sdk.call('messages.searchTimeSeries', more);
  const senders = [from];
  const opened = { ...zero, sent: 1, rejects: 1, opens: 2, unique_opens: 1 };
  const found = await world.until(
    () => series({ senders, tags: ['hourly'] }),
    (points) => Number(points[0]?.['opens']) === 2,
  );
  assert.deepEqual(sumOf(found), opened);
  for (const { time } of found) assert.match(String(time), /^\d{4}-\d\d-\d\d \d\d:00:00$/);
  assert.deepEqual(sumOf(await series({ senders })), { ...opened, sent: 2 }, 'what waits was not sent');
  assert.deepEqual(sumOf(await series({ query: 'email:h2@one.test' })), { ...zero, sent: 1 });
  assert.deepEqual(await series({ query: 'email:h3@one.test' }), [], 'an hour without any is left out');
  assert.deepEqual(await series({ senders, date_from: '2020-01-01', date_to: '2020-01-02' }), []);
  assert.deepEqual(await sdk.refused('messages.searchTimeSeries', { date_from: 'x' }), [
    422,
    -2,
    'ValidationError',
    'Validation error: {"date_from":"Please enter a valid date\\/time"}',
  ]);
});
