import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import nodemailer from 'nodemailer';
import PostalMime from 'postal-mime';
import { SmtpSink } from '../doubles/smtp-sink.ts';
import { startWorld, testKey } from '../world.ts';
import type { TimelineEvent, World } from '../world.ts';

const host = 'track.lettershop.test';
const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
let sink: SmtpSink;
let world: World;
before(async () => {
  sink = await SmtpSink.start();
  world = await startWorld({
    LETTERSHOP_OUTBOUND: 'relay',
    LETTERSHOP_RELAY_URL: `smtp://127.0.0.1:${sink.port}`,
    LETTERSHOP_TRACKING_URL: `https://${host}`,
    LETTERSHOP_TRUSTED_PROXIES: '127.0.0.1',
    LETTERSHOP_PLACE_HEADER: 'X-Country',
  });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
});

const html =
  '<html><body><a href="https://shop.example/?a=1&amp;b=2" data-lettershop-name="hero">Shop</a>' +
  '<a href="mailto:a@b.example">write</a><a href="https://own.example/" data-lettershop-track="no">own</a></body></html>';

type Arrived = { readonly bytes: Buffer; readonly html: string; readonly header: (name: string) => string };

async function arrived(to: string): Promise<Arrived> {
  const received = await world.until(
    () => Promise.resolve(sink.kept.filter((kept) => kept.to === to).at(-1)),
    (kept) => kept !== undefined,
  );
  const bytes = received?.bytes ?? Buffer.alloc(0);
  const mail = await PostalMime.parse(bytes);
  return {
    bytes,
    html: mail.html ?? '',
    header: (name) => mail.headers.find((each) => each.key === name)?.value ?? '',
  };
}

type Answer = { readonly status: number; readonly headers: Record<string, unknown>; readonly body: string };

/** As a browser behind the installation's proxy. */
function ask(
  link: string,
  options: { method?: string; host?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const url = new URL(link);
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port: world.program.doors.httpPort,
        path: link.slice(url.origin.length),
        method: options.method ?? 'GET',
        headers: { host: options.host ?? url.host, 'user-agent': browser, ...options.headers },
      },
      (response) => {
        let body = '';
        response.setEncoding('latin1').on('data', (chunk: string) => (body += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      },
    );
    asking.on('error', reject);
    asking.end(options.body);
  });
}

const linksOf = (text: string): string[] =>
  [...text.matchAll(/(?:href|src)="([^"]+)"/g)].map((match) => (match[1] ?? '').replaceAll('&amp;', '&'));

async function told(id: string, kind: string, count = 1): Promise<readonly TimelineEvent[]> {
  const { timeline } = await world.until(
    () => world.ok<{ timeline: TimelineEvent[] }>('GET', `/messages/${id}`),
    ({ timeline: events }) => events.filter((event) => event.kind === kind).length >= count,
  );
  return timeline.filter((event) => event.kind === kind);
}

async function settle(): Promise<void> {
  await world.program.tracker.engagements.idle();
}

async function passes(bytes: Buffer): Promise<boolean> {
  const page = await world.ok<{ items: { records: { name: string; value: string }[] }[] }>('GET', '/domains');
  const records = page.items.flatMap((item) => item.records);
  const resolver = (name: string): Promise<string[][]> =>
    Promise.resolve([[records.find((record) => record.name === name)?.value ?? '']]);
  const { results } = await dkimVerify(bytes, { resolver });
  return results.length > 0 && results.every(({ status }) => status.result === 'pass');
}

test('links lead over the tracking host to where they led, pixels tell of openings, the signature fits', async () => {
  const [id = ''] = await world.send('links@inbox.test', {
    html,
    tags: ['spring'],
    tracking: { opens: true, initialOpens: true, clicks: true },
  });
  const mail = await arrived('links@inbox.test');
  assert.equal(await passes(mail.bytes), true);
  const [top = '', shop = '', write, own, bottom = ''] = linksOf(mail.html);
  assert.deepEqual([write, own], ['mailto:a@b.example', 'https://own.example/']);
  for (const link of [top, shop, bottom]) assert.ok(link.startsWith(`https://${host}/`), link);
  const clicked = await ask(shop, { headers: { 'x-country': 'at' } });
  assert.deepEqual([clicked.status, clicked.headers['location']], [302, 'https://shop.example/?a=1&b=2']);
  const opened = await ask(top);
  assert.deepEqual([opened.status, opened.headers['content-type']], [200, 'image/gif']);
  await ask(bottom);
  await ask(bottom, { headers: { 'user-agent': 'Mozilla/5.0' } });
  const person = { userAgent: browser, isMachine: false, isFirst: true };
  assert.deepEqual(
    (await told(id, 'message.clicked')).map(({ data }) => data),
    [{ ...person, isFirstSign: true, url: 'https://shop.example/?a=1&b=2', name: 'hero', country: 'AT' }],
  );
  assert.deepEqual(
    (await told(id, 'message.initially_opened')).map(({ data }) => data),
    [person],
  );
  assert.deepEqual(
    (await told(id, 'message.opened', 2)).map(({ data }) => data),
    [
      { ...person, isFirstSign: false },
      {
        userAgent: 'Mozilla/5.0',
        isMachine: true,
        machine: 'apple_mail_privacy',
        isFirst: false,
        isFirstSign: false,
      },
    ],
  );
  const found = await world.ok<{ items: { tags: string[] }[] }>(
    'GET',
    `/events?kind=message.clicked&message=${id}`,
  );
  assert.deepEqual(
    found.items.map(({ tags }) => tags),
    [['spring']],
  );
});

test('copies that share their content have links of their own', async () => {
  const [first = '', second = ''] = await world.send(['one@inbox.test', 'two@inbox.test'], {
    html,
    tracking: { clicks: true },
  });
  const [a, b] = [await arrived('one@inbox.test'), await arrived('two@inbox.test')];
  assert.notEqual(linksOf(a.html)[0], linksOf(b.html)[0]);
  assert.deepEqual([await passes(a.bytes), await passes(b.bytes)], [true, true]);
  await ask(linksOf(b.html)[0] ?? '');
  assert.equal((await told(second, 'message.clicked')).length, 1);
  await settle();
  assert.equal(
    (await world.ok<{ timeline: TimelineEvent[] }>('GET', `/messages/${first}`)).timeline.some(
      ({ kind }) => kind === 'message.clicked',
    ),
    false,
  );
});

test('forged, cut, foreign and misused links lead nowhere and tell nothing', async () => {
  const [id = ''] = await world.send('hostile@inbox.test', { html, tracking: { clicks: true } });
  const [shop = ''] = linksOf((await arrived('hostile@inbox.test')).html);
  const path = shop.slice(`https://${host}`.length);
  const answers = await Promise.all([
    ask(`https://${host}${path.slice(0, -1)}`),
    ask(`https://${host}${path}A`),
    ask(`https://${host}${path.replace('/c/', '/o/')}`),
    ask(`https://${host}${path.replace('/c/', '/u/')}`),
    ask(`https://${host}/c/${'A'.repeat(60)}`),
    ask(`https://${host}/c/?url=https://evil.example`),
    ask(`https://${host}/c/https://evil.example/${'x'.repeat(40)}`),
    ask(shop, { host: 'click.other.example' }),
    ask(shop, { headers: { 'x-forwarded-host': 'click.other.example' } }),
    ask(`https://${host}/api/v1/messages`),
    ask(`https://${host}/`),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    answers.map(() => 404),
  );
  assert.deepEqual(
    answers.map(({ headers }) => headers['location']),
    answers.map(() => undefined),
  );
  assert.equal((await ask(shop, { method: 'POST' })).status, 405);
  assert.equal((await ask(shop, { method: 'HEAD' })).headers['location'], 'https://shop.example/?a=1&b=2');
  await settle();
  await ask(`${shop}?utm=x`);
  assert.equal((await told(id, 'message.clicked')).length, 1);
});

test('a link whose target would end the header or run a script is never made', async () => {
  const targets = [
    'javascript:alert(1)',
    'data:text/html,x',
    'https://a.example/\r\nSet-Cookie: x=1',
    'vbscript:x',
  ];
  const body = targets.map((target) => `<a href="${target}">x</a>`).join('');
  await world.send('targets@inbox.test', { html: body, tracking: { clicks: true } });
  const links = linksOf((await arrived('targets@inbox.test')).html);
  assert.deepEqual([links[0], links[1], links[3]], [targets[0], targets[1], targets[3]]);
  const { status, headers } = await ask(links[2] ?? '');
  assert.deepEqual(
    [status, headers['location'], headers['set-cookie']],
    [302, 'https://a.example/Set-Cookie:%20x=1', undefined],
  );
});

test('mail in bulk says how to unsubscribe: a look changes nothing, one click and the button do', async () => {
  const [id = ''] = await world.send('bulk@inbox.test', { html, lane: 'bulk' });
  const mail = await arrived('bulk@inbox.test');
  assert.equal(mail.header('list-unsubscribe-post'), 'List-Unsubscribe=One-Click');
  assert.match(
    /h=([^;]+)/.exec(mail.header('dkim-signature'))?.[1] ?? '',
    /list-unsubscribe-post:list-unsubscribe:/i,
  );
  assert.equal(await passes(mail.bytes), true);
  const link = /^<(.+)>$/.exec(mail.header('list-unsubscribe'))?.[1] ?? '';
  const page = await ask(link);
  assert.deepEqual([page.status, page.body.includes('bulk@inbox.test')], [200, true]);
  assert.equal((await ask(link, { method: 'HEAD' })).status, 200);
  assert.equal((await ask(link, { method: 'POST', body: 'x=y' })).status, 400);
  const [again] = await world.send('bulk@inbox.test', { lane: 'bulk' });
  assert.equal((await world.settled(again ?? '', ['delivered'])).state, 'delivered');
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const post = { method: 'POST', headers: form, body: 'List-Unsubscribe=One-Click' };
  assert.equal((await ask(link, post)).status, 200);
  assert.equal((await ask(link, post)).status, 200);
  const events = await told(id, 'message.unsubscribed');
  assert.deepEqual(
    events.map(({ data }) => data),
    [{ recipient: 'bulk@inbox.test', by: 'one_click' }],
  );
  const body = {
    from: { email: 'a@lettershop.test' },
    to: [{ email: 'bulk@inbox.test' }],
    subject: 's',
    text: 't',
  };
  type Sent = { messages: { state: string; why?: { kind?: string } }[] };
  const refused = await world.ok<Sent>('POST', '/messages', { body: { ...body, lane: 'bulk' } });
  assert.deepEqual(
    [refused.messages[0]?.state, refused.messages[0]?.why?.kind],
    ['suppressed', 'unsubscribe'],
  );
  assert.equal((await world.ok<Sent>('POST', '/messages', { body })).messages[0]?.state, 'queued');

  const [button = ''] = await world.send('button@inbox.test', {
    html: '<a href="#" data-lettershop-unsubscribe>no more</a>',
    tracking: { unsubscribe: true },
  });
  const [inBody = ''] = linksOf((await arrived('button@inbox.test')).html);
  const boundary = '--b\r\nContent-Disposition: form-data; name="confirm"\r\n\r\nyes\r\n--b--\r\n';
  const multipart = { 'content-type': 'multipart/form-data; boundary=b' };
  assert.equal((await ask(inBody, { method: 'POST', headers: multipart, body: boundary })).status, 200);
  assert.deepEqual(
    (await told(button, 'message.unsubscribed')).map(({ data }) => data),
    [{ recipient: 'button@inbox.test', by: 'link' }],
  );
  // It came by transactional mail, and stops such mail, too.
  const after = { ...body, to: [{ email: 'button@inbox.test' }] };
  assert.equal((await world.ok<Sent>('POST', '/messages', { body: after })).messages[0]?.state, 'suppressed');
});

test('mail with a way of its own to unsubscribe keeps it; transactional mail has none', async () => {
  await world.send('own@inbox.test', {
    lane: 'bulk',
    headers: { 'List-Unsubscribe': '<mailto:out@own.example>' },
  });
  assert.equal((await arrived('own@inbox.test')).header('list-unsubscribe'), '<mailto:out@own.example>');
  await world.send('plain@inbox.test', { html });
  const plain = await arrived('plain@inbox.test');
  assert.equal(plain.header('list-unsubscribe'), '');
  assert.equal(plain.html.trim(), html);
});

test('the narrowest word counts: message, sending domain, subaccount, account', async () => {
  const put = (body: object, headers: Record<string, string> = {}): Promise<unknown> =>
    world.ok('PUT', '/tracking-settings', { body, headers });
  const domains = await world.ok<{ items: { id: string; name: string }[] }>('GET', '/domains');
  const domainId = domains.items.find(({ name }) => name === 'lettershop.test')?.id ?? '';
  const read = async (query = '', headers: Record<string, string> = {}): Promise<object> => {
    type Effective = { opens: boolean; initialOpens: boolean; clicks: boolean; textClicks: boolean };
    const { effective } = await world.ok<{ effective: Effective }>('GET', `/tracking-settings${query}`, {
      headers,
    });
    const { opens, initialOpens, clicks, textClicks } = effective;
    return { opens, initialOpens, clicks, textClicks };
  };
  await put({ opens: true, clicks: true });
  await put({ domainId, clicks: false });
  const all = { opens: true, initialOpens: false, clicks: true, textClicks: false };
  assert.deepEqual([await read(), await read(`?domainId=${domainId}`)], [all, { ...all, clicks: false }]);
  const sub = await world.ok<{ id: number }>('POST', '/subaccounts', { body: { name: 'Client' } });
  const acting = { 'lettershop-subaccount': String(sub.id) };
  await put({ opens: false }, acting);
  assert.deepEqual(await read('', acting), { ...all, opens: false });
  await world.until(
    async () => {
      const to = `switch${String(performance.now()).replace('.', '')}@inbox.test`;
      await world.send(to, { html });
      return linksOf((await arrived(to)).html);
    },
    (links) =>
      links.length === 4 && (links[3] ?? '').includes('/o/') && links[0] === 'https://shop.example/?a=1&b=2',
  );
  await world.send('word@inbox.test', { html, tracking: { opens: false, clicks: true } });
  const links = linksOf((await arrived('word@inbox.test')).html);
  assert.deepEqual([links.length, links[0]?.includes('/c/')], [3, true]);
  await put({});
  await put({ domainId });
});

test('over SMTP a header says what is tracked, and does not leave; a wrong one is refused', async () => {
  const transport = nodemailer.createTransport({
    host: '127.0.0.1',
    port: world.smtpPort,
    auth: { user: 'lettershop', pass: testKey.secret },
  });
  const mail = { from: 'a@lettershop.test', subject: 'S', html, text: 'See https://shop.example/text.' };
  const headers = { 'X-Lettershop-Track': 'clicks, text-clicks', 'X-Lettershop-Unsubscribe': 'yes' };
  await transport.sendMail({ ...mail, to: 'smtp@inbox.test', headers });
  const { bytes, html: shown, header } = await arrived('smtp@inbox.test');
  assert.equal(await passes(bytes), true);
  assert.deepEqual(
    [header('x-lettershop-track'), header('list-unsubscribe').startsWith(`<https://${host}/u/`)],
    ['', true],
  );
  assert.equal((await ask(linksOf(shown)[0] ?? '')).headers['location'], 'https://shop.example/?a=1&b=2');
  const text = (await PostalMime.parse(bytes)).text ?? '';
  assert.equal(
    (await ask(/https:\S+(?=\.)/.exec(text)?.[0] ?? '')).headers['location'],
    'https://shop.example/text',
  );
  await assert.rejects(
    transport.sendMail({ ...mail, to: 'smtp@inbox.test', headers: { 'X-Lettershop-Track': 'everything' } }),
    /x-lettershop-track/,
  );
  transport.close();
});

test('AMP leaves with its links as they were written, beside HTML with tracked ones', async () => {
  const amp = '<html amp4email><body><a href="https://shop.example/">x</a></body></html>';
  const body = {
    from: { email: 'a@lettershop.test' },
    to: [{ email: 'amp@inbox.test' }],
    subject: 's',
    text: 't',
    html: '<p><a href="https://shop.example/">x</a></p>',
    amp,
    tracking: { clicks: true, opens: true },
  };
  await world.ok('POST', '/messages', { body });
  const { bytes, html: shown } = await arrived('amp@inbox.test');
  assert.match(linksOf(shown)[0] ?? '', new RegExp(`^https://${host}/`));
  const part = (await PostalMime.parse(bytes)).attachments.find(
    ({ mimeType }) => mimeType === 'text/x-amp-html',
  );
  assert.equal(
    Buffer.from(part?.content as ArrayBuffer)
      .toString('utf8')
      .trimEnd(),
    amp,
  );
});
