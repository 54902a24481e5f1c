import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import {
  makeOperator,
  proveIsolation,
  routesAsData,
  unknownNouns,
  withoutMailing,
} from '../../src/isolation/index.ts';
import type { Report } from '../../src/isolation/index.ts';
import { nativeRoutes } from '../../src/main/routes.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

const routes = routesAsData(nativeRoutes);

let world: World;
let report: Report;
before(async () => {
  world = await startWorld();
  const { database, clock, program } = world;
  report = await proveIsolation({
    target: { url: world.url, smtp: { host: '127.0.0.1', port: world.smtpPort } },
    routes,
    operator: makeOperator({ db: database.db, clock, access: program.access, captures: true }),
  });
});
after(() => world[Symbol.asyncDispose]());

test('nobody sees, uses or hears of what is not theirs', () => {
  assert.deepEqual(report.leaks, []);
});

test('the proof looked at every route with every credential, and at things that are there', () => {
  const untried = report.untried.filter((what) => !what.startsWith('keys of a '));
  assert.deepEqual([report.blind, untried, report.throttled], [[], [], 0]);
  assert.ok(report.routes > 30, `${report.routes} routes`);
  assert.ok(report.credentials > 15, `${report.credentials} credentials`);
  assert.ok(report.cases > (report.routes * report.credentials) / 2, `${report.cases} cases`);
  for (const { name, cases } of report.byCredential) assert.ok(cases > 0, name);
});

test('the throw-away tenants are taken down: no key, no domain, no active subaccount is left of them', async () => {
  const left = await sql<{ what: string }>`
    select 'key ' || k.name as what from keys k join accounts a on a.id = k.account_id where a.name like 'proof of isolation%'
    union all select 'domain ' || d.name from domains d join accounts a on a.id = d.account_id where a.name like 'proof of isolation%'
    union all select 'subaccount ' || s.name from subaccounts s join accounts a on a.id = s.account_id
      where a.name like 'proof of isolation%' and not s.is_own and s.status = 'active'
    union all select 'account ' || name from accounts where name like 'proof of isolation:%'`.execute(
    world.database.db.engine,
  );
  assert.deepEqual(left.rows, []);
});

test('a route that names a noun which nobody knows how to make is called by its name', () => {
  const [first] = routes;
  assert.ok(first !== undefined);
  const planted = { ...first, method: 'GET', path: '/groups/:id/members/:member' } as const;
  assert.deepEqual(unknownNouns([...routes, planted]), [
    'GET /groups/:id/members/:member needs a thing of "groups"',
    'GET /groups/:id/members/:member needs a thing of "groups/members"',
  ]);
});

test('where mail leaves, the proof has nothing written to anybody, and says what it therefore left out', () => {
  const { tried, untried } = withoutMailing(routes, false);
  assert.deepEqual(untried.toSorted(), [
    'POST /domains/:id/forward',
    'POST /domains/:id/mail-proof',
    'POST /senders',
    'POST /senders/:id/resend',
    'POST /templates/:id/test',
  ]);
  assert.equal(tried.length + untried.length, routes.length);
  assert.equal(withoutMailing(routes, true).tried, routes);
});
