import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { present } from '../../base/assert.ts';
import { HotConnection } from '../../base/database/hot-connection.ts';
import { silentLog } from '../../base/log.ts';
import { claim } from '../queue/index.ts';
import { openTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import { reapLostNodes } from './recovery.ts';

let database: TestDatabase;
let connection: HotConnection;
const now = new Date('2026-05-05T12:00:00Z');
const base = BigInt(now.getTime()) << 21n;

before(async () => {
  database = await openTestDatabase();
  connection = new HotConnection(database.target, 'test', silentLog);
  const { engine, owner } = database.db;
  await sql`call make_partitions(${now})`.execute(owner);
  await sql`insert into accounts (id, name) values (1, 'a')`.execute(engine);
  await sql`insert into subaccounts (account_id, id, name, is_own) values (1, 11, 'own', true)`.execute(
    engine,
  );
});
after(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function waits(n: number): Promise<void> {
  const id = String(base + BigInt(n));
  const { engine } = database.db;
  await sql`insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, state, state_at)
    values (1, 11, ${id}, 30, 1, 'x@y.test', 'queued', ${now})`.execute(engine);
  await sql`insert into queue (account_id, subaccount_id, message_id, submission_id, retention_days, lane, domain, due_at, began_at, pool_id)
    values (1, 11, ${id}, 1, 30, 0, 'y.test', ${now}, ${now}, 0)`.execute(engine);
}

/** A node whose term ended so many seconds ago. */
async function lostNode(number: number, endedSecondsAgo: number): Promise<void> {
  await sql`insert into nodes (number, instance, incarnation, host, pid, term_ends_at, started_at)
    values (${number}, gen_random_uuid(), nextval('object_ids'), 'h', 1, now() - ${endedSecondsAgo} * interval '1 s', now())
    on conflict (number) do update set term_ends_at = excluded.term_ends_at`.execute(database.db.engine);
}

async function claimAs(node: number): Promise<number> {
  const messages = await claim(connection, {
    node,
    now,
    portions: [{ accountId: 1, subaccountId: 11, most: 100 }],
    poolsElsewhere: [],
  });
  return messages.length;
}

const nodes = async (): Promise<readonly { number: number; incarnation: string }[]> =>
  (
    await sql<{
      number: number;
      incarnation: string;
    }>`select number, incarnation from nodes order by number`.execute(database.db.engine)
  ).rows;

test('what a lost node leases after its mail moved on moves on as well: its number stays taken until it cannot any more', async () => {
  await lostNode(7, 1);
  await waits(1);
  assert.equal(await claimAs(7), 1);
  const [before] = await nodes();
  await reapLostNodes(database.db, now.getTime(), silentLog);
  const [fenced] = await nodes();
  assert.equal(fenced?.number, 7);
  assert.notEqual(fenced.incarnation, present(before).incarnation, 'its next sign of life fails');
  assert.equal(await claimAs(7), 1, 'a statement of the lost process was still under way');
  await waits(2);
  assert.equal(await claimAs(7), 1);
  await reapLostNodes(database.db, now.getTime(), silentLog);
  assert.equal(await claimAs(8), 2, 'nothing of it is left with a number that nobody has');
});

test('a number is free again when no statement of its process can be under way', async () => {
  await lostNode(7, 59);
  await reapLostNodes(database.db, now.getTime(), silentLog);
  assert.deepEqual(
    (await nodes()).map(({ number }) => number),
    [7],
  );
  await lostNode(7, 61);
  await reapLostNodes(database.db, now.getTime(), silentLog);
  assert.deepEqual(await nodes(), []);
});
