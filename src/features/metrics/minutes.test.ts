import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { present } from '../../base/assert.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import { openTestDatabase } from '../../../test/database.ts';
import { isRefusal } from '../refusals/index.ts';
import { figures } from './operations.ts';
import { toQuery } from './query.ts';
import { minuteEventsMax } from './sql-minutes.ts';

test('minutes of as many events as are read at once are told, and of one more refused, whoever else has how many', async () => {
  await using database = await openTestDatabase();
  const { db } = database;
  const accounts = await sql<{
    id: AccountId;
  }>`insert into accounts (name) values ('a') returning id`.execute(db.engine);
  const accountId = present(accounts.rows[0]).id;
  const made = await sql<{
    id: SubaccountId;
  }>`insert into subaccounts (account_id, name) values (${accountId}, 'loud'), (${accountId}, 'quiet')
    returning id`.execute(db.engine);
  const [loud, quiet] = made.rows.map(({ id }) => id);
  const now = Date.now();
  const add = (subaccountId: SubaccountId | undefined, n: number): Promise<unknown> =>
    sql`insert into events (seq, at, retention_days, account_id, subaccount_id, kind, data)
      select nextval('event_numbers'), ${new Date(now - 60_000)}, 30, ${accountId}, ${subaccountId}, 'message.accepted', '{"recipient": "a@x.test"}'
      from generate_series(1, ${n})`.execute(db.engine);
  await add(loud, minuteEventsMax);
  const asked = toQuery({ step: 'minute', from: new Date(now - 600_000).toISOString() });
  const read = async (reach: Scope['reach']): Promise<unknown> => {
    const scope = {
      accountId,
      subaccountId: loud,
      reach,
      actor: { kind: 'key', id: '1' },
      grants: new Set(),
      requestId: 'test',
    } as unknown as Scope;
    try {
      const { total, rows } = await figures(
        { db, clock: { now: () => now, monotonicMs: () => 0 } },
        scope,
        asked,
      );
      return [total.accepted, rows.length];
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return error.message;
    }
  };
  assert.deepEqual(await read('account'), [200_000, 1]);
  await add(quiet, 1);
  assert.match(String(await read('account')), /more than 200000 events/);
  // Of others' events nobody is refused anything.
  assert.deepEqual(
    [await read(present(loud)), await read(present(quiet))],
    [
      [200_000, 1],
      [1, 1],
    ],
  );
  await add(loud, 1);
  assert.match(String(await read(present(loud))), /more than 200000 events/);
});
