import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { fillMails } from './many-mails.ts';

type Made = { readonly id: number; readonly key: { readonly secret: string } };
type Count = { readonly count: number; readonly isExact: boolean };

let world: World;
let busy: Made;
let calm: Made;
let firstMs = 0;
before(async () => {
  world = await startWorld();
  const make = (name: string): Promise<Made> =>
    world.ok('POST', '/subaccounts', { body: { name, key: { name: 'k' } } });
  [busy, calm] = [await make('Busy'), await make('Calm')];
  firstMs = await fillMails(world, busy.id, 11_000);
  await fillMails(world, calm.id, 5);
});
after(() => world[Symbol.asyncDispose]());

const count = (query: string, made?: Made): Promise<Count> =>
  world.ok('GET', `/events/count?${query}`, made === undefined ? {} : { secret: made.key.secret });

test('what a search would find is counted to the last by any filter, by each who may see it and of what it may see', async () => {
  const soon = encodeURIComponent(new Date(firstMs + 10_996 * 100).toISOString());
  for (const [query, all, own] of [
    ['kind=message.accepted&kind=message.delivered', 22_000, 10],
    ['kind=message.delivered', 11_000, 5],
    ['tag=rare&kind=message.accepted', 11, 0],
    ['tag=rare&tag=common&kind=message.accepted', 11_000, 5],
    ['campaignPhrase=spring+sale&kind=message.delivered', 11_000, 5],
    ['subjectPhrase=needle+1&subjectPhrase=order+3', 4, 4],
    ['subject=needle', 2, 2],
    ['senderDomainPhrase=lettershop&kind=message.delivered', 11_000, 5],
    ['recipient=user1@many.test&recipient=user2@many.test', 440, 4],
    ['domain=many.test&kind=message.delivered', 11_000, 5],
    [`until=${soon}&kind=message.delivered`, 10_995, 0],
  ] as const) {
    assert.deepEqual(await count(query, busy), { count: all, isExact: true }, query);
    assert.deepEqual(await count(query, calm), { count: own, isExact: true }, query);
    assert.deepEqual(await count(query), { count: all + own, isExact: true }, query);
    assert.deepEqual(await count(`${query}&subaccount=${calm.id}`), { count: own, isExact: true }, query);
    assert.deepEqual(await count(`${query}&subaccount=${busy.id}`, calm), { count: 0, isExact: true }, query);
  }
});

test('messages are read by their ids with their timelines, those of a sibling are not', async () => {
  type Page = {
    readonly items: readonly { readonly id: string; readonly timeline?: readonly { kind: string }[] }[];
  };
  const read = (query: string, made: Made): Promise<Page> =>
    world.ok('GET', `/messages?${query}`, { secret: made.key.secret });
  const mine = (await read('limit=2', calm)).items.map(({ id }) => id);
  const foreign = (await read('limit=1', busy)).items.map(({ id }) => id);
  const asked = [...foreign, ...mine].map((id) => `id=${id}`).join('&');
  const { items } = await read(`${asked}&timeline=true`, calm);
  assert.deepEqual(
    items.map(({ id, timeline }) => [id, timeline?.map(({ kind }) => kind)]),
    mine.map((id) => [id, ['message.accepted', 'message.delivered']]),
  );
  assert.equal((await read(`id=${mine[0]}`, calm)).items[0]?.timeline, undefined);
});
