import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { Client } from 'pg';
import { present } from '../../base/assert.ts';
import { systemClock } from '../../base/clock.ts';
import { clientConfig } from '../../base/database/database.ts';
import { HotConnection } from '../../base/database/hot-connection.ts';
import { silentLog } from '../../base/log.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { Keyring } from '../../base/seal.ts';
import { openTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import { eraseAddress, erasedForms, hitOf, makeLookUp } from './index.ts';
import type { Kind, Layer, LookUp } from './model.ts';
import { findText } from './sql-find.ts';

let database: TestDatabase;
let connection: HotConnection;
let lookUp: LookUp;
type Tenant = { readonly accountId: number; readonly own: number; readonly child: number };
let acme: Tenant;
let other: Tenant;
let system: Tenant;

const oldKey = Buffer.alloc(32, 1);
const ring = new Keyring([Buffer.alloc(32, 2), oldKey]);

async function makeTenant(name: string): Promise<Tenant> {
  const rows = await sql<{ account: number; own: number; child: number }>`
    with a as (insert into accounts (name, is_system) values (${name}, ${name === 'system'}) returning id),
      o as (insert into subaccounts (account_id, is_own, name) select id, true, ${name} from a returning id, account_id),
      c as (insert into subaccounts (account_id, name) select id, 'child' from a returning id)
    select a.id as account, o.id as own, c.id as child from a, o, c`.execute(database.db.engine);
  const { account, own, child } = present(rows.rows[0]);
  return { accountId: account, own, child };
}

async function add(
  tenant: Tenant,
  layer: Layer,
  kind: Kind,
  address: string,
  more: { readonly at?: number; readonly stopsBulk?: boolean; readonly expiresAt?: Date } = {},
): Promise<void> {
  const {
    at = layer === 'subaccount' ? tenant.child : tenant.own,
    stopsBulk = true,
    expiresAt = null,
  } = more;
  await sql`insert into suppressions (account_id, subaccount_id, layer, kind, address, source, created_at, stops_bulk, expires_at)
    values (${tenant.accountId}, ${at}, ${layer}, ${kind}, ${address}, 'api', now(), ${stopsBulk}, ${expiresAt})`.execute(
    database.db.engine,
  );
}

async function hits(
  tenant: Tenant,
  addresses: readonly string[],
  lane: 0 | 1 = 1,
  at = tenant.child,
): Promise<string[]> {
  const asked = {
    accountId: tenant.accountId as AccountId,
    subaccountId: at as SubaccountId,
    addresses,
    lane,
  };
  return [...(await lookUp(asked)).all]
    .map(([address, { layer, kind }]) => `${address} ${layer} ${kind}`)
    .sort();
}

before(async () => {
  database = await openTestDatabase();
  connection = new HotConnection(database.target, 'test', silentLog);
  lookUp = makeLookUp({ connection, clock: systemClock, ring });
  system = await makeTenant('system');
  acme = await makeTenant('acme');
  other = await makeTenant('other');
});
after(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

test('a look-up finds its own list, its account, the installation, and nobody else', async () => {
  await add(acme, 'subaccount', 'hard_bounce', 'own@x.example');
  await add(acme, 'subaccount', 'manual', 'sibling@x.example', { at: acme.own });
  await add(acme, 'account', 'manual', 'account@x.example');
  await add(other, 'account', 'manual', 'foreign@x.example');
  await add(system, 'installation', 'manual', 'everybody@x.example');
  const all = [
    'Own@X.example',
    'sibling@x.example',
    'account@x.example',
    'foreign@x.example',
    'everybody@x.example',
  ];
  assert.deepEqual(await hits(acme, all), [
    'Own@X.example subaccount hard_bounce',
    'account@x.example account manual',
    'everybody@x.example installation manual',
  ]);
  assert.deepEqual(await hits(other, all), [
    'everybody@x.example installation manual',
    'foreign@x.example account manual',
  ]);
});

test('questions that arrive together keep apart, the lane included', async () => {
  await add(acme, 'subaccount', 'manual', 'not-bulk@x.example', { stopsBulk: false });
  const both = ['not-bulk@x.example', 'own@x.example'];
  const answers = await Promise.all([hits(acme, both, 0), hits(acme, both, 1), hits(other, both, 0)]);
  assert.deepEqual(answers, [
    ['not-bulk@x.example subaccount manual', 'own@x.example subaccount hard_bounce'],
    ['own@x.example subaccount hard_bounce'],
    [],
  ]);
});

test('patterns of a domain and any other glob stop; somebody whose name is a star is no pattern', async () => {
  await add(acme, 'account', 'pattern', '*@closed.example');
  await add(acme, 'subaccount', 'pattern', 'info?@*.example');
  await add(acme, 'subaccount', 'manual', '*@star.example');
  assert.deepEqual(
    await hits(acme, [
      'a@closed.example',
      'info1@y.example',
      'info12@y.example',
      'a@star.example',
      '*@star.example',
    ]),
    [
      '*@star.example subaccount manual',
      'a@closed.example account pattern',
      'info1@y.example subaccount pattern',
    ],
  );
  assert.deepEqual(await hits(acme, ['info1@y.example'], 1, acme.own), []);
});

test('what has expired stops nothing', async () => {
  await add(acme, 'subaccount', 'on_hold', 'over@x.example', { expiresAt: new Date(Date.now() - 1000) });
  await add(acme, 'subaccount', 'on_hold', 'held@x.example', { expiresAt: new Date(Date.now() + 60_000) });
  assert.deepEqual(await hits(acme, ['over@x.example', 'held@x.example']), [
    'held@x.example subaccount on_hold',
  ]);
});

test('an erased person stays suppressed without an address, also when the master key has changed since', async () => {
  await add(acme, 'subaccount', 'complaint', 'erased@x.example');
  await add(acme, 'account', 'unsubscribe', 'erased@x.example');
  await add(other, 'subaccount', 'manual', 'erased@x.example');
  const from = { accountId: acme.accountId as AccountId, subaccountId: null };
  const byOldKey = erasedForms(new Keyring([oldKey]));
  const erase = (): Promise<number> =>
    database.db.asEngine((tx) => eraseAddress(tx, byOldKey, from, 'Erased@X.example', new Date()));
  assert.equal(await erase(), 2);
  assert.equal(await erase(), 0);
  assert.deepEqual(await hits(acme, ['ERASED@x.example']), ['ERASED@x.example subaccount complaint']);
  assert.deepEqual(await hits(acme, ['erased@x.example'], 1, acme.own), [
    'erased@x.example account unsubscribe',
  ]);
  await add(acme, 'subaccount', 'complaint', 'erased@x.example');
  assert.equal(await erase(), 1, 'a new entry goes into the one that is there');
  const left = await sql<{ address: string; account_id: number }>`
    select address, account_id from suppressions where address like '%erased%' or is_erased order by account_id, layer`.execute(
    database.db.engine,
  );
  assert.deepEqual(
    left.rows.map(({ address, account_id: id }) => [/^#[\w-]{43}$/.test(address) ? 'hash' : address, id]),
    [
      ['hash', acme.accountId],
      ['hash', acme.accountId],
      // What is left of them in any case.
      ['hash', acme.accountId],
      ['erased@x.example', other.accountId],
    ],
  );
});

test('an entry that is bound to a list stops mail of that list only, whatever stands beside it', async () => {
  const bind = async (kind: Kind, address: string, list: string): Promise<void> => {
    await add(acme, 'subaccount', kind, address);
    await sql`update suppressions set only_list = ${list} where address = ${address} and kind = ${kind} and only_list = ''`.execute(
      database.db.engine,
    );
  };
  await bind('manual', 'bound@x.example', 'news');
  await bind('unsubscribe', 'bound@x.example', 'offers');
  await bind('allow', 'bounced@x.example', 'news');
  await add(acme, 'subaccount', 'hard_bounce', 'bounced@x.example');
  const addresses = ['bound@x.example', 'bounced@x.example'];
  const asked = {
    accountId: acme.accountId as AccountId,
    subaccountId: acme.child as SubaccountId,
    addresses,
    lane: 1,
  } as const;
  const found = await lookUp(asked);
  const stopped = (list: string | null): unknown[] =>
    addresses.map((address) => hitOf(found, address, { list, sender: 'any@x.example' })?.kind ?? null);
  assert.deepEqual(stopped('news'), ['manual', null]);
  assert.deepEqual(stopped('offers'), ['unsubscribe', 'hard_bounce']);
  assert.deepEqual(stopped('others'), [null, 'hard_bounce']);
  assert.deepEqual(stopped(null), [null, 'hard_bounce']);
});

test('an entry that is bound to a sender is found with it, and stops mail of that sender only', async () => {
  await add(acme, 'subaccount', 'unsubscribe', 'one@x.example');
  await sql`update suppressions set only_sender = 'news@x.example' where address = 'one@x.example'`.execute(
    database.db.engine,
  );
  const asked = {
    accountId: acme.accountId as AccountId,
    subaccountId: acme.child as SubaccountId,
    addresses: ['One@x.example'],
    lane: 1,
  } as const;
  const found = await lookUp(asked);
  const stopped = (sender: string | null): unknown =>
    hitOf(found, 'One@x.example', { list: null, sender })?.kind ?? null;
  assert.deepEqual(
    [stopped('NEWS@x.example'), stopped('shop@x.example'), stopped(null)],
    ['unsubscribe', null, null],
  );
  assert.equal(found.bound.get('One@x.example')?.hasLists, false, 'no header has to be read');
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

test('the plan is pinned: three probes of one index for an address, two small indexes for globs, no scan', async () => {
  const client = new Client(clientConfig(database.target, 'engine', 'test'));
  await client.connect();
  try {
    const values = [[acme.accountId], [acme.child], ['a@x.example\n*@x.example'], new Date()];
    const found = await client.query<{ 'QUERY PLAN': readonly [{ Plan: Plan }] }>(
      `explain (format json) ${findText}`,
      values,
    );
    const nodes = nodesOf(present(found.rows[0])['QUERY PLAN'][0].Plan);
    const scans = nodes.filter((node) => node['Index Name'] !== undefined);
    assert.deepEqual(scans.map((node) => present(node['Index Name'])).sort(), [
      'accounts_system',
      'subaccounts_own',
      'subaccounts_own',
      ...Array<string>(3).fill('suppressions_globs'),
      ...Array<string>(3).fill('suppressions_key'),
    ]);
    assert.ok(nodes.every((node) => node['Node Type'] !== 'Seq Scan'));
    for (const node of scans.filter((node) => node['Index Name'] === 'subaccounts_own'))
      assert.match(node['Index Cond'] ?? '', /account_id = /, 'never those of all accounts');
    for (const node of scans.filter((node) => node['Index Name']?.endsWith('s_key') === true)) {
      assert.match(present(node['Index Cond']), /subaccount_id .*layer .*address = ANY/);
    }
  } finally {
    await client.end();
  }
});
