import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { countedQuery, miscountedQuery } from '../kills/recount.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { Sdk } from './mandrill-client.ts';
import { makeSubaccount, transmit } from './sparkpost-calls.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Row = {
  readonly value: string | null;
  readonly figures: { readonly accepted: number; readonly delivered: number };
};
type Answer = { readonly total: Row['figures']; readonly items: readonly Row[] };

async function counted(): Promise<void> {
  await world.until(
    () => sql.raw<{ is_through: boolean }>(countedQuery).execute(world.database.db.engine),
    ({ rows }) => rows[0]?.is_through === true,
  );
}

async function figures(query: string, secret: string): Promise<Answer> {
  await counted();
  return world.ok<Answer>('GET', `/figures?${query}`, { secret });
}

const told = ({ items }: Answer): unknown =>
  items.map(({ value, figures: { accepted, delivered } }) => [value, accepted, delivered]);

test('mail is counted under the tags of its recipient beside those of its call, once under each', async () => {
  const { key } = await world.ok<{ key: { secret: string } }>('POST', '/subaccounts', {
    body: { name: 'recipient-tags', key: { name: 'k' } },
  });
  const { secret } = key;
  const sent = await world.ok<{ messages: { id: string }[] }>('POST', '/messages', {
    body: {
      from: { email: 'a@lettershop.test' },
      recipients: [
        { to: { email: 'a@one.test' }, tags: ['vip', 'news'] },
        { to: { email: 'b@one.test' }, tags: ['vip'] },
        { to: { email: 'c@two.test' } },
      ],
      subject: 'Hi',
      text: 'Hi',
      tags: ['news'],
    },
    secret,
  });
  for (const { id } of sent.messages) await world.settled(id, ['delivered']);
  const [plain = ''] = await world.send('d@one.test', { tags: ['news'] }, secret);
  await world.settled(plain, ['delivered']);
  const byTag = await figures('by=tag', secret);
  assert.deepEqual(told(byTag), [
    ['news', 4, 4],
    ['vip', 2, 2],
  ]);
  assert.equal(byTag.total.accepted, 4);
  assert.deepEqual(told(await figures('by=recipientDomain&tag=vip', secret)), [['one.test', 2, 2]]);
  assert.equal((await figures('step=minute&tag=vip', secret)).total.delivered, 2);
  const { rows } = await sql
    .raw<{ n: number; looked: number }>(miscountedQuery)
    .execute(world.database.db.engine);
  assert.deepEqual([rows[0]?.n, (rows[0]?.looked ?? 0) > 20], [0, true], 'as a recount of the log');
  // A tag that is taken out of the figures is taken out of these, too.
  const { series } = await world.ok<{ series: number }>('POST', '/figures/remove-tag', {
    body: { tag: 'vip' },
    secret,
  });
  assert.ok(series >= 2);
  assert.deepEqual(told(await figures('by=tag', secret)), [['news', 4, 4]]);
});

test('tags of single recipients of SparkPost calls are in tags/list and tags/info of Mandrill', async () => {
  const { id, key } = await makeSubaccount(world, 'tags-of-recipients');
  const recipients = [
    { address: 'a@one.test', tags: ['gold'] },
    { address: 'hard@one.test', tags: ['gold', 'old'] },
    { address: 'c@one.test' },
  ];
  await transmit(world, { recipients }, { key });
  await world.until(
    () => world.ok<Answer>('GET', `/figures?subaccount=${id}`),
    ({ total }) => total.delivered === 2,
  );
  await counted();
  const mandrill = new Sdk(world);
  type Counts = { tag: string; sent: number; hard_bounces: number };
  const list = await mandrill.call<Counts[]>('tags.list');
  assert.deepEqual(
    list
      .filter(({ tag }) => ['gold', 'old'].includes(tag))
      .map(({ tag, sent, hard_bounces: hard }) => `${tag} ${sent} ${hard}`)
      .toSorted(),
    ['gold 2 1', 'old 1 1'],
  );
  const info = await mandrill.call<Counts & { stats: { today: Counts } }>('tags.info', { tag: 'gold' });
  assert.deepEqual([info.sent, info.hard_bounces, info.stats.today.sent], [2, 1, 2]);
});
