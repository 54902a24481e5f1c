import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';
import { fillMails } from './many-mails.ts';
import { ask, makeSubaccount, sdk } from './sparkpost-calls.ts';

let world: World;
let [busy, calm]: readonly { id: number; key: string }[] = [];
before(async () => {
  world = await startWorld();
  [busy, calm] = [await makeSubaccount(world, 'busy'), await makeSubaccount(world, 'calm')];
  await fillMails(world, busy.id, 12_000);
  await fillMails(world, calm.id, 7);
});
after(() => world[Symbol.asyncDispose]());

type Found = {
  readonly results: readonly Readonly<Record<string, unknown>>[];
  readonly total_count: number;
  readonly links: { readonly next?: string };
};

async function found(query: Readonly<Record<string, unknown>>, key: string = testKey.secret): Promise<Found> {
  return (await sdk(world, key).events.searchMessage({ per_page: 10, ...query })) as unknown as Found;
}

/** Rows and totals of all pages. */
async function through(first: Found, key: string): Promise<readonly [number, ReadonlySet<number>]> {
  let [page, rows] = [first, first.results.length];
  const totals = new Set([page.total_count]);
  while (page.links.next !== undefined) {
    page = (await ask(world, 'GET', page.links.next.replace(/^\/sparkpost/, ''), { key })).body;
    rows += page.results.length;
    totals.add(page.total_count);
  }
  return [rows, totals];
}

test('a count is of all that is found, more than ten thousand, on each page; a sibling counts its own', async () => {
  const [mine, sibling] = [busy?.key ?? '', calm?.key ?? ''];
  for (const [query, all, own] of [
    [{}, 24_000, 14],
    [{ events: 'delivery' }, 12_000, 7],
    [{ events: 'delivery', campaigns: 'sale' }, 12_000, 7],
    [{ events: 'delivery', campaigns: 'sal' }, 0, 0],
    [{ events: 'delivery', subjects: 'order 7,needle' }, 2, 2],
    [{ recipients: 'USER7@many.test' }, 240, 2],
    [{ recipient_domains: 'many.test', events: 'injection' }, 12_000, 7],
    [
      { from_addresses: 'shop@lettershop.test', sending_domains: 'lettershop', events: 'injection' },
      12_000,
      7,
    ],
    [{ mailbox_providers: 'many.test' }, 12_000, 7],
    [{ bounce_classes: '10,25' }, 0, 0],
    [{ templates: 'none' }, 0, 0],
  ] as const) {
    const what = JSON.stringify(query);
    assert.equal((await found(query, mine)).total_count, all, what);
    assert.equal((await found(query, sibling)).total_count, own, what);
    assert.equal((await found(query)).total_count, all + own, what);
    assert.equal((await found({ ...query, subaccounts: [calm?.id] })).total_count, own, what);
  }
  const first = await found({ events: 'delivery', per_page: 5000 }, mine);
  assert.deepEqual(await through(first, mine), [12_000, new Set([12_000])]);
  const [newest, oldest] = [
    await found({ events: 'injection', per_page: 2 }, mine),
    await found({ subjects: 'needle' }, mine),
  ];
  assert.deepEqual(
    newest.results.map(({ subject }) => subject),
    ['Order 12000', 'Order 11999'],
  );
  const [event] = oldest.results;
  const byId = await found({ event_ids: String(event?.['event_id']) }, mine);
  assert.deepEqual([byId.total_count, byId.results], [1, [event]]);
  const ofMessage = await found({ messages: String(event?.['message_id']), events: 'injection' }, mine);
  assert.deepEqual([ofMessage.total_count, ofMessage.results.length], [1, 1]);
  assert.equal((await found({ messages: String(event?.['message_id']) }, sibling)).total_count, 0);
});

test('what fits a filter that nothing is indexed by is found to the last by cursor, and counted as far as was looked', async () => {
  const first = await found({ reasons: 'ok', events: 'delivery' }, busy?.key);
  assert.deepEqual([first.results, first.total_count], [[], 0]);
  const old = await sdk(world, busy?.key).messageEvents.search({ events: 'delivery', per_page: 3, page: 2 });
  assert.partialDeepStrictEqual(old, { total_count: 12_000, results: [{ subject: 'Order 11997' }, {}, {}] });
  const pooled = await found({
    ip_pools: 'shared',
    events: 'delivery',
    subaccounts: [calm?.id],
    per_page: 3,
  });
  assert.deepEqual(await through(pooled, testKey.secret), [7, new Set([7])]);
});
