import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { Client } from 'pg';
import { present } from '../../base/assert.ts';
import { clientConfig } from '../../base/database/database.ts';
import { openTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import { claimStatement, looksStatement } from './sql-hand-over.ts';

let database: TestDatabase;
const now = new Date('2026-05-05T12:00:00Z');
const routes = 50;

/** 30,000 mails that are done with, 10,000 that wait for one route and ten for each of the others; no statistics. */
before(async () => {
  database = await openTestDatabase();
  const { engine } = database.db;
  await sql`insert into accounts (id, name) values (1, 'a')`.execute(engine);
  await sql`insert into subaccounts (account_id, id, name, is_own) values (1, 11, 'own', true)`.execute(
    engine,
  );
  await sql`insert into inbound_domains (account_id, subaccount_id, id, name, owner_token, created_at)
    values (1, 11, 5, 'in.a.test', 't', ${now})`.execute(engine);
  await sql`insert into inbound_routes (account_id, subaccount_id, id, domain_id, name, pattern, url, status, auth_kind, auth_name,
      sealed_secret, created_at, updated_at)
    select 1, 11, 100 + n, 5, 'r' || n, 'p' || n, 'https://x.test', 'active', 'none', '', 's', ${now}, ${now}
    from generate_series(1, ${routes}::int) n`.execute(engine);
  await sql`insert into inbound_route_health (account_id, subaccount_id, route_id)
    select 1, 11, 100 + n from generate_series(1, ${routes}::int) n on conflict do nothing`.execute(engine);
  await sql`insert into inbound_contents (account_id, subaccount_id, id, bytes, ends_at) values (1, 11, 7, 'x', ${now})`.execute(
    engine,
  );
  const insert = (routeId: ReturnType<typeof sql>, many: number, state: 'waiting' | 'handed_over') =>
    sql`insert into inbound_mails (account_id, subaccount_id, content_id, domain_id, route_id, recipient, mail_from, remote_address,
        helo, from_address, subject, size_bytes, is_automatic, received_at, authentication, state, due_at, finished_at)
      select 1, 11, 7, 5, ${routeId}, 'a@in.a.test', '', '192.0.2.1', '', '', '', 1, false, ${now}, '{}', ${state}, ${now},
        case when ${state}::text = 'waiting' then null else ${now}::timestamptz end
      from generate_series(1, ${many}::int) n`.execute(engine);
  await insert(sql`100 + n % ${routes}::int`, 30_000, 'handed_over');
  await insert(sql`101`, 10_000, 'waiting');
  await insert(sql`102 + n % ${routes - 1}::int`, 10 * (routes - 1), 'waiting');
  await sql`update inbound_mails set authentication = null where id in (
    select id from inbound_mails where route_id = 101 and state = 'waiting' order by id desc limit 100)`.execute(
    engine,
  );
});
after(() => database[Symbol.asyncDispose]());

type Plan = {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
};

function nodesOf(plan: Plan): readonly Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

/** The nodes that read received mail, as the statement runs: what it changes is taken back. */
async function readsOf(statement: RawBuilder<unknown>): Promise<readonly Plan[]> {
  const client = new Client(clientConfig(database.target, 'engine', 'test'));
  await client.connect();
  try {
    const { sql: text, parameters } = statement.compile(database.db.engine);
    await client.query('begin');
    const found = await client.query<{ 'QUERY PLAN': readonly [{ Plan: Plan }] }>(
      `explain (analyze, format json) ${text}`,
      [...parameters],
    );
    await client.query('rollback');
    const nodes = nodesOf(present(found.rows[0])['QUERY PLAN'][0].Plan);
    return nodes.filter(
      (node) => node['Relation Name'] === 'inbound_mails' && node['Node Type'] !== 'ModifyTable',
    );
  } finally {
    await client.end();
  }
}

const readBy = (node: Plan): number =>
  (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];

const request = {
  node: 1,
  now,
  limit: 40,
  perAccount: 20,
  perRoute: 4,
  troubled: 20,
  bytes: 32 * 1024 * 1024,
};

const whatOf = (node: Plan): string => `${node['Node Type']} over ${node['Index Name'] ?? 'all rows'}`;

/** By statistics of a time when nothing waited: those of most days, when mail comes all at once. */
async function analyzeWithoutWaiting(): Promise<void> {
  const { engine, owner } = database.db;
  await sql`update inbound_mails set state = 'given_up', finished_at = ${now} where state = 'waiting'`.execute(
    engine,
  );
  await sql`analyze inbound_mails`.execute(owner);
  await sql`update inbound_mails set state = 'waiting', finished_at = null where state = 'given_up'`.execute(
    engine,
  );
}

async function assertReads(statement: RawBuilder<unknown>, index: string, most: number): Promise<void> {
  const reads = await readsOf(statement);
  const told = reads.map(whatOf).join(', ');
  assert.ok(
    reads.some((node) => node['Index Name'] === index),
    `${index} is used: ${told}`,
  );
  for (const node of reads) {
    assert.ok(readBy(node) <= most, `${whatOf(node)} reads ${readBy(node)} rows`);
  }
}

type Claim = readonly [statement: RawBuilder<unknown>, index: string, most: number];

/** A row of each route in the walk, and its places. */
const handing: Claim = [claimStatement(request), 'inbound_mails_waiting', routes * request.perRoute];
const looking: Claim = [looksStatement(now, 16), 'inbound_mails_unlooked', 16];

test('what is claimed to be handed over costs a few rows of each route that waits, what is to be looked at as many as are taken, whatever the statistics say', async () => {
  for (const analyze of [
    () => Promise.resolve(),
    analyzeWithoutWaiting,
    () => sql`analyze inbound_mails`.execute(database.db.owner),
  ]) {
    await analyze();
    await assertReads(...handing);
    await assertReads(...looking);
  }
});
