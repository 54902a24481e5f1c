import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
let dns: DnsServerDouble;
before(async () => {
  dns = await DnsServerDouble.start({}, 1);
  world = await startWorld({
    LETTERSHOP_DNS_SERVERS: dns.address,
    LETTERSHOP_TRACKING_URL: 'https://links.installation.example/',
  });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
});

type Tracking = {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly isDefault: boolean;
  readonly explain: string;
  readonly record: { readonly name: string; readonly value: string };
};
type Options = { readonly secret?: string; readonly headers?: Record<string, string> };

async function client(externalId: string): Promise<{ secret: string; headers: Record<string, string> }> {
  const body = { name: externalId, externalId, key: { name: 'k' } };
  const made = await world.ok<{ key: { secret: string } }>('POST', '/subaccounts', { body });
  return { secret: made.key.secret, headers: {} };
}

function add(name: string, by: Options, more: Record<string, unknown> = {}): Promise<Tracking> {
  return world.ok<Tracking>('POST', '/tracking-domains', { ...by, body: { name, ...more } });
}

/** What was remembered of the name may be a second old. */
function look(id: string, by: Options, state: string): Promise<Tracking> {
  return world.until(
    () => world.ok<Tracking>('POST', `/tracking-domains/${id}/check`, by),
    (tracking) => tracking.state === state,
  );
}

async function addProven(name: string, by: Options, more: Record<string, unknown> = {}): Promise<Tracking> {
  const made = await add(name, by, more);
  dns.zone[made.record.name] = { CNAME: made.record.value };
  return look(made.id, by, 'proven');
}

async function choice(by: Options, domainId?: string): Promise<unknown[]> {
  const query = domainId === undefined ? '' : `?domainId=${domainId}`;
  const { source, url } = await world.ok<{ source: string; url: string }>(
    'GET',
    `/tracking-choice${query}`,
    by,
  );
  return [source, url];
}

test('only the CNAME to the own target proves a tracking domain, and who loses it is told', async () => {
  const [one, two] = [await client('prover'), await client('claimer')];
  const mine = await add('click.brand.example', one);
  assert.match(mine.record.value, /^[0-9a-f]{24}\.track\.mail\.lettershop\.test$/);
  const theirs = await add('click.brand.example', two);
  assert.notEqual(mine.record.value, theirs.record.value);
  dns.zone['click.brand.example'] = { CNAME: 'track.mail.lettershop.test' };
  const wrong = await world.ok<Tracking>('POST', `/tracking-domains/${mine.id}/check`, one);
  assert.equal(wrong.state, 'unproven', 'a record that merely points here proves nothing');
  dns.zone['click.brand.example'] = { CNAME: mine.record.value };
  await look(mine.id, one, 'proven');
  assert.equal((await look(theirs.id, two, 'unproven')).state, 'unproven');
  dns.zone['click.brand.example'] = { CNAME: theirs.record.value };
  await look(theirs.id, two, 'proven');
  const deposed = await world.ok<Tracking>('GET', `/tracking-domains/${mine.id}`, one);
  assert.equal(deposed.state, 'lost', 'a name has one prover');
  type Events = { items: { kind: string }[] };
  const kinds = async (by: Options): Promise<string[]> =>
    (await world.ok<Events>('GET', '/events', by)).items
      .map(({ kind }) => kind)
      .filter((kind) => kind.startsWith('tracking.'));
  assert.deepEqual(await kinds(one), ['tracking.created', 'tracking.proven', 'tracking.lost']);
  assert.deepEqual(await kinds(two), ['tracking.created', 'tracking.proven']);
  assert.equal((await world.api('GET', `/tracking-domains/${mine.id}`, two)).status, 404);
});

test('silence of DNS changes nothing, and the domain itself cannot be one', async () => {
  const by = await client('silent');
  const { id } = await addProven('t.silent.example', by);
  dns.zone['t.silent.example'] = 'servfail';
  const silent = await world.until(
    () => world.ok<Tracking>('POST', `/tracking-domains/${id}/check`, by),
    ({ explain }) => /no answer/.test(explain),
  );
  assert.equal(silent.state, 'proven');
  delete dns.zone['t.silent.example'];
  await look(id, by, 'lost');
  const apex = await world.api('POST', '/tracking-domains', { ...by, body: { name: 'silent.example' } });
  assert.equal(apex.status, 400);
  const twice = await world.api('POST', '/tracking-domains', { ...by, body: { name: 't.silent.example' } });
  assert.equal(twice.status, 409);
});

test("a message gets its sending domain's link, else the subaccount's default, the account's, the installation's", async () => {
  const by = await client('chooser');
  const { id: domainId } = await world.ok<{ id: string }>('POST', '/domains', {
    ...by,
    body: { name: 'chooser.example' },
  });
  assert.deepEqual(await choice(by, domainId), ['installation', 'https://links.installation.example']);
  const account = await addProven('links.account.example', {});
  await world.ok('PATCH', `/tracking-domains/${account.id}`, { body: { isDefault: true } });
  assert.deepEqual(await choice(by, domainId), ['account', 'http://links.account.example']);
  assert.equal(
    (await world.api('GET', `/tracking-domains/${account.id}`, by)).status,
    404,
    'used, not shown',
  );
  const unproven = await add('later.chooser.example', by);
  const early = await world.api('PATCH', `/tracking-domains/${unproven.id}`, {
    ...by,
    body: { isDefault: true },
  });
  assert.equal(early.status, 409, 'only a proven one is a default');
  const first = await addProven('a.chooser.example', by, { secure: true });
  const second = await addProven('b.chooser.example', by);
  for (const { id } of [first, second, first])
    await world.ok('PATCH', `/tracking-domains/${id}`, { ...by, body: { isDefault: true } });
  assert.deepEqual(await choice(by, domainId), ['subaccount', 'https://a.chooser.example']);
  assert.equal((await world.ok<Tracking>('GET', `/tracking-domains/${second.id}`, by)).isDefault, false);
  await world.ok('PUT', `/domains/${domainId}/tracking`, { ...by, body: { trackingDomainId: second.id } });
  assert.deepEqual(await choice(by, domainId), ['sending_domain', 'http://b.chooser.example']);
  assert.deepEqual(await choice(by), ['subaccount', 'https://a.chooser.example']);
  delete dns.zone['b.chooser.example'];
  await look(second.id, by, 'lost');
  assert.deepEqual(
    await choice(by, domainId),
    ['subaccount', 'https://a.chooser.example'],
    'lost ones are passed over',
  );
  await world.ok('DELETE', `/tracking-domains/${first.id}`, by);
  assert.deepEqual(await choice(by, domainId), ['account', 'http://links.account.example']);
  await world.ok('PATCH', `/tracking-domains/${account.id}`, { body: { isDefault: false } });
});

test('a shared tracking domain is read or linked by subaccounts, by the level, and changed by none', async () => {
  const by = await client('borrower');
  const { id: domainId } = await world.ok<{ id: string }>('POST', '/domains', {
    ...by,
    body: { name: 'borrower.example' },
  });
  const shared = await addProven('links.shared.example', {}, { share: 'read' });
  const link = (trackingDomainId: string | null): Promise<number> =>
    world
      .api('PUT', `/domains/${domainId}/tracking`, { ...by, body: { trackingDomainId } })
      .then(({ status }) => status);
  assert.equal((await world.api('GET', `/tracking-domains/${shared.id}`, by)).status, 200);
  assert.equal(await link(shared.id), 400, 'read is not use');
  assert.equal(await link('999999999'), 400);
  await world.ok('PATCH', `/tracking-domains/${shared.id}`, { body: { share: 'use' } });
  assert.equal(await link(shared.id), 200);
  assert.deepEqual(await choice(by, domainId), ['sending_domain', 'http://links.shared.example']);
  for (const [method, path, body] of [
    ['PATCH', '', { isDefault: true }],
    ['DELETE', '', undefined],
    ['POST', '/check', undefined],
    ['GET', '/connect', undefined],
  ] as const) {
    const answer = await world.api(method, `/tracking-domains/${shared.id}${path}`, {
      ...by,
      ...(body === undefined ? {} : { body }),
    });
    assert.equal(answer.status, 404, `${method} ${path}`);
  }
  await world.ok('PATCH', `/tracking-domains/${shared.id}`, { body: { share: 'none' } });
  assert.deepEqual(await choice(by, domainId), ['installation', 'https://links.installation.example']);
  const own = await add('own.borrower.example', by);
  const sharing = await world.api('PATCH', `/tracking-domains/${own.id}`, { ...by, body: { share: 'use' } });
  assert.equal(sharing.status, 409);
  assert.equal(await link(null), 200);
});

test("mail from the account's shared sending domain gets the tracking domain that is linked to it", async () => {
  const by = await client('shared-sender');
  const { items } = await world.ok<{ items: { id: string; name: string }[] }>('GET', '/domains');
  const domainId = items.find(({ name }) => name === 'lettershop.test')?.id ?? '';
  const linked = await addProven('links.own.example', {});
  await world.ok('PUT', `/domains/${domainId}/tracking`, { body: { trackingDomainId: linked.id } });
  assert.deepEqual(await choice(by, domainId), ['sending_domain', 'http://links.own.example']);
  const theirs = await addProven('t.shared-sender.example', by);
  const foreign = await world.api('PUT', `/domains/${domainId}/tracking`, {
    body: { trackingDomainId: theirs.id },
  });
  assert.equal(foreign.status, 400, 'both are of one holder');
});

test('the account looks after the tracking domains of a subaccount, and acting for another it finds none', async () => {
  const by = await client('looked-after');
  await client('somebody');
  const headers = { 'lettershop-subaccount': 'external:looked-after' };
  const made = await addProven('t.looked-after.example', { headers });
  await world.ok('PATCH', `/tracking-domains/${made.id}`, { body: { isDefault: true } });
  assert.deepEqual(await choice(by), ['subaccount', 'http://t.looked-after.example']);
  const { items } = await world.ok<{ items: Tracking[] }>('GET', '/tracking-domains', { headers });
  assert.deepEqual(
    items.map(({ id }) => id),
    [made.id],
  );
  const other = { headers: { 'lettershop-subaccount': 'external:somebody' } };
  assert.equal((await world.api('GET', `/tracking-domains/${made.id}`, other)).status, 404);
  const { id: domainId } = await world.ok<{ id: string }>('POST', '/domains', {
    ...by,
    body: { name: 'looked-after.example' },
  });
  for (const id of [domainId, '999999999'])
    assert.equal((await world.api('GET', `/tracking-choice?domainId=${id}`, other)).status, 404);
});

test('background looks find a record that was published later', async () => {
  const by = await client('patient');
  const made = await add('t.patient.example', by);
  dns.zone['t.patient.example'] = { CNAME: made.record.value };
  world.clock.move(61_000);
  await world.until(
    () => world.ok<Tracking>('GET', `/tracking-domains/${made.id}`, by),
    ({ state }) => state === 'proven',
  );
});
