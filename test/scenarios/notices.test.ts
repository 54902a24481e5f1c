import assert from 'node:assert/strict';
import { test } from 'node:test';
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
