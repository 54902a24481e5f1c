import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from 'pg';
import { openTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import { clientConfig } from './database.ts';
import { keepPlans } from './kept-plans.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database[Symbol.asyncDispose]());

type Asking = AsyncDisposable & {
  readonly client: Client;
  /** What the store has prepared: name, and how often a plan of it was used. */
  readonly prepared: () => Promise<readonly unknown[]>;
  /** Texts that were sent, of prepared statements their names. */
  readonly sent: string[];
};

async function open(forMs?: number): Promise<Asking> {
  const client = new Client(clientConfig(database.target, 'engine', 'tests'));
  await client.connect();
  const query = client.query.bind(client) as (...given: readonly unknown[]) => Promise<{ rows: unknown[] }>;
  const sent: string[] = [];
  client.query = ((...given: readonly unknown[]) => {
    const [asked] = given;
    sent.push(typeof asked === 'string' ? asked : (asked as { name: string }).name);
    return query(...given);
  }) as Client['query'];
  keepPlans(client, forMs);
  return {
    client,
    sent,
    prepared: async () =>
      (
        await query(
          'select name, generic_plans::int as uses, custom_plans::int as made_for_values from pg_prepared_statements',
        )
      ).rows,
    [Symbol.asyncDispose]: () => client.end(),
  };
}

const marked = '/* tests.sum, plan kept */ select $1::int + $2::int as sum';

test('a marked statement is prepared once, and its plan is that for any values', async () => {
  await using asking = await open();
  for (const [one, other, sum] of [
    [1, 2, 3],
    [40, 2, 42],
  ])
    assert.deepEqual((await asking.client.query(marked, [one, other])).rows, [{ sum }]);
  await asking.client.query('/* tests.other */ select $1::int', [1]);
  assert.deepEqual(await asking.prepared(), [{ name: 'tests.sum', uses: 2, made_for_values: 0 }]);
});

test('a plan is made anew when its time is over, also in a transaction', async () => {
  await using asking = await open(0);
  await asking.client.query('begin');
  for (const one of [1, 2])
    assert.deepEqual((await asking.client.query(marked, [one, 1])).rows, [{ sum: one + 1 }]);
  await asking.client.query('commit');
  const renewed = ['discard plans', 'tests.sum'];
  assert.deepEqual(asking.sent, ['begin', ...renewed, ...renewed, 'commit']);
});

test('a change of what a statement reads shows in its next answer', async () => {
  await using asking = await open();
  const text = '/* tests.count, plan kept */ select count(*)::int as n from accounts where name = $1';
  const count = async (): Promise<unknown> => (await asking.client.query(text, ['kept plans'])).rows[0];
  assert.deepEqual(await count(), { n: 0 });
  await asking.client.query("insert into accounts (name) values ('kept plans')");
  assert.deepEqual(await count(), { n: 1 });
  await database.db.owner.schema.alterTable('accounts').addColumn('added', 'integer').execute();
  assert.deepEqual(await count(), { n: 1 });
});

test('another text under a name that is taken is refused', async () => {
  await using asking = await open();
  await asking.client.query(marked, [1, 2]);
  await assert.rejects(asking.client.query(`${marked}s`, [1, 2]), /must be unique/);
});
