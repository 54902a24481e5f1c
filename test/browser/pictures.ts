/** The pictures of the README: an installation with a month of mail that was made up, photographed light and dark (`npm run pictures`). */
import assert from 'node:assert/strict';
import { mkdirSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openSession } from '../../src/features/logins/index.ts';
import type { ZoneRecords } from '../doubles/dns-server.ts';
import type { Settled, World } from '../world.ts';
import { launchChromium, owner, startBase } from './ground.ts';
import type { Base } from './ground.ts';

const folder = 'docs/pictures';
const sizeBytesMax = 150_000;
const width = 1200;
const days = 26;
const clients = [
  { name: 'Harbour Books', externalId: 'harbour', perDay: 46, bad: 0.02 },
  { name: 'Bakery Sunrise', externalId: 'bakery', perDay: 24, bad: 0.01 },
  { name: 'Cycle Club North', externalId: 'cycle', perDay: 17, bad: 0.03 },
  { name: 'Garden and Seed', externalId: 'garden', perDay: 9, bad: 0.02 },
] as const;
const inboxes = ['posteo.example', 'northmail.example', 'inbox.example', 'quay.example'];

/** The built-in mailbox refuses `hard@`. */
function recipients(
  day: number,
  { perDay, bad }: (typeof clients)[number],
): readonly { to: { email: string } }[] {
  const isWeekend = day % 7 > 4;
  const count = Math.round(
    perDay * (isWeekend ? 0.45 : 1) * (0.8 + 0.2 * Math.sin(day * 1.7)) * (1 + day / 60),
  );
  const refused = Math.round(count * bad);
  return Array.from({ length: count }, (_, at) => ({
    to: {
      email:
        at < refused
          ? `hard@moved${day * 31 + at}.test`
          : `reader${day * 31 + at}@${inboxes[at % inboxes.length]}`,
    },
  }));
}

async function month(world: World): Promise<void> {
  for (const { name, externalId } of clients)
    await world.ok('POST', '/subaccounts', { body: { name, externalId } });
  for (let day = 0; day < days; day++) {
    for (const client of clients)
      await world.ok('POST', '/messages', {
        headers: { 'lettershop-subaccount': `external:${client.externalId}` },
        body: {
          from: { email: 'news@lettershop.test', name: client.name },
          subject: `News of ${client.name}`,
          text: 'Dear reader, here is what is new this week.',
          tags: ['news'],
          recipients: recipients(day, client),
        },
      });
    await drained(world);
    await world.move(86_400_000);
  }
}

/** All that was accepted has come to its end, and is counted. */
async function drained(world: World): Promise<void> {
  await world.until(
    () => world.ok<{ total: Total }>('GET', '/figures'),
    ({ total }) => total.accepted > 0 && total.accepted === total.delivered + total.bounced.total,
  );
}
type Total = {
  readonly accepted: number;
  readonly delivered: number;
  readonly bounced: { readonly total: number };
};

const order = `<html><body style="font-family:sans-serif"><h1>Thank you, Ada</h1>
  <p>Your order 2041 has left our harbour.</p><p><a href="https://harbour-books.example/orders/2041">Follow it</a></p></body></html>`;

/** A message that was opened and clicked, whose timeline has something to tell. */
async function followed(world: World): Promise<string> {
  const [id = ''] = await world.send('ada@northmail.example', {
    from: { email: 'orders@lettershop.test', name: 'Harbour Books' },
    subject: 'Your order 2041 is on its way',
    html: order,
    tags: ['order'],
    campaign: 'orders',
    metadata: { order: '2041', customer: 'c-7713' },
    tracking: { opens: true, clicks: true },
  });
  await world.settled(id, ['delivered']);
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', `/captures?message=${id}`);
  const raw = await world.ok<string>('GET', `/captures/${items[0]?.id}/content`);
  const text = raw.replaceAll('=\r\n', '').replaceAll('=3D', '=');
  const links = [...new Set(text.match(/http:\/\/track\.lettershop\.test\/[\w/.~-]+/g) ?? [])];
  assert.ok(links.length >= 2, text.slice(0, 3000));
  for (const link of links.toReversed()) await follow(world, link);
  await world.program.tracker.engagements.idle();
  await world.until(
    () => world.ok<Settled>('GET', `/messages/${id}`),
    ({ timeline }) =>
      ['message.opened', 'message.clicked'].every((kind) => timeline.some((each) => each.kind === kind)),
  );
  return id;
}

function follow(world: World, link: string): Promise<void> {
  const { host, pathname } = new URL(link);
  const headers = {
    host,
    'user-agent': 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0',
  };
  return new Promise((resolve, reject) => {
    const to = { host: '127.0.0.1', port: world.program.doors.httpPort, path: pathname, headers };
    request(to, (response) => response.resume().on('end', resolve))
      .on('error', reject)
      .end();
  });
}

type Entry = { readonly type: string; readonly name: string; readonly value: string };
type Domain = { readonly id: string; readonly state: string; readonly records: readonly Entry[] };

/** All of its records are seen but the last, which somebody has yet to enter. */
async function provenDomain({ world, dns }: Base): Promise<string> {
  const made = await world.ok<Domain>('POST', '/domains', { body: { name: 'harbour-books.example' } });
  for (const { type, name, value } of made.records.slice(0, -1)) {
    const known = (dns.zone[name] ?? {}) as ZoneRecords;
    if (type === 'TXT') dns.zone[name] = { ...known, TXT: [...(known.TXT ?? []), value] };
    if (type === 'CNAME') dns.zone[name] = { ...known, CNAME: value };
    if (type === 'MX') dns.zone[name] = { ...known, MX: [[10, value.replace(/^\d+ /, '')]] };
  }
  await world.until(
    () => world.ok<Domain>('POST', `/domains/${made.id}/check`),
    ({ state }) => state === 'proven',
  );
  return made.id;
}

async function template(world: World): Promise<string> {
  const body = { starter: 'welcome', name: 'Welcome to Harbour Books', slug: 'welcome' };
  return (await world.ok<{ id: string }>('POST', '/templates/starters/copy', { body })).id;
}

async function photograph(page: Page, name: string, height: number): Promise<void> {
  await page.setViewportSize({ width, height });
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  await page.locator('main h1').waitFor();
  await page.locator('[aria-busy]').first().waitFor({ state: 'detached' });
  await page.waitForLoadState('networkidle');
  // Charts and frames draw themselves a moment after they have what they show.
  await page.evaluate('document.fonts.ready.then(() => new Promise((done) => setTimeout(done, 1200)))');
  const path = `${folder}/${name}.png`;
  await page.screenshot({ path, animations: 'disabled', clip: { x: 0, y: 0, width, height } });
  const { size } = statSync(path);
  console.log(`${path}: ${Math.round(size / 1024)} KiB`);
  assert.ok(size <= sizeBytesMax, `${path} has ${size} bytes`);
}

async function photographs(browser: Browser, { world }: Base, paths: Record<string, string>): Promise<void> {
  // A login is of the machine's time; the installation is a month ahead of it.
  const { items } = await world.ok<{ items: { id: string; email: string }[] }>('GET', '/users');
  const id = items.find(({ email }) => email === owner.email)?.id ?? '';
  const { token } = await openSession(world.database.db, id, new Date(world.clock.now()));
  const cookies = [{ name: 'lettershop_session', value: `${token}.of-no-use`, url: world.url }];
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ viewport: { width, height: 700 }, colorScheme });
    await context.clock.setFixedTime(world.clock.now());
    await context.addCookies(cookies);
    const page = await context.newPage();
    for (const [name, path] of Object.entries(paths)) {
      await page.goto(`${world.url}${path}`);
      // Its timeline stands below its facts.
      await photograph(page, `${name}-${colorScheme}`, name === 'message' ? 900 : 700);
    }
    await context.close();
  }
}

test('the console is photographed for the README', async () => {
  mkdirSync(folder, { recursive: true });
  const base = await startBase({ LETTERSHOP_TRACKING_URL: 'http://track.lettershop.test' });
  const browser = await launchChromium();
  try {
    const { world } = base;
    await world.ok('PATCH', '/account', { body: { name: 'Harbour Agency' } });
    await month(world);
    const message = await followed(world);
    const domain = await provenDomain(base);
    const paths = {
      overview: '/',
      message: `/messages/${message}`,
      domain: `/domains/${domain}`,
      template: `/templates/${await template(world)}`,
    };
    await photographs(browser, base, paths);
  } finally {
    await browser.close();
    await base.world[Symbol.asyncDispose]();
    await base.dns[Symbol.asyncDispose]();
  }
});
