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

test('the default pool is not deleted until another one is the default, whoever else changes them meanwhile', async () => {
  await using world = await startWorld();
  const [first, second] = [await made('first'), await made('second')];
  function made(name: string): Promise<{ id: string }> {
    return world.ok('POST', '/pools', { body: { name } });
  }
  const refused = await world.api('DELETE', `/pools/${first.id}`);
  assert.equal(refused.status, 409);
  assert.match((refused.body as { detail: string }).detail, /make another one the default first/);
  const taken = await world.api('PATCH', `/pools/${second.id}`, { body: { name: 'first' } });
  assert.equal(taken.status, 409);
  assert.equal((taken.body as { detail: string }).detail, 'The pool "first" exists already');
  for (let round = 0; round < 5; round += 1) {
    const { id } = await made(`round-${round}`);
    const answers = await Promise.all([
      world.api('PATCH', `/pools/${id}`, { body: { isDefault: true } }),
      world.api('DELETE', `/pools/${id}`),
    ]);
    const statuses = answers.map(({ status }) => status);
    assert.ok(String(statuses) === '200,409' || String(statuses) === '404,204', String(statuses));
    const { items } = await world.ok<{ items: { isDefault: boolean }[] }>('GET', '/pools');
    assert.equal(items.filter(({ isDefault }) => isDefault).length, 1);
  }
  await world.ok('PATCH', `/pools/${second.id}`, { body: { isDefault: true } });
  await world.ok('DELETE', `/pools/${first.id}`);
});
