import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { endOldDmarc } from '../../src/features/monitoring/index.ts';
import { gzip, reportMail, reportXml, zip } from '../doubles/dmarc.ts';
import type { ReportFields, ReportRow } from '../doubles/dmarc.ts';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { bring } from '../doubles/reports.ts';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
let dns: DnsServerDouble;
before(async () => {
  dns = await DnsServerDouble.start({});
  world = await startWorld({
    LETTERSHOP_DNS_SERVERS: dns.address,
    LETTERSHOP_BLOCKLISTS: 'one.bl.test, two.bl.test',
  });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
});

type Page<T> = { readonly items: readonly T[]; readonly next: string | null };
type Record = { readonly purpose: string; readonly value: string };
type Domain = { readonly id: string; readonly name: string; readonly rua: string };
type Source = {
  readonly address: string;
  readonly messages: number;
  readonly passed: number;
  readonly results: unknown;
};

async function subaccount(name: string): Promise<{ id: number; secret: string }> {
  const made = await world.ok<{ id: number; key: { secret: string } }>('POST', '/subaccounts', {
    body: { name, key: { name } },
  });
  return { id: made.id, secret: made.key.secret };
}

/** Added by the key; what its instructions say of where reports go. */
async function domain(name: string, secret: string, isProven = true): Promise<Domain> {
  const made = await world.ok<{ id: string }>('POST', '/domains', { body: { name }, secret });
  if (isProven)
    await sql`update domains set state = 'proven', next_check_at = null where id = ${made.id}`.execute(
      world.database.db.engine,
    );
  const told = await world.ok<{ records: Record[] }>('GET', `/domains/${made.id}/instructions`, { secret });
  const value = told.records.find(({ purpose }) => purpose === 'dmarc')?.value ?? '';
  return { id: made.id, name, rua: /rua=mailto:(\S+)$/.exec(value)?.[1] ?? '' };
}

function report(to: Domain, fields: Omit<ReportFields, 'domain'>, rua = to.rua): Promise<string> {
  const xml = Buffer.from(reportXml({ domain: to.name, ...fields }));
  return bring(world.inboundPort, rua, reportMail('application/gzip', gzip(xml)), 'dmarc@recv.test');
}

const rows: readonly ReportRow[] = [
  { source: '192.0.2.1', count: 10 },
  { source: '192.0.2.1', count: 2, dkim: 'fail' },
  { source: '198.51.100.7', count: 5, dkim: 'fail', spf: 'fail', disposition: 'quarantine' },
];

async function unread(): Promise<string[]> {
  const found = await sql<{
    why: string;
  }>`select why from inbound_unread where mailbox = 'dmarc' order by id`.execute(world.database.db.engine);
  return found.rows.map(({ why }) => why);
}

const sourcesOf = (id: string, secret: string, query = ''): Promise<Page<Source>> =>
  world.ok('GET', `/domains/${id}/dmarc/sources${query}`, { secret });
const reportsOf = (
  id: string,
  secret: string,
  query = '',
): Promise<Page<{ id: string; reference: string }>> =>
  world.ok('GET', `/domains/${id}/dmarc/reports${query}`, { secret });

test('a report by mail counts once, sums by source, and only the subaccount that it is for reads it', async () => {
  const a = await subaccount('a');
  const b = await subaccount('b');
  const own = await domain('a.example', a.secret);
  assert.match(own.rua, /^dmarc-[a-z2-7]{29}@mail\.lettershop\.test$/);
  assert.match(await report(own, { rows }), /^250 /);
  const again = await Promise.all(Array.from({ length: 4 }, () => report(own, { rows })));
  assert.ok(again.every((answer) => answer.startsWith('250 ')));
  const zipped = Buffer.from(reportXml({ domain: own.name, rows: rows.slice(0, 1), reference: 'r2' }));
  await bring(world.inboundPort, own.rua, reportMail('application/zip', zip(zipped)), 'dmarc@recv.test');
  const { items } = await sourcesOf(own.id, a.secret);
  assert.deepEqual(items, [
    {
      address: '192.0.2.1',
      messages: 22,
      passed: 22,
      results: [
        { dkim: 'pass', spf: 'pass', disposition: 'none', messages: 20 },
        { dkim: 'fail', spf: 'pass', disposition: 'none', messages: 2 },
      ],
    },
    {
      address: '198.51.100.7',
      messages: 5,
      passed: 0,
      results: [{ dkim: 'fail', spf: 'fail', disposition: 'quarantine', messages: 5 }],
    },
  ]);
  assert.deepEqual(await unread(), []);
  const events = await world.ok<Page<{ data: unknown }>>('GET', '/events?kind=dmarc.reported', {
    secret: a.secret,
  });
  assert.equal(events.items.length, 2);
  for (const path of ['reports', 'sources']) {
    const foreign = await world.api('GET', `/domains/${own.id}/dmarc/${path}`, { secret: b.secret });
    const missing = await world.api('GET', `/domains/999999999/dmarc/${path}`, { secret: b.secret });
    assert.deepEqual([foreign.status, missing.status], [404, 404]);
  }
  const heard = await world.ok<Page<unknown>>('GET', '/events?kind=dmarc.reported', { secret: b.secret });
  assert.deepEqual(heard.items, []);
  assert.equal((await reportsOf(own.id, testKey.secret)).items.length, 2, 'the account reads it');
});

test('of a shared domain nobody reads the reports but who holds it', async () => {
  const a = await subaccount('shared to');
  const own = await domain('shared.example', testKey.secret);
  await world.ok('PATCH', `/domains/${own.id}`, { body: { share: 'use' } });
  await report(own, { rows });
  assert.equal((await world.api('GET', `/domains/${own.id}`, { secret: a.secret })).status, 200);
  assert.equal(
    (await world.api('GET', `/domains/${own.id}/dmarc/reports`, { secret: a.secret })).status,
    404,
  );
  assert.equal((await reportsOf(own.id, testKey.secret)).items.length, 1);
});

test('pages of reports and of sources go on where they ended', async () => {
  const a = await subaccount('pages');
  const own = await domain('pages.example', a.secret);
  const many = ['192.0.2.200', '2001:db8::1', '10.0.0.1'].map((source) => ({ source, count: 1 }));
  for (const reference of ['r1', 'r2', 'r3']) await report(own, { rows: many, reference });
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: Page<Source> = await sourcesOf(own.id, a.secret, `?limit=1${cursor && `&cursor=${cursor}`}`);
    seen.push(...page.items.map(({ address, messages }) => `${address} ${messages}`));
    cursor = page.next;
  }
  assert.deepEqual(seen, ['10.0.0.1 3', '192.0.2.200 3', '2001:db8::1 3']);
  const first = await reportsOf(own.id, a.secret, '?limit=2');
  const second = await reportsOf(own.id, a.secret, `?limit=2&cursor=${first.next}`);
  assert.deepEqual(
    [...first.items, ...second.items].map(({ reference }) => reference),
    ['r3', 'r2', 'r1'],
  );
  const wrong = await world.api('GET', `/domains/${own.id}/dmarc/sources?cursor=999.1.1.1`, {
    secret: a.secret,
  });
  assert.equal(wrong.status, 400);
});

test('a report about what its address was not signed for, or about nothing proven, counts for nobody', async () => {
  const a = await subaccount('claims');
  const b = await subaccount('victim');
  const unproven = await domain('claimed.example', a.secret, false);
  const other = await domain('victim.example', b.secret);
  const known = (await unread()).length;
  await report(unproven, { rows });
  await report(other, { rows }, unproven.rua);
  await report({ ...other, name: 'elsewhere.example' }, { rows });
  await report(other, { rows, end: Math.floor(Date.now() / 1000) - 91 * 86_400 });
  await bring(
    world.inboundPort,
    other.rua,
    reportMail('application/gzip', gzip(Buffer.alloc(64 * 1024 * 1024))),
    'x@y.test',
  );
  await bring(world.inboundPort, other.rua, 'From: x@y.test\r\nSubject: hello\r\n\r\nHello.\r\n', 'x@y.test');
  const foreign = 'a report about a domain that is not proven here';
  assert.deepEqual((await unread()).slice(known), [
    foreign,
    foreign,
    foreign,
    'a report of long ago',
    'its archive is broken or grows too large',
    'no report is in it',
  ]);
  const forged = other.rua.replace(/^dmarc-./, (start) => (start.endsWith('b') ? 'dmarc-c' : 'dmarc-b'));
  assert.match(await report(other, { rows }, forged), /^550 5\.1\.1 /);
  assert.deepEqual((await reportsOf(other.id, b.secret)).items, []);
});

test('reports end with their rows, and go with their domain', async () => {
  const a = await subaccount('ends');
  const own = await domain('ends.example', a.secret);
  const gone = await domain('gone.example', a.secret);
  await report(own, { rows });
  await report(gone, { rows });
  const left = async (): Promise<number> => {
    const found = await sql<{ n: number }>`select count(*)::int as n from dmarc_rows
      where domain_id = any(${[own.id, gone.id]}::bigint[])`.execute(world.database.db.engine);
    return found.rows[0]?.n ?? 0;
  };
  assert.equal(await left(), 6);
  await world.ok('DELETE', `/domains/${gone.id}`, { secret: a.secret });
  assert.equal(await left(), 3);
  const { now, monotonicMs } = world.clock;
  await endOldDmarc(world.database.db, { now: () => now() + 91 * 86_400_000, monotonicMs });
  assert.equal(await left(), 0);
});

type Watched = {
  readonly address: string;
  readonly poolId: string | null;
  readonly listings: readonly {
    readonly blocklist: string;
    readonly state: string;
    readonly reason: string;
  }[];
};

const short = ({ items }: Page<Watched>): unknown =>
  items.map(({ address, listings }) => [address, ...listings.map(({ state }) => state)]);

test('source addresses are looked up in blocklists, and each change is told once, to the account', async () => {
  const { engine } = world.database.db;
  dns.zone['10.2.0.192.one.bl.test'] = { A: ['127.0.0.2'], TXT: ['seen spamming'] };
  dns.zone['11.2.0.192.one.bl.test'] = { A: ['127.255.255.254'] };
  const pools = await Promise.all(
    ['first', 'second'].map((name) => world.ok<{ id: string }>('POST', '/pools', { body: { name } })),
  );
  for (const [index, pool] of pools.entries())
    await sql`insert into source_addresses (account_id, subaccount_id, address, ehlo_name, node, pool_id)
      select account_id, id, ${`192.0.2.${10 + index}`}::inet, 'mx.sender.test', 'elsewhere', ${pool.id}
      from subaccounts where is_own and account_id = (select account_id from keys where public_id = ${testKey.publicId})`.execute(
      engine,
    );
  const account = (): Promise<Page<Watched>> => world.ok('GET', '/blocklists');
  const found = await world.until(account, (page) => JSON.stringify(short(page)).includes('listed'));
  assert.equal(found.items[0]?.poolId, pools[0]?.id);
  assert.equal(found.items[0]?.listings[0]?.reason, 'seen spamming');
  await world.until(account, (page) => JSON.stringify(short(page)) === settledAs('listed'));
  const a = await world.ok<{ id: number; key: { secret: string } }>('POST', '/subaccounts', {
    body: { name: 'bound', poolId: pools[1]?.id, key: { name: 'bound' } },
  });
  const b = await subaccount('by default');
  const theirs = async (secret: string): Promise<unknown> =>
    short(await world.ok<Page<Watched>>('GET', '/blocklists', { secret }));
  assert.deepEqual(await theirs(a.key.secret), [['192.0.2.11', 'unknown', 'clear']]);
  assert.deepEqual(await theirs(b.secret), [['192.0.2.10', 'listed', 'clear']]);
  const acting = await world.ok<Page<Watched>>('GET', '/blocklists', {
    headers: { 'Lettershop-Subaccount': String(a.id) },
  });
  assert.deepEqual(short(acting), [['192.0.2.11', 'unknown', 'clear']]);

  dns.zone = {};
  await world.until(
    // The resolver remembers for a second: asked until it does not.
    () =>
      sql`update blocklist_states set next_check_at = now() where next_check_at > now()`
        .execute(engine)
        .then(account),
    (page) => JSON.stringify(short(page)) === settledAs('clear', 'clear'),
  );
  const told = async (secret: string): Promise<string[]> => {
    const page = await world.ok<Page<{ kind: string; data: { address: string } }>>(
      'GET',
      '/events?kind=address.listed&kind=address.cleared',
      { secret },
    );
    return page.items.map(({ kind, data }) => `${kind} ${data.address}`).toSorted();
  };
  assert.deepEqual(await told(testKey.secret), ['address.cleared 192.0.2.10', 'address.listed 192.0.2.10']);
  assert.deepEqual([await told(a.key.secret), await told(b.secret)], [[], []]);
});

function settledAs(first: string, refused = 'unknown'): string {
  return JSON.stringify([
    ['192.0.2.10', first, 'clear'],
    ['192.0.2.11', refused, 'clear'],
  ]);
}
