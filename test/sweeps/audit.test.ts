import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import type { Method, Route } from '../../src/base/route.ts';
import { bearer, exampleCall, nounsOf, openDoor, routeName, withStage } from '../../src/isolation/index.ts';
import type { Stage } from '../../src/isolation/index.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { groundOf, routesOn } from './isolation-ground.ts';

/** Mail is no change of settings, and reading is none: what happens is told by events. */
const toldByEvents: ReadonlySet<string> = new Set([
  'POST /messages',
  'POST /messages/batch',
  'POST /messages/raw',
  'POST /messages/:id/reschedule',
  'POST /messages/:id/cancel',
  'POST /submissions/:id/cancel',
  'POST /submissions/cancel',
  'POST /subaccounts/:id/export',
  'POST /templates/:id/test',
  'POST /reports/:id/links',
  'POST /inbound-mails',
  'POST /inbound-mails/:id/replay',
  'DELETE /inbound-mails/:id',
]);
/** Their example does not succeed here, and why. */
const notTried: ReadonlyMap<string, string> = new Map([
  ['POST /invitations/:id/resend', 'not within a minute of the first mail'],
  ['PUT /users/:id/subaccounts', 'the subaccount of the example is nobody’s'],
  ['POST /me/keys', 'a key has no person'],
  ['DELETE /me/keys/:id', 'a key has no person'],
  ['PUT /me/current', 'a key has no session'],
  ['PUT /me/notices', 'a key has no person'],
  ['DELETE /me/sessions', 'a key has no session'],
  ['DELETE /me/sessions/:id', 'a key has no session'],
  ['POST /embeds', 'its example names what is not there: see test/scenarios/embeds.test.ts'],
  ['POST /domains/:id/check', 'a look changes the domain only when its records changed'],
  ['PATCH /domains/:id', 'the account shares only what it holds itself: see test/scenarios/sharing.test.ts'],
  ['POST /tracking-domains/:id/check', 'a look changes the domain only when its record changed'],
  [
    'PUT /domains/:id/tracking',
    'its example names what is not there: see test/scenarios/tracking-domains.test.ts',
  ],
  ['POST /inbound-domains/:id/check', 'a look changes the domain only when its record changed'],
  ['PUT /brand/logo', 'there is no brand yet: see test/scenarios/brands.test.ts'],
  ['DELETE /brand/logo', 'there is no logo yet: see test/scenarios/brands.test.ts'],
  ['PUT /domains/:id/dkim', 'DNS has no such key: see test/scenarios/own-dkim.test.ts'],
  ['DELETE /domains/:id/dkim', 'the domain of the example is built in: see test/scenarios/own-dkim.test.ts'],
  ['POST /brand/hosts/:id/check', 'a look changes the host only when its record changed'],
  ['POST /inbound-routes', 'its example names what is not there: see test/scenarios/incoming.test.ts'],
  ['POST /inbound-routes/:id/test', 'it sends something and changes nothing'],
  ['PATCH /addresses', 'addresses are the operator’s to give: see test/scenarios/mandrill-ips.test.ts'],
  ['PUT /pools/:id/addresses', 'addresses are the operator’s to give: the scenario of pools tries it'],
  ['POST /figures/remove-tag', 'no mail has its tag: see test/scenarios/mandrill-metadata.test.ts'],
  ['POST /domains/:id/mail-proof', 'the domain is proven, so that nobody is asked'],
  ['POST /domains/:id/mail-proof/code', 'nobody was sent a code: see test/scenarios/mailbox-proofs.test.ts'],
  ['POST /templates/validate', 'it looks and changes nothing'],
  ['POST /templates/render', 'it renders and changes nothing'],
  ['POST /templates/:id/preview', 'it renders and changes nothing'],
  ['POST /webhooks/:id/test', 'it sends something and changes nothing'],
  ['POST /webhooks/:id/test-change', 'it sends something and changes nothing'],
  ['POST /alerts/:id/test', 'it sends something and changes only when'],
  ['POST /webhooks/:id/replays/stop', 'no replay need be running'],
]);

let world: World;
const secrets: string[] = [];
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

const turns: Readonly<Record<Method, number>> = { GET: 0, POST: 1, PATCH: 2, PUT: 2, DELETE: 3 };

/** Without ids first; then what was made last first, removal at the end of each noun. */
function inOrder(routes: readonly Route[], nouns: readonly string[]): readonly Route[] {
  const made = (route: Route): number => {
    const noun = [...nounsOf(route).values()].at(-1);
    return noun === undefined ? nouns.length : nouns.indexOf(noun);
  };
  return routes
    .filter(({ method }) => method !== 'GET')
    .toSorted((left, right) => made(right) - made(left) || turns[left.method] - turns[right.method]);
}

/** Another pool becomes the default, which is not deleted. */
async function anotherDefault({ a }: Stage): Promise<void> {
  const secret = a.account.secret;
  const { id } = await world.ok<{ id: string }>('POST', '/pools', { secret, body: { name: 'steps-in' } });
  await world.ok('PATCH', `/pools/${id}`, { secret, body: { isDefault: true } });
}

const preparing: ReadonlyMap<string, (stage: Stage) => Promise<void>> = new Map([
  ['DELETE /pools/:id', anotherDefault],
]);

/** What is wrong with the audit of the route; null when its call left an entry with its key and its request. */
async function auditFault(route: Route, { a }: Stage): Promise<string | null> {
  const door = openDoor(groundOf(world).target);
  const authorization = bearer(a.account.secret);
  const params = Object.fromEntries(
    [...nounsOf(route)].map(([param, noun]) => [param, a.things.get(noun)?.ids[0] ?? '']),
  );
  const reply = await door(exampleCall(route, params, authorization));
  if (reply.status >= 300) return `answers ${reply.status} ${reply.body.slice(0, 200)}`;
  const secret = /"secret":"([^"]+)"/.exec(reply.body)?.[1];
  if (secret !== undefined) secrets.push(secret);
  const query = `actorKind=key&actorId=${a.account.keyId}&requestId=${reply.headers['lettershop-request-id']}`;
  const found = await door({ method: 'GET', path: `/audit?${query}`, authorization });
  const { items } = JSON.parse(found.body) as { items: unknown[] };
  return items.length > 0 ? null : 'left nothing in the audit log';
}

test('every route that changes something leaves an entry with the key and the request', async () => {
  const routes = routesOn(world);
  await withStage(groundOf(world), async (stage) => {
    const faults: string[] = [];
    let tried = 0;
    for (const route of inOrder(routes, [...stage.a.things.keys()])) {
      const name = routeName(route);
      if (toldByEvents.has(name) || notTried.has(name)) continue;
      await preparing.get(name)?.(stage);
      const fault = await auditFault(route, stage);
      if (fault !== null) faults.push(`${name} ${fault}`);
      tried += 1;
    }
    assert.deepEqual(faults, []);
    assert.ok(tried > 15, `${tried} routes`);
    for (const holder of [stage.a, stage.b, stage.stranger])
      secrets.push(holder.secret, holder.account.secret);
  });
});

type Column = { readonly table: string; readonly column: string; readonly isBytes: boolean };

/** Columns that hold what nobody may read, of every table: by type, and by name. */
async function secretColumns(): Promise<readonly Column[]> {
  const rows = await sql<Column>`
    select c.relname as table, a.attname as column, a.atttypid = 'bytea'::regtype as "isBytes"
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'lettershop'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname not in ('captures', 'submissions') and (a.atttypid = 'bytea'::regtype
        or a.attname ~ 'secret|hash|token|sealed|password|private_key')
    order by 1, 2`.execute(world.database.db.owner);
  return rows.rows;
}

test('no secret, hash, token or sealed value of any table is in the audit log', async () => {
  const { engine } = world.database.db;
  const entries = await sql<{
    text: string;
  }>`select string_agg(changes::text, E'\n') as text from audit_entries`.execute(engine);
  const text = entries.rows[0]?.text ?? '';
  assert.ok(text.includes('"(secret)"'), 'something was hidden');
  const values = [...new Set(secrets)];
  const columns = await secretColumns();
  for (const { table, column, isBytes } of columns) {
    const value = isBytes ? sql`encode(${sql.id(column)}, 'hex')` : sql`${sql.id(column)}::text`;
    const rows = await sql<{ value: string | null }>`
      select ${value} as value from ${sql.id(table)} limit 1000`.execute(engine);
    values.push(...rows.rows.flatMap((row) => (row.value === null ? [] : [row.value])));
  }
  const long = values.filter((value) => value.length >= 16);
  assert.ok(columns.length > 5 && long.length > 20, `${long.length} values of ${columns.length} columns`);
  for (const value of long) assert.ok(!text.includes(value), `the audit log holds ${value.slice(0, 8)}...`);
});

test('bytes are hidden in every table that is audited, whatever they will hold', async () => {
  const rows = await sql<{ table: string; column: string }>`
    select c.relname as table, a.attname as column
    from pg_trigger g join pg_class c on c.oid = g.tgrelid
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where g.tgname = 'audit' and c.relnamespace = 'lettershop'::regnamespace
      and a.atttypid = 'bytea'::regtype and a.attname !~ 'secret|hash|token|sealed|password|private_key'`.execute(
    world.database.db.owner,
  );
  assert.deepEqual(rows.rows, []);
  const audited = await sql<{ n: number }>`
    select count(*)::int as n from pg_trigger where tgname = 'audit'`.execute(world.database.db.owner);
  assert.ok((audited.rows[0]?.n ?? 0) >= 6, 'tables are audited');
});
