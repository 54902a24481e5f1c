import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAccount } from '../../src/features/accounts/index.ts';
import { create as createKey } from '../../src/features/keys/index.ts';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
let dns: DnsServerDouble;
before(async () => {
  dns = await DnsServerDouble.start({}, 1);
  world = await startWorld({ LETTERSHOP_DNS_SERVERS: dns.address });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
});

type Domain = {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly share: string;
  readonly records: readonly { purpose: string; type: string; name: string; value: string }[];
};
type Client = { readonly id: number; readonly key: { readonly secret: string } };

async function client(externalId: string): Promise<string> {
  const body = { name: externalId, externalId, key: { name: 'k' } };
  return (await world.ok<Client>('POST', '/subaccounts', { body })).key.secret;
}

/** Adds what the records want to what is published, as a hostmaster does for several holders of one name. */
function publish({ records }: Domain, purposes: readonly string[] = ['ownership', 'dkim']): void {
  for (const { purpose, type, name, value } of records) {
    if (!purposes.includes(purpose) || type !== 'TXT') continue;
    const there = dns.zone[name];
    const texts = typeof there === 'object' ? (there.TXT ?? []) : [];
    dns.zone[name] = { TXT: [...texts, value] };
  }
}

async function addProven(name: string, secret?: string, share?: string): Promise<Domain> {
  const by = secret === undefined ? {} : { secret };
  const body = { name, ...(share === undefined ? {} : { share }) };
  const made = await world.ok<Domain>('POST', '/domains', { ...by, body });
  publish(made);
  const checked = await world.until(
    () => world.ok<Domain>('POST', `/domains/${made.id}/check`, by),
    ({ state }) => state === 'proven',
  );
  return checked;
}

async function sends(from: string, secret?: string): Promise<boolean> {
  const body = { from: { email: from }, to: [{ email: 'you@inbox.test' }], subject: 's', text: 't' };
  const { status } = await world.api('POST', '/messages', {
    ...(secret === undefined ? {} : { secret }),
    body,
  });
  assert.ok(status === 202 || status === 403, `${from}: ${status}`);
  return status === 202;
}

/** What was found is remembered for a second. */
function untilSends(isWanted: boolean, from: string, secret?: string): Promise<boolean> {
  return world.until(
    () => sends(from, secret),
    (does) => does === isWanted,
  );
}

test('a domain of the account is hidden, read or used by its subaccounts, by the level; never changed by them', async () => {
  const secret = await client('levels');
  const { id } = await addProven('levels.example');
  const seen = async (): Promise<unknown[]> => [
    (await world.api('GET', `/domains/${id}`, { secret })).status,
    (await world.ok<{ items: Domain[] }>('GET', '/domains', { secret })).items.some((each) => each.id === id),
    (await world.api('GET', `/domains/${id}/instructions`, { secret })).status,
  ];
  const changes = async (): Promise<number[]> => {
    const calls: [string, string, unknown][] = [
      ['PATCH', '', { share: 'none' }],
      ['DELETE', '', undefined],
      ['POST', '/check', undefined],
      ['POST', '/forward', { to: 'x@client.example' }],
      ['GET', '/connect', undefined],
      ['PUT', '/tracking', { trackingDomainId: null }],
    ];
    const answers = calls.map(([method, path, body]) =>
      world.api(method, `/domains/${id}${path}`, { secret, ...(body === undefined ? {} : { body }) }),
    );
    return (await Promise.all(answers)).map(({ status }) => status);
  };
  const never = [404, 404, 404, 404, 404, 404];
  assert.deepEqual(await seen(), [404, false, 404]);
  assert.deepEqual(await changes(), never);
  assert.equal(await sends('a@levels.example', secret), false);
  await world.ok('PATCH', `/domains/${id}`, { body: { share: 'read' } });
  assert.deepEqual(await seen(), [200, true, 200]);
  assert.deepEqual(await changes(), never);
  assert.equal(await sends('a@levels.example', secret), false);
  await world.ok('PATCH', `/domains/${id}`, { body: { share: 'use' } });
  await untilSends(true, 'a@levels.example', secret);
  assert.deepEqual(await changes(), never);
  await world.ok('PATCH', `/domains/${id}`, { body: { share: 'none' } });
  await untilSends(false, 'a@levels.example', secret);
  assert.deepEqual(await seen(), [404, false, 404]);
  type Entries = { items: { action: string; subjectId: string }[] };
  const { items } = await world.ok<Entries>('GET', '/audit?limit=500');
  const shared = items.filter(({ action, subjectId }) => action === 'changed' && subjectId === id);
  assert.ok(shared.length >= 3, JSON.stringify(shared));
});

test('a subaccount shares nothing, and what it holds is not shared for it', async () => {
  const secret = await client('selfish');
  const sibling = await client('curious');
  const refused = await world.api('POST', '/domains', {
    secret,
    body: { name: 'own.example', share: 'use' },
  });
  assert.equal(refused.status, 409);
  const { id } = await world.ok<Domain>('POST', '/domains', { secret, body: { name: 'own.example' } });
  for (const by of [{ secret }, {}, { headers: { 'lettershop-subaccount': 'external:selfish' } }])
    assert.equal((await world.api('PATCH', `/domains/${id}`, { ...by, body: { share: 'use' } })).status, 409);
  assert.equal((await world.api('GET', `/domains/${id}`, { secret: sibling })).status, 404);
  assert.equal((await world.api('PATCH', `/domains/${id}`, { secret, body: { share: 'none' } })).status, 200);
});

test('what a deleted subaccount had proven is withheld from nobody', async () => {
  const gone = await client('gone');
  await addProven('parent.example', undefined, 'use');
  await addProven('gone.parent.example', gone);
  await untilSends(false, 'a@gone.parent.example');
  await world.ok('DELETE', '/subaccounts/external:gone');
  await untilSends(true, 'a@gone.parent.example');
});

test('several subaccounts hold one domain, each with selectors and a token of its own', async () => {
  const [one, two] = [await client('holder-1'), await client('holder-2')];
  const first = await addProven('both.example', one);
  const second = await addProven('both.example', two);
  const names = (domain: Domain): string[] =>
    domain.records.filter(({ purpose }) => purpose === 'dkim').map(({ name }) => name);
  assert.deepEqual(
    names(first).filter((name) => names(second).includes(name)),
    [],
  );
  assert.notEqual(first.records[0]?.value, second.records[0]?.value);
  assert.deepEqual(await Promise.all([one, two].map((secret) => sends('a@both.example', secret))), [
    true,
    true,
  ]);
  // Which keys sign is each holder's own matter: one's removal takes nothing from the other.
  await world.ok('DELETE', `/domains/${first.id}`, { secret: one });
  await untilSends(false, 'a@both.example', one);
  assert.equal(await sends('a@both.example', two), true);
  const [id = ''] = await world.send('signed@inbox.test', { from: { email: 'a@both.example' } }, two);
  await world.settled(id, ['delivered']);
  type Page = { items: { id: string; to: string }[] };
  const { items } = await world.ok<Page>('GET', '/captures?limit=500', { secret: two });
  const mail = await world.ok<string>(
    'GET',
    `/captures/${items.find(({ to }) => to === 'signed@inbox.test')?.id}/content`,
    {
      secret: two,
    },
  );
  const selectors = [...mail.matchAll(/\bs=([\w-]+);/g)].map(
    ([, selector]) => `${selector}._domainkey.both.example`,
  );
  assert.equal(selectors.length, 2);
  for (const selector of selectors) assert.ok(names(second).includes(selector), selector);
});

test('the most specific proven name counts: whoever may use its parent does not send from it', async () => {
  const [shop, other] = [await client('shop'), await client('other')];
  await addProven('agency.example', undefined, 'use');
  assert.deepEqual(
    await Promise.all([shop, other, undefined].map((secret) => sends('a@shop.agency.example', secret))),
    [true, true, true],
  );
  await addProven('shop.agency.example', shop);
  await untilSends(false, 'a@shop.agency.example', other);
  await untilSends(false, 'a@mail.shop.agency.example');
  assert.equal(await sends('a@shop.agency.example', shop), true);
  assert.equal(await sends('a@agency.example', other), true);
});

test('a second account needs a token of its own, and takes nothing while the first holds the proof', async () => {
  const { access, store } = world.program;
  const account = await createAccount(store.db, 'Second', new Date(world.clock.now()));
  const request = {
    kind: 'api',
    name: 'k',
    reach: 'account',
    grants: null,
    domainLimit: null,
    allowedAddresses: [],
    expiresAt: null,
  } as const;
  const { secret } = await createKey(
    { db: store.db, clock: world.clock },
    access.operatorScope(account),
    request,
  );
  const mine = await addProven('moved.example');
  const theirs = await world.ok<Domain>('POST', '/domains', { secret, body: { name: 'moved.example' } });
  const again = await world.ok<Domain>('POST', `/domains/${theirs.id}/check`, { secret });
  assert.equal(again.state, 'unproven', "the first account's records prove nothing for the second");
  publish(theirs);
  const refused = await world.until(
    () =>
      world.ok<Domain & { proofs: { explain: string }[] }>('POST', `/domains/${theirs.id}/check`, { secret }),
    ({ proofs }) => /Another account/.test(proofs[0]?.explain ?? ''),
  );
  assert.equal(refused.state, 'unproven');
  assert.deepEqual([await sends('a@moved.example'), await sends('a@moved.example', secret)], [true, false]);
  await world.ok('DELETE', `/domains/${mine.id}`);
  await world.until(
    () => world.ok<Domain>('POST', `/domains/${theirs.id}/check`, { secret }),
    ({ state }) => state === 'proven',
  );
  await untilSends(true, 'a@moved.example', secret);
  await untilSends(false, 'a@sub.moved.example');
});
