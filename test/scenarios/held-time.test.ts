import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWorld } from '../world.ts';
import type { Settled } from '../world.ts';

const hourMs = 3_600_000;

test('time that a pause holds mail is not time spent trying', async () => {
  await using world = await startWorld();
  const made = await world.ok<{ id: number; key: { secret: string } }>('POST', '/subaccounts', {
    body: { name: 'pausing', key: { name: 'k' } },
  });
  const change = (status: 'paused' | 'active'): Promise<unknown> =>
    world.ok('PATCH', `/subaccounts/${made.id}`, { body: { status, reason: 'holiday' } });
  const [id = ''] = await world.send('soft@inbox.test', {}, made.key.secret);
  const tried = (times: number): Promise<Settled> =>
    world.until(
      () => world.ok<Settled>('GET', `/messages/${id}`),
      ({ attempts, state }) => attempts >= times && state !== 'held',
    );
  await tried(1);
  const began = world.clock.now();
  await change('paused');
  await world.settled(id, ['held']);
  world.clock.move(30 * hourMs);
  await change('active');
  await tried(2);
  // 74 hours after it began, 44 of them spent trying: not over yet.
  world.clock.move(44 * hourMs);
  assert.equal((await tried(3)).state, 'deferred');
  world.clock.move(began + 100 * hourMs - world.clock.now());
  assert.equal((await tried(4)).state, 'deferred');
  world.clock.move(began + 103 * hourMs - world.clock.now());
  assert.equal((await tried(5)).state, 'expired');
});
