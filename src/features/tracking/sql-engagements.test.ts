import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { Client } from 'pg';
import { present } from '../../base/assert.ts';
import { clientConfig } from '../../base/database/database.ts';
import { HotConnection } from '../../base/database/hot-connection.ts';
import { silentLog } from '../../base/log.ts';
import { openTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import { dropEngagements, recordEngagements, recordText } from './sql-engagements.ts';
import type { Engagement } from './sql-engagements.ts';

let database: TestDatabase;
let subaccountId = 0;
let ids: readonly string[] = [];
const connections: HotConnection[] = [];

/** Fifty messages; the last one's recipient was erased. */
before(async () => {
  database = await openTestDatabase();
  const made = await sql<{ id: number; messages: string[] }>`
    with a as (insert into accounts (name) values ('acme') returning id),
    s as (insert into subaccounts (account_id, is_own, name) select id, true, 'acme' from a returning id, account_id),
    m as (
      insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, state, state_at)
      select account_id, s.id, ((extract(epoch from now()) * 1000)::bigint << 21) + g, 30, 1,
        case g when 50 then 'erased@erased.invalid' else 'a@b.example' end, 'delivered', now()
      from s, generate_series(1, 50) g returning id
    )
    select s.id, (select array_agg(id::text order by id) from m) as messages from s`.execute(
    database.db.engine,
  );
  ({ id: subaccountId, messages: ids } = present(made.rows[0]));
  for (let each = 0; each < 3; each++)
    connections.push(new HotConnection(database.target, 'test', silentLog));
});
after(async () => {
  for (const connection of connections) await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

function opened(messageId: string, more: Partial<Engagement> = {}): Engagement {
  return {
    kind: 'message.opened',
    subaccountId,
    messageId,
    retentionDays: 30,
    at: new Date(),
    data: { a: 1 },
    ...more,
  };
}

test('one opening of a message is its first, whatever nodes tell at the same time', async () => {
  const living = ids.slice(0, 49);
  await Promise.all(
    connections.flatMap((connection, node) =>
      [1, 2].map(() => {
        const inOrder = node === 1 ? living.toReversed() : living;
        return recordEngagements(
          connection,
          [...inOrder, ...inOrder].map((id) => opened(id)),
        );
      }),
    ),
  );
  const { rows } = await sql<{ events: number; firsts: number; messages: number }>`
    select count(*)::int as events, count(distinct message_id)::int as messages,
      count(*) filter (where data = '{"a": 1, "isFirst": true}')::int as firsts
    from events where kind = 'message.opened'`.execute(database.db.engine);
  assert.deepEqual(rows, [{ events: 49 * 12, messages: 49, firsts: 49 }]);
});

test('nothing is told of a message that is not there, of another subaccount or of an erased person', async () => {
  const [living = '', erased = ''] = [ids[0], ids[49]];
  const told = await recordEngagements(present(connections[0]), [
    opened('77', { kind: 'message.clicked' }),
    opened(living, { kind: 'message.clicked', subaccountId: subaccountId + 1 }),
    opened(living, { kind: 'message.clicked', retentionDays: 7 }),
    opened(erased, { kind: 'message.clicked' }),
    opened(living, { kind: 'message.clicked' }),
  ]);
  assert.deepEqual(told, [false, false, false, false, true]);
  const { rows } = await sql<{ message_id: string }>`
    select message_id from events where kind = 'message.clicked'`.execute(database.db.engine);
  assert.deepEqual(rows, [{ message_id: living }]);
});

test('what is known of a message ends with it', async () => {
  const { engine } = database.db;
  const days = (count: number): Date => new Date(Date.now() + count * 86_400_000);
  assert.equal(await dropEngagements(engine, days(29), 1000), 0);
  assert.equal(await dropEngagements(engine, days(31), 30), 30);
  assert.equal(await dropEngagements(engine, days(31), 1000), 20);
});

type Plan = {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly Plan[];
};

function nodesOf(plan: Plan): readonly Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

test('the plan is pinned: each message is found by its key', async () => {
  const client = new Client(clientConfig(database.target, 'engine', 'test'));
  await client.connect();
  try {
    const found = await client.query<{ 'QUERY PLAN': readonly [{ Plan: Plan }] }>(
      `explain (generic_plan, format json) ${recordText}`,
    );
    const nodes = nodesOf(present(found.rows[0])['QUERY PLAN'][0].Plan);
    assert.ok(nodes.every((node) => node['Node Type'] !== 'Seq Scan'));
    const scans = nodes.filter((node) => node['Index Name'] !== undefined);
    assert.ok(scans.length > 0);
    for (const { 'Index Name': name = '', 'Index Cond': condition = '' } of scans)
      assert.match(
        `${name} ${condition}`,
        /^messages_\S*pkey \(\(subaccount_id = .*id = .*retention_days = /,
      );
  } finally {
    await client.end();
  }
});
