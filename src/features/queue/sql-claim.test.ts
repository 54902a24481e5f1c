import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { HotConnection } from '../../base/database/hot-connection.ts';
import { silentLog } from '../../base/log.ts';
import { openTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import type { LeasedMessage } from './model.ts';
import { claim, survey } from './sql-claim.ts';
import { leaveGonePools } from './sql-pools.ts';

let database: TestDatabase;
let connection: HotConnection;
const now = new Date('2026-05-05T12:00:00Z');

before(async () => {
  database = await openTestDatabase();
  connection = new HotConnection(database.target, 'test', silentLog);
  const { engine } = database.db;
  await sql`call make_partitions(${now})`.execute(database.db.owner);
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

const request = { now, subaccountsMax: 100, afterSubaccount: 0, poolsElsewhere: [] };

/** Everything that a survey from there finds, as far as a portion goes. */
async function claimAfter(
  afterSubaccount: number,
  { most = 10, poolsElsewhere = [] }: { most?: number; poolsElsewhere?: readonly string[] } = {},
): Promise<readonly LeasedMessage[]> {
  const { waiting } = await survey(connection, { ...request, afterSubaccount, poolsElsewhere });
  const portions = waiting.map((each) => ({ ...each, most }));
  return claim(connection, { node: 1, now, portions, poolsElsewhere });
}

test('two hundred subaccounts with mail for later keep nobody behind them from a claim', async () => {
  const later = new Date(now.getTime() + 3_600_000);
  for (let subaccount = 101; subaccount <= 300; subaccount++) await waits(subaccount, 1, later);
  await waits(301, 1, now);
  const walked: number[] = [];
  const found: unknown[] = [];
  let afterSubaccount = 0;
  do {
    const { waiting, walkedTo } = await survey(connection, { ...request, afterSubaccount });
    found.push(...waiting);
    walked.push(walkedTo);
    afterSubaccount = walkedTo;
  } while (afterSubaccount !== 0);
  assert.deepEqual(walked, [200, 300, 0]);
  assert.deepEqual(found, [{ accountId: 1, subaccountId: 301 }]);
  const taken = await claimAfter(300);
  assert.deepEqual(
    taken.map(({ subaccountId }) => Number(subaccountId)),
    [301],
  );
  assert.deepEqual((await survey(connection, { ...request, afterSubaccount: 300 })).waiting, []);
});

test('mail of a pool that another node has is left to it: named, by the subaccount, or by default', async () => {
  await waits(310, 1, now, 900);
  await waits(310, 2, now, 901);
  await waits(310, 3, now);
  const { engine } = database.db;
  await sql`update subaccounts set pool_id = 901 where id = 311`.execute(engine);
  await waits(311, 1, now);
  const idsOf = async (poolsElsewhere: readonly string[]): Promise<number[]> => {
    const messages = await claimAfter(301, { poolsElsewhere });
    return messages.map(({ messageId }) => Number(BigInt(messageId) - base)).sort((a, b) => a - b);
  };
  assert.deepEqual(await idsOf(['901']), [310_001, 310_003]);
  assert.deepEqual(await idsOf([]), [310_002, 311_001]);
  await sql`update queue set leased_by = null where subaccount_id = 310`.execute(engine);
  await sql`update pools set is_default = true where id = 901`.execute(engine);
  assert.deepEqual(await idsOf(['901']), [310_001], 'the default pool is elsewhere, too');
});

test('a claim takes of each subaccount its portion and no more, and leaves what others hold or may not send', async () => {
  const { engine } = database.db;
  for (const subaccount of [390, 391, 392, 393])
    for (let n = 1; n <= 30; n++) await waits(subaccount, n, now);
  await sql`update queue set leased_by = 2 where subaccount_id = 391 and message_id < ${String(base + 391_011n)}`.execute(
    engine,
  );
  await sql`update subaccounts set is_reviewed = true where id = 393`.execute(engine);
  const portions = [390, 391, 393].map((subaccountId) => ({ accountId: 1, subaccountId, most: 25 }));
  const messages = await claim(connection, { node: 1, now, portions, poolsElsewhere: [] });
  const got = Map.groupBy(messages, ({ subaccountId }) => Number(subaccountId));
  assert.deepEqual(
    [390, 391, 392, 393].map((subaccount) => got.get(subaccount)?.length ?? 0),
    [25, 20, 0, 0],
  );
});

test('mail of a pool that is gone is claimed once it has left it, held mail too', async () => {
  const { engine } = database.db;
  await waits(395, 1, now, 999);
  await waits(395, 2, now, 900);
  await waits(395, 3, now, 999);
  await sql`update queue set hold = 'paused', hold_until = ${now}, held_at = ${now} where message_id = ${String(base + 395_003n)}`.execute(
    engine,
  );
  const portions = [{ accountId: 1, subaccountId: 395, most: 25 }];
  const claimed = async (): Promise<readonly (readonly [number, string])[]> =>
    (await claim(connection, { node: 1, now, portions, poolsElsewhere: [] })).map(
      ({ messageId, poolId }) => [Number(BigInt(messageId) - base), poolId] as const,
    );
  assert.deepEqual(await claimed(), [[395_002, '900']]);
  assert.equal(await leaveGonePools(engine), 2);
  assert.equal(await leaveGonePools(engine), 0);
  assert.deepEqual(await claimed(), [[395_001, '0']]);
});
