import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import { present } from '../../base/assert.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import { openTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import { isRefusal } from '../refusals/index.ts';
import { count } from './count.ts';
import { Counts } from './counts.ts';
import { search } from './search.ts';
import { everything } from './sql-search.ts';
import type { EventFilter } from './sql-search.ts';
import { Turns } from './turns.ts';

let database: TestDatabase;
let accountId: AccountId;
let loud: SubaccountId;
let quiet: SubaccountId;

/** Of the loud one 50,000 events of mail to one recipient, of the quiet one five. */
before(async () => {
  database = await openTestDatabase();
  const { engine } = database.db;
  const accounts = await sql<{
    id: AccountId;
  }>`insert into accounts (name) values ('a') returning id`.execute(engine);
  accountId = present(accounts.rows[0]).id;
  const made = await sql<{ id: SubaccountId }>`insert into subaccounts (account_id, name)
    values (${accountId}, 'loud'), (${accountId}, 'quiet') returning id`.execute(engine);
  [loud, quiet] = [present(made.rows[0]).id, present(made.rows[1]).id];
  for (const [id, n] of [
    [loud, 50_000],
    [quiet, 5],
  ] as const)
    await sql`with n as (select g, (${Date.now()}::bigint << 21) + ${id}::bigint * 100000 + g as id from generate_series(1, ${n}::int) g),
      copies as (insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, state, state_at)
        select ${accountId}, ${id}, id, 30, 77, 'One@many.test', 'delivered', now() from n where g <= 2200)
      insert into events (seq, at, retention_days, account_id, subaccount_id, message_id, submission_id, kind, data)
      select nextval('event_numbers'), now(), 30, ${accountId}, ${id}, id, 77, 'message.accepted', case when g <= 2200 then '{"recipient": "One@many.test"}'::jsonb else '{}' end
      from n order by g`.execute(engine);
});
after(() => database[Symbol.asyncDispose]());

function scopeOf(reach: Scope['reach']): Scope {
  const actor = { kind: 'key', id: '1' };
  return {
    accountId,
    subaccountId: loud,
    reach,
    actor,
    grants: new Set(),
    requestId: 'test',
  } as unknown as Scope;
}

test('a count that has no more time says that there are at least so many, whatever others have', async () => {
  const counted = async (reach: Scope['reach'], steps: number): Promise<unknown> => {
    let left = steps;
    const scope = scopeOf(reach);
    const step = async <T>(work: (tx: Tx) => Promise<T>): Promise<T | null> =>
      left-- > 0 ? database.db.scoped(scope, work) : null;
    const { count: found, isExact } = await count(step, scope, everything);
    return [found, isExact];
  };
  assert.deepEqual(await counted(loud, 0), [0, false]);
  assert.deepEqual(await counted(loud, 3), [40_000, false]);
  assert.deepEqual(await counted(loud, 4), [50_000, true]);
  assert.deepEqual(await counted(quiet, 2), [5, true]);
  assert.deepEqual(await counted('account', 4), [50_005, true]);
  const hasty = new Counts(database.db, { ownMs: 0, wholeMs: 1000 });
  assert.deepEqual(await hasty.count(scopeOf(quiet), everything), { count: 0, isExact: false });
});

test('who has too many counts open is refused, and nobody else', async () => {
  const counts = new Counts(database.db);
  const ask = (reach: Scope['reach']): Promise<unknown> =>
    counts.count(scopeOf(reach), everything).then(
      ({ count: found }) => found,
      (error: unknown) => (isRefusal(error) ? error.code : assert.fail(String(error))),
    );
  const loudly = Array.from({ length: 12 }, () => ask(loud));
  assert.equal(await ask(quiet), 5);
  const answers = await Promise.all(loudly);
  assert.deepEqual(
    answers.map((each) => (each === 'limit.reached' ? each : 'counted')),
    [...Array.from({ length: 10 }, () => 'counted'), 'limit.reached', 'limit.reached'],
  );
  assert.equal(await ask(loud), 50_000);
});

test('events of mail by the thousand to one recipient, or of one submission, are all found and counted', async () => {
  const counts = new Counts(database.db);
  const scope = scopeOf(loud);
  for (const [filter, right] of [
    [{ recipients: ['one@MANY.test'] }, 2200],
    [{ submissions: ['77'] }, 50_000],
    [{ recipients: ['nobody@many.test'] }, 0],
  ] satisfies readonly [Partial<EventFilter>, number][]) {
    const asked: EventFilter = { ...everything, ...filter, limit: 500 };
    const what = JSON.stringify(filter);
    assert.deepEqual(await counts.count(scope, asked), { count: right, isExact: true }, what);
    const seqs = new Set<string>();
    for (let cursor: string | null = null, isEnd = false; !isEnd;) {
      const page = await database.db.scoped(scope, (tx) => search(tx, scope, { ...asked, cursor }));
      for (const { seq } of page.events) seqs.add(seq);
      [cursor, isEnd] = [page.lookedTo, page.isEnd];
    }
    assert.equal(seqs.size, right, what);
    assert.deepEqual(
      await counts.count(scopeOf(quiet), asked),
      { count: Math.min(right, 5), isExact: true },
      what,
    );
  }
});

test('turns go from one to the next, however many one of them has waiting', async () => {
  const turns = new Turns(1);
  const order: string[] = [];
  const take = (whose: string): Promise<void> =>
    turns.take(whose, async () => {
      order.push(whose);
      await Promise.resolve();
    });
  await Promise.all(['a', 'a', 'a', 'a', 'b', 'c', 'b'].map(take));
  assert.deepEqual(order, ['a', 'a', 'b', 'c', 'a', 'b', 'a']);
  const failing = turns.take('a', () => Promise.reject(new Error('no')));
  await assert.rejects(failing);
  await take('d');
  assert.equal(order.at(-1), 'd');
});
