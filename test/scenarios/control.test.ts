import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allAccounts } from '../../src/features/accounts/index.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { fillQueue } from './waiting.ts';

let world: World;
let accountId = 0;
before(async () => {
  world = await startWorld();
  const [account] = await allAccounts(world.database.db);
  accountId = Number(account?.id);
});
after(() => world[Symbol.asyncDispose]());

type Made = { readonly id: number; readonly key: { readonly secret: string } };
type Row = {
  messageId: string;
  to: string;
  state: string;
  hold: string | null;
  tags: string[];
  subaccountId: number;
};
type Page = { items: Row[]; next: string | null };
type Result = { matched: number; changed: number; samples: Row[]; next: string | null };

/** A paused subaccount with one message by the API, which the others are made like. */
async function paused(
  name: string,
  count: number,
  more: Parameters<typeof fillQueue>[3] = {},
): Promise<Made & { like: string }> {
  const made = await world.ok<Made>('POST', '/subaccounts', { body: { name, key: { name: 'k' } } });
  const sendAt = new Date(world.clock.now() + 86_400_000).toISOString();
  const [like = ''] = await world.send('first@inbox.test', { sendAt }, made.key.secret);
  await world.ok('POST', '/suspensions', {
    body: { kind: 'domain', value: 'parked.test', subaccount: String(made.id) },
  });
  await world.until(
    () => world.ok<{ items: { subaccountId: number }[] }>('GET', '/suspensions'),
    ({ items }) => items.some(({ subaccountId }) => subaccountId === made.id),
  );
  const hits = () =>
    world.program.delivery.standing.suspensions.hit(accountId, {
      subaccountId: made.id,
      domain: 'parked.test',
      poolId: null,
      tags: [],
      site: null,
    });
  await world.until(
    () => Promise.resolve(hits()),
    (hit) => hit !== null,
  );
  await fillQueue(world, like, count, { domain: 'parked.test', ...more });
  return { ...made, like };
}

const act = (body: object, secret?: string): Promise<Result> =>
  world.ok<Result>('POST', '/queue/actions', { body, ...(secret === undefined ? {} : { secret }) });

async function held(secret: string, count: number): Promise<void> {
  await world.until(
    () => world.ok<Page>('GET', '/queue?hold=suspended&limit=500', { secret }),
    ({ items }) => items.length === count,
  );
}

test('filters find what is meant, of the caller’s own only', async () => {
  const a = await paused('filter A', 30, { tags: '{spring,news}' });
  const b = await paused('filter B', 5);
  await held(a.key.secret, 30);
  await held(b.key.secret, 5);
  const count = async (query: string, secret?: string): Promise<number> => {
    const page = await world.ok<Page>(
      'GET',
      `/queue?limit=500&${query}`,
      secret === undefined ? {} : { secret },
    );
    return page.items.length;
  };
  assert.equal(await count('tag=spring'), 30);
  assert.equal(await count('tag=spring', b.key.secret), 0);
  assert.equal(await count('domain=parked.test'), 35);
  assert.equal(await count(`domain=parked.test&subaccount=${b.id}`), 5);
  assert.equal(await count('hold=scheduled', a.key.secret), 1);
  assert.equal(await count('attemptsMin=1'), 0);
  assert.equal((await world.api('GET', `/queue?subaccount=${b.id}`, { secret: a.key.secret })).status, 404);
  type Why = { waiting: number; groups: { code: string; messages: number }[]; reasons: { code: string }[] };
  const why = await world.ok<Why>('GET', '/why', { secret: a.key.secret });
  assert.deepEqual(
    why.groups.map(({ code, messages }) => [code, messages]),
    [
      ['suspended', 30],
      ['scheduled', 1],
    ],
  );
  assert.deepEqual(
    why.reasons.map(({ code }) => code),
    ['suspended'],
    'of its own suspension, not of the other’s',
  );
});

test('a dry run counts and shows, and changes nothing; the action is told, kept by the audit, and scoped', async () => {
  const a = await paused('actions A', 40);
  const b = await paused('actions B', 40);
  await held(a.key.secret, 40);
  await held(b.key.secret, 40);
  const filter = { domain: 'parked.test', state: 'held' };
  const dry = await act({ action: 'cancel', filter, dryRun: true }, a.key.secret);
  assert.deepEqual([dry.matched, dry.changed, dry.samples.length, dry.next], [40, 0, 10, null]);
  const done = await act({ action: 'cancel', filter }, a.key.secret);
  assert.deepEqual([done.matched, done.changed], [40, 40]);
  const [first] = dry.samples;
  const { timeline } = await world.settled(first?.messageId ?? '', ['cancelled']);
  assert.equal(timeline.at(-1)?.kind, 'message.cancelled');
  await held(b.key.secret, 40);
  const audit = await world.ok<{ items: { subject: string }[] }>('GET', '/audit?limit=20');
  assert.ok(audit.items.some(({ subject }) => subject === 'queue_actions'));
});

test('what the account holds by hand its subaccount does not release; what it holds itself it does', async () => {
  const a = await paused('hands', 0);
  const secret = a.key.secret;
  const tags = ['by hand'];
  const sendAt = new Date(world.clock.now() + 3_600_000).toISOString();
  const [id = ''] = await world.send('hand@soft.test', { tags, sendAt }, secret);
  assert.equal(
    (await act({ action: 'hold', filter: { tag: 'by hand' } }, secret)).changed,
    0,
    'it is held already',
  );
  const [soft = ''] = await world.send('soft@inbox.test', { tags: ['soft'] }, secret);
  await world.settled(soft, ['deferred']);
  assert.equal((await act({ action: 'hold', filter: { tag: 'soft' } })).changed, 1);
  await world.settled(soft, ['held']);
  assert.equal((await act({ action: 'release', filter: { tag: 'soft' } }, secret)).changed, 0);
  assert.equal((await act({ action: 'release', filter: { tag: 'soft' } })).changed, 1);
  assert.equal((await act({ action: 'hold', filter: { tag: 'soft' } }, secret)).changed, 1);
  assert.equal((await act({ action: 'release', filter: { tag: 'soft' } }, secret)).changed, 1);
  assert.equal((await act({ action: 'retry', filter: { tag: 'soft' } }, secret)).changed, 1);
  await world.until(
    () => world.settled(soft, ['deferred', 'queued']),
    ({ attempts }) => attempts === 2,
  );
  await world.ok('POST', `/messages/${id}/cancel`);
});

test('mail moves to another pool, named by the account', async () => {
  const a = await paused('moves', 3);
  await held(a.key.secret, 3);
  await world.ok('POST', '/pools', { body: { name: 'first' } });
  const second = await world.ok<{ id: string }>('POST', '/pools', { body: { name: 'second' } });
  const filter = { subaccount: String(a.id), domain: 'parked.test' };
  const refused = await world.api('POST', '/queue/actions', { body: { action: 'move_pool', filter } });
  assert.equal(refused.status, 400);
  assert.equal((await act({ action: 'move_pool', filter, toPool: 'second' })).changed, 3);
  const page = await world.ok<{ items: { poolId: string | null }[] }>('GET', '/queue?pool=second');
  assert.deepEqual(
    page.items.map(({ poolId }) => poolId),
    [second.id, second.id, second.id],
  );
});

test('how many of the caller’s own are before a message is exact', async () => {
  const a = await paused('before', 0);
  await fillQueue(world, a.like, 250, { domain: 'later.test', dueInSeconds: 3600 });
  type Why = { before: { messages: number; isExact: boolean } };
  const why = (n: bigint) =>
    world.ok<Why>('GET', `/messages/${BigInt(a.like) + n}/why`, { secret: a.key.secret });
  assert.deepEqual((await why(250n)).before, { messages: 249, isExact: true });
  assert.deepEqual((await why(1n)).before, { messages: 0, isExact: true });
});
