/** For how long entries stand, whose mail they stop, and what is told of those that have expired: through the native API. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { endSuppressions } from '../../src/features/suppressions/index.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { add, client, send, told } from './suppression-calls.ts';
import type { Client } from './suppression-calls.ts';

let world: World;
before(async () => {
  world = await startWorld({ LETTERSHOP_TRACKING_URL: 'http://track.lettershop.test' });
});
after(() => world[Symbol.asyncDispose]());

type Settings = { readonly own: Record<string, unknown>; readonly effective: Record<string, unknown> };
type Entry = {
  readonly id: string;
  readonly address: string;
  readonly kind: string;
  readonly onlySender: string;
  readonly expiresAt: string | null;
  readonly isExpired: boolean;
  readonly lastEventAt: string;
  readonly createdAt: string;
  readonly renewals: number;
};
type Events = {
  readonly items: readonly { readonly kind: string; readonly data: Record<string, unknown> }[];
};

const hourMs = 3_600_000;
const put = (body: object, secret?: string): Promise<Settings> =>
  world.ok('PUT', '/suppression-settings', { body, ...(secret === undefined ? {} : { secret }) });
const entries = async ({ secret }: Client, query = ''): Promise<readonly Entry[]> =>
  (await world.ok<{ items: readonly Entry[] }>('GET', `/suppressions${query}`, { secret })).items;
const statesOf = async (to: string, { secret }: Client, more = {}): Promise<readonly string[]> =>
  (await send(world, [to], secret, more)).map(told);

test('account and subaccount say for how long entries stand; who does not reach the whole account says it for its own alone', async () => {
  const child = await client(world, 'says');
  const nothing = await world.ok<Settings>('GET', '/suppression-settings', { secret: child.secret });
  assert.deepEqual(nothing.effective, {
    hardBounceHours: 0,
    softBounceHours: 72,
    complaintHours: 0,
    unsubscribeHours: 0,
    unsubscribeHoldsFor: 'every_sender',
  });
  const said = await put({ hardBounceHours: 168, complaintHours: 8760, unsubscribeHoldsFor: 'one_sender' });
  assert.deepEqual([said.own['hardBounceHours'], said.own['softBounceHours']], [168, null]);
  const own = await put({ complaintHours: 0, softBounceHours: 24 }, child.secret);
  assert.deepEqual(own.effective, {
    hardBounceHours: 168,
    softBounceHours: 24,
    complaintHours: 0,
    unsubscribeHours: 0,
    unsubscribeHoldsFor: 'one_sender',
  });
  assert.deepEqual(own.own['hardBounceHours'], null, 'what the account says is not what the subaccount says');
  // A key that is the own subaccount's does not speak for all.
  const { ownSubaccountId } = await world.ok<{ ownSubaccountId: number }>('GET', '/account');
  const key = await world.ok<{ secret: string }>('POST', '/keys', {
    body: { name: 'own', reach: 'subaccount', grants: ['suppressions:read', 'suppressions:write'] },
    headers: { 'lettershop-subaccount': String(ownSubaccountId) },
  });
  const shut = await world.api('PUT', '/suppression-settings', { secret: key.secret, body: {} });
  assert.equal(shut.status, 403);
  for (const body of [{ softBounceHours: 0 }, { hardBounceHours: 8761 }, { unsubscribeHoldsFor: 'all' }])
    assert.equal((await world.api('PUT', '/suppression-settings', { body })).status, 400);
  const { items } = await world.ok<Events>('GET', '/events?kind=suppression.settings_changed');
  assert.deepEqual(
    items.map(({ data }) => [data['hardBounceHours'], data['complaintHours']]),
    [
      [168, 8760],
      [null, 0],
    ],
  );
  type Audit = { items: readonly { noun: string; action: string }[] };
  const audit = await world.ok<Audit>('GET', '/audit?subject=suppression%20settings');
  assert.deepEqual(
    audit.items.map(({ action }) => action),
    ['created', 'created'],
  );
  await put({});
});

test('an entry that expired and is put anew is new to whoever hears of it', async () => {
  const anew = await client(world, 'anew');
  const expiresAt = new Date(world.clock.now() + hourMs).toISOString();
  const [first] = await add(world, [{ address: 'anew@inbox.test', expiresAt }], anew.secret);
  await world.move(2 * hourMs);
  const [second] = await add(world, [{ address: 'anew@inbox.test' }], anew.secret);
  assert.deepEqual([first?.isNew, second?.isNew], [true, true]);
  assert.deepEqual(
    (await entries(anew, '?includeExpired=true')).map(({ id }) => id),
    [second?.id],
  );
});

test('an entry of one sender stops the mail of that sender at accept and while it waits, and no other', async () => {
  const bound = await client(world, 'one-sender');
  const of = (from: string, more = {}): Promise<readonly string[]> =>
    statesOf('you@inbox.test', bound, { from: { email: from, name: 'A "quoted" name' }, ...more });
  const sendAt = new Date(world.clock.now() + hourMs).toISOString();
  const waiting = [];
  for (const email of ['News@lettershop.test', 'shop@lettershop.test'])
    waiting.push(...(await send(world, ['you@inbox.test'], bound.secret, { from: { email }, sendAt })));
  await add(world, [{ address: 'you@inbox.test', onlySender: 'NEWS@lettershop.test' }], bound.secret);
  assert.deepEqual(await of('news@lettershop.test'), ['you suppressed subaccount manual']);
  assert.deepEqual(await of('shop@lettershop.test'), ['you queued']);
  // Copies may be from an address of their own.
  const mixed = await send(world, [], bound.secret, {
    from: { email: '{{who}}' },
    language: 'liquid',
    fieldsInLanguage: true,
    recipients: [
      { to: { email: 'you@inbox.test' }, data: { who: 'News@lettershop.test' } },
      { to: { email: 'me@inbox.test' }, data: { who: 'news@lettershop.test' } },
    ],
  });
  assert.deepEqual(mixed.map(told), ['you suppressed subaccount manual', 'me queued']);
  const check = (query: string): Promise<{ transactional: { allowed: boolean } }> =>
    world.ok('GET', `/suppressions/check?address=you@inbox.test${query}`, { secret: bound.secret });
  assert.deepEqual(
    [
      await check(''),
      await check('&sender=News@lettershop.test'),
      await check('&sender=shop@lettershop.test'),
    ].map(({ transactional }) => transactional.allowed),
    [true, false, true],
  );
  world.clock.move(hourMs + 60_000);
  const ended = await Promise.all(waiting.map(({ id }) => world.settled(id, ['suppressed', 'delivered'])));
  assert.deepEqual(
    ended.map(({ state }) => state),
    ['suppressed', 'delivered'],
  );
});

test('mail that was accepted before and is tried again stops when its sender is', async () => {
  const later = await client(world, 'later');
  const [news, shop] = await Promise.all(
    ['news', 'shop'].map(async (name) => {
      const [message] = await send(world, ['soft@inbox.test'], later.secret, {
        from: { email: `${name}@lettershop.test` },
      });
      await world.settled(message?.id ?? '', ['deferred']);
      return message?.id ?? '';
    }),
  );
  await add(world, [{ address: 'soft@inbox.test', onlySender: 'news@lettershop.test' }], later.secret);
  await world.move(hourMs);
  assert.equal((await world.settled(news ?? '', ['suppressed'])).state, 'suppressed');
  assert.equal((await world.settled(shop ?? '', ['deferred'])).state, 'deferred');
});

/** Presses the button behind the link that a captured mail has in List-Unsubscribe; its status. */
async function leave(to: string, { secret }: Client): Promise<number> {
  type Captures = { items: readonly { id: string; to: string }[] };
  const { items } = await world.until(
    () => world.ok<Captures>('GET', '/captures', { secret }),
    (page) => page.items.some((each) => each.to === to),
  );
  const id = items.find((each) => each.to === to)?.id ?? '';
  const mail = await world.ok<string>('GET', `/captures/${id}/content`, { secret });
  const link = new URL(/List-Unsubscribe: <(\S+)>/i.exec(mail.replaceAll(/\r\n[ \t]+/g, ' '))?.[1] ?? '');
  return new Promise((resolve, reject) => {
    const { port } = new URL(world.url);
    const headers = { host: link.host, 'content-type': 'application/x-www-form-urlencoded' };
    const asking = request(
      { host: '127.0.0.1', port, path: link.pathname, method: 'POST', headers },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    );
    asking.on('error', reject);
    asking.end('List-Unsubscribe=One-Click');
  });
}

test('who unsubscribes leaves the sender that it came from where that is said; a file says so and is read back', async () => {
  const left = await client(world, 'left');
  await put({ unsubscribeHours: 48, unsubscribeHoldsFor: 'one_sender' }, left.secret);
  const to = 'leaves@inbox.test';
  const of = (name: string): Promise<readonly string[]> =>
    statesOf(to, left, { from: { email: `${name}@lettershop.test` }, lane: 'bulk' });
  assert.deepEqual(await of('News'), ['leaves queued']);
  assert.equal(await leave(to, left), 200);
  assert.equal(await leave(to, left), 200);
  assert.deepEqual(
    [await of('news'), await of('shop')],
    [['leaves suppressed subaccount unsubscribe'], ['leaves queued']],
  );
  const [entry, ...more] = await entries(left);
  assert.deepEqual(more, []);
  assert.deepEqual([entry?.kind, entry?.onlySender], ['unsubscribe', 'news@lettershop.test']);
  assert.equal(Date.parse(entry?.expiresAt ?? '') - Date.parse(entry?.lastEventAt ?? ''), 48 * hourMs);
  assert.equal((await entries(left, '?onlySender=NEWS@lettershop.test')).length, 1);
  assert.deepEqual(await entries(left, '?onlySender='), []);

  // The account's file has it, and brings it to where it is read.
  const file = await world.ok<string>('GET', '/suppressions/export?format=csv', { secret: left.secret });
  const there = await client(world, 'arrives');
  const answer = await fetch(`${world.url}/api/v1/suppressions/imports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${there.secret}`, 'content-type': 'text/csv' },
    body: file,
  });
  assert.equal(answer.status, 200);
  assert.deepEqual(
    (await entries(there)).map(({ address, kind, onlySender, expiresAt }) => [
      address,
      kind,
      onlySender,
      expiresAt,
    ]),
    [[to, 'unsubscribe', 'news@lettershop.test', entry?.expiresAt]],
  );
  // A bundle as well; and what stands for one sender is taken off alone.
  const bundle = await world.ok<string>('POST', `/subaccounts/${left.id}/export`, { body: {} });
  assert.match(bundle, /"onlySender":"news@lettershop\.test"/);
  await add(world, [{ address: to, kind: 'unsubscribe' }], there.secret);
  const remove = (query: string): Promise<unknown> =>
    world.ok('DELETE', `/suppressions?address=${to}${query}`, { secret: there.secret });
  assert.deepEqual(await remove('&onlySender=shop@lettershop.test'), { removed: 0 });
  assert.deepEqual(await remove('&onlySender='), { removed: 1 });
  assert.deepEqual(await remove(''), { removed: 1 });
});

test('a hard bounce stops mail for its time, is told as expired after it, comes again for twice as long, and goes a year later', async () => {
  const bounced = await client(world, 'bounced');
  await put({ hardBounceHours: 10 }, bounced.secret);
  const bounce = async (): Promise<void> => {
    const [message] = await send(world, ['hard@inbox.test'], bounced.secret);
    await world.settled(message?.id ?? '', ['bounced']);
  };
  await bounce();
  const [first] = await entries(bounced);
  assert.ok(first !== undefined);
  const end = (entry: Entry | undefined): number =>
    (Date.parse(entry?.expiresAt ?? '') - Date.parse(entry?.lastEventAt ?? '')) / hourMs;
  assert.deepEqual([first.kind, end(first), first.isExpired, first.renewals], ['hard_bounce', 10, false, 0]);
  assert.deepEqual(await statesOf('hard@inbox.test', bounced), ['hard suppressed subaccount hard_bounce']);
  await world.move(10 * hourMs + 1000);
  assert.deepEqual(await entries(bounced), [], 'nobody asked for what has expired');
  await endSuppressions(world.database.db, world.clock);
  const [expired] = await entries(bounced, '?includeExpired=true');
  assert.deepEqual([expired?.id, expired?.isExpired], [first.id, true]);
  type Counts = { items: readonly { entries: number }[] };
  const counts = await world.ok<Counts>('GET', '/suppressions/counts', { secret: bounced.secret });
  assert.deepEqual(counts.items, []);
  await bounce();
  const [again] = await entries(bounced);
  assert.deepEqual(
    [again?.id, end(again), again?.renewals, again?.createdAt],
    [first.id, 20, 1, first.createdAt],
  );
  const events = await world.ok<Events>('GET', '/events', { secret: bounced.secret });
  assert.deepEqual(
    events.items
      .filter(({ kind }) => kind.startsWith('suppression.') && kind !== 'suppression.settings_changed')
      .map(({ kind, data }) => [kind, data['why'] ?? typeof data['expiresAt']]),
    [
      ['suppression.added', 'string'],
      ['suppression.removed', 'expired'],
      ['suppression.added', 'string'],
    ],
  );
  await world.move(20 * hourMs + 1000);
  await endSuppressions(world.database.db, world.clock);
  await world.move(364 * 24 * hourMs);
  await endSuppressions(world.database.db, world.clock);
  assert.equal((await entries(bounced, '?includeExpired=true')).length, 1);
  await world.move(2 * 24 * hourMs);
  await endSuppressions(world.database.db, world.clock);
  assert.deepEqual(await entries(bounced, '?includeExpired=true'), []);
});
