import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { systemClock } from '../../src/base/clock.ts';
import type { Clock } from '../../src/base/clock.ts';
import { tellSettled } from '../../src/features/messages/index.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Told = {
  readonly submissionId: string;
  readonly data: { readonly copies: number; readonly states: Record<string, number> };
};
const told = async (): Promise<readonly Told[]> => {
  const page = await world.ok<{ items: readonly Told[] }>('GET', '/events?kind=bulk.completed&limit=500');
  return page.items;
};

const from = { email: 'a@lettershop.test' };
const letter = { from, subject: 'Hello', text: 'Hi.' };

test('a call to many is told once when its last copy is settled, with how each ended; a mail to several is none', async () => {
  await world.ok('POST', '/suppressions', { body: { entries: [{ address: 'gone@inbox.test' }] } });
  const list = await world.ok<{ list: { id: string } }>('POST', '/lists', {
    body: {
      name: 'Three',
      recipients: [
        { address: 'one@inbox.test' },
        { address: 'hard@inbox.test' },
        { address: 'gone@inbox.test' },
      ],
    },
  });
  const sent = await world.ok<{ id: string }>('POST', '/messages', {
    body: { ...letter, list: { id: list.list.id } },
  });
  const recipients = [{ to: { email: 'two@inbox.test' } }, { to: { email: 'three@inbox.test' } }];
  const batch = await world.ok<{ id: string }>('POST', '/messages', { body: { ...letter, recipients } });
  const [shared = ''] = await world.send(['four@inbox.test', 'five@inbox.test']);
  const [alone = ''] = await world.send('six@inbox.test');
  for (const id of [shared, alone]) await world.settled(id, ['delivered']);
  const found = await world.until(told, ({ length }) => length >= 2);
  assert.deepEqual(Object.fromEntries(found.map(({ submissionId, data }) => [submissionId, data])), {
    [sent.id]: { copies: 3, states: { delivered: 1, bounced: 1, suppressed: 1 } },
    [batch.id]: { copies: 2, states: { delivered: 2 } },
  });
  assert.equal(found.length, 2);
});

/** Two calls as they are stored: one that is settled, one with a copy that waits. */
async function stored(states: readonly string[]): Promise<string> {
  const rows = await sql<{
    submission: string;
  }>`with me as (select account_id, id as sub, (extract(epoch from clock_timestamp()) * 1000)::bigint << 21 as base
      from subaccounts s where is_own and not (select is_system from accounts a where a.id = s.account_id)),
    kept as (insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, state, state_at)
      select account_id, sub, base + n, 30, base, 'x@inbox.test', state, now() from me, unnest(${states}::text[]) with ordinality s (state, n)),
    bulk as (insert into bulk_sends (account_id, subaccount_id, submission_id, retention_days, copies, accepted_at, check_at)
      select account_id, sub, base, 30, ${states.length}::int, now(), now() from me)
    select base::text as submission from me`.execute(world.database.db.engine);
  return rows.rows[0]?.submission ?? '';
}

const eventsOf = async (id: string): Promise<number> =>
  (await told()).filter(({ submissionId }) => submissionId === id).length;

test('it waits for a copy that may still leave, is told once however many nodes look, and survives one that dies in between', async () => {
  const { db } = world.database;
  await world.program.stop();
  const waiting = await stored(['delivered', 'deferred']);
  const done = await stored(['delivered', 'cancelled']);
  const dying: Clock = {
    ...systemClock,
    now: () => {
      throw new Error('dies');
    },
  };
  await assert.rejects(tellSettled(db, dying), /dies/);
  // One that looked and told, and was killed before its commit.
  await assert.rejects(
    db.asEngine(async (tx) => {
      const inside = { asEngine: <T>(run: (same: typeof tx) => Promise<T>) => run(tx) };
      assert.equal(await tellSettled(inside as unknown as typeof db, systemClock), 1);
      throw new Error('killed');
    }),
    /killed/,
  );
  const nodes = await Promise.all([1, 2, 3].map(() => tellSettled(db, systemClock)));
  assert.equal(
    nodes.reduce((sum, n) => sum + n, 0),
    1,
    'one of them told',
  );
  await world.restart();
  assert.deepEqual([await eventsOf(done), await eventsOf(waiting)], [1, 0]);
  await sql`update messages set state = 'bounced' where submission_id = ${waiting} and state = 'deferred'`.execute(
    db.engine,
  );
  await world.until(
    () => eventsOf(waiting),
    (n) => n > 0,
  );
  assert.deepEqual([await eventsOf(done), await eventsOf(waiting)], [1, 1]);
  const left = await sql<{ n: number }>`select count(*)::int as n from bulk_sends`.execute(db.engine);
  assert.equal(left.rows[0]?.n, 0);
});
