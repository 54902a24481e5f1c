/**
 * The proof of isolation in a thread of its own (isolation.test.ts): node:test follows each promise of its thread to the test
 * that made it, which was 8 % of the work of these 56,000 calls.
 */
import { parentPort } from 'node:worker_threads';
import { sql } from 'kysely';
import { present } from '../../src/base/assert.ts';
import { makeOperator, proveIsolation, routesAsData } from '../../src/isolation/index.ts';
import type { Report } from '../../src/isolation/index.ts';
import { nativeRoutes } from '../../src/main/routes.ts';
import { startWorld } from '../world.ts';

/** `left`: what is still there of the throw-away tenants. */
export type Proven = { readonly report: Report; readonly left: readonly string[] };

const port = present(parentPort);
await using world = await startWorld();
const { database, clock, program } = world;
const report = await proveIsolation({
  target: { url: world.url, smtp: { host: '127.0.0.1', port: world.smtpPort } },
  routes: routesAsData(nativeRoutes),
  operator: makeOperator({ db: database.db, clock, access: program.access, captures: true }),
});
const left = await sql<{ what: string }>`
  select 'key ' || k.name as what from keys k join accounts a on a.id = k.account_id where a.name like 'proof of isolation%'
  union all select 'domain ' || d.name from domains d join accounts a on a.id = d.account_id where a.name like 'proof of isolation%'
  union all select 'subaccount ' || s.name from subaccounts s join accounts a on a.id = s.account_id
    where a.name like 'proof of isolation%' and not s.is_own and s.status = 'active'
  union all select 'account ' || name from accounts where name like 'proof of isolation:%'`.execute(
  database.db.engine,
);
const proven: Proven = { report, left: left.rows.map(({ what }) => what) };
port.postMessage(proven);
