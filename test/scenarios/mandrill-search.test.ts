import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { Sdk } from './mandrill-client.ts';
import { fillMails } from './many-mails.ts';

let world: World;
let sdk: Sdk;
let sibling: Sdk;
const mails = 6001;
before(async () => {
  world = await startWorld();
  sdk = new Sdk(world);
  const { id, key } = await world.ok<{ id: number; key: { secret: string } }>('POST', '/subaccounts', {
    body: { name: 'Nine', externalId: 'cust-9', key: { name: 'k' } },
  });
  sibling = new Sdk(world, key.secret);
  const { items } = await world.ok<{ items: { id: number; isOwn: boolean }[] }>('GET', '/subaccounts');
  const own = items.find(({ isOwn }) => isOwn)?.id ?? assert.fail('the account has a subaccount of its own');
  await fillMails(world, own, mails);
  await fillMails(world, id, 3);
});
after(() => world[Symbol.asyncDispose]());

type Message = { readonly subject: string; readonly subaccount: string | null; readonly state: string };
type Point = { readonly time: string; readonly sent: number };

async function subjects(more: Readonly<Record<string, unknown>>, by = sdk): Promise<readonly string[]> {
  const found = await by.call<Message[]>('messages.search', more);
  return found.map(({ subject, subaccount }) =>
    subaccount === null ? subject : `${subject} of ${subaccount}`,
  );
}

test('a search looks at all mail of its time, newest first, and its series counts all that is found', async () => {
  assert.deepEqual(await subjects({ query: 'needle' }), ['Needle 1 of cust-9', 'Needle 1']);
  assert.deepEqual(await subjects({ query: 'needle' }, sibling), ['Needle 1 of cust-9']);
  assert.deepEqual(await subjects({ query: 'subject:needle AND state:sent NOT subaccount:cust-9' }), [
    'Needle 1',
  ]);
  assert.deepEqual(await subjects({ query: 'full_email:USER1@many.test AND needle' }, sibling), [
    'Needle 1 of cust-9',
  ]);
  const rare = ['Order 6000', 'Order 5000', 'Order 4000', 'Order 3000', 'Order 2000', 'Order 1000'];
  assert.deepEqual(await subjects({ query: '*', tags: ['rare'] }), rare);
  assert.deepEqual(await subjects({ query: '*', tags: ['rare'] }, sibling), []);
  assert.deepEqual(await subjects({ query: 'u_n:17 OR u_n:18', senders: ['shop@LETTERSHOP.test'] }), [
    'Order 18',
    'Order 17',
  ]);
  const many = await subjects({ query: 'NOT subaccount:cust-9', limit: 1000 });
  assert.deepEqual([many.length, many[0], many.at(-1)], [1000, `Order ${mails}`, `Order ${mails - 999}`]);
  const sent = async (query: string, by = sdk): Promise<number> =>
    (await by.call<Point[]>('messages.searchTimeSeries', { query })).reduce(
      (sum, point) => sum + point.sent,
      0,
    );
  assert.deepEqual(
    [await sent('*'), await sent('subaccount:cust-9'), await sent('state:bounced'), await sent('*', sibling)],
    [mails + 3, 3, 0, 3],
  );
  const past = { date_from: '2019-01-01', date_to: '2019-01-02' };
  assert.deepEqual(await subjects({ query: 'needle', ...past }), []);
});
