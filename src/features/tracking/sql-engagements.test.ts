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

async function addMessages(count: number): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, state, state_at)
    select s.account_id, s.id, ((extract(epoch from now()) * 1000)::bigint << 21) + 1000 + nextval('object_ids'), 30, 1, 'a@b.example', 'delivered', now()
    from subaccounts s cross join generate_series(1, ${count}) where s.id = ${subaccountId} returning id`.execute(
    database.db.engine,
  );
  return rows.map(({ id }) => id);
}

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
      count(*) filter (where data = '{"a": 1, "isFirst": true, "isFirstSign": true}')::int as firsts
    from events where kind = 'message.opened'`.execute(database.db.engine);
  assert.deepEqual(rows, [{ events: 49 * 12, messages: 49, firsts: 49 }]);
});

test('one opening or click of a message is its first sign, whatever kinds nodes tell at the same time', async () => {
  const fresh = await addMessages(60);
  const kinds = ['message.opened', 'message.clicked', 'message.initially_opened'] as const;
  await Promise.all(
    connections.flatMap((connection, node) =>
      kinds.map((_, at) => {
        const inOrder = node === 1 ? fresh.toReversed() : fresh;
        const order = [...kinds.slice(at), ...kinds.slice(0, at)];
        return recordEngagements(
          connection,
          inOrder.flatMap((id) => order.map((kind) => opened(id, { kind }))),
        );
      }),
    ),
  );
  const { rows } = await sql<{ signs: number; messages: number; firsts: number; untold: number }>`
    select count(*) filter (where data ->> 'isFirstSign' = 'true')::int as signs,
      count(distinct message_id) filter (where data ->> 'isFirstSign' = 'true')::int as messages,
      count(*) filter (where data ->> 'isFirst' = 'true')::int as firsts,
      count(*) filter (where not data ? 'isFirstSign' and kind <> 'message.initially_opened')::int as untold
    from events where message_id = any(${fresh}::bigint[])`.execute(database.db.engine);
  assert.deepEqual(rows, [{ signs: 60, messages: 60, firsts: 180, untold: 0 }]);
});

test('a machine is never the first, and the first person after it is', async () => {
  const [id = ''] = await addMessages(1);
  const one = present(connections[0]);
  const machine = { data: { isMachine: true } };
  const click = { kind: 'message.clicked' } as const;
  await recordEngagements(one, [opened(id, machine), opened(id, { ...click, ...machine }), opened(id)]);
  await recordEngagements(one, [
    opened(id, machine),
    opened(id, click),
    opened(id, { ...click, ...machine }),
  ]);
  await recordEngagements(one, [opened(id, click), opened(id)]);
  const { rows } = await sql<{ told: string }>`
    select concat_ws(' ', split_part(kind, '.', 2), data ->> 'isMachine', data ->> 'isFirst', data ->> 'isFirstSign') as told
    from events where message_id = ${id} order by seq`.execute(database.db.engine);
  assert.deepEqual(
    rows.map(({ told }) => told),
    [
      'opened true false false',
      'clicked true false false',
      'opened true true',
      'opened true false false',
      'clicked true false',
      'clicked true false false',
      'clicked false false',
      'opened false false',
    ],
  );
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
    select message_id from events where kind = 'message.clicked' and message_id in (${living}, ${erased})`.execute(
    database.db.engine,
  );
  assert.deepEqual(rows, [{ message_id: living }]);
});

test('what is known of a message ends with it', async () => {
  const { engine } = database.db;
  const days = (count: number): Date => new Date(Date.now() + count * 86_400_000);
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from engagements`.execute(engine);
  assert.ok(present(rows[0]).n > 30);
  assert.equal(await dropEngagements(engine, days(29), 1000), 0);
  assert.equal(await dropEngagements(engine, days(31), 30), 30);
  assert.equal(await dropEngagements(engine, days(31), 1000), present(rows[0]).n - 30);
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
