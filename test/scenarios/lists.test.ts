import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Report = {
  readonly read: number;
  readonly added: number;
  readonly changed: number;
  readonly bad: number;
  readonly badLines: readonly { line: number; field: string; rule: string }[];
};
type List = { readonly id: string; readonly slug: string; readonly recipients: number };
type Recipient = {
  readonly id: string;
  readonly address: string;
  readonly name: string;
  readonly data: unknown;
  readonly metadata: unknown;
  readonly tags: readonly string[];
};
type Page<T> = { readonly items: readonly T[]; readonly next: string | null };

const bySecret = (secret: string | undefined): { secret?: string } =>
  secret === undefined ? {} : { secret };

async function client(externalId: string): Promise<string> {
  const body = { name: externalId, externalId, key: { name: 'k' } };
  const made = await world.ok<{ key: { secret: string } }>('POST', '/subaccounts', { body });
  return made.key.secret;
}

async function makeList(
  name: string,
  recipients: readonly Record<string, unknown>[] = [],
  secret?: string,
): Promise<List> {
  const body = { name, recipients };
  const made = await world.ok<{ list: List }>('POST', '/lists', { body, ...bySecret(secret) });
  return made.list;
}

function importFile(
  id: string,
  text: string,
  more: { readonly query?: string; readonly type?: string; readonly secret?: string } = {},
): Promise<Response> {
  const { query = '', type = 'text/csv', secret = testKey.secret } = more;
  return fetch(`${world.url}/api/v1/lists/${id}/import${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': type },
    body: text,
  });
}

async function inList(id: string, query = ''): Promise<readonly Recipient[]> {
  return (await world.ok<Page<Recipient>>('GET', `/lists/${id}/recipients${query}`)).items;
}

const counts = ({ read, added, changed, bad }: Report): readonly number[] => [read, added, changed, bad];

test('a list is filled from a file, bad lines are told, a file sent again changes and adds nothing', async () => {
  const { id } = await makeList('Beta testers');
  const csv = [
    'email,name,city,tags,metadata.ref',
    'ada@inbox.test,"Lovelace, Ada",London,early; vip,r1',
    'not an address,Nobody,,,',
    'Bob@inbox.test,Bob,,,',
    'bob@INBOX.test,Robert,Wien,,',
  ].join('\r\n');
  const first = (await (await importFile(id, csv)).json()) as Report;
  assert.deepEqual(counts(first), [4, 2, 0, 1]);
  assert.deepEqual(
    first.badLines.map(({ line, field, rule }) => [line, field, rule]),
    [[3, 'address', 'format']],
  );
  const kept = await inList(id);
  assert.deepEqual(
    kept.map(({ address, name, data, metadata, tags }) => ({ address, name, data, metadata, tags })),
    [
      {
        address: 'ada@inbox.test',
        name: 'Lovelace, Ada',
        data: { city: 'London' },
        metadata: { ref: 'r1' },
        tags: ['early', 'vip'],
      },
      { address: 'bob@inbox.test', name: 'Robert', data: { city: 'Wien' }, metadata: {}, tags: [] },
    ],
  );
  assert.deepEqual(counts((await (await importFile(id, csv)).json()) as Report), [4, 0, 2, 1]);
  const lines =
    '{"address":"eve@inbox.test","data":{"n":1}}\nnonsense\n{"address":"x@inbox.test","tags":"no"}\n';
  const options = { type: 'application/x-ndjson', query: '?mode=replace' };
  const replaced = (await (await importFile(id, lines, options)).json()) as Report;
  assert.deepEqual(counts(replaced), [3, 1, 0, 2]);
  assert.deepEqual(
    (await inList(id)).map(({ address }) => address),
    ['eve@inbox.test'],
  );
});

test('recipients are paged, found by address, changed and taken out one by one', async () => {
  const all = ['a', 'b', 'c'].map((name) => ({ address: `${name}@inbox.test`, name }));
  const { id, recipients } = await makeList('Pages', all);
  assert.equal(recipients, 3);
  const first = await world.ok<Page<Recipient>>('GET', `/lists/${id}/recipients?limit=2`);
  const rest = await inList(id, `?limit=2&cursor=${first.next}`);
  assert.deepEqual(
    [...first.items, ...rest].map(({ name }) => name),
    ['a', 'b', 'c'],
  );
  const [found] = await inList(id, '?address=B@inbox.test');
  const path = `/lists/${id}/recipients/${found?.id}`;
  const body = { address: 'B2@inbox.test', data: { x: 1 } };
  const changed = await world.ok<Recipient>('PATCH', path, { body });
  assert.deepEqual([changed.name, changed.address, changed.data], ['b', 'B2@inbox.test', { x: 1 }]);
  const taken = await world.api('PATCH', path, { body: { address: 'A@inbox.test' } });
  assert.equal(taken.status, 409);
  await world.ok('DELETE', path);
  assert.equal((await world.api('DELETE', path)).status, 404);
  assert.equal((await world.ok<List>('GET', `/lists/${id}`)).recipients, 2);
  const renamed = await world.ok<List>('PATCH', `/lists/${id}`, { body: { name: 'Other', slug: 'Other.1' } });
  assert.equal(renamed.slug, 'Other.1');
  assert.equal((await world.api('POST', '/lists', { body: { name: 'x', slug: 'Other.1' } })).status, 409);
  await world.ok('DELETE', `/lists/${id}`);
  assert.equal((await world.api('GET', `/lists/${id}/recipients`)).status, 404);
});

test('a list holds ten thousand recipients and no more, by file and by call', async () => {
  const { id } = await makeList('Full');
  const text = Array.from({ length: 10_000 }, (_, index) => `r${index}@inbox.test`).join('\n');
  assert.deepEqual(counts((await (await importFile(id, text)).json()) as Report), [10_000, 10_000, 0, 0]);
  const longer = await importFile(id, `${text}\none-more@inbox.test`);
  assert.equal(longer.status, 409);
  const more = await world.api('POST', `/lists/${id}/recipients`, {
    body: { recipients: [{ address: 'one-more@inbox.test' }] },
  });
  assert.equal(more.status, 409);
  assert.equal((await world.ok<List>('GET', `/lists/${id}`)).recipients, 10_000);
});

test('a subaccount neither sees nor mails the list of another, nor of its account', async () => {
  const [one, two] = [await client('lists-one'), await client('lists-two')];
  const theirs = await makeList('Theirs', [{ address: 'x@inbox.test' }], one);
  const accounts = await makeList('Accounts', [{ address: 'y@inbox.test' }]);
  for (const { id, slug } of [theirs, accounts]) {
    for (const path of [`/lists/${id}`, `/lists/${id}/recipients`])
      assert.equal((await world.api('GET', path, { secret: two })).status, 404);
    assert.equal((await importFile(id, 'z@inbox.test', { secret: two })).status, 404);
    for (const list of [{ id }, { slug }]) {
      const body = { from: { email: 'a@lettershop.test' }, subject: 's', text: 't', list };
      assert.equal((await world.api('POST', '/messages', { body, secret: two })).status, 404);
    }
  }
  assert.deepEqual((await world.ok<Page<List>>('GET', '/lists', { secret: two })).items, []);
});
