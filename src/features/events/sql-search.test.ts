import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { Client } from 'pg';
import { present } from '../../base/assert.ts';
import { clientConfig } from '../../base/database/database.ts';
import type { AccountId } from '../../base/scope.ts';
import { openTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import {
  beyond,
  everything,
  inOrder,
  looksMax,
  lookStatement,
  searchStatement,
  toLook,
} from './sql-search.ts';
import type { EventFilter } from './sql-search.ts';

let database: TestDatabase;
let accountId: AccountId;

/** Three events for each of 10,000 messages, and no statistics, as in the first minute of a partition. */
before(async () => {
  database = await openTestDatabase();
  const made = await sql<{ account_id: AccountId }>`
    with a as (insert into accounts (name) values ('acme') returning id)
    insert into subaccounts (account_id, is_own, name) select id, true, 'acme' from a returning account_id`.execute(
    database.db.engine,
  );
  accountId = present(made.rows[0]).account_id;
  await sql`with me as (select id, (extract(epoch from now()) * 1000)::bigint << 21 as first from subaccounts where account_id = ${accountId}),
    copies as (
      insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, state, state_at)
      select ${accountId}, me.id, first + g, 30, first + g, 'user' || g || '@x.example', 'delivered', now()
      from me, generate_series(1, 10000) g returning subaccount_id, id, recipient
    )
    insert into events (seq, at, retention_days, account_id, subaccount_id, message_id, submission_id, kind, data)
    select nextval('event_numbers'), now(), 30, ${accountId}, subaccount_id, id, id, kind, jsonb_build_object('recipient', recipient)
    from copies, unnest(array['message.accepted', 'message.deferred', 'message.delivered']) kind`.execute(
    database.db.engine,
  );
});
after(() => database[Symbol.asyncDispose]());

type Plan = {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Actual Rows': number;
  readonly Plans?: readonly Plan[];
};

function nodesOf(plan: Plan): readonly Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

/** As a key of the account runs it: row security counts. */
async function planOf(filter: Partial<EventFilter>, isWalk = false): Promise<readonly Plan[]> {
  const client = new Client(clientConfig(database.target, 'tenant', 'test'));
  await client.connect();
  const { engine } = database.db;
  const asked = { ...everything, ...filter };
  const scope = { accountId, reach: 'account' } as const;
  try {
    await client.query(
      `select set_config('app.account_id', $1, false), set_config('app.reach', '*', false)`,
      [String(accountId)],
    );
    await client.query('begin');
    if (isWalk) await client.query(inOrder.compile(engine).sql);
    const looking = lookStatement(scope, asked, beyond(asked), looksMax);
    const look = present(toLook((await looking.execute(engine)).rows[0]));
    const plans: Plan[] = [];
    for (const statement of [looking, searchStatement(scope, asked, look)]) {
      const { sql: text, parameters } = statement.compile(engine);
      const found = await client.query<{ 'QUERY PLAN': readonly [{ Plan: Plan }] }>(
        `explain (analyze, format json) ${text}`,
        [...parameters],
      );
      plans.push(...nodesOf(present(found.rows[0])['QUERY PLAN'][0].Plan));
    }
    return plans;
  } finally {
    await client.end();
  }
}

async function someMessage(): Promise<string> {
  const found = await sql<{ id: string }>`select id from messages limit 1`.execute(database.db.engine);
  return present(found.rows[0]).id;
}

async function assertNarrow(filter: Partial<EventFilter>): Promise<void> {
  const nodes = await planOf(filter);
  assert.ok(
    nodes.some((node) => node['Node Type'] === 'Limit' && node['Actual Rows'] === 3),
    'all three are found',
  );
  const scans = nodes.filter(
    (node) => /_message_id_/.test(node['Index Name'] ?? '') && node['Index Name']?.startsWith('events_'),
  );
  assert.ok(scans.length > 0, 'events are found by their message');
  for (const { 'Index Cond': condition = '' } of scans)
    assert.match(condition, /message_id = .*account_id = |account_id = .*message_id = /);
  for (const node of nodes) {
    assert.notEqual(node['Node Type'], 'BitmapAnd', 'an index that has both conditions');
    assert.ok(node['Actual Rows'] <= 10, `${node['Node Type']} reads on`);
  }
}

test('a recipient’s events are found without reading the account’s, also before there are statistics', () =>
  assertNarrow({ recipients: ['USER77@x.example'] }));

test('a message’s events are found without reading the account’s', async () =>
  assertNarrow({ messages: [await someMessage()] }));

test('a submission’s events are found without reading the account’s', async () =>
  assertNarrow({ submissions: [await someMessage()] }));

test('a page of the log is read along an index, no further than it looks', async () => {
  for (const filter of [
    { order: 'newest' },
    { order: 'oldest' },
    { order: 'newest', tags: ['none'] },
  ] as const) {
    for (const node of await planOf(filter, true))
      assert.ok(node['Actual Rows'] <= 5000, `${node['Node Type']} reads on`);
  }
});
