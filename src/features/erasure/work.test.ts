import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { openTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import { systemClock } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { silentLog } from '../../base/log.ts';
import type { Scope } from '../../base/scope.ts';
import { Keyring } from '../../base/seal.ts';
import { makeAccess } from '../access/index.ts';
import { createAccount } from '../accounts/index.ts';
import { ask, get } from './operations.ts';
import type { ErasureWorld } from './operations.ts';
import { eraseWhatIsAsked } from './work.ts';

let database: TestDatabase;
let world: ErasureWorld;
let scope: Scope;
let addedMs = 0;
const clock: Clock = { ...systemClock, now: () => Date.now() + addedMs };
before(async () => {
  database = await openTestDatabase();
  world = { db: database.db, clock, ring: new Keyring([randomBytes(32)]) };
  const account = await createAccount(database.db, 'Erasing', new Date());
  await using access = makeAccess({ db: database.db, clock: systemClock, log: silentLog });
  scope = access.operatorScope(account);
});
after(() => database[Symbol.asyncDispose]());

/** Both looks; how many came to their end. */
async function eraseAll(): Promise<number> {
  const first = await eraseWhatIsAsked(world);
  addedMs += 10_000;
  return first + (await eraseWhatIsAsked(world));
}

const firstId = BigInt(Date.now()) << 21n;

/** Mail as accept stores it: `n` submissions with one copy each, every second one to the person. */
async function store(n: number, person: string, at: bigint): Promise<void> {
  const { accountId, subaccountId } = scope;
  await sql`insert into submissions (account_id, subaccount_id, id, retention_days, key_id, door, format, mail_from, from_address,
      domain_id, subject, options, size_bytes, content)
    select ${accountId}, ${subaccountId}, ${String(at)}::bigint + i * 2, 30, 0, 'http', 'raw', 'a@b.test', 'a@b.test', 1, 'secret words',
      '{"tags": [], "metadata": {}}', 10, 'Subject: secret words' from generate_series(1, ${n}::int) i`.execute(
    world.db.engine,
  );
  await sql`insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, state, state_at)
    select ${accountId}, ${subaccountId}, ${String(at)}::bigint + i * 2 + 1, 30, ${String(at)}::bigint + i * 2,
      case i % 2 when 0 then ${person} else 'other@inbox.test' end, 'queued', now() from generate_series(1, ${n}::int) i`.execute(
    world.db.engine,
  );
}

async function wait(n: number, at: bigint, leasedBy: number | null): Promise<void> {
  const { accountId, subaccountId } = scope;
  await sql`insert into queue (account_id, subaccount_id, message_id, submission_id, retention_days, lane, domain, due_at, leased_by, began_at)
    select ${accountId}, ${subaccountId}, ${String(at)}::bigint + i * 2 + 1, ${String(at)}::bigint + i * 2, 30, 0, 'inbox.test', now(),
      ${leasedBy}::smallint, now() from generate_series(1, ${n}::int) i`.execute(world.db.engine);
}

/** As a process that is killed after so many transactions, its last one committed or not. */
function dyingAfter(transactions: number, isCommitted: boolean): ErasureWorld {
  let left = transactions;
  const db = Object.create(world.db, {
    asEngine: {
      value: async <T>(run: Parameters<Database['asEngine']>[0]): Promise<T> => {
        left -= 1;
        if (left >= 0) return (await world.db.asEngine(run)) as T;
        await world.db.asEngine(async (tx) => {
          await run(tx);
          if (!isCommitted) throw new Error('killed');
        });
        throw new Error('killed');
      },
    },
  }) as Database;
  return { ...world, db };
}

const rowsOf = async (person: string): Promise<number> => {
  const rows = await sql<{
    n: number;
  }>`select count(*)::int as n from messages where recipient = ${person}`.execute(world.db.engine);
  return rows.rows[0]?.n ?? 0;
};

test('killed after any transaction, an erasure goes on and counts everything once', async () => {
  const person = 'ada@inbox.test';
  await store(1000, person, firstId);
  await wait(1000, firstId, null);
  const { id } = await ask(world, scope, person);
  let kills = 0;
  while ((await get(world, scope, id)).state !== 'done') {
    await assert.rejects(eraseWhatIsAsked(dyingAfter(kills % 2, kills % 3 === 0)), /killed/);
    kills += 1;
    addedMs += 10_000;
    assert.ok(kills < 200, 'it gets on');
  }
  const { counts } = await get(world, scope, id);
  assert.deepEqual(counts, { messages: 500, cancelled: 500, events: 500, contents_erased: 500 });
  assert.ok(kills > 10, `${kills} kills`);
  assert.equal(await rowsOf(person), 0);
  assert.equal(await rowsOf('other@inbox.test'), 500);
  const left = await sql<{
    n: number;
  }>`select count(*)::int as n from submissions where subject = 'secret words'`.execute(world.db.engine);
  assert.equal(left.rows[0]?.n, 500);
});

test('mail that a node has in its hands is waited for, and another erasure does not wait for it', async () => {
  const at = firstId + (1n << 40n);
  await store(2, 'eve@inbox.test', at);
  await wait(2, at, 7);
  const first = await ask(world, scope, 'eve@inbox.test');
  const second = await ask(world, scope, 'nobody@inbox.test');
  assert.equal(await eraseAll(), 1);
  assert.deepEqual(
    [(await get(world, scope, first.id)).state, (await get(world, scope, second.id)).state],
    ['running', 'done'],
  );
  assert.equal(await rowsOf('eve@inbox.test'), 1, 'what is told of it later still finds it');
  await sql`update queue set leased_by = null where leased_by = 7`.execute(world.db.engine);
  assert.equal(await eraseAll(), 1);
  assert.equal(await rowsOf('eve@inbox.test'), 0);
});

test('the address is in no row of the job when it is done, and sealed before', async () => {
  const { id } = await ask(world, scope, 'mallory@inbox.test');
  const row = async (): Promise<string> =>
    (
      await sql<{ row: string }>`select to_jsonb(e)::text as row from erasures e where id = ${id}`.execute(
        world.db.engine,
      )
    ).rows[0]?.row ?? '';
  assert.match(await row(), /"sealed_address": "\\\\x01/);
  await eraseAll();
  assert.match(await row(), /"sealed_address": null/);
  const trail = await sql<{ text: string }>`
    select string_agg(changes::text, '') || (select string_agg(data::text, '') from events) as text from audit_entries`.execute(
    world.db.engine,
  );
  assert.match(trail.rows[0]?.text ?? '', /"sealed_address": "\(secret\)"/);
  assert.equal(/mallory/.test(trail.rows[0]?.text ?? ''), false);
});

test('rows of logs that land while an erasure runs are found by a second look before it is done', async () => {
  const { accountId, subaccountId } = scope;
  const { id } = await ask(world, scope, 'late@inbox.test');
  assert.equal(await eraseWhatIsAsked(world), 0, 'what is on its way is waited for');
  await sql`insert into request_logs (account_id, subaccount_id, request_id, at, door, method, path, pattern, status, ms,
      actor_kind, actor_id, remote_address, user_agent, request, response)
    values (${accountId}, ${subaccountId}, 'r', now(), 'http', 'POST', '/messages?to=late@inbox.test', '/messages', 202, 1, 'key', '1',
      '127.0.0.1', '', '{"to": "late@inbox.test"}', '')`.execute(world.db.engine);
  await sql`insert into attempt_transcripts (account_id, subaccount_id, message_id, attempt, at, text)
    values (${accountId}, ${subaccountId}, 77, 1, now(), 'C: RCPT TO:<late@inbox.test>')`.execute(
    world.db.engine,
  );
  assert.equal(await eraseWhatIsAsked(world), 0, 'nor is it done by itself');
  addedMs += 10_000;
  assert.equal(await eraseWhatIsAsked(world), 1);
  assert.deepEqual((await get(world, scope, id)).counts, { request_logs: 1, attempt_transcripts: 1 });
  const left = await sql<{ n: number }>`
    select (select count(*) from request_logs where path like '%late@%' or request like '%late@%')::int
      + (select count(*) from attempt_transcripts where text like '%late@%')::int as n`.execute(
    world.db.engine,
  );
  assert.equal(left.rows[0]?.n, 0);
});
