import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { countedQuery } from '../kills/recount.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { fetched } from './export-calls.ts';
import { Sdk } from './mandrill-client.ts';

let world: World;
let dns: DnsServerDouble;
let sdk: Sdk;
before(async () => {
  dns = await DnsServerDouble.start({}, 1);
  world = await startWorld({ LETTERSHOP_DNS_SERVERS: dns.address });
  sdk = new Sdk(world);
  await sdk.call('subaccounts.add', { id: 'cust-9', name: 'Nine Ltd' });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
});

type Fields = Readonly<Record<string, unknown>>;

async function sent(more: Fields): Promise<string> {
  const message = {
    from_email: 'news@lettershop.test',
    to: [{ email: 'you@inbox.test' }],
    subject: 'Hi',
    text: 'Hi',
    ...more,
  };
  const [found] = await sdk.call<{ _id: string }[]>('messages.send', { message });
  return found?._id ?? '';
}

test('fields of metadata are named, shown by their template, searched, exported as columns and removed', async () => {
  const view = '<b>{{value}}</b> of {{shop}}';
  assert.deepEqual(await sdk.call('metadata.add', { name: 'order', view_template: view }), {
    name: 'order',
    state: 'active',
    view_template: view,
  });
  await sdk.call('metadata.add', { name: 'shop' });
  const changed = { name: 'shop', state: 'active', view_template: '{{value}}!' };
  assert.deepEqual(await sdk.call('metadata.update', { name: 'shop', view_template: '{{value}}!' }), changed);
  assert.deepEqual((await sdk.call<Fields[]>('metadata.list'))[1], changed);
  await sent({ metadata: { order: '<7>', shop: 'north', other: 1 }, subaccount: 'cust-9' });
  const found = await world.until(
    () => sdk.call<Fields[]>('messages.search', { query: 'u_order:7' }),
    (each) => each.length > 0,
  );
  assert.equal(found.length, 1);
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/messages');
  assert.deepEqual(await world.ok('GET', `/messages/${items[0]?.id}/metadata`), {
    items: [
      { name: 'order', value: '<7>', view: '<b>&lt;7&gt;</b> of north' },
      { name: 'shop', value: 'north', view: 'north!' },
    ],
  });
  const { id } = await sdk.call<{ id: string }>('exports.activity');
  const { result_url: url } = await world.until(
    () => sdk.call<{ state: string; result_url: string | null }>('exports.info', { id }),
    ({ state }) => state === 'complete',
  );
  const { lines } = await fetched(world, url);
  assert.deepEqual(
    lines.map((line) => line.split(',').slice(-2)),
    [
      ['order', 'shop'],
      ['<7>', 'north'],
    ],
  );
  assert.deepEqual(await sdk.call('metadata.delete', { name: 'shop' }), { ...changed, state: 'delete' });
  assert.equal((await sdk.call<Fields[]>('metadata.list')).length, 1);
});

test('an unknown field, one too many, a second of its name and a broken template are refused in Mandrill’s words', async () => {
  const unknown = [404, 24, 'Unknown_MetadataField', 'Invalid metadata field name: none'];
  assert.deepEqual(await sdk.refused('metadata.update', { name: 'none', view_template: '' }), unknown);
  assert.deepEqual(await sdk.refused('metadata.delete', { name: 'none' }), unknown);
  const again = await sdk.refused('metadata.add', { name: 'order' });
  assert.equal(again.at(-1), 'Validation error: {"name":"A metadata field with name order already exists"}');
  const broken = await sdk.refused('metadata.add', { name: 'broken', view_template: '{{#if}}' });
  assert.deepEqual(broken.slice(0, 3), [422, -2, 'ValidationError']);
  assert.match(String(broken.at(-1)), /"view_template":"/);
  for (let n = 1; n < 10; n++) await sdk.call('metadata.add', { name: `f${n}` });
  assert.deepEqual((await sdk.refused('metadata.add', { name: 'f10' })).slice(0, 3), [
    422,
    23,
    'Metadata_FieldLimit',
  ]);
});

test('the account’s fields are for its subaccounts, which cannot change them', async () => {
  const client = await world.ok<{ key: { secret: string } }>('POST', '/subaccounts', {
    body: { name: 'fields', key: { name: 'k' } },
  });
  const own = new Sdk(world, client.key.secret);
  await own.call('metadata.add', { name: 'mine' });
  const names = async (each: Sdk): Promise<readonly unknown[]> =>
    (await each.call<Fields[]>('metadata.list')).map(({ name }) => name);
  const seen = await names(own);
  assert.ok(seen.includes('order') && seen.includes('mine'));
  assert.equal((await own.refused('metadata.delete', { name: 'order' }))[2], 'Unknown_MetadataField');
  assert.ok((await names(sdk)).includes('order'));
});

test('a tag is taken out of the figures, stays on its mail, and comes back with new mail', async () => {
  const counted = (): Promise<unknown> =>
    world.until(
      () => sql.raw<{ is_through: boolean }>(countedQuery).execute(world.database.db.engine),
      ({ rows }) => rows[0]?.is_through === true,
    );
  const tags = async (): Promise<readonly unknown[]> =>
    (await sdk.call<Fields[]>('tags.list'))
      .map(({ tag, sent: n }) => `${String(tag)} ${String(n)}`)
      .toSorted();
  const id = await sent({ tags: ['may', 'june'] });
  await sent({ tags: ['may'] });
  await counted();
  assert.deepEqual(await tags(), ['june 1', 'may 2']);
  const before = await sdk.call<{ stats: { today: Fields } }>('users.info');
  const gone = await sdk.call<Fields>('tags.delete', { tag: 'may' });
  assert.deepEqual([gone['tag'], gone['sent']], ['may', 2]);
  assert.deepEqual(await tags(), ['june 1']);
  const unknown = [400, 1, 'Invalid_Tag_Name', 'no such tag "may"'];
  assert.deepEqual(await sdk.refused('tags.info', { tag: 'may' }), unknown);
  assert.deepEqual(await sdk.refused('tags.delete', { tag: 'may' }), unknown);
  const after = await sdk.call<{ stats: { today: Fields } }>('users.info');
  assert.equal(after.stats.today['sent'], before.stats.today['sent']);
  assert.deepEqual((await sdk.call<Fields>('messages.info', { id }))['tags'], ['may', 'june']);
  await sent({ tags: ['may'] });
  await counted();
  assert.deepEqual(await tags(), ['june 1', 'may 1']);
});

test('a domain is verified by a mail to whoever administers it, and signs once its DKIM record is there', async () => {
  const domain = 'inbox.test';
  await sdk.call('senders.addDomain', { domain });
  assert.deepEqual(
    (await sdk.refused('senders.verifyDomain', { domain: 'else.test', mailbox: 'admin' }))[2],
    'Unknown_Domain',
  );
  const wrong = await sdk.refused('senders.verifyDomain', { domain, mailbox: 'joe' });
  assert.match(String(wrong.at(-1)), /"mailbox":"Please enter one of admin, /);
  assert.deepEqual(await sdk.call('senders.verifyDomain', { domain, mailbox: 'Postmaster' }), {
    status: 'sent',
    domain,
    email: 'postmaster@inbox.test',
  });
  const { rows } = await world.until(
    () =>
      sql<{
        text: string;
      }>`select convert_from(content, 'UTF8') as text from captures where recipient = 'postmaster@inbox.test'`.execute(
        world.database.db.engine,
      ),
    (found) => found.rows.length > 0,
  );
  const text = (rows[0]?.text ?? '').replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=');
  const path = /\/domain-proof\/[\w.-]+/.exec(text)?.[0] ?? '';
  const page = async (method: string, asked = path): Promise<readonly [number, string]> => {
    const response = await fetch(`${world.url}${asked}`, { method });
    return [response.status, await response.text()];
  };
  assert.match((await page('GET'))[1], /First account<\/b> asks to send mail in the name of <b>inbox\.test/);
  const look = (): Promise<Fields> => sdk.call<Fields>('senders.checkDomain', { domain });
  assert.deepEqual(
    [(await look())['verified_at'], (await page('GET', `${path}x`))[0], (await page('PUT'))[0]],
    [null, 404, 405],
  );
  assert.match((await page('POST'))[1], /once its DKIM record is there/);
  const verified = await look();
  assert.deepEqual([typeof verified['verified_at'], verified['valid_signing']], ['string', false]);
  assert.equal(
    (await sdk.call<Fields>('senders.verifyDomain', { domain, mailbox: 'admin' }))['status'],
    'already_verified',
  );
  type Domain = { name: string; records: { purpose: string; name: string; value: string }[] };
  const { items } = await world.ok<{ items: Domain[] }>('GET', '/domains');
  for (const { purpose, name, value } of items.find((each) => each.name === domain)?.records ?? [])
    if (purpose === 'dkim') dns.zone[name] = { TXT: [value] };
  const signing = await world.until(look, (found) => found['valid_signing'] === true);
  assert.equal((signing['dkim'] as Fields)['valid'], true);
});
