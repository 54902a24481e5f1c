import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { HotConnection } from '../../base/database/hot-connection.ts';
import { silentLog } from '../../base/log.ts';
import { openTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import { claim } from './sql-claim.ts';

let database: TestDatabase;
let connection: HotConnection;
const now = new Date('2026-05-05T12:00:00Z');

before(async () => {
  database = await openTestDatabase();
  connection = new HotConnection(database.target, 'test', silentLog);
  const { engine } = database.db;
  await sql`select make_partitions(${now})`.execute(database.db.owner);
  await sql`insert into accounts (id, name) values (1, 'a'), (2, 'b')`.execute(engine);
  // Subaccounts 101..400 of account 1; the own ones are 11 and 12.
  await sql`insert into subaccounts (account_id, id, name, is_own) values (1, 11, 'own', true), (2, 12, 'own', true)`.execute(
    engine,
  );
  await sql`insert into subaccounts (account_id, id, name) select 1, n, 's' from generate_series(101, 400) n`.execute(
    engine,
  );
  await sql`insert into pools (account_id, subaccount_id, id, name) values (1, 11, 900, 'here'), (1, 11, 901, 'away')`.execute(
    engine,
  );
});
after(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

/** Ids of the time `now`, so that they fall into its partitions. */
const base = BigInt(now.getTime()) << 21n;

async function waits(subaccount: number, n: number, dueAt: Date, pool = 0, account = 1): Promise<void> {
  const id = String(base + BigInt(subaccount * 1000 + n));
  const { engine } = database.db;
  await sql`insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, state, state_at)
    values (${account}, ${subaccount}, ${id}, 30, 1, 'x@y.test', 'queued', ${now})`.execute(engine);
  await sql`insert into queue (account_id, subaccount_id, message_id, submission_id, retention_days, lane, domain, due_at, began_at, pool_id)
    values (${account}, ${subaccount}, ${id}, 1, 30, 0, 'y.test', ${dueAt}, ${now}, ${pool})`.execute(engine);
}

const request = {
  node: 1,
  now,
  each: 10,
  eachMax: 35,
  subaccountsMax: 100,
  afterSubaccount: 0,
  poolsElsewhere: [],
};

test('two hundred subaccounts with mail for later keep nobody behind them from a claim', async () => {
  const later = new Date(now.getTime() + 3_600_000);
  for (let subaccount = 101; subaccount <= 300; subaccount++) await waits(subaccount, 1, later);
  await waits(301, 1, now);
  const walked: number[] = [];
  const taken: number[] = [];
  let afterSubaccount = 0;
  do {
    const { messages, walkedTo } = await claim(connection, { ...request, afterSubaccount });
    taken.push(...messages.map(({ subaccountId }) => Number(subaccountId)));
    walked.push(walkedTo);
    afterSubaccount = walkedTo;
  } while (afterSubaccount !== 0);
  assert.deepEqual(walked, [200, 300, 0]);
  assert.deepEqual(taken, [301]);
});

test('mail of a pool that another node has is left to it: named, by the subaccount, or by default', async () => {
  await waits(310, 1, now, 900);
  await waits(310, 2, now, 901);
  await waits(310, 3, now);
  const { engine } = database.db;
  await sql`update subaccounts set pool_id = 901 where id = 311`.execute(engine);
  await waits(311, 1, now);
  const idsOf = async (poolsElsewhere: readonly string[]): Promise<number[]> => {
    const { messages } = await claim(connection, { ...request, afterSubaccount: 301, poolsElsewhere });
    return messages.map(({ messageId }) => Number(BigInt(messageId) - base)).sort((a, b) => a - b);
  };
  assert.deepEqual(await idsOf(['901']), [310_001, 310_003]);
  assert.deepEqual(await idsOf([]), [310_002, 311_001]);
  await sql`update queue set leased_by = null where subaccount_id = 310`.execute(engine);
  await sql`update pools set is_default = true where id = 901`.execute(engine);
  assert.deepEqual(await idsOf(['901']), [310_001], 'the default pool is elsewhere, too');
});

test('a claim takes by weight of subaccount and account, and never more than its bound', async () => {
  const { engine } = database.db;
  await sql`insert into accounts (id, name, turn_weight) values (3, 'c', 2)`.execute(engine);
  await sql`insert into subaccounts (account_id, id, name, is_own) values (3, 13, 'own', true), (3, 501, 's', false), (3, 502, 's', false)`.execute(
    engine,
  );
  await sql`insert into turn_weights (account_id, subaccount_id, weight) values (1, 391, 3), (3, 502, 9)`.execute(
    engine,
  );
  for (const [account, subaccount] of [
    [1, 390],
    [1, 391],
    [3, 501],
    [3, 502],
  ] as const)
    for (let n = 1; n <= 50; n++) await waits(subaccount, n, now, 0, account);
  const { messages } = await claim(connection, { ...request, afterSubaccount: 389 });
  const got = Map.groupBy(messages, ({ subaccountId }) => Number(subaccountId));
  assert.deepEqual(
    [390, 391, 501, 502].map((subaccount) => got.get(subaccount)?.length),
    [10, 30, 20, 35],
  );
});
