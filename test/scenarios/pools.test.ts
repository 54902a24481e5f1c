import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWorld } from '../world.ts';

test('pools made or chosen as the default at the same time are all answered, and one is the default', async () => {
  await using world = await startWorld();
  const made = await Promise.all(
    ['a', 'b', 'c', 'd'].map((name) => world.ok<{ id: string }>('POST', '/pools', { body: { name } })),
  );
  const defaults = async (): Promise<number> => {
    const { items } = await world.ok<{ items: { isDefault: boolean }[] }>('GET', '/pools');
    return items.filter(({ isDefault }) => isDefault).length;
  };
  assert.equal(await defaults(), 1);
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(made.map(({ id }) => world.ok('PATCH', `/pools/${id}`, { body: { isDefault: true } })));
    assert.equal(await defaults(), 1);
  }
});
