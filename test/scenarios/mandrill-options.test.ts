import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import nodemailer from 'nodemailer';
import PostalMime from 'postal-mime';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { SmtpSink } from '../doubles/smtp-sink.ts';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';
import { Sdk } from './mandrill-client.ts';

const host = 'track.lettershop.test';
const ownHost = 'click.lettershop.test';
let sink: SmtpSink;
let dns: DnsServerDouble;
let world: World;
let sdk: Sdk;
before(async () => {
  sink = await SmtpSink.start();
  dns = await DnsServerDouble.start({}, 1);
  world = await startWorld({
    LETTERSHOP_OUTBOUND: 'relay',
    LETTERSHOP_RELAY_URL: `smtp://127.0.0.1:${sink.port}`,
    LETTERSHOP_TRACKING_URL: `http://${host}`,
    LETTERSHOP_DNS_SERVERS: dns.address,
  });
  sdk = new Sdk(world);
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
});

type Fields = Readonly<Record<string, unknown>>;
type Arrived = { readonly html: string; readonly text: string; readonly bytes: string };

let count = 0;
const nobodyYet = (): string => `n${++count}@one.test`;

async function arrived(to: string): Promise<Arrived> {
  const kept = await world.until(
    () => Promise.resolve(sink.kept.find((each) => each.to === to)),
    (each) => each !== undefined,
  );
  const bytes = kept?.bytes ?? Buffer.alloc(0);
  const { html = '', text = '' } = await PostalMime.parse(bytes);
  return { html, text, bytes: bytes.toString('latin1') };
}

async function sent(more: Fields): Promise<Arrived & { readonly id: string }> {
  const to = nobodyYet();
  const message = { from_email: 'news@lettershop.test', to: [{ email: to }], subject: 'Hi', ...more };
  const [answer] = await sdk.call<{ _id: string; status: string }[]>('messages.send', { message });
  assert.equal(answer?.status, 'sent');
  return { ...(await arrived(to)), id: answer?._id ?? '' };
}

/** Over SMTP, with control headers. */
async function handedIn(
  headers: Readonly<Record<string, string>>,
  more: { text?: string; html?: string } = {},
): Promise<Arrived> {
  const to = nobodyYet();
  const transport = nodemailer.createTransport({
    host: '127.0.0.1',
    port: world.smtpPort,
    auth: { user: 'owner@primary.test', pass: testKey.secret },
  });
  await transport.sendMail({ from: 'news@lettershop.test', to, subject: 'Hi', text: 'Hi', headers, ...more });
  transport.close();
  return arrived(to);
}

const text = 'Dear <all>,\n\nsee https://shop.test/a?b=1.';
const htmlOf =
  '<p>Dear &lt;all&gt;,</p>\n<p>see <a href="https://shop.test/a?b=1">https://shop.test/a?b=1</a>.</p>';

test('auto_html makes HTML of a text that has none, with its variables filled in, and of no other', async () => {
  assert.ok((await sent({ text, auto_html: true })).html.includes(htmlOf));
  assert.equal((await sent({ text })).html, '');
  assert.equal((await sent({ text, html: '<p>own</p>', auto_html: true })).html.trim(), '<p>own</p>');
  const merged = await sent({
    text: 'Hi *|NAME|*, https://shop.test/*|ID|*',
    auto_html: true,
    global_merge_vars: [
      { name: 'name', content: 'Ann' },
      { name: 'id', content: 7 },
    ],
  });
  assert.ok(merged.html.includes('Hi Ann, <a href="https://shop.test/7">https://shop.test/7</a>'));
  assert.ok((await handedIn({ 'X-MC-AutoHtml': 'yes' }, { text })).html.includes(htmlOf));
  assert.equal((await handedIn({ 'X-MC-AutoHtml': 'no' }, { text })).html, '');
});

const link = '<p><a href="https://shop.test/a?b=1">go</a> <a href="https://else.test/">else</a></p>';

test('google_analytics_domains and _campaign put parameters into links of these hosts alone', async () => {
  const options = { google_analytics_domains: ['shop.test'], google_analytics_campaign: 'may sale' };
  const { html, text: plain } = await sent({ html: link, text: 'https://shop.test/', ...options });
  const parameters = 'utm_source=mandrill&amp;utm_medium=email&amp;utm_campaign=may%20sale';
  assert.ok(html.includes(`href="https://shop.test/a?b=1&amp;${parameters}"`), html);
  assert.ok(html.includes('href="https://else.test/"'));
  assert.equal(plain.trim(), `https://shop.test/?${parameters.replaceAll('&amp;', '&')}`);
  const unnamed = await sent({ html: link, google_analytics_domains: ['shop.test'] });
  assert.ok(unnamed.html.includes('utm_campaign=news%40lettershop.test'));
  const headers = { 'X-MC-GoogleAnalytics': 'other.test, shop.test', 'X-MC-GoogleAnalyticsCampaign': 'june' };
  assert.ok((await handedIn(headers, { html: link })).html.includes('utm_campaign=june'));
});

test('view_content_link false shows what a mail says to nobody but its recipients', async () => {
  const hidden = await sent({ text: 'secret', view_content_link: false });
  assert.equal(hidden.text.trim(), 'secret');
  assert.equal((await sdk.refused('messages.content', { id: hidden.id }))[2], 'Unknown_Message');
  assert.equal((await sdk.call<Fields>('messages.info', { id: hidden.id }))['state'], 'sent');
  const shown = await sent({ text: 'open', view_content_link: true });
  assert.equal(String((await sdk.call<Fields>('messages.content', { id: shown.id }))['text']).trim(), 'open');
  await handedIn({ 'X-MC-ViewContentLink': 'false' });
  await handedIn({ 'X-MC-ViewContentLink': 'true' });
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/messages?limit=2');
  const statuses = await Promise.all(
    items.map(async ({ id }) => (await world.api('GET', `/messages/${id}/content`)).status),
  );
  assert.deepEqual(statuses, [200, 404]);
});

/** Follows the first link of a mail as its reader does. */
async function follow(html: string): Promise<string | null> {
  const url = new URL(/href="(http[^"]+)"/.exec(html)?.[1] ?? '');
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    const { port } = new URL(world.url);
    const headers = { host: url.host, 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' };
    request({ host: '127.0.0.1', port, path: url.pathname, headers }, (response) => {
      response.resume();
      resolve(response.headers.location ?? null);
    })
      .on('error', reject)
      .end();
  });
}

test('url_strip_qs tells clicks without the query, the link leads where it led', async () => {
  const target = 'https://shop.test/a?b=1';
  const clicked = async (mail: Arrived, id: string): Promise<unknown> => {
    assert.equal(await follow(mail.html), target);
    const { clicks_detail: clicks } = await world.until(
      () => sdk.call<{ clicks_detail: { url: string }[] }>('messages.info', { id }),
      (found) => found.clicks_detail.length > 0,
    );
    return clicks[0]?.url;
  };
  const whole = await sent({ html: link, track_clicks: true });
  assert.equal(await clicked(whole, whole.id), target);
  const stripped = await sent({ html: link, track_clicks: true, url_strip_qs: true });
  assert.equal(await clicked(stripped, stripped.id), 'https://shop.test/a');
  const overSmtp = await handedIn({ 'X-MC-URLStripQS': 'true', 'X-MC-Track': 'clicks' }, { html: link });
  assert.equal(await follow(overSmtp.html), target);
  const { items } = await world.until(
    () => world.ok<{ items: { data: { url: string } }[] }>('GET', '/events?kind=message.clicked'),
    (page) => page.items.length === 3,
  );
  assert.equal(items.filter(({ data }) => data.url === 'https://shop.test/a').length, 2);
});

test('tracking_domain is where links lead once it is verified; one that is not is the usual one', async () => {
  const leadsTo = ({ html }: Arrived): string => new URL(/href="(http[^"]+)"/.exec(html)?.[1] ?? '').host;
  const options = { html: link, track_clicks: true, tracking_domain: ownHost };
  await sdk.call('urls.addTrackingDomain', { domain: ownHost });
  assert.equal(leadsTo(await sent(options)), host);
  type Domain = { name: string; record: { value: string } };
  const { items } = await world.ok<{ items: Domain[] }>('GET', '/tracking-domains');
  dns.zone[ownHost] = { CNAME: items.find(({ name }) => name === ownHost)?.record.value ?? '' };
  const { valid_tracking: isValid } = await sdk.call<Fields>('urls.checkTrackingDomain', { domain: ownHost });
  assert.equal(isValid, true);
  assert.equal(leadsTo(await sent(options)), ownHost);
  assert.equal(leadsTo(await sent({ ...options, tracking_domain: null })), host);
  const headers = { 'X-MC-TrackingDomain': ownHost, 'X-MC-Track': 'clicks' };
  assert.equal(leadsTo(await handedIn(headers, { html: link })), ownHost);
  const foreign = await world.api('POST', '/messages', {
    body: {
      from: { email: 'a@lettershop.test' },
      to: [{ email: 'you@one.test' }],
      subject: 'Hi',
      text: 'Hi',
      tracking: { clicks: true, domain: 'click.nobody.test' },
    },
  });
  assert.equal((foreign.body as { errors: { field: string }[] }).errors[0]?.field, 'tracking.domain');
});

test('signing_domain changes nothing, as with the provider: the From domain signs', async () => {
  const signed = ({ bytes }: Arrived): readonly string[] =>
    [...bytes.matchAll(/\bd=([^;\s]+)/g)].map(([, domain = '']) => domain);
  for (const mail of [
    await sent({ text, signing_domain: 'else.test' }),
    await handedIn({ 'X-MC-SigningDomain': 'else.test' }),
  ])
    assert.ok(signed(mail).length > 0 && signed(mail).every((domain) => domain === 'lettershop.test'));
});

test('return_path_domain is where bounces come back by, if the sender may use it, and is refused otherwise', async () => {
  await sent({ text, return_path_domain: 'bounce.lettershop.test' });
  const message = { from_email: 'news@lettershop.test', to: [{ email: 'you@one.test' }], text };
  const refused = await sdk.refused('messages.send', {
    message: { ...message, return_path_domain: 'b.else.test' },
  });
  assert.deepEqual(refused, [
    422,
    -2,
    'ValidationError',
    'Validation error: {"message":{"return_path_domain":"Please enter a domain of yours by which bounces come back"}}',
  ]);
  await handedIn({ 'X-MC-ReturnPathDomain': 'lettershop.test' });
  await assert.rejects(handedIn({ 'X-MC-ReturnPathDomain': 'b.else.test' }), /return_path_domain/);
});
