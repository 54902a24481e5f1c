import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { makeAddressFilter } from '../../src/base/address-filter.ts';
import { makeHttpsGet } from '../../src/base/https-get.ts';
import { nativeRoutes } from '../../src/main/routes.ts';
import { silentLog } from '../../src/base/log.ts';
import type { HttpServer } from '../../src/http/server.ts';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { HttpsHost } from '../doubles/https-host.ts';
import { openSideDoor } from '../sweeps/isolation-ground.ts';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
let dns: DnsServerDouble;
let provider: HttpsHost;
/** The same routes, but that the DNS provider is asked at the double's port, with its certificate. */
let side: HttpServer;
before(async () => {
  provider = await HttpsHost.start('connect.provider.test');
  dns = await DnsServerDouble.start(
    {
      'connect.provider.test': { A: ['127.0.0.1'] },
      'inside.provider.test': { A: ['10.0.0.1'] },
      'spf.mail.lettershop.test': { TXT: ['v=spf1 ip4:192.0.2.1 -all'] },
    },
    1,
  );
  world = await startWorld({ LETTERSHOP_DNS_SERVERS: dns.address });
  const { program, clock } = world;
  const { resolve } = program.domains;
  const filter = makeAddressFilter({ allow: ['127.0.0.0/8'] });
  const httpsGet = makeHttpsGet({ resolve, filter, port: provider.port, ca: provider.cert });
  const domains = { ...program.domains, httpsGet };
  side = await openSideDoor(
    world,
    nativeRoutes({ ...program, config: {} as never, log: silentLog, clock, domains }),
  );
});
after(async () => {
  await side[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

type Wanted = {
  readonly purpose: string;
  readonly type: string;
  readonly name: string;
  readonly value: string;
};
type Domain = { readonly id: string; readonly state: string; readonly records: readonly Wanted[] };
type Offer = {
  readonly isAvailable: boolean;
  readonly provider: string | null;
  readonly zone: string | null;
  readonly url: string | null;
  readonly explain: string;
};

function add(name: string): Promise<Domain> {
  return world.ok<Domain>('POST', '/domains', { body: { name } });
}

async function offer(path: string): Promise<Offer> {
  const answer = await fetch(`http://127.0.0.1:${side.port}/api/v1${path}`, {
    headers: { authorization: `Bearer ${testKey.secret}` },
  });
  assert.equal(answer.status, 200);
  return (await answer.json()) as Offer;
}

const settings = {
  providerId: 'provider.test',
  providerName: 'Provider <Inc>',
  urlSyncUX: 'https://connect.provider.test/ux',
  urlAPI: 'https://connect.provider.test/api/',
  width: 750,
  height: 750,
};

/** The provider offers the zone, and knows the template of the service. */
function offerZone(zone: string, service: string): void {
  dns.zone[`_domainconnect.${zone}`] = { TXT: ['connect.provider.test'] };
  provider.answers[`/v2/${zone}/settings`] = { status: 200, body: JSON.stringify(settings) };
  provider.answers[`/api/v2/domainTemplates/providers/mail.lettershop.test/services/${service}`] = {
    status: 200,
  };
}

test('instructions tell what to enter at the provider that serves the zone, and how to merge SPF', async () => {
  dns.zone['shop.example'] = {
    NS: ['ns10.ovh.net', 'dns10.ovh.net'],
    TXT: ['v=spf1 include:other.example -all'],
  };
  dns.zone['other.example'] = { TXT: ['v=spf1 ip4:192.0.2.7 -all'] };
  const { id } = await add('shop.example');
  type Told = {
    zone: string;
    provider: { id: string };
    nameServers: string[];
    records: { purpose: string; enterName: string; enterValue: string }[];
    spf: { merged: string; lookups: unknown; seen: string[] };
    text: string;
  };
  const told = await world.ok<Told>('GET', `/domains/${id}/instructions`);
  assert.deepEqual([told.zone, told.provider.id, told.nameServers.length], ['shop.example', 'ovh', 2]);
  const bounce = told.records.find(({ purpose }) => purpose === 'return_path');
  assert.deepEqual([bounce?.enterName, bounce?.enterValue], ['bounce', 'bounce.mail.lettershop.test.']);
  assert.deepEqual(told.spf.lookups, { before: 1, after: 2, max: 10 });
  assert.equal(told.spf.merged, 'v=spf1 include:other.example include:spf.mail.lettershop.test -all');
  assert.match(told.text, /OVHcloud serves shop\.example/);
  const chosen = await world.ok<Told>('GET', `/domains/${id}/instructions?provider=cloudflare`);
  assert.equal(chosen.provider.id, 'cloudflare');
});

test('instructions are forwarded by mail, a note as text, and not without end', async () => {
  const { id } = await add('forward.example');
  const to = 'hostmaster@inbox.test';
  const body = { to, note: 'Please, <b>soon</b>!\nThank you', replyTo: 'agency@inbox.test' };
  await world.ok('POST', `/domains/${id}/forward`, { body });
  type Page = { items: { id: string; to: string; subject: string }[] };
  const { items } = await world.until(
    () => world.ok<Page>('GET', '/captures?limit=100'),
    (page) => page.items.some((mail) => mail.to === to),
  );
  const found = items.find((mail) => mail.to === to);
  assert.equal(found?.subject, 'DNS records for forward.example');
  const mail = (await world.ok<string>('GET', `/captures/${found.id}/content`)).replaceAll(/=\r\n/g, '');
  assert.match(mail, /^Reply-To: agency@inbox\.test\r$/m);
  assert.match(mail, /Please, &lt;b&gt;soon&lt;\/b&gt;!<br>Thank you/);
  assert.match(mail, /First account asks you for these DNS records/);
  assert.match(mail, /_lettershop\.forward\.example/);
  for (const _ of [2, 3, 4, 5]) await world.ok('POST', `/domains/${id}/forward`, { body: { to } });
  const refused = await world.api('POST', `/domains/${id}/forward`, { body: { to: to.toUpperCase() } });
  assert.deepEqual([refused.status, (refused.body as { code: string }).code], [409, 'limit.reached']);
  const other = await world.api('POST', `/domains/${id}/forward`, { body: { to: 'someone@inbox.test' } });
  assert.equal(other.status, 202);
  for (const broken of [{ to: 'nobody' }, { to, replyTo: 'x' }, { to, provider: 'nobody' }])
    assert.equal((await world.api('POST', `/domains/${id}/forward`, { body: broken })).status, 400);
});

/** The query as the provider sees it, its signature checked with the key that the operator publishes. */
async function applied(url: string): Promise<URLSearchParams> {
  type Papers = { key: { name: string; values: string[] } };
  const papers = (await (await fetch(`${world.url}/domain-connect`)).json()) as Papers;
  const query = new URLSearchParams(url.slice(url.indexOf('?') + 1));
  const signed = url.slice(url.indexOf('?') + 1, url.indexOf('&sig='));
  assert.equal(papers.key.name, `${query.get('key')}.mail.lettershop.test`);
  const data = papers.key.values.map((value) => /^p=\d,a=RS256,d=(.+)$/.exec(value)?.[1] ?? '').join('');
  const key = createPublicKey({ key: Buffer.from(data, 'base64'), format: 'der', type: 'spki' });
  const signature = Buffer.from(query.get('sig') ?? '', 'base64');
  assert.ok(verify('sha256', Buffer.from(signed), key, signature), 'the provider can verify it');
  assert.ok(
    !verify('sha256', Buffer.from(signed.replace('shop', 'shoq')), key, signature) ||
      !signed.includes('shop'),
  );
  return query;
}

type Template = {
  readonly providerId: string;
  readonly syncPubKeyDomain: string;
  readonly records: readonly Readonly<Record<string, string>>[];
};

/** What a provider that follows the template publishes: names and values, variables filled in. */
async function publishedBy(service: string, query: URLSearchParams): Promise<Wanted[]> {
  const template = (await (await fetch(`${world.url}/domain-connect/${service}.json`)).json()) as Template;
  assert.equal(template.providerId, 'mail.lettershop.test');
  const groups = (query.get('groupId') ?? '').split(',');
  const fill = (text = ''): string =>
    text.replaceAll(/%(\w+)%/g, (_all, name: string) => query.get(name) ?? `%${name}%`);
  const host = [query.get('host'), query.get('domain')].filter((each) => each !== null).join('.');
  return template.records
    .filter((record) => groups.includes(record['groupId'] ?? ''))
    .map((record) => {
      const name = fill(record['host']);
      return {
        purpose: record['groupId'] ?? '',
        type: record['type'] ?? '',
        name: name === '@' ? host : `${name}.${host}`,
        value: fill(record['data'] ?? record['pointsTo'] ?? record['spfRules']),
      };
    });
}

test('a provider that knows the template gets a signed address, and what it publishes proves the domain', async () => {
  offerZone('connected.example', 'sending');
  const domain = await add('shop.connected.example');
  const made = await offer(`/domains/${domain.id}/connect`);
  assert.deepEqual(
    [made.isAvailable, made.provider, made.zone],
    [true, 'Provider <Inc>', 'connected.example'],
  );
  assert.ok(
    made.url?.startsWith(
      'https://connect.provider.test/ux/v2/domainTemplates/providers/mail.lettershop.test/services/sending/apply?domain=connected.example&host=shop&',
    ),
    made.url ?? '',
  );
  const query = await applied(made.url ?? '');
  const records = await publishedBy('sending', query);
  const wanted = domain.records.filter(({ purpose }) => purpose === 'ownership' || purpose === 'dkim');
  for (const { type, name, value } of wanted)
    assert.ok(
      records.some((each) => each.type === type && each.name === name && each.value === value),
      name,
    );
  const spf = records.find(({ type }) => type === 'SPFM');
  assert.deepEqual([spf?.name, spf?.value], ['shop.connected.example', 'include:spf.mail.lettershop.test']);
  for (const { type, name, value } of records) {
    if (type === 'TXT') dns.zone[name] = { TXT: [value] };
    if (type === 'CNAME') dns.zone[name] = { CNAME: value };
  }
  // The browser comes back: nothing of it is believed, but DNS is looked at, which by itself would be later.
  const now = world.clock.now();
  await sql`update domains set checked_at = ${new Date(now - 60_000)}, next_check_at = ${new Date(now + 43_200_000)}
    where id = ${domain.id}`.execute(world.database.db.engine);
  const back = new URL(query.get('redirect_uri') ?? '');
  const done = await fetch(
    `${world.url}${back.pathname}?state=${encodeURIComponent(query.get('state') ?? '')}`,
  );
  assert.equal(done.status, 200);
  assert.match(done.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  await world.until(
    () => world.ok<Domain>('GET', `/domains/${domain.id}`),
    ({ state }) => state === 'proven',
  );
});

test('who comes back with an error or with a state of their own changes and learns nothing', async () => {
  const { id } = await add('unmoved.example');
  const before = await world.ok('GET', `/domains/${id}`);
  for (const query of [
    `state=domains.${id}.AAAAAAAAAAAAAAAAAAAAAA`,
    'state=x',
    '',
    'error=<script>alert(1)</script>',
  ]) {
    const page = await fetch(`${world.url}/domain-connect/done?${query}`);
    assert.equal(page.status, 200);
    assert.doesNotMatch(await page.text(), /<script|alert/);
  }
  assert.equal((before as Domain).state, 'unproven');
  assert.equal((await fetch(`${world.url}/domain-connect/done`, { method: 'POST' })).status, 405);
  assert.equal((await fetch(`${world.url}/domain-connect/other.json`)).status, 404);
});

test('SPF is left to the person when the record has no room for one more look-up', async () => {
  offerZone('full.example', 'sending');
  const terms = Array.from({ length: 10 }, (_, at) => `a:h${at}.full.example`);
  dns.zone['full.example'] = { TXT: [`v=spf1 ${terms.join(' ')} -all`] };
  const { id } = await add('full.example');
  const made = await offer(`/domains/${id}/connect`);
  const query = await applied(made.url ?? '');
  assert.equal(query.get('groupId'), 'proof,dkim,bounce');
  assert.equal(query.get('host'), null);
});

test('no provider, one without the template, an evil one and a private one are told apart, and none is followed', async () => {
  const cases: Record<string, () => void> = {
    'nothing.example': () => undefined,
    'unsupported.example': () => offerZone('unsupported.example', 'other'),
    'odd.example': () => {
      offerZone('odd.example', 'sending');
      provider.answers['/v2/odd.example/settings'] = {
        status: 200,
        body: JSON.stringify({ ...settings, urlSyncUX: 'javascript:alert(1)' }),
      };
    },
    'moved.example': () => {
      offerZone('moved.example', 'sending');
      provider.answers['/v2/moved.example/settings'] = {
        status: 302,
        headers: { location: 'https://inside.provider.test/v2/moved.example/settings' },
      };
    },
    'inside.example': () => {
      dns.zone['_domainconnect.inside.example'] = { TXT: ['inside.provider.test'] };
    },
    'strange.example': () => {
      dns.zone['_domainconnect.strange.example'] = { TXT: ['http://user@connect.provider.test:22/x?y'] };
    },
  };
  delete provider.answers['/api/v2/domainTemplates/providers/mail.lettershop.test/services/sending'];
  const told: Record<string, string> = {};
  for (const [name, prepare] of Object.entries(cases)) {
    prepare();
    if (name === 'unsupported.example')
      delete provider.answers['/api/v2/domainTemplates/providers/mail.lettershop.test/services/sending'];
    const { id } = await add(name);
    const made = await offer(`/domains/${id}/connect`);
    assert.deepEqual([made.isAvailable, made.url], [false, null], name);
    told[name] = made.explain;
  }
  assert.deepEqual(told, {
    'nothing.example': 'The DNS provider of this domain does not offer automatic set-up.',
    'unsupported.example': 'Provider <Inc> does not know the template of this installation.',
    'odd.example': 'The DNS provider does not offer automatic set-up for this domain.',
    'moved.example': 'The DNS provider does not offer automatic set-up for this domain.',
    'inside.example': 'The DNS provider gave no answer: the host has a private address, not a public one.',
    'strange.example': 'The DNS provider of this domain does not offer automatic set-up.',
  });
});

test('a tracking domain is set up in the same way', async () => {
  offerZone('links.example', 'tracking');
  type Tracking = { id: string; record: { name: string; value: string }; state: string };
  const tracking = await world.ok<Tracking>('POST', '/tracking-domains', {
    body: { name: 'click.links.example' },
  });
  const made = await offer(`/tracking-domains/${tracking.id}/connect`);
  const query = await applied(made.url ?? '');
  assert.deepEqual([query.get('domain'), query.get('host')], ['links.example', 'click']);
  const [record] = await publishedBy('tracking', query);
  assert.deepEqual(
    [record?.type, record?.name, record?.value],
    ['CNAME', tracking.record.name, tracking.record.value],
  );
  dns.zone[tracking.record.name] = { CNAME: record?.value ?? '' };
  world.clock.move(31_000);
  await fetch(`${world.url}/domain-connect/done?state=${encodeURIComponent(query.get('state') ?? '')}`);
  await world.until(
    () => world.ok<Tracking>('GET', `/tracking-domains/${tracking.id}`),
    ({ state }) => state === 'proven',
  );
});
