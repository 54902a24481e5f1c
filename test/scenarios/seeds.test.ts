import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { standings } from '../../src/features/metrics/index.ts';
import { followReputation } from '../../src/features/quotas/index.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Client = { readonly id: number; readonly key: { readonly secret: string } };
const client = (name: string): Promise<Client> =>
  world.ok<Client>('POST', '/subaccounts', { body: { name, key: { name: 'k' } } });

const mail = (email: string, to = 'you@inbox.test') => ({
  from: { email },
  to: [{ email: to }],
  subject: 's',
  text: 't',
});

test("a key limited to a client's domain sends from nothing else", async () => {
  const { key } = await client('limited');
  const made = await world.ok<{ secret: string }>('POST', '/keys', {
    body: { name: 'l', domainLimit: 'client.lettershop.test' },
    secret: key.secret,
  });
  const status = async (email: string): Promise<number> =>
    (await world.api('POST', '/messages', { body: mail(email), secret: made.secret })).status;
  assert.deepEqual([await status('a@lettershop.test'), await status('a@client.lettershop.test')], [403, 202]);
});

test("a key's grants are narrowed and widened later", async () => {
  const { key } = await client('changing');
  const made = await world.ok<{ id: string; secret: string }>('POST', '/keys', {
    body: { name: 'c', grants: ['messages:send', 'messages:read'] },
    secret: key.secret,
  });
  const reads = async (): Promise<number> =>
    (await world.api('GET', '/messages', { secret: made.secret })).status;
  assert.equal(await reads(), 200);
  await world.ok('PATCH', `/keys/${made.id}`, { body: { grants: ['messages:send'] }, secret: key.secret });
  await world.until(reads, (status) => status === 403);
  await world.ok('PATCH', `/keys/${made.id}`, { body: { grants: ['messages:read'] }, secret: key.secret });
  await world.until(reads, (status) => status === 200);
});

test('what one subaccount must not write to, another still may', async () => {
  const [one, other] = [await client('one'), await client('other')];
  const address = 'hard+shared@inbox.test';
  const [bounced = ''] = await world.send(address, {}, one.key.secret);
  await world.settled(bounced, ['bounced']);
  const [again = ''] = await world.send(address, {}, one.key.secret);
  const [tried = ''] = await world.send(address, {}, other.key.secret);
  assert.equal((await world.settled(again, ['suppressed', 'bounced'])).state, 'suppressed');
  assert.equal((await world.settled(tried, ['suppressed', 'bounced'])).state, 'bounced');
});

test('tags and metadata segment the mail of one subaccount', async () => {
  const { key } = await client('tagged');
  const [tagged = ''] = await world.send(
    'you@inbox.test',
    { tags: ['client-1'], metadata: { order: '7' } },
    key.secret,
  );
  await world.send('you@inbox.test', { tags: ['client-2'] }, key.secret);
  type Page = { items: { id: string; metadata: Record<string, unknown> }[] };
  const page = await world.ok<Page>('GET', '/messages?tag=client-1', { secret: key.secret });
  assert.deepEqual(
    page.items.map(({ id, metadata }) => [id, metadata]),
    [[tagged, { order: '7' }]],
  );
});

test('an hourly quota follows reputation when asked to, and a fixed one takes its place again', async () => {
  const { id } = await client('automatic');
  const hour = async (): Promise<number | null> =>
    (await world.ok<{ hour: { max: number | null } }>('GET', `/subaccounts/${id}/quota`)).hour.max;
  await world.ok('PUT', `/subaccounts/${id}/quota`, { body: { automatic: true } });
  await followReputation(world.database.db, (tx, ids) => standings(tx, ids, world.clock.now()));
  const followed = await hour();
  assert.ok(followed !== null && followed > 0, `${followed}`);
  await world.ok('PUT', `/subaccounts/${id}/quota`, { body: { hour: 12 } });
  await followReputation(world.database.db, (tx, ids) => standings(tx, ids, world.clock.now()));
  assert.equal(await hour(), 12);
});
