import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { openTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import { createAccount } from '../accounts/index.ts';
import { profileProblem } from './profile.ts';
import { effective, stages, statusOf, statusProblem, stops } from './rules.ts';
import type { Stage, Stop } from './rules.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database[Symbol.asyncDispose]());

type Derived = {
  status: string;
  can_read: boolean;
  can_change: boolean;
  can_accept: boolean;
  mail_leaves: boolean;
  mail_dropped: boolean;
};

test('the database derives the same capabilities as the rules, for every stage and every mix of stops', async () => {
  const account = await createAccount(database.db, 'a', new Date());
  const made = await sql<{ id: number }>`
    insert into subaccounts (account_id, name) values (${account.id}, 's') returning id`.execute(
    database.db.engine,
  );
  const id = made.rows[0]?.id;
  const every: readonly (Stop | null)[] = [null, ...stops];
  let looked = 0;
  for (const stage of stages) {
    for (const operator of every) {
      for (const system of every) {
        for (const parent of every) {
          const rows = await sql<Derived>`
            update subaccounts set stage = ${stage}, operator_stop = ${operator}, system_stop = ${system}, parent_stop = ${parent}
            where id = ${id} returning status, can_read, can_change, can_accept, mail_leaves, mail_dropped`.execute(
            database.db.engine,
          );
          const given = { operator, system, parent };
          const wanted = effective(stage, given);
          assert.deepEqual(
            rows.rows[0],
            {
              status: statusOf(stage, given),
              can_read: wanted.reads,
              can_change: wanted.changes,
              can_accept: wanted.accepts,
              mail_leaves: wanted.leaves === 'yes',
              mail_dropped: wanted.leaves === 'dropped',
            },
            JSON.stringify({ stage, ...given }),
          );
          looked += 1;
        }
      }
    }
  }
  assert.equal(looked, 500);
});

test("each authority's stop counts until it lifts it itself", () => {
  const both = { operator: 'paused', system: null, parent: 'suspended' } as const;
  assert.equal(statusOf('active', both), 'suspended');
  assert.equal(statusOf('active', { ...both, parent: null }), 'paused');
  assert.equal(effective('active', { ...both, parent: null }).leaves, 'waits');
  // Deactivated alone lets mail leave; the operator's pause still holds it.
  assert.equal(effective('active', { operator: null, system: null, parent: 'deactivated' }).leaves, 'yes');
  assert.equal(
    effective('active', { operator: 'paused', system: null, parent: 'deactivated' }).leaves,
    'waits',
  );
});

test('what is retired or deleted does not change, and the own subaccount is never suspended', () => {
  const cases: readonly (readonly [Stage, boolean, boolean])[] = [
    ['active', false, true],
    ['pending_retirement', false, true],
    ['retired', false, false],
    ['deleted', false, false],
    ['active', true, false],
  ];
  for (const [stage, isOwn, isAllowed] of cases)
    assert.equal(statusProblem(stage, 'suspended', isOwn) === null, isAllowed, stage);
  assert.equal(statusProblem('active', 'paused', true), null);
});

test('a profile with a country needs city and region, a time zone must exist', () => {
  assert.equal(profileProblem({}), null);
  assert.equal(profileProblem({ country: 'US', city: 'Nashville', region: 'TN', timeZone: 'UTC' }), null);
  assert.equal(profileProblem({ country: 'US', city: 'Nashville' })?.field, 'profile.region');
  for (const timeZone of ['US/Eastern', 'Asia/Kolkata']) assert.equal(profileProblem({ timeZone }), null);
  for (const timeZone of ['Mars/Olympus', '+01:00'])
    assert.equal(profileProblem({ timeZone })?.field, 'profile.timeZone');
});
