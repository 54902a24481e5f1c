import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { allAccounts } from '../../src/features/accounts/index.ts';
import { add } from '../../src/features/outbox/index.ts';
import { startWorld } from '../world.ts';

test('a notice leaves once, as mail of the installation, and its links are in no tenant message', async () => {
  await using world = await startWorld();
  const [account] = await allAccounts(world.database.db);
  assert.ok(account !== undefined);
  const behalf = { accountId: account.id, subaccountId: account.ownSubaccountId };
  await world.database.db.asEngine((tx) =>
    add(
      tx,
      behalf,
      {
        to: 'person@inbox.test',
        subject: 'Welcome <you>',
        content: { paragraphs: ['One & two'], action: { label: 'Go', url: 'https://x.test/a?b=1&c=2' } },
      },
      new Date(),
    ),
  );
  type Capture = { id: string; to: string; subject: string };
  const captures = await world.until(
    () => world.ok<{ items: Capture[] }>('GET', '/captures'),
    ({ items }) => items.length > 0,
  );
  assert.deepEqual(
    captures.items.map(({ to, subject }) => [to, subject]),
    [['person@inbox.test', 'Welcome <you>']],
  );
  const raw = await world.ok<string>('GET', `/captures/${captures.items[0]?.id}/content`);
  assert.match(raw, /^https:\/\/x\.test\/a\?b=1&c=2\r$/m);
  assert.match(raw, /^From: Lettershop <notices@mail\.lettershop\.test>/m);
  assert.deepEqual((await world.ok<{ items: unknown[] }>('GET', '/messages')).items, []);
});

test('owners hear of limits, domains and reputation in few mails: one a kind and hour, a thing once a day', async () => {
  await using world = await startWorld();
  const owner = 'owner@lettershop.test';
  type Made = { id: number; key: { secret: string } };
  const client = (externalId: string): Promise<Made> =>
    world.ok<Made>('POST', '/subaccounts', {
      body: { name: externalId, externalId, quota: { hour: 2 }, key: { name: 'k' } },
    });
  const mails = async (): Promise<readonly string[]> =>
    (await world.ok<{ items: { to: string; subject: string }[] }>('GET', '/captures?limit=500')).items
      .filter(({ to }) => to === owner)
      .map(({ subject }) => subject)
      .toSorted();
  const reached = async (secret: string): Promise<number> =>
    (await world.ok<{ items: unknown[] }>('GET', '/events?kind=quota.reached', { secret })).items.length;
  const gathered = async (): Promise<number> => {
    const rows = await sql<{ n: string }>`select coalesce(sum(n), 0) as n from notice_subjects`.execute(
      world.database.db.engine,
    );
    return Number(rows.rows[0]?.n);
  };
  const [one, two] = [await client('one'), await client('two')];
  await world.send(['a@inbox.test', 'b@inbox.test', 'c@inbox.test'], {}, one.key.secret);
  await world.until(mails, (list) => list.length === 1);
  await world.send(['a@inbox.test', 'b@inbox.test'], {}, two.key.secret);
  await world.ok('POST', `/subaccounts/${two.id}/reputation/raise`, { body: { step: 'warn' } });
  const first = ['Limits of messages are reached', 'Reputation of subaccounts'];
  await world.until(mails, (list) => list.length === 2);
  assert.deepEqual(await mails(), first);
  // The second limit waits for its hour, and is told once, however long it is full.
  await world.until(gathered, (n) => n === 1);
  assert.deepEqual([await reached(one.key.secret), await reached(two.key.secret)], [1, 1]);
  world.clock.move(3_700_000);
  await world.until(mails, (list) => list.length === 3);
  assert.deepEqual(await mails(), [...first, 'Limits of messages are reached'].toSorted());
  // Once more within the day: counted, not mailed.
  for (const step of ['slow', 'warn', 'slow'])
    await world.ok('POST', `/subaccounts/${two.id}/reputation/raise`, { body: { step } });
  await world.until(gathered, (n) => n === 3);
  world.clock.move(7_200_000);
  assert.equal((await mails()).length, 3);
  await world.move(86_400_000);
  await world.until(
    mails,
    (list) => list.filter((subject) => subject === 'Reputation of subaccounts').length === 2,
  );
  const { items } = await world.ok<{ items: { id: string; subject: string }[] }>(
    'GET',
    '/captures?limit=500',
  );
  const newest = items.find(({ subject }) => subject === 'Reputation of subaccounts');
  const raw = await world.ok<string>('GET', `/captures/${newest?.id}/content`);
  assert.match(raw.replaceAll('=\r\n', ''), new RegExp(`Subaccount ${two.id}: .* times\\)`));
});
