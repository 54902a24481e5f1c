import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import PostalMime from 'postal-mime';
import { sql } from 'kysely';
import { purgeWhatIsDue } from '../../src/features/erasure/index.ts';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { startWorld } from '../world.ts';
import type { TimelineEvent, World } from '../world.ts';

let world: World;
let dns: DnsServerDouble;
before(async () => {
  dns = await DnsServerDouble.start({}, 1);
  world = await startWorld({ LETTERSHOP_DNS_SERVERS: dns.address });
  const domains = await world.ok<{ items: { id: string; name: string }[] }>('GET', '/domains');
  const shared = domains.items.find(({ name }) => name === 'lettershop.test')?.id ?? '';
  await world.ok('PATCH', `/domains/${shared}`, { body: { share: 'use' } });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
});

type Client = { readonly id: number; readonly secret: string; readonly host: string };

/** A client with a default tracking domain, which sends from the account's domain. */
async function client(name: string): Promise<Client> {
  const made = await world.ok<{ id: number; key: { secret: string } }>('POST', '/subaccounts', {
    body: { name, key: { name: 'k' } },
  });
  const { secret } = made.key;
  const host = `click.${name}.example`;
  type Domain = { id: string; state: string; record: { value: string } };
  const domain = await world.ok<Domain>('POST', '/tracking-domains', { secret, body: { name: host } });
  dns.zone[host] = { CNAME: domain.record.value };
  await world.until(
    () => world.ok<Domain>('POST', `/tracking-domains/${domain.id}/check`, { secret }),
    ({ state }) => state === 'proven',
  );
  await world.ok('PATCH', `/tracking-domains/${domain.id}`, { secret, body: { isDefault: true } });
  return { id: made.id, secret, host };
}

const html = '<p><a href="https://shop.example/">Shop</a></p>';

async function sendTracked(
  { secret }: Client,
  to: string,
  more: object = {},
): Promise<{ id: string; link: string; out: string }> {
  const [id = ''] = await world.send(
    to,
    { html, tracking: { clicks: true, unsubscribe: true }, ...more },
    secret,
  );
  const page = await world.until(
    () => world.ok<{ items: { id: string }[] }>('GET', `/captures?message=${id}`, { secret }),
    ({ items }) => items.length > 0,
  );
  const response = await fetch(`${world.url}/api/v1/captures/${page.items[0]?.id}/content`, {
    headers: { authorization: `Bearer ${secret}` },
  });
  const mail = await PostalMime.parse(await response.arrayBuffer());
  const out = mail.headers.find(({ key }) => key === 'list-unsubscribe')?.value ?? '';
  return { id, link: /href="([^"]+)"/.exec(mail.html ?? '')?.[1] ?? '', out: out.slice(1, -1) };
}

function ask(path: string, host: string, method = 'GET', body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port: world.program.doors.httpPort,
        path,
        method,
        headers: { host, 'user-agent': 'Mozilla/5.0 (X11)' },
      },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    asking.on('error', reject);
    asking.end(body);
  });
}

const pathOf = (link: string): string => link.slice(new URL(link).origin.length);

async function clicksOf({ secret }: Client, id: string): Promise<number> {
  await world.program.tracker.engagements.idle();
  const { timeline } = await world.ok<{ timeline: TimelineEvent[] }>('GET', `/messages/${id}`, { secret });
  return timeline.filter(({ kind }) => kind === 'message.clicked').length;
}

let mailer: Client | null = null;

test("a tenant's link leads on its own host only, and only the tenant hears of it", async () => {
  const [one, two] = [await client('one'), await client('two')];
  const { id, link } = await sendTracked(one, 'ada@inbox.test');
  assert.equal(new URL(link).host, one.host);
  assert.deepEqual([await ask(pathOf(link), one.host), await ask(pathOf(link), two.host)], [302, 404]);
  assert.equal(await ask(pathOf(link), 'localhost'), 404);
  assert.equal(await clicksOf(one, id), 1);
  const foreign = await world.ok<{ items: unknown[] }>('GET', '/events?kind=message.clicked', {
    secret: two.secret,
  });
  assert.deepEqual(foreign.items, []);
  // Once the hosts were looked at, theirs serve no API.
  const status = await world.until(
    () => ask('/api/v1/openapi.json', one.host),
    (each) => each === 404,
  );
  assert.equal(status, 404);
  assert.equal(await ask('/api/v1/openapi.json', '127.0.0.1'), 200);
  mailer = one;
});

test('on a host without https there is no one click, and the page works after the message is gone', async () => {
  assert.ok(mailer !== null);
  const { id, out } = await sendTracked(mailer, 'gone@inbox.test');
  assert.match(out, /^http:/);
  const { engine } = world.database.db;
  await world.settled(id, ['delivered']).catch(() => null);
  await sql`delete from messages where id = ${id}`.execute(engine);
  assert.equal(await ask(pathOf(out), mailer.host, 'POST', 'confirm=yes'), 200);
  const found = await world.ok<{ items: { address: string; kind: string; source: string }[] }>(
    'GET',
    '/suppressions?address=gone@inbox.test',
    { secret: mailer.secret },
  );
  assert.deepEqual(
    found.items.map(({ kind, source }) => [kind, source]),
    [['unsubscribe', 'link']],
  );
});

test('of an erased person nothing is told any more, whatever is clicked', async () => {
  assert.ok(mailer !== null);
  const { id, link, out } = await sendTracked(mailer, 'erased@inbox.test');
  await ask(pathOf(link), mailer.host);
  assert.equal(await clicksOf(mailer, id), 1);
  const { secret, host } = mailer;
  const asked = await world.ok<{ id: string }>('POST', '/erasures', {
    secret,
    body: { address: 'erased@inbox.test' },
  });
  await world.until(
    () => world.ok<{ state: string }>('GET', `/erasures/${asked.id}`, { secret }),
    ({ state }) => state === 'done',
  );
  assert.equal(await ask(pathOf(link), host), 302);
  assert.equal(await ask(pathOf(out), host, 'POST', 'confirm=yes'), 200);
  assert.equal(await clicksOf(mailer, id), 1);
  const { engine } = world.database.db;
  for (const table of ['events', 'suppressions', 'engagements']) {
    const { rows } =
      await sql`select 1 from ${sql.table(table)} t where t::text like '%erased@inbox.test%'`.execute(engine);
    assert.deepEqual(rows, [], table);
  }
});

test('a redirect works while the store is away, and what was clicked is told once it is back', async () => {
  assert.ok(mailer !== null);
  const one = mailer;
  const { id, link } = await sendTracked(one, 'patient@inbox.test');
  const { owner } = world.database.db;
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'lettershop tracking' and datname = current_database()`.execute(owner);
  assert.equal(await ask(pathOf(link), one.host), 302);
  await world.until(
    () => clicksOf(one, id),
    (count) => count === 1,
  );
});

test('a purged subaccount leaves no engagement, and its links are told nowhere', async () => {
  const one = await client('purged');
  const { id, link } = await sendTracked(one, 'p@inbox.test');
  await ask(pathOf(link), one.host);
  assert.equal(await clicksOf(one, id), 1);
  await world.ok('PUT', '/tracking-settings', { secret: one.secret, body: { clicks: true } });
  await world.ok('POST', `/subaccounts/${one.id}/retire`, { body: {} });
  await world.move(31 * 86_400_000);
  const { engine } = world.database.db;
  // The purge may be the background's.
  await purgeWhatIsDue(world.database.db, world.clock);
  const left = async (table: string): Promise<number> =>
    (await sql`select 1 from ${sql.table(table)} where subaccount_id = ${one.id}`.execute(engine)).rows
      .length;
  for (const table of ['engagements', 'tracking_settings', 'tracking_domains', 'messages'])
    await world.until(
      () => left(table),
      (count) => count === 0,
    );
  await ask(pathOf(link), one.host);
  await world.program.tracker.engagements.idle();
  assert.equal(await left('engagements'), 0);
});
