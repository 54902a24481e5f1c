import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allAccounts } from '../../src/features/accounts/index.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { add, asKey, client, operatorAdds, send, told } from './suppression-calls.ts';
import type { Page } from './suppression-calls.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

test('three layers stop mail; the cause is told of the own list only, in the answer, the event and the reason', async () => {
  const [one, two] = [await client(world, 'one'), await client(world, 'two')];
  await add(world, [{ address: 'Own@inbox.test', kind: 'hard_bounce' }], one.secret);
  await add(world, [{ address: 'account@inbox.test', kind: 'complaint' }], undefined, 'account');
  await operatorAdds(world, 'everybody@inbox.test');
  const all = ['own@inbox.test', 'account@inbox.test', 'everybody@inbox.test', 'free@inbox.test'];
  const outcomes = await send(world, all, one.secret);
  assert.deepEqual(outcomes.map(told), [
    'own suppressed subaccount hard_bounce',
    'account suppressed account',
    'everybody suppressed installation',
    'free queued',
  ]);
  assert.deepEqual((await send(world, all, two.secret)).map(told), [
    'own queued',
    'account suppressed account',
    'everybody suppressed installation',
    'free queued',
  ]);
  const events = await Promise.all(
    outcomes.slice(0, 2).map(async ({ id }) => (await world.settled(id, ['suppressed'])).timeline.at(-1)),
  );
  assert.deepEqual(
    events.map((event) => [event?.kind, event?.data]),
    [
      ['message.suppressed', { recipient: 'own@inbox.test', layer: 'subaccount', kind: 'hard_bounce' }],
      ['message.suppressed', { recipient: 'account@inbox.test', layer: 'account' }],
    ],
  );
  type Why = { reasons: readonly { code: string; owner: string }[] };
  const whys = await Promise.all(
    outcomes.slice(0, 3).map(({ id }) => world.ok<Why>('GET', `/messages/${id}/why`, { secret: one.secret })),
  );
  assert.deepEqual(
    whys.map(({ reasons }) => reasons.map(({ code, owner }) => `${code} ${owner}`)),
    [['suppressed caller'], ['suppressed account'], ['suppressed operator']],
  );
});

test('asking tells for each lane, and whose list it is', async () => {
  const asker = await client(world, 'asker');
  await add(world, [{ address: 'lanes@inbox.test', kind: 'unsubscribe' }], asker.secret);
  await add(world, [{ address: 'both@inbox.test', kind: 'manual' }], undefined, 'account');
  const ask = (address: string, secret?: string): Promise<unknown> =>
    world.ok('GET', `/suppressions/check?address=${encodeURIComponent(address)}`, asKey(secret));
  assert.deepEqual(await ask('Lanes@inbox.test', asker.secret), {
    address: 'Lanes@inbox.test',
    transactional: { allowed: true },
    bulk: { allowed: false, layer: 'subaccount', kind: 'unsubscribe' },
  });
  const [mine, theirs] = [await ask('both@inbox.test'), await ask('both@inbox.test', asker.secret)];
  assert.deepEqual((mine as { bulk: unknown }).bulk, { allowed: false, layer: 'account', kind: 'manual' });
  assert.deepEqual((theirs as { bulk: unknown }).bulk, { allowed: false, layer: 'account' });
});

test('flags keep lanes apart, allow entries and patterns count', async () => {
  const rules = await client(world, 'rules');
  await add(
    world,
    [
      { address: 'bulk-only@inbox.test', stopsTransactional: false },
      { address: 'urgent-only@inbox.test', stopsBulk: false },
      { address: 'was-bounced@inbox.test', kind: 'hard_bounce' },
      { address: 'was-bounced@inbox.test', kind: 'allow' },
      { address: 'complained@inbox.test', kind: 'complaint' },
      { address: 'complained@inbox.test', kind: 'allow' },
      { address: '*@closed.test', kind: 'pattern' },
      { address: 'info?@*.test', kind: 'pattern' },
    ],
    rules.secret,
  );
  const to = ['bulk-only', 'urgent-only', 'was-bounced', 'complained', 'info1', 'info12'].map(
    (who) => `${who}@inbox.test`,
  );
  const all = [...to, 'any@closed.test'];
  assert.deepEqual((await send(world, all, rules.secret)).map(told), [
    'bulk-only queued',
    'urgent-only suppressed subaccount manual',
    'was-bounced queued',
    'complained suppressed subaccount complaint',
    'info1 suppressed subaccount pattern',
    'info12 queued',
    'any suppressed subaccount pattern',
  ]);
  assert.deepEqual((await send(world, to.slice(0, 2), rules.secret, { lane: 'bulk' })).map(told), [
    'bulk-only suppressed subaccount manual',
    'urgent-only queued',
  ]);
});

test('a list has at most a thousand patterns', async () => {
  const many = await client(world, 'many');
  const entries = Array.from({ length: 1000 }, (_, n) => ({ address: `*@d${n}.test`, kind: 'pattern' }));
  await add(world, entries, many.secret);
  await add(world, entries.slice(0, 3), many.secret);
  const body = { entries: [{ address: '*@one-more.test', kind: 'pattern' }] };
  const refused = await world.api('POST', '/suppressions', { body, secret: many.secret });
  assert.deepEqual([refused.status, (refused.body as { code: string }).code], [409, 'limit.reached']);
  assert.deepEqual((await send(world, ['x@d999.test', 'x@one-more.test'], many.secret)).map(told), [
    'x suppressed subaccount pattern',
    'x queued',
  ]);
});

test('whose list a key writes: its own, and the account the one for all', async () => {
  const [writer, sibling] = [await client(world, 'writer'), await client(world, 'sibling')];
  const tries = async (secret: string | undefined, layer: string, headers = {}): Promise<string> => {
    const body = { layer, entries: [{ address: `${layer}@write.test` }] };
    const answer = await world.api('POST', '/suppressions', { body, headers, ...asKey(secret) });
    if (answer.status !== 200)
      return String((answer.body as { errors: { field: string }[] }).errors[0]?.field);
    const [item] = (answer.body as Page).items;
    return `${item?.layer} ${item?.subaccountId}`;
  };
  const [account] = await allAccounts(world.database.db);
  const acting = { 'lettershop-subaccount': 'external:writer' };
  assert.deepEqual(
    [
      await tries(writer.secret, 'subaccount'),
      await tries(writer.secret, 'account'),
      await tries(writer.secret, 'installation'),
      await tries(undefined, 'subaccount'),
      await tries(undefined, 'account'),
      await tries(undefined, 'installation'),
      await tries(undefined, 'subaccount', acting),
      await tries(undefined, 'account', acting),
    ],
    [
      `subaccount ${writer.id}`,
      'layer',
      'layer',
      `subaccount ${account?.ownSubaccountId}`,
      `account ${account?.ownSubaccountId}`,
      'layer',
      `subaccount ${writer.id}`,
      'layer',
    ],
  );
  const seen = async (secret?: string, headers = {}): Promise<string[]> => {
    const page = await world.ok<Page>('GET', '/suppressions?domain=write.test', {
      headers,
      ...asKey(secret),
    });
    return page.items.map(
      ({ layer, subaccountId }) => `${layer} ${subaccountId === writer.id ? 'writer' : 'own'}`,
    );
  };
  assert.deepEqual(await seen(writer.secret), ['subaccount writer']);
  assert.deepEqual(await seen(sibling.secret), []);
  assert.deepEqual(await seen(undefined, acting), ['subaccount writer']);
  assert.deepEqual(await seen(), ['subaccount writer', 'subaccount own', 'account own']);
});

test("a key that is fixed to the account's own subaccount does not see the account's list", async () => {
  const [account] = await allAccounts(world.database.db);
  const key = await world.ok<{ secret: string }>('POST', '/keys', {
    body: { name: 'own only' },
    headers: { 'lettershop-subaccount': String(account?.ownSubaccountId) },
  });
  const [entry] = await add(world, [{ address: 'only-account@own.test' }], undefined, 'account');
  const page = await world.ok<Page>('GET', '/suppressions?domain=own.test', { secret: key.secret });
  assert.deepEqual(page.items, []);
  const path = `/suppressions/${entry?.id}`;
  assert.equal((await world.api('GET', path, { secret: key.secret })).status, 404);
  assert.equal((await world.api('DELETE', path, { secret: key.secret })).status, 404);
  assert.equal((await world.api('PATCH', path, { secret: key.secret, body: { reason: 'x' } })).status, 404);
});

test('entries are put, found, changed and removed, each with its event', async () => {
  const keeper = await client(world, 'keeper');
  const put1 = await add(
    world,
    [{ address: 'a@keep.test' }, { address: 'B@keep.test', reason: 'first' }],
    keeper.secret,
  );
  const put2 = await add(
    world,
    [{ address: 'b@keep.test', reason: 'second', expiresAt: '2090-01-01T00:00:00Z' }],
    keeper.secret,
  );
  assert.deepEqual(
    [...put1, ...put2].map(({ address, isNew }) => [address, isNew]),
    [
      ['a@keep.test', true],
      ['b@keep.test', true],
      ['b@keep.test', false],
    ],
  );
  await add(
    world,
    ['c1', 'c2', 'c3', 'd_x', 'd1x'].map((who) => ({ address: `${who}@keep.test`, kind: 'complaint' })),
    keeper.secret,
  );
  const find = async (query: string): Promise<string[]> => {
    const page = await world.ok<Page>('GET', `/suppressions?${query}`, { secret: keeper.secret });
    return page.items.map(({ address }) => String(address).split('@')[0] ?? '');
  };
  assert.deepEqual(await find('address=C'), ['c1', 'c2', 'c3']);
  assert.deepEqual(await find('address=d_'), ['d_x']);
  assert.deepEqual(await find('search=1'), ['c1', 'd1x']);
  assert.deepEqual(await find('kind=manual&domain=KEEP.test'), ['a', 'b']);
  assert.deepEqual(await find('layer=account'), []);
  assert.deepEqual(await find(`until=${encodeURIComponent('2020-01-01T00:00:00Z')}`), []);
  assert.equal((await find(`since=${encodeURIComponent('2020-01-01T00:00:00Z')}`)).length, 7);
  assert.equal((await find(`updatedSince=${encodeURIComponent('2020-01-01T00:00:00Z')}`)).length, 7);
  assert.equal((await find(`updatedUntil=${encodeURIComponent('2020-01-01T00:00:00Z')}`)).length, 0);
  const pages: string[] = [];
  for (let cursor: string | null = '0'; cursor !== null;) {
    const page: Page = await world.ok<Page>('GET', `/suppressions?limit=3&cursor=${cursor}`, {
      secret: keeper.secret,
    });
    pages.push(page.items.map(({ address }) => String(address).split('@')[0]).join(' '));
    cursor = page.next;
  }
  assert.deepEqual(pages, ['a b c1', 'c2 c3 d1x', 'd_x']);
  const path = `/suppressions/${put1[0]?.id}`;
  const patched = await world.ok<Record<string, unknown>>('PATCH', path, {
    secret: keeper.secret,
    body: { stopsTransactional: false, reason: 'bulk only' },
  });
  assert.deepEqual(
    [patched['stopsTransactional'], patched['stopsBulk'], patched['reason']],
    [false, true, 'bulk only'],
  );
  const nothing = await world.api('PATCH', path, { secret: keeper.secret, body: { stopsBulk: false } });
  assert.equal(nothing.status, 400, 'an entry that stops nothing');
  await world.ok('DELETE', path, { secret: keeper.secret });
  assert.equal((await world.api('GET', path, { secret: keeper.secret })).status, 404);
  const byAddress = await world.ok('DELETE', '/suppressions?address=C1@keep.test&kind=complaint', {
    secret: keeper.secret,
  });
  assert.deepEqual(byAddress, { removed: 1 });
  const again = await world.ok('DELETE', '/suppressions?address=c1@keep.test', { secret: keeper.secret });
  assert.deepEqual(again, { removed: 0 });
  type Events = { items: readonly { kind: string; data: { address: string } }[] };
  const { items } = await world.ok<Events>('GET', '/events?limit=100', { secret: keeper.secret });
  assert.deepEqual(
    items
      .map(({ kind, data }) => `${kind.split('.')[1]} ${data.address?.split('@')[0]}`)
      .filter((line) => / [ab]$| c1$/.test(line)),
    ['added a', 'added b', 'changed b', 'added c1', 'changed a', 'removed a', 'removed c1'],
  );
});

test('one bad entry of a call stores none of it', async () => {
  const strict = await client(world, 'strict');
  const body = {
    entries: [{ address: 'good@strict.test' }, { address: 'nobody' }, { address: '*@*', kind: 'pattern' }],
  };
  const refused = await world.api('POST', '/suppressions', { body, secret: strict.secret });
  const { errors } = refused.body as { errors: { field: string; rule: string }[] };
  assert.deepEqual(
    [refused.status, errors.map(({ field, rule }) => `${field} ${rule}`)],
    [400, ['entries[1].address format', 'entries[2].address pattern']],
  );
  assert.deepEqual((await world.ok<Page>('GET', '/suppressions', { secret: strict.secret })).items, []);
});
